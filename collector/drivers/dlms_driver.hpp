#pragma once

#include "collector/drivers/meter_driver.hpp"

namespace wutong::collector {

/// DLMS/COSEM: attributes of objects, in an association that is kept while the meter is asked often. Objects
/// that a meter says it does not have, or not for us, are left out and, as long as the session lasts, not
/// asked for again.
class DlmsDriver final : public MeterDriver {
public:
    [[nodiscard]] MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter,
                                           const Groups& groups) const override;
    /// HDLC: SNRM. Wrapper: an association of the public client.
    [[nodiscard]] BusReply probe(MeterBus& bus, const FieldMeter& meter) const override;
    [[nodiscard]] std::chrono::milliseconds answers_within() const override {
        return std::chrono::milliseconds{500};
    }
    /// Methods of disconnect control. Whether a reconnect closes the relay, or lets the customer do it, is a
    /// setting of the meter.
    [[nodiscard]] BusReply switch_relay(MeterBus& bus, const FieldMeter& meter,
                                        RelayOrder order) const override;
    [[nodiscard]] BusReply set_clock(MeterBus& bus, const FieldMeter& meter,
                                     const protocols::MeterClock& clock) const override;
    [[nodiscard]] DriverOffers offers(const core::MeterProfile& profile) const override;
    /// 1.0.0.2.0.255, in an octet string or a visible one.
    [[nodiscard]] FirmwareReadout read_firmware(MeterBus& bus, const FieldMeter& meter) const override;
    [[nodiscard]] ClockReadout read_clock(MeterBus& bus, const FieldMeter& meter) const override;
    [[nodiscard]] HistoryReadout read_history(MeterBus& bus, const FieldMeter& meter, core::Timestamp from,
                                              core::Timestamp to) const override;
};

}  // namespace wutong::collector
