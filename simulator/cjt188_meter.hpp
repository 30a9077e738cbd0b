#pragma once

#include "collector/protocols/cjt188.hpp"
#include "simulator/frame_device.hpp"

namespace wutong::simulator {

/// Nobody measured water for us: a unit draws ten litres with each kilowatt-hour of its curve.
inline constexpr std::int64_t kMilliwattHoursPerLitre = 100'000;

/// A cold water meter of CJ/T 188 with a valve. The credit is the server's; the meter counts and closes.
class Cjt188Meter : public FrameDevice {
public:
    /// How long the valve's motor runs. Until then the status shows the old position.
    static constexpr std::chrono::seconds kMotor{3};

    Cjt188Meter(const std::string& address, std::chrono::minutes local_offset, PrepaidMeter meter);

    [[nodiscard]] bool hears(protocols::ByteView frame) const override;
    [[nodiscard]] FrameKind kind_of(protocols::ByteView frame) const override;
    protocols::Bytes answer(protocols::ByteView frame, core::Timestamp now) override;
    [[nodiscard]] protocols::Bytes as_foreign(const protocols::Bytes& answer) const override;
    void advance(core::Timestamp now) override;

    [[nodiscard]] std::int64_t litres() const {
        return meter().registers().energy_mwh / kMilliwattHoursPerLitre;
    }

private:
    [[nodiscard]] protocols::Bytes status() const;

    protocols::cjt188::Address address_;
    std::chrono::minutes local_offset_;
    std::optional<bool> moving_to_;  ///< open?
    core::Timestamp moved_at_{};
};

}  // namespace wutong::simulator
