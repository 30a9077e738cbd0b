#pragma once

#include <variant>

#include "core/bill.hpp"
#include "core/energy_series.hpp"
#include "core/local_time.hpp"
#include "core/tariff_calendar.hpp"

/// The calculation: plan, energy and period in, bill out. By the rules of docs/tariffs.md; nothing is
/// remembered.
namespace wutong::core {

struct ChargePeriod {
    Instant from;
    Instant to;
    Money quantum{1};  ///< what is booked is a multiple of it
    bool closing =
        false;  ///< the account ends with `to`: the month's minimum is due, what can't be booked leaves
};

inline constexpr std::chrono::days kPeriodMax{3'660};

/// @param energy may begin earlier and end later than the period; where it does not cover it, the bill says
/// so
/// @param state of the bill before this one, or an empty one
[[nodiscard]] std::variant<Bill, TariffFault> calculate(const PreparedPlan& plan, const LocalTime& local,
                                                        const EnergySeries& energy,
                                                        const ChargePeriod& period, const TariffState& state);

}  // namespace wutong::core
