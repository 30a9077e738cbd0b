#pragma once

#include "collector/drivers/meter_driver.hpp"

namespace wutong::collector {

/// CJ/T 188: data items of water meters, and their valve. It takes the valve's motor 10 to 30 seconds to
/// turn, so a valve is told once and looked at again by whoever ordered it.
class Cjt188Driver final : public MeterDriver {
public:
    [[nodiscard]] MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter,
                                           const Groups& groups) const override;
    [[nodiscard]] BusReply probe(MeterBus& bus, const FieldMeter& meter) const override;
    [[nodiscard]] std::chrono::milliseconds answers_within() const override {
        return std::chrono::milliseconds{500};
    }
    [[nodiscard]] BusReply switch_relay(MeterBus& bus, const FieldMeter& meter,
                                        RelayOrder order) const override;
    [[nodiscard]] std::chrono::milliseconds relay_moves_within() const override {
        return std::chrono::seconds{40};
    }
};

}  // namespace wutong::collector
