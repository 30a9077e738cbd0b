#include "storage/local_clock.hpp"

#include <stdexcept>

#include "storage/errors.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kOffsets =
    "SELECT extract(epoch FROM at)::bigint AS at_s, extract(epoch FROM (at AT TIME ZONE p.time_zone) - (at "
    "AT "
    "TIME ZONE 'UTC'))::int AS shift FROM property p, generate_series(to_timestamp($2::bigint), "
    "to_timestamp($3::bigint), make_interval(secs => $4::int)) AS at WHERE p.property_id = $1 ORDER BY at";

std::vector<core::UtcOffset> offsets(Transaction& tx, core::PropertyId property, std::int64_t first,
                                     std::int64_t last, std::int64_t step) {
    std::vector<core::UtcOffset> out;
    for (const auto& row : tx.exec(kOffsets, property, first, last, step)) {
        out.push_back({core::Instant{std::chrono::seconds{get<std::int64_t>(row, "at_s")}},
                       std::chrono::seconds{get<int>(row, "shift")}});
    }
    return out;
}

}  // namespace

core::LocalTime local_clock(Transaction& tx, core::PropertyId property, core::Instant from,
                            core::Instant to) {
    constexpr std::int64_t kHalfHour = 1'800;
    if (from >= to || to - from > std::chrono::days{11 * 366}) {
        throw std::invalid_argument("a clock is wanted for at most 11 years, ending after they begin");
    }
    // On half hours of UTC.
    const auto first = (from.time_since_epoch().count() / kHalfHour - 1) * kHalfHour;
    // Day by day, and by the half hour where a day's offset is not that of the day before.
    constexpr std::int64_t kDay = 86'400;
    const auto days = offsets(tx, property, first, to.time_since_epoch().count() + kDay, kDay);
    std::vector<core::UtcOffset> table;
    for (std::size_t i = 0; i < days.size(); ++i) {
        if (i == 0) {
            table.push_back(days[i]);
        } else if (days[i].offset != days[i - 1].offset) {
            for (const auto& one : offsets(tx, property, days[i - 1].from.time_since_epoch().count(),
                                           days[i].from.time_since_epoch().count(), kHalfHour)) {
                if (one.offset != table.back().offset) {
                    table.push_back(one);
                }
            }
        }
    }
    if (table.empty()) {
        throw NotFound("property " + std::to_string(property.value) + " is not there");
    }
    return core::LocalTime{std::move(table)};
}

}  // namespace wutong::storage
