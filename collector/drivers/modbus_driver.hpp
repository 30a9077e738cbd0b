#pragma once

#include "collector/drivers/meter_driver.hpp"

namespace wutong::collector {

/// Registers by functions 03h, 04h and 10h; money, settings and the clock by function 20h where the profile's
/// dialect is Acrel's.
class ModbusDriver final : public MeterDriver {
public:
    [[nodiscard]] MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter,
                                           const Groups& groups) const override;
    [[nodiscard]] BusReply probe(MeterBus& bus, const FieldMeter& meter) const override;
    [[nodiscard]] MeterIdentity identify(MeterBus& bus, const FieldMeter& meter) const override;
    [[nodiscard]] BusReply switch_relay(MeterBus& bus, const FieldMeter& meter,
                                        RelayOrder order) const override;
    [[nodiscard]] BusReply set_clock(MeterBus& bus, const FieldMeter& meter,
                                     const protocols::MeterClock& clock) const override;
    [[nodiscard]] Prepared prepare_money(const FieldMeter& meter, const PrepaidSettings& settings,
                                         const core::Values& present,
                                         const std::optional<core::CreditWrite>& credit) const override;
    [[nodiscard]] Prepared prepare_overload(const FieldMeter& meter, std::int64_t overload_w) const override;
};

/// The reading part, for who has a profile and no meter.
[[nodiscard]] MeterReadout read_register_groups(MeterBus& bus, const core::MeterProfile& profile,
                                                const std::vector<core::Block::Group>& groups);

}  // namespace wutong::collector
