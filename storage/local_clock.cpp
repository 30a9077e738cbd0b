#include "storage/local_clock.hpp"

#include <stdexcept>

#include "storage/errors.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kOffsets =
    "SELECT extract(epoch FROM at)::bigint AS at_s, shift FROM ("
    "  SELECT at, shift, lag(shift) OVER (ORDER BY at) AS before FROM ("
    "    SELECT at, extract(epoch FROM (at AT TIME ZONE p.time_zone) - (at AT TIME ZONE 'UTC'))::int AS "
    "shift "
    "      FROM property p, generate_series(to_timestamp($2::bigint), to_timestamp($3::bigint), "
    "                                       interval '30 minutes') AS at "
    "     WHERE p.property_id = $1) AS clock) AS changes "
    " WHERE before IS NULL OR before <> shift ORDER BY at";

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
