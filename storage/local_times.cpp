#include "storage/local_times.hpp"

#include <vector>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// Days whose offset differs from the day before are looked at by the quarter of an hour.
const char* kOffsets =
    "WITH zone AS (SELECT time_zone FROM property WHERE property_id = $1), "
    "day AS (SELECT t, (t AT TIME ZONE z.time_zone) - (t AT TIME ZONE 'UTC') AS shift "
    "          FROM zone z, generate_series($2::timestamptz, $3::timestamptz, interval '1 day') AS t), "
    "seen AS (SELECT t, shift, lag(shift) OVER (ORDER BY t) AS before FROM day), "
    "fine AS (SELECT q.t, (q.t AT TIME ZONE z.time_zone) - (q.t AT TIME ZONE 'UTC') AS shift, s.before "
    "           FROM zone z, seen s, "
    "                generate_series(s.t - interval '1 day', s.t, interval '15 minutes') AS q(t) "
    "          WHERE s.before IS NOT NULL AND s.before <> s.shift), "
    "change AS (SELECT t, shift, lag(shift) OVER (ORDER BY t) AS previous, before FROM fine) "
    "SELECT extract(epoch FROM t)::bigint AS at, extract(epoch FROM shift)::int AS seconds FROM ("
    "  SELECT t, shift FROM seen WHERE before IS NULL "
    "  UNION SELECT t, shift FROM change WHERE shift <> COALESCE(previous, before)) AS rows ORDER BY at";

}  // namespace

core::LocalTime load_local_time(Transaction& tx, core::PropertyId property, core::Timestamp first,
                                core::Timestamp last) {
    std::vector<core::UtcOffset> table;
    for (const auto& row : tx.exec(kOffsets, property, first, last)) {
        const core::UtcOffset offset{core::Instant{std::chrono::seconds{get<std::int64_t>(row, "at")}},
                                     std::chrono::seconds{get<int>(row, "seconds")}};
        if (table.empty() || table.back().offset != offset.offset) {
            table.push_back(offset);
        }
    }
    if (table.empty()) {
        throw NotFound("property " + std::to_string(property.value) + " is not there");
    }
    return core::LocalTime{std::move(table)};
}

core::LocalTime local_time_around(Transaction& tx, core::PropertyId property, core::Timestamp now) {
    const auto today = std::chrono::floor<std::chrono::days>(now);
    return load_local_time(tx, property, today - std::chrono::days{2}, today + std::chrono::days{3});
}

core::LocalTime local_time_for_tariffs(Transaction& tx, core::PropertyId property, core::Timestamp now) {
    return load_local_time(tx, property, core::Timestamp{},
                           std::chrono::floor<std::chrono::days>(now) + std::chrono::days{1'096});
}

}  // namespace wutong::storage
