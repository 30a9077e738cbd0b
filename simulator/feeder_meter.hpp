#pragma once

#include <vector>

#include "simulator/meter_device.hpp"
#include "simulator/prepaid_meter.hpp"

namespace wutong::simulator {

/// An SDM630 in front of a floor. It only measures: its energy is what the meters below have counted plus the
/// loss of the cables between, so that both can be compared to the watt-hour.
class FeederMeter : public MeterDevice {
public:
    FeederMeter(std::vector<PrepaidMeter*> below, int loss_permille, std::uint64_t seed);

    protocols::Bytes answer(protocols::ByteView pdu, core::Timestamp now) override;

    void advance(core::Timestamp now);
    [[nodiscard]] std::int64_t energy_mwh() const;
    [[nodiscard]] std::int64_t load_w() const;

private:
    [[nodiscard]] std::vector<RegisterBlock> blocks(core::Timestamp now) const;

    std::vector<PrepaidMeter*> below_;
    int loss_permille_;
    std::uint64_t seed_;
};

}  // namespace wutong::simulator
