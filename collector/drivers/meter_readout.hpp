#pragma once

#include <optional>
#include <string>

#include "collector/drivers/meter_bus.hpp"
#include "core/meter_profile.hpp"
#include "core/plausibility.hpp"
#include "core/time.hpp"

namespace wutong::collector {

/// One look at a meter.
struct MeterReadout {
    BusReply::Kind kind = BusReply::Kind::silent;
    core::Values values;  ///< empty unless answered
    core::Timestamp at;   ///< when the last answer came
    std::string reason;
    /// The register can't be what it shows: nothing is charged by it.
    bool register_unusable = false;
    std::optional<core::DoubtedRegister> doubt;  ///< every time
    bool doubt_is_new = false;                   ///< and not told before

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered; }
    [[nodiscard]] std::optional<std::int64_t> value(core::Quantity quantity) const {
        const auto found = values.find(quantity);
        return found == values.end() ? std::nullopt : std::optional{found->second};
    }
    /// What is charged by: Wh, or the litres of a water meter. A meter has one of the two.
    [[nodiscard]] std::optional<std::int64_t> register_value() const {
        const auto energy = value(core::Quantity::energy_total);
        return energy ? energy : value(core::Quantity::volume_total);
    }
};

}  // namespace wutong::collector
