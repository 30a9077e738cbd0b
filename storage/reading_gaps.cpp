#include "storage/reading_gaps.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// clang-format off
#define WUTONG_METERS_WITH_INTERVAL                                                                               \
    "SELECT m.property_id, m.meter_id, m.code, COALESCE(u.code, '') AS unit_code, m.created_at, "                 \
    "COALESCE(m.reading_interval_s, c.reading_interval_s, (SELECT value::bigint FROM parameter n "                \
    "WHERE n.property_id = m.property_id AND n.key = 'reading_interval_s' AND n.value ~ '^[0-9]{1,5}$' "          \
    "AND n.value::bigint BETWEEN 1 AND 86400)) AS interval_s FROM meter m JOIN channel c ON "                     \
    "c.property_id = m.property_id AND c.channel_id = m.channel_id LEFT JOIN unit u ON "                          \
    "u.property_id = m.property_id AND u.unit_id = m.unit_id WHERE m.property_id = $1 "
// clang-format on

MeterReadings meter_of(const pqxx::row& row, std::chrono::seconds interval_default) {
    MeterReadings one;
    one.property = get<core::PropertyId>(row, "property_id");
    one.meter = get<core::MeterId>(row, "meter_id");
    one.meter_code = get<std::string>(row, "code");
    one.unit_code = get<std::string>(row, "unit_code");
    one.since = get<core::Timestamp>(row, "created_at");
    const auto interval = get<std::optional<std::int64_t>>(row, "interval_s");
    one.interval = interval ? std::chrono::seconds{*interval} : interval_default;
    return one;
}

}  // namespace

MeterReadings known_readings(Transaction& tx, core::PropertyId property, core::MeterId meter,
                             core::Timestamp from, core::Timestamp to,
                             std::chrono::seconds interval_default) {
    const auto rows = tx.exec(WUTONG_METERS_WITH_INTERVAL "AND m.meter_id = $2", property, meter);
    if (rows.empty()) {
        throw NotFound("meter " + std::to_string(meter.value));
    }
    auto one = meter_of(rows[0], interval_default);
    for (const auto& row : tx.exec(
             "SELECT read_at, source = 'catch_up' AS fetched, energy_wh FROM reading WHERE property_id = $1 "
             "AND meter_id = $2 AND read_at >= $3 AND read_at < $4 ORDER BY read_at",
             property, meter, from, to)) {
        one.readings.push_back({get<core::Timestamp>(row, "read_at"), get<bool>(row, "fetched"),
                                get<std::optional<core::Energy>>(row, "energy_wh")});
    }
    return one;
}

std::vector<MeterReadings> readings_of_all(Transaction& tx, core::PropertyId property, core::Timestamp from,
                                           core::Timestamp to, std::chrono::seconds interval_default,
                                           core::MeterId after, int limit) {
    std::vector<MeterReadings> all;
    std::vector<core::MeterId> meters;
    for (const auto& row :
         tx.exec(WUTONG_METERS_WITH_INTERVAL "AND m.enabled AND m.meter_id > $2 ORDER BY m.meter_id LIMIT $3",
                 property, after, checked_limit(limit))) {
        all.push_back(meter_of(row, interval_default));
        meters.push_back(all.back().meter);
    }
    auto current = all.begin();
    for (const auto& row :
         tx.exec("SELECT meter_id, read_at, source = 'catch_up' AS fetched FROM reading WHERE property_id = "
                 "$1 AND meter_id = ANY ($2::bigint[]) AND read_at >= $3 AND read_at < $4 ORDER BY meter_id, "
                 "read_at",
                 property, meters, from, to)) {
        const auto meter = get<core::MeterId>(row, "meter_id");
        while (current != all.end() && current->meter < meter) {
            ++current;
        }
        if (current == all.end()) {
            break;
        }
        if (current->meter == meter) {
            current->readings.push_back(
                {get<core::Timestamp>(row, "read_at"), get<bool>(row, "fetched"), std::nullopt});
        }
    }
    return all;
}

LocalDay local_day(Transaction& tx, core::PropertyId property, const std::string& day) {
    const auto rows = tx.exec(
        "SELECT $2::date::timestamp AT TIME ZONE time_zone AS begins, ($2::date + 1)::timestamp AT TIME ZONE "
        "time_zone AS ends FROM property WHERE property_id = $1",
        property, day);
    if (rows.empty()) {
        throw NotFound("property " + std::to_string(property.value) + " is not there");
    }
    return {get<core::Timestamp>(rows[0], "begins"), get<core::Timestamp>(rows[0], "ends")};
}

}  // namespace wutong::storage
