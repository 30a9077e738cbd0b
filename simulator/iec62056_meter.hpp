#pragma once

#include "collector/protocols/iec62056.hpp"
#include "simulator/frame_device.hpp"

namespace wutong::simulator {

/// A meter of IEC 62056-21, mode C, that offers 9600 baud and its read-out, and nothing else: its relay, if
/// it has one, is its own.
class Iec62056Meter : public FrameDevice {
public:
    struct Identity {
        std::string serial;  ///< its address too
        int phases = 3;
        std::uint64_t seed = 0;
        std::chrono::minutes local_offset{0};
    };
    static constexpr char kOffered = '5';  ///< 9600 baud
    static constexpr const char* kVersion = "SIM 1.4";

    Iec62056Meter(Identity identity, PrepaidMeter meter)
        : FrameDevice{std::move(meter)}, identity_{std::move(identity)} {}

    [[nodiscard]] bool hears(protocols::ByteView frame) const override;
    void overhears(protocols::ByteView /*frame*/) override { signed_on_ = false; }
    [[nodiscard]] FrameKind kind_of(protocols::ByteView frame) const override;
    protocols::Bytes answer(protocols::ByteView frame, core::Timestamp now) override;
    [[nodiscard]] int answer_baud() const override { return answer_baud_; }
    [[nodiscard]] protocols::Bytes as_foreign(const protocols::Bytes& answer) const override;

private:
    [[nodiscard]] protocols::iec62056::DataSets told() const;

    Identity identity_;
    bool signed_on_ = false;  ///< and waits for the acknowledgement
    core::Timestamp signed_on_at_{};
    int answer_baud_ = 0;
};

}  // namespace wutong::simulator
