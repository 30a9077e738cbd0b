#include "storage/metered_energy.hpp"

#include <stdexcept>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

using core::RegisterReading;

constexpr int kReadingsMax = 200'000;

const char* kBefore =
    "SELECT extract(epoch FROM read_at)::bigint AS at_s, energy_wh FROM readings_between($1, $2, "
    "to_timestamp($3::bigint) - interval '400 days', to_timestamp($3::bigint)) AS r WHERE energy_wh IS NOT "
    "NULL ORDER BY read_at DESC LIMIT 1";

const char* kAfter =
    "SELECT extract(epoch FROM read_at)::bigint AS at_s, energy_wh FROM readings_between($1, $2, "
    "to_timestamp($3::bigint) + interval '1 microsecond', to_timestamp($3::bigint) + interval '400 days') AS "
    "r "
    "WHERE energy_wh IS NOT NULL ORDER BY read_at LIMIT 1";

const char* kBetween =
    "SELECT DISTINCT ON (floor(extract(epoch FROM read_at) / $5::int)) "
    "       floor(extract(epoch FROM read_at))::bigint AS at_s, energy_wh "
    "  FROM readings_between($1, $2, to_timestamp($3::bigint), to_timestamp($4::bigint) + interval '1 "
    "microsecond') AS r WHERE energy_wh IS NOT NULL "
    " ORDER BY floor(extract(epoch FROM read_at) / $5::int), read_at LIMIT $6";

const char* kDaily =
    "SELECT floor(extract(epoch FROM at))::bigint AS at_s, min(energy_wh) AS energy_wh FROM ("
    "  SELECT first_at AS at, first_wh AS energy_wh FROM daily_energy "
    "   WHERE property_id = $1 AND meter_id = $2 "
    "  UNION SELECT last_at, last_wh FROM daily_energy WHERE property_id = $1 AND meter_id = $2) AS looks "
    " WHERE at >= to_timestamp($3::bigint) - interval '40 days' "
    "   AND at <= to_timestamp($4::bigint) + interval '40 days' GROUP BY 1 ORDER BY 1";

std::int64_t seconds(core::Instant at) {
    return at.time_since_epoch().count();
}

/// One that is not later than the one before it says nothing new.
void append(std::vector<RegisterReading>& to, const pqxx::result& rows) {
    for (const auto& row : rows) {
        const core::Instant at{std::chrono::seconds{get<std::int64_t>(row, "at_s")}};
        if (to.empty() || at > to.back().at) {
            to.push_back({at, get<core::Energy>(row, "energy_wh"), std::nullopt});
        }
    }
}

}  // namespace

std::vector<RegisterReading> metered_energy(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                            core::Instant from, core::Instant to,
                                            std::chrono::seconds width) {
    std::vector<RegisterReading> out;
    append(out, tx.exec(kBefore, property, meter, seconds(from)));
    append(out, tx.exec(kBetween, property, meter, seconds(from), seconds(to), width.count(), kReadingsMax));
    if (out.size() >= static_cast<std::size_t>(kReadingsMax)) {
        throw std::invalid_argument("more than " + std::to_string(kReadingsMax) +
                                    " readings of one meter; ask for a shorter time");
    }
    append(out, tx.exec(kAfter, property, meter, seconds(to)));
    return out;
}

std::vector<RegisterReading> daily_metered_energy(Transaction& tx, core::PropertyId property,
                                                  core::MeterId meter, core::Instant from, core::Instant to) {
    std::vector<RegisterReading> out;
    append(out, tx.exec(kDaily, property, meter, seconds(from), seconds(to)));
    return out;
}

std::optional<core::Energy> energy_at(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                      core::Instant at) {
    const auto looks = metered_energy(tx, property, meter, at, at, std::chrono::seconds{1});
    for (const auto& look : looks) {
        if (look.at == at) {
            return look.total;
        }
    }
    if (looks.size() != 2 || looks[0].at > at || looks[1].at < at || looks[1].total < looks[0].total ||
        looks[1].at - looks[0].at > core::kIntervalMax) {
        return std::nullopt;
    }
    const auto used = (looks[1].total - looks[0].total).watt_hours();
    return looks[0].total + core::Energy{core::used_before(used, looks[0].at, looks[1].at, at)};
}

}  // namespace wutong::storage
