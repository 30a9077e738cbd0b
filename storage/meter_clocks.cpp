#include "storage/meter_clocks.hpp"

#include <algorithm>

#include "storage/alarms.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr const char* kClockDrift = "clock_drift";
constexpr std::size_t kNoteMax = 300;

/// "08:30"; -1 for what is no time of day.
int minute_of(const std::string& text) {
    if (text.size() != 5 || text[2] != ':') {
        return -1;
    }
    const auto digit = [&](std::size_t i) {
        return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -1'000;
    };
    const int minute = (digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4);
    return minute >= 0 && minute <= 1'440 ? minute : -1;
}

}  // namespace

core::ClockDay clock_day(Transaction& tx, core::PropertyId property, core::MeterId meter,
                         core::Timestamp at) {
    core::ClockDay day;
    const auto rows = tx.exec(
        "SELECT c.moved_s, c.steps FROM meter_clock c JOIN property p ON p.property_id = c.property_id WHERE "
        "c.property_id = $1 AND c.meter_id = $2 AND c.day = ($3::timestamptz AT TIME ZONE p.time_zone)::date",
        property, meter, at);
    if (!rows.empty()) {
        day.moved = std::chrono::seconds{get<std::int64_t>(rows[0], "moved_s")};
        day.steps = get<int>(rows[0], "steps");
    }
    for (const auto& row :
         tx.exec("SELECT DISTINCT jsonb_path_query(terms, '$.day_plans[*].periods[*][0]') #>> '{}' AS begins "
                 "FROM tariff_version WHERE property_id = $1 LIMIT 1440",
                 property)) {
        const int minute = minute_of(get<std::optional<std::string>>(row, "begins").value_or(""));
        if (minute >= 0) {
            day.rate_changes.push_back(minute);
        }
    }
    std::sort(day.rate_changes.begin(), day.rate_changes.end());
    return day;
}

bool note_clock(Transaction& tx, const ClockNote& note, const core::ClockRules& rules) {
    const bool stepping = note.step.count() != 0;
    const auto size = std::chrono::abs(note.step);
    // One statement decides: two collectors that both think they have the channel can't use up the day twice.
    const auto rows = tx.exec(
        "INSERT INTO meter_clock AS c (property_id, meter_id, measured_at, drift_s, note, day, moved_s, "
        "steps, stepped_at) SELECT m.property_id, m.meter_id, $3::timestamptz, $4::bigint, $5::text, "
        "($3::timestamptz AT TIME ZONE p.time_zone)::date, $6::bigint, CASE WHEN $7::boolean THEN 1 ELSE 0 "
        "END, CASE WHEN $7::boolean THEN $3::timestamptz END FROM meter m JOIN property p ON p.property_id = "
        "m.property_id WHERE m.property_id = $1 AND m.meter_id = $2 ON CONFLICT (property_id, meter_id) DO "
        "UPDATE SET measured_at = excluded.measured_at, drift_s = excluded.drift_s, note = excluded.note, "
        "day = excluded.day, moved_s = excluded.moved_s + CASE WHEN c.day = excluded.day THEN c.moved_s ELSE "
        "0 END, steps = excluded.steps + CASE WHEN c.day = excluded.day THEN c.steps ELSE 0 END, stepped_at "
        "= COALESCE(excluded.stepped_at, c.stepped_at) WHERE NOT $7::boolean OR c.day <> excluded.day OR "
        "(c.moved_s + $6::bigint <= $8::bigint AND c.steps < $9::int) RETURNING meter_id",
        note.property, note.meter, note.at, note.drift.count(), note.text.substr(0, kNoteMax), size.count(),
        stepping, rules.day_max.count(), rules.steps_per_day_max);
    if (rows.empty()) {
        return false;
    }
    if (note.alarm) {
        const AlarmSubject subject{note.property, note.meter, {}, {}};
        if (*note.alarm) {
            raise_alarm(tx, subject, kClockDrift, note.text, note.at);
        } else {
            clear_alarm(tx, subject, kClockDrift, note.at);
        }
    }
    return true;
}

std::vector<MeterClockRow> list_meter_clocks(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                             std::int64_t drift_min_s, core::MeterId after, int limit) {
    std::vector<MeterClockRow> list;
    for (const auto& row :
         tx.exec("SELECT c.*, m.code, COALESCE(u.code, '') AS unit_code FROM meter_clock c JOIN meter m ON "
                 "m.property_id = c.property_id AND m.meter_id = c.meter_id LEFT JOIN unit u ON "
                 "u.property_id = m.property_id AND u.unit_id = m.unit_id WHERE c.property_id = $1 AND "
                 "c.meter_id > $2 AND ($3::bigint IS NULL OR c.meter_id = $3) AND abs(c.drift_s) >= $4 "
                 "ORDER BY c.meter_id LIMIT $5",
                 property, after, null_if_none(meter), drift_min_s, checked_limit(limit))) {
        MeterClockRow one;
        one.meter = get<core::MeterId>(row, "meter_id");
        one.meter_code = get<std::string>(row, "code");
        one.unit_code = get<std::string>(row, "unit_code");
        one.measured_at = get<core::Timestamp>(row, "measured_at");
        one.drift_s = get<std::int64_t>(row, "drift_s");
        one.note = get<std::string>(row, "note");
        one.moved_s = get<std::int64_t>(row, "moved_s");
        one.steps = get<int>(row, "steps");
        one.stepped_at = get<std::optional<core::Timestamp>>(row, "stepped_at");
        list.push_back(std::move(one));
    }
    return list;
}

}  // namespace wutong::storage
