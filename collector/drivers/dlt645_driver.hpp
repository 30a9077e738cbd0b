#pragma once

#include "collector/drivers/meter_driver.hpp"

namespace wutong::collector {

/// DL/T 645-2007, and reading from meters of 1997. Items that a meter says it does not have are left out and,
/// as long as the session lasts, not asked for again.
class Dlt645Driver final : public MeterDriver {
public:
    [[nodiscard]] MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter,
                                           const Groups& groups) const override;
    [[nodiscard]] BusReply probe(MeterBus& bus, const FieldMeter& meter) const override;
    /// The standard lets a meter think for half a second.
    [[nodiscard]] std::chrono::milliseconds answers_within() const override {
        return std::chrono::milliseconds{500};
    }
    /// 1Ch. Refused without a password. The frame is good for ten minutes by the meter's own clock.
    [[nodiscard]] BusReply switch_relay(MeterBus& bus, const FieldMeter& meter,
                                        RelayOrder order) const override;
    /// With a password date and time are written, whatever they were. Without one the meter is told the time
    /// by 08h, which it only takes when its own is a few minutes off at most.
    [[nodiscard]] BusReply set_clock(MeterBus& bus, const FieldMeter& meter,
                                     const protocols::MeterClock& clock) const override;
    /// Purchases by 03h with codes of zeros: for vendors' meters without a security module, which the profile
    /// says by the credit kind added_counted. The meter adds the amount and refuses any number but its next
    /// one. Without credit the alarm amounts are written, which wants the password.
    [[nodiscard]] Prepared prepare_money(const FieldMeter& meter, const PrepaidSettings& settings,
                                         const core::Values& present,
                                         const std::optional<core::CreditWrite>& credit) const override;

    // ---- dlt645_records.cpp: of 2007 only ----
    [[nodiscard]] DriverOffers offers(const core::MeterProfile& profile) const override;
    /// The status words, and what was opened since it was asked last.
    [[nodiscard]] EventsReadout read_events(MeterBus& bus, const FieldMeter& meter) const override;
    /// 04800001h, text with its last character first. Unconfirmed: no frame of a meter was found.
    [[nodiscard]] FirmwareReadout read_firmware(MeterBus& bus, const FieldMeter& meter) const override;
    /// Date and time alone.
    [[nodiscard]] ClockReadout read_clock(MeterBus& bus, const FieldMeter& meter) const override;
    /// From the registers that the meter froze every hour.
    [[nodiscard]] HistoryReadout read_history(MeterBus& bus, const FieldMeter& meter, core::Timestamp from,
                                              core::Timestamp to) const override;
};

}  // namespace wutong::collector
