#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "simulator/building_plan.hpp"
#include "simulator/load_curves.hpp"

/// A building that has been lived in: what its meters counted before the simulator was started, by the same
/// measured curves. Registers then start at the end of the history, so that days add up to the register.
namespace wutong::simulator {

struct PastDay {
    std::string day;  ///< YYYY-MM-DD, local
    std::int64_t first_mwh = 0;
    std::int64_t last_mwh = 0;
    core::Timestamp first_at;
    core::Timestamp last_at;
};

/// The last `plan.history_days` local days before the day of `now`, then that day up to `now`; oldest first.
[[nodiscard]] std::vector<PastDay> past_days(const BuildingPlan& plan, const MeterPlan& meter,
                                             const LoadCurve& curve, core::Timestamp now);

/// history.csv: `serial,day,first_wh,last_wh,first_at,last_at`, whole days only; feeders hold the sum below
/// them.
[[nodiscard]] std::string history_csv(const BuildingPlan& plan, const LoadCurves& curves,
                                      core::Timestamp now);

}  // namespace wutong::simulator
