#include "storage/live_figures.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

std::map<core::PropertyId, PropertyFigures> property_figures(Transaction& tx) {
    std::map<core::PropertyId, PropertyFigures> figures;
    for (const auto& row :
         tx.exec("SELECT 1 AS what, property_id, count(*) AS n, count(*) FILTER (WHERE acknowledged_at IS "
                 "NULL) AS other FROM alarm WHERE cleared_at IS NULL GROUP BY property_id "
                 "UNION ALL SELECT 2, property_id, count(*), 0 FROM command WHERE state IN ('queued', "
                 "'running') GROUP BY property_id "
                 "UNION ALL SELECT 3, property_id, count(*) FILTER (WHERE state <> 'quarantined'), count(*) "
                 "FILTER (WHERE state = 'quarantined') FROM credit_delivery WHERE state IN ('queued', "
                 "'sending', 'unknown', 'quarantined') GROUP BY property_id")) {
        auto& one = figures[get<core::PropertyId>(row, "property_id")];
        const auto count = get<int>(row, "n");
        const auto other = get<int>(row, "other");
        switch (get<int>(row, "what")) {
            case 1:
                one.live_alarms = count;
                one.unacknowledged_alarms = other;
                break;
            case 2:
                one.unfinished_commands = count;
                break;
            default:
                one.deliveries_under_way = count;
                one.quarantined_deliveries = other;
        }
    }
    return figures;
}

std::map<core::MeterId, RegisterSpan> register_spans(Transaction& tx, core::PropertyId property,
                                                     core::Timestamp now) {
    std::map<core::MeterId, RegisterSpan> spans;
    // Asked for first: behind the wall of a policy an index can't be searched for what is computed in the
    // same statement from another table's column.
    const auto since = tx.exec(
        "SELECT (($2::timestamptz AT TIME ZONE time_zone)::date - $3::int)::text AS since FROM property "
        "WHERE property_id = $1",
        property, now, core::kDailyUseDays);
    if (since.empty()) {
        return spans;
    }
    // Two steps into the index per meter: the days in between, and the years before, are not read.
    for (const auto& row : tx.exec(
             "SELECT m.meter_id, f.first_wh, f.first_at, l.last_wh, l.last_at FROM meter m "
             "CROSS JOIN LATERAL (SELECT d.first_wh, d.first_at FROM daily_energy d WHERE d.property_id = "
             "m.property_id AND d.meter_id = m.meter_id AND d.day >= $2::date ORDER BY d.day LIMIT 1) AS f "
             "CROSS JOIN LATERAL (SELECT d.last_wh, d.last_at FROM daily_energy d WHERE d.property_id = "
             "m.property_id AND d.meter_id = m.meter_id ORDER BY d.day DESC LIMIT 1) AS l "
             "WHERE m.property_id = $1 AND m.enabled",
             property, get<std::string>(since[0], "since"))) {
        spans.emplace(
            get<core::MeterId>(row, "meter_id"),
            RegisterSpan{{get<core::Energy>(row, "first_wh"), get<core::Timestamp>(row, "first_at")},
                         {get<core::Energy>(row, "last_wh"), get<core::Timestamp>(row, "last_at")}});
    }
    return spans;
}

std::optional<RegisterSpan> register_span(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                          core::Timestamp now) {
    const auto rows = tx.exec(
        "SELECT f.first_wh, f.first_at, l.last_wh, l.last_at FROM property p "
        "CROSS JOIN LATERAL (SELECT d.first_wh, d.first_at FROM daily_energy d WHERE d.property_id = $1 "
        "AND d.meter_id = $2 AND d.day >= ($3::timestamptz AT TIME ZONE p.time_zone)::date - $4::int "
        "ORDER BY d.day LIMIT 1) AS f "
        "CROSS JOIN LATERAL (SELECT d.last_wh, d.last_at FROM daily_energy d WHERE d.property_id = $1 "
        "AND d.meter_id = $2 ORDER BY d.day DESC LIMIT 1) AS l WHERE p.property_id = $1",
        property, meter, now, core::kDailyUseDays);
    if (rows.empty()) {
        return std::nullopt;
    }
    return RegisterSpan{{get<core::Energy>(rows[0], "first_wh"), get<core::Timestamp>(rows[0], "first_at")},
                        {get<core::Energy>(rows[0], "last_wh"), get<core::Timestamp>(rows[0], "last_at")}};
}

}  // namespace wutong::storage
