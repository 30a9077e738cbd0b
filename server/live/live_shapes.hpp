#pragma once

#include <wutong/v1/live_service.pb.h>

#include <optional>

#include "core/daily_use.hpp"
#include "core/quantities.hpp"
#include "storage/live_figures.hpp"
#include "storage/meters.hpp"

/// The wall's messages, from what is stored.
namespace wutong::server {

/// Prices where none is set anywhere.
struct PricesElse {
    core::Price electricity, water;  ///< of a kWh, of a m³
    [[nodiscard]] core::Price of(core::Commodity commodity) const {
        return commodity == core::Commodity::water ? water : electricity;
    }
};
/// @param use per day, as far as it is known
[[nodiscard]] v1::LiveMeter to_live(const storage::MeterRow& row, const std::optional<core::DailyUse>& use,
                                    const PricesElse& price_else);

/// What a client keeps of a meter from its introduction: names and places.
[[nodiscard]] bool same_introduction(const v1::LiveMeter& a, const v1::LiveMeter& b);

/// The meter without what its introduction has said.
[[nodiscard]] v1::LiveMeter without_introduction(const v1::LiveMeter& meter);

/// Counts one meter of the wall.
void count(const v1::LiveMeter& meter, v1::LiveSummary& summary);
void fill(const storage::PropertyFigures& figures, v1::LiveSummary& summary);

/// Nothing for figures that can't be.
[[nodiscard]] std::optional<core::DailyUse> use_of(const storage::RegisterSpan& span);

}  // namespace wutong::server
