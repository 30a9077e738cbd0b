#pragma once

#include <deque>

#include "collector/protocols/dlt645_replies.hpp"
#include "simulator/electrical.hpp"
#include "simulator/frame_device.hpp"

namespace wutong::simulator {

/// A prepaid meter of DL/T 645-2007 that also answers reads of 1997. It counts money at one price; its purse
/// is topped up with counted purchases; 1Ch works its relay. No security chip: any code is taken.
class Dlt645Meter : public FrameDevice {
public:
    struct Identity {
        std::string serial;  ///< 12 digits, the address too
        int phases = 1;
        std::uint64_t seed = 0;
        std::chrono::minutes local_offset{0};
    };
    Dlt645Meter(Identity identity, PrepaidMeter meter);

    [[nodiscard]] bool hears(protocols::ByteView frame) const override;
    [[nodiscard]] FrameKind kind_of(protocols::ByteView frame) const override;
    protocols::Bytes answer(protocols::ByteView frame, core::Timestamp now) override;
    [[nodiscard]] protocols::Bytes as_foreign(const protocols::Bytes& answer) const override;
    /// Every full hour of its own clock the register is kept.
    void advance(core::Timestamp now) override;

private:
    /// Data of the answer, or error bits.
    using Outcome = std::variant<protocols::Bytes, std::uint16_t>;

    [[nodiscard]] Outcome serve(const protocols::dlt645::Request& request);
    [[nodiscard]] Outcome read(const protocols::dlt645::ReadData& request) const;
    [[nodiscard]] Outcome write(const protocols::dlt645::WriteData& request);
    [[nodiscard]] Outcome control(const protocols::dlt645::ControlRelay& request);
    [[nodiscard]] Outcome purchase(const protocols::dlt645::Purchase& request);
    [[nodiscard]] std::optional<protocols::Bytes> electrical(std::uint32_t id) const;
    [[nodiscard]] std::optional<protocols::Bytes> energy(std::uint32_t id) const;

    struct FrozenHour {
        core::Timestamp at;  ///< by the meter's clock
        std::int64_t energy_mwh = 0;
    };
    // dlt645_records.cpp
    [[nodiscard]] std::optional<protocols::Bytes> record(std::uint32_t id) const;
    [[nodiscard]] protocols::Bytes status_word_3() const;
    [[nodiscard]] protocols::Bytes record_of(const EventLog& log, std::size_t place, std::size_t bytes) const;

    Identity identity_;
    protocols::dlt645::Address address_;
    std::deque<FrozenHour> frozen_;  ///< the newest first
};

}  // namespace wutong::simulator
