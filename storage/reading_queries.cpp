#include "storage/reading_queries.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// PostgreSQL's text of a bigint[]: "{1,2,3}"; NULL is empty.
std::vector<std::int64_t> read_numbers(const pqxx::field& field) {
    std::vector<std::int64_t> numbers;
    if (field.is_null()) {
        return numbers;
    }
    const std::string_view text{field.c_str(), field.size()};
    for (std::size_t at = 1; at + 1 < text.size();) {
        const auto end = std::min(text.find(',', at), text.size() - 1);
        std::int64_t number = 0;
        const auto parsed = std::from_chars(text.data() + at, text.data() + end, number);
        if (parsed.ec != std::errc{} || parsed.ptr != text.data() + end) {
            throw DatabaseError("an array of numbers can't be read: " + std::string(text));
        }
        numbers.push_back(number);
        at = end + 1;
    }
    return numbers;
}

StoredReading read_row(const pqxx::row& row) {
    using Number = std::optional<std::int64_t>;
    StoredReading reading;
    reading.read_at = get<core::Timestamp>(row, "read_at");
    reading.energy_wh = get<Number>(row, "energy_wh");
    reading.sharp_wh = get<Number>(row, "sharp_wh");
    reading.peak_wh = get<Number>(row, "peak_wh");
    reading.flat_wh = get<Number>(row, "flat_wh");
    reading.valley_wh = get<Number>(row, "valley_wh");
    reading.reverse_wh = get<Number>(row, "reverse_wh");
    reading.balance_e4 = get<Number>(row, "balance_e4");
    reading.purchase_number = get<Number>(row, "purchase_number");
    reading.power_w = get<Number>(row, "power_w");
    reading.reactive_var = get<Number>(row, "reactive_var");
    reading.power_factor_e3 = get<std::optional<std::int32_t>>(row, "power_factor_e3");
    reading.frequency_mhz = get<std::optional<std::int32_t>>(row, "frequency_mhz");
    reading.voltage_mv = read_numbers(row["voltage_mv"]);
    reading.current_ma = read_numbers(row["current_ma"]);
    reading.relay_closed = get<std::optional<bool>>(row, "relay_closed");
    reading.source = get<std::string>(row, "source");
    return reading;
}

}  // namespace

// clang-format off
#define WUTONG_READINGS                                                                                           \
    "SELECT read_at, energy_wh, sharp_wh, peak_wh, flat_wh, valley_wh, reverse_wh, balance_e4, purchase_number, " \
    "power_w, reactive_var, power_factor_e3, frequency_mhz, voltage_mv, current_ma, relay_closed, source "        \
    "FROM readings_between($1, $2, $3, $4) AS r WHERE true "
// clang-format on

std::vector<StoredReading> list_readings(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                         core::Timestamp from, core::Timestamp to,
                                         std::optional<core::Timestamp> after, int limit,
                                         ReadingOrder order) {
    const auto rows = order == ReadingOrder::newest_first
                          ? tx.exec(WUTONG_READINGS "ORDER BY read_at DESC LIMIT $5", property, meter, from,
                                    after ? std::min(to, *after) : to, limit)
                          : tx.exec(WUTONG_READINGS
                                    "AND ($5::timestamptz IS NULL OR read_at > $5) ORDER BY read_at LIMIT $6",
                                    property, meter, from, to, after, limit);
    std::vector<StoredReading> readings;
    for (const auto& row : rows) {
        readings.push_back(read_row(row));
    }
    return readings;
}

std::vector<ReadingStepRow> reading_series(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                           core::Timestamp from, core::Timestamp to,
                                           std::chrono::seconds width) {
    std::vector<ReadingStepRow> steps;
    for (const auto& row :
         tx.exec("SELECT date_bin(make_interval(secs => $5::bigint), read_at, $3) AS at, count(*) AS "
                 "readings, min(power_w) AS power_min_w, round(avg(power_w))::bigint AS power_avg_w, "
                 "max(power_w) AS power_max_w, "
                 "(array_agg(energy_wh ORDER BY read_at DESC) FILTER (WHERE energy_wh IS NOT NULL))[1] AS "
                 "energy_wh, (array_agg(balance_e4 ORDER BY read_at DESC) FILTER (WHERE balance_e4 IS NOT "
                 "NULL))[1] AS balance_e4 FROM readings_between($1, $2, $3, $4) AS r GROUP BY 1 ORDER BY 1",
                 property, meter, from, to, width.count())) {
        using Number = std::optional<std::int64_t>;
        steps.push_back({get<core::Timestamp>(row, "at"), get<int>(row, "readings"),
                         get<Number>(row, "power_min_w"), get<Number>(row, "power_avg_w"),
                         get<Number>(row, "power_max_w"), get<Number>(row, "energy_wh"),
                         get<Number>(row, "balance_e4")});
    }
    return steps;
}

std::vector<DailyEnergyRow> list_daily_energy(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                              const std::string& from_day, const std::string& to_day) {
    // The day's first reading starts where the day before ended, so that the days add up to the register; so
    // also for a day that was not told again since used_wh is kept.
    const auto rows = tx.exec(
        "SELECT to_char(d.day, 'YYYY-MM-DD') AS day, COALESCE(d.used_wh, d.last_wh - COALESCE(p.last_wh, "
        "d.first_wh)) AS used_wh, d.used_sharp_wh, d.used_peak_wh, d.used_flat_wh, d.used_valley_wh, "
        "d.used_reverse_wh, "
        "d.first_at, d.last_at "
        "FROM daily_energy d LEFT JOIN LATERAL (SELECT y.last_wh FROM daily_energy y WHERE y.property_id = "
        "d.property_id "
        "AND y.meter_id = d.meter_id AND y.day < d.day ORDER BY y.day DESC LIMIT 1) p ON d.used_wh IS NULL "
        "WHERE d.property_id = $1 AND d.meter_id = $2 AND d.day >= $3::date AND d.day <= $4::date ORDER BY "
        "d.day LIMIT 4000",
        property, meter, from_day, to_day);
    std::vector<DailyEnergyRow> days;
    for (const auto& row : rows) {
        using Number = std::optional<std::int64_t>;
        days.push_back({get<std::string>(row, "day"),
                        get<std::int64_t>(row, "used_wh"),
                        {get<Number>(row, "used_sharp_wh"), get<Number>(row, "used_peak_wh"),
                         get<Number>(row, "used_flat_wh"), get<Number>(row, "used_valley_wh"),
                         get<Number>(row, "used_reverse_wh")},
                        get<core::Timestamp>(row, "first_at"),
                        get<core::Timestamp>(row, "last_at")});
    }
    return days;
}

bool meter_exists(Transaction& tx, core::PropertyId property, core::MeterId meter) {
    return !tx.exec("SELECT 1 FROM meter WHERE property_id = $1 AND meter_id = $2", property, meter).empty();
}

}  // namespace wutong::storage
