#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"

/// Energy per day and month, in the days of the property's time zone: told from the readings by a job, soon
/// after they came (roll_up_energy of the schema says how).
namespace wutong::storage {

class Transaction;

struct RollupStep {
    int dues = 0;  ///< batches of readings taken up; 0: nothing is due, or another server is at it
    int days = 0;  ///< days of meters that were told
};
/// @param meter_days_max about how many days of meters are read in this step
RollupStep roll_up_energy(Transaction& tx, int meter_days_max);

/// Batches of readings that no day tells yet, in the scope of `tx`.
[[nodiscard]] std::int64_t rollup_backlog(Transaction& tx);

/// Used of each rate; nothing: the meter does not tell it.
struct RateUse {
    std::optional<std::int64_t> sharp_wh, peak_wh, flat_wh, valley_wh, reverse_wh;
};

struct MonthlyEnergyRow {
    std::string month;  ///< YYYY-MM in the property's time zone
    std::int64_t used_wh = 0;
    RateUse rates;
    int days = 0;  ///< that have a reading
    core::Timestamp first_at;
    core::Timestamp last_at;
};
/// Both months included. What was used between the last reading of a month and the first of the next belongs
/// to the next. @pre the months are real, YYYY-MM
[[nodiscard]] std::vector<MonthlyEnergyRow> list_monthly_energy(Transaction& tx, core::PropertyId property,
                                                                core::MeterId meter,
                                                                const std::string& from_month,
                                                                const std::string& to_month);

}  // namespace wutong::storage
