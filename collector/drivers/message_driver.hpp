#pragma once

#include "collector/drivers/meter_driver.hpp"

namespace wutong::collector {

/// Meters that send by themselves over MQTT, in JSON or Sparkplug B. What they say comes through the channel
/// into the meter's session; reading one means to ask it to tell, where it can be asked, and to wait. A relay
/// is believed to have moved when the meter has told so after the order.
class MessageDriver final : public MeterDriver {
public:
    [[nodiscard]] MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter,
                                           const Groups& groups) const override;
    [[nodiscard]] BusReply probe(MeterBus& bus, const FieldMeter& meter) const override;
    [[nodiscard]] BusReply switch_relay(MeterBus& bus, const FieldMeter& meter,
                                        RelayOrder order) const override;
};

/// What makes the meter tell its values now. Nothing where it can't be asked.
[[nodiscard]] std::optional<Message> asking_message(const FieldMeter& meter, core::Timestamp now);
/// @pre the profile's dialect is mqtt_relay
[[nodiscard]] Message relay_message(const FieldMeter& meter, bool close, core::Timestamp now);

}  // namespace wutong::collector
