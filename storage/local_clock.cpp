#include "storage/local_clock.hpp"

#include <stdexcept>

#include "storage/errors.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// Only the days whose offset is not that of the day before are looked at by the half hour.
const char* kOffsets =
    "WITH zone AS (SELECT time_zone FROM property WHERE property_id = $1), "
    "day AS (SELECT at, (at AT TIME ZONE z.time_zone) - (at AT TIME ZONE 'UTC') AS shift FROM zone z, "
    "  generate_series(to_timestamp($2::bigint), to_timestamp($3::bigint) + interval '1 day', "
    "                  interval '1 day') AS at), "
    "seen AS (SELECT at, shift, lag(shift) OVER (ORDER BY at) AS before FROM day), "
    "fine AS (SELECT q.at, (q.at AT TIME ZONE z.time_zone) - (q.at AT TIME ZONE 'UTC') AS shift, s.before "
    "  FROM zone z, seen s, generate_series(s.at - interval '1 day', s.at, interval '30 minutes') AS q(at) "
    "  WHERE s.before <> s.shift), "
    "change AS (SELECT at, shift, COALESCE(lag(shift) OVER (ORDER BY at), before) AS before FROM fine) "
    "SELECT extract(epoch FROM at)::bigint AS at_s, extract(epoch FROM shift)::int AS shift FROM ("
    "  SELECT at, shift FROM seen WHERE before IS NULL "
    "  UNION SELECT at, shift FROM change WHERE before <> shift) AS rows ORDER BY at_s";

}  // namespace

core::LocalTime local_clock(Transaction& tx, core::PropertyId property, core::Instant from,
                            core::Instant to) {
    constexpr std::int64_t kHalfHour = 1'800;
    if (from >= to || to - from > std::chrono::days{11 * 366}) {
        throw std::invalid_argument("a clock is wanted for at most 11 years, ending after they begin");
    }
    // On half hours of UTC.
    const auto first = (from.time_since_epoch().count() / kHalfHour - 1) * kHalfHour;
    std::vector<core::UtcOffset> table;
    for (const auto& row : tx.exec(kOffsets, property, first, to.time_since_epoch().count() + kHalfHour)) {
        table.push_back({core::Instant{std::chrono::seconds{get<std::int64_t>(row, "at_s")}},
                         std::chrono::seconds{get<int>(row, "shift")}});
    }
    if (table.empty()) {
        throw NotFound("property " + std::to_string(property.value) + " is not there");
    }
    return core::LocalTime{std::move(table)};
}

}  // namespace wutong::storage
