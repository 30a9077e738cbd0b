#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/energy_rollups.hpp"

/// What screens and scripts ask of the readings. Writing them is storage/readings.hpp.
namespace wutong::storage {

struct StoredReading {
    core::Timestamp read_at;
    std::optional<std::int64_t> energy_wh, sharp_wh, peak_wh, flat_wh, valley_wh, reverse_wh;
    std::optional<std::int64_t> balance_e4;
    std::optional<std::int64_t> purchase_number;
    std::optional<std::int64_t> power_w;
    std::optional<std::int64_t> reactive_var;
    std::optional<std::int32_t> power_factor_e3;
    std::optional<std::int32_t> frequency_mhz;
    std::vector<std::int64_t> voltage_mv;  ///< one or three phases; empty when not read
    std::vector<std::int64_t> current_ma;
    std::optional<bool> relay_closed;
    std::string source;
};

enum class ReadingOrder { oldest_first, newest_first };
/// @param from included @param to excluded @param after where the last page ended: it and what comes before
/// it in this order are left out @param limit at least 1
[[nodiscard]] std::vector<StoredReading> list_readings(Transaction& tx, core::PropertyId property,
                                                       core::MeterId meter, core::Timestamp from,
                                                       core::Timestamp to,
                                                       std::optional<core::Timestamp> after, int limit,
                                                       ReadingOrder order = ReadingOrder::oldest_first);

/// Readings of one step of time together, for charts.
struct ReadingStepRow {
    core::Timestamp at;  ///< where the step begins
    int readings = 0;
    std::optional<std::int64_t> power_min_w, power_avg_w, power_max_w;
    std::optional<std::int64_t> energy_wh, balance_e4;  ///< of the last reading in it that has one
};
/// Steps without a reading are left out. @param width of a step; the first begins at `from`
[[nodiscard]] std::vector<ReadingStepRow> reading_series(Transaction& tx, core::PropertyId property,
                                                         core::MeterId meter, core::Timestamp from,
                                                         core::Timestamp to, std::chrono::seconds width);

struct DailyEnergyRow {
    std::string day;  ///< YYYY-MM-DD in the property's time zone
    std::int64_t used_wh = 0;
    RateUse rates;
    core::Timestamp first_at;
    core::Timestamp last_at;
};

/// Both days included. What was used between the last reading of a day and the first of the next belongs to
/// the next.
/// @pre the days are real dates, YYYY-MM-DD
[[nodiscard]] std::vector<DailyEnergyRow> list_daily_energy(Transaction& tx, core::PropertyId property,
                                                            core::MeterId meter, const std::string& from_day,
                                                            const std::string& to_day);

[[nodiscard]] bool meter_exists(Transaction& tx, core::PropertyId property, core::MeterId meter);

}  // namespace wutong::storage
