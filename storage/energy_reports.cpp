#include "storage/energy_reports.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

core::UseSpan MeterUse::span() const {
    return {known_from, known_to, core::Energy{used_wh.value_or(0)},
            core::Energy{rates.reverse_wh.value_or(0)}};
}

std::vector<MeterUse> meter_uses(Transaction& tx, core::PropertyId property,
                                 const std::vector<core::MeterId>& meters, const std::string& from_day,
                                 const std::string& to_day) {
    using Number = std::optional<std::int64_t>;
    std::vector<MeterUse> uses;
    // The first day's use begins where the register was read last before it, so the sum is from there on. Of
    // a day from before used_wh was kept, it is what its register did.
    for (const auto& row : tx.exec(R"(
            SELECT m.meter_id, m.code, COALESCE(u.code, '') AS unit_code, m.role, e.*, COALESCE(b.last_at, e.first_at) AS known_from
            FROM meter m LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS days, sum(COALESCE(d.used_wh, d.last_wh - d.first_wh))::bigint AS used_wh, sum(d.used_sharp_wh)::bigint AS sharp_wh,
                       sum(d.used_peak_wh)::bigint AS peak_wh, sum(d.used_flat_wh)::bigint AS flat_wh,
                       sum(d.used_valley_wh)::bigint AS valley_wh, sum(d.used_reverse_wh)::bigint AS reverse_wh,
                       min(d.first_at) AS first_at, max(d.last_at) AS known_to
                FROM daily_energy d WHERE d.property_id = m.property_id AND d.meter_id = m.meter_id
                AND d.day >= $3::date AND d.day <= $4::date) AS e
            LEFT JOIN LATERAL (
                SELECT y.last_at FROM daily_energy y WHERE y.property_id = m.property_id AND y.meter_id = m.meter_id
                AND y.day < $3::date ORDER BY y.day DESC LIMIT 1) AS b ON e.days > 0
            WHERE m.property_id = $1 AND m.meter_id = ANY ($2::bigint[]) ORDER BY m.meter_id)",
                                   property, meters, from_day, to_day)) {
        MeterUse use;
        use.meter = get<core::MeterId>(row, "meter_id");
        use.code = get<std::string>(row, "code");
        use.unit_code = get<std::string>(row, "unit_code");
        use.role = get<std::string>(row, "role");
        use.used_wh = get<Number>(row, "used_wh");
        use.rates = {get<Number>(row, "sharp_wh"), get<Number>(row, "peak_wh"), get<Number>(row, "flat_wh"),
                     get<Number>(row, "valley_wh"), get<Number>(row, "reverse_wh")};
        use.days = get<int>(row, "days");
        use.known_from = get<std::optional<core::Timestamp>>(row, "known_from");
        use.known_to = get<std::optional<core::Timestamp>>(row, "known_to");
        uses.push_back(std::move(use));
    }
    return uses;
}

std::vector<core::MeterId> meters_after(Transaction& tx, core::PropertyId property, core::Commodity commodity,
                                        const std::string& role, core::MeterId after, int limit) {
    std::vector<core::MeterId> meters;
    for (const auto& row : tx.exec("SELECT meter_id FROM meter WHERE property_id = $1 AND meter_id > $2 AND "
                                   "commodity = $5 AND ($3::text = '' OR role "
                                   "= $3) ORDER BY meter_id LIMIT $4",
                                   property, after, role, checked_limit(limit), core::to_string(commodity))) {
        meters.push_back(get<core::MeterId>(row, "meter_id"));
    }
    return meters;
}

std::vector<Feeder> list_feeders(Transaction& tx, core::PropertyId property, core::MeterId only,
                                 core::MeterId after, int limit) {
    std::vector<Feeder> feeders;
    for (const auto& row : tx.exec(
             "SELECT m.meter_id AS feeder_id, f.meter_id FROM (SELECT property_id, meter_id FROM meter WHERE "
             "property_id = $1 AND role = 'feeder' AND meter_id > $2 AND ($3::bigint IS NULL OR meter_id = "
             "$3) ORDER BY meter_id LIMIT $4) AS m LEFT JOIN meter_feed f ON f.property_id = m.property_id "
             "AND f.feeder_id = m.meter_id AND EXISTS (SELECT FROM meter e WHERE e.property_id = "
             "f.property_id AND "
             "e.meter_id = f.meter_id AND e.commodity = 'electricity') ORDER BY m.meter_id, f.meter_id",
             property, after, null_if_none(only), checked_limit(limit))) {
        const auto feeder = get<core::MeterId>(row, "feeder_id");
        if (feeders.empty() || feeders.back().feeder != feeder) {
            feeders.push_back({feeder, {}});
        }
        if (const auto meter = get<core::MeterId>(row, "meter_id")) {
            feeders.back().meters.push_back(meter);
        }
    }
    return feeders;
}

std::vector<FedMeter> list_fed(Transaction& tx, core::PropertyId property, core::MeterId feeder) {
    std::vector<FedMeter> fed;
    for (const auto& row : tx.exec(
             "SELECT m.meter_id, m.code, COALESCE(u.code, '') AS unit_code FROM meter_feed f JOIN meter m ON "
             "m.property_id = f.property_id AND m.meter_id = f.meter_id LEFT JOIN unit u ON u.property_id = "
             "m.property_id AND u.unit_id = m.unit_id WHERE f.property_id = $1 AND f.feeder_id = $2 ORDER BY "
             "m.meter_id",
             property, feeder)) {
        fed.push_back({get<core::MeterId>(row, "meter_id"), get<std::string>(row, "code"),
                       get<std::string>(row, "unit_code")});
    }
    return fed;
}

void set_feeds(Transaction& tx, core::PropertyId property, core::MeterId feeder,
               const std::vector<core::MeterId>& meters) {
    tx.exec(
        "DELETE FROM meter_feed WHERE property_id = $1 AND feeder_id = $2 AND meter_id <> ALL ($3::bigint[])",
        property, feeder, meters);
    tx.exec(
        "INSERT INTO meter_feed (property_id, feeder_id, meter_id) SELECT $1::bigint, $2::bigint, m FROM "
        "unnest($3::bigint[]) AS m ON CONFLICT DO NOTHING",
        property, feeder, meters);
}

void insert_feeds(Transaction& tx, core::PropertyId property, const std::vector<FeedByCode>& feeds) {
    std::vector<std::string> feeders;
    std::vector<std::string> meters;
    for (const auto& feed : feeds) {
        feeders.push_back(feed.feeder);
        meters.push_back(feed.meter);
    }
    tx.exec(
        "INSERT INTO meter_feed (property_id, feeder_id, meter_id) SELECT $1::bigint, f.meter_id, m.meter_id "
        "FROM unnest($2::text[], $3::text[]) AS x(feeder, meter) JOIN meter f ON f.property_id = $1 AND "
        "f.code = x.feeder JOIN meter m ON m.property_id = $1 AND m.code = x.meter ON CONFLICT DO NOTHING",
        property, feeders, meters);
}

std::vector<FeedByCode> list_feeds(Transaction& tx, core::PropertyId property) {
    std::vector<FeedByCode> feeds;
    for (const auto& row : tx.exec(
             "SELECT f.code AS feeder, m.code AS meter FROM meter_feed x JOIN meter f ON f.property_id = "
             "x.property_id AND f.meter_id = x.feeder_id JOIN meter m ON m.property_id = x.property_id AND "
             "m.meter_id = x.meter_id WHERE x.property_id = $1 ORDER BY 1, 2",
             property)) {
        feeds.push_back({get<std::string>(row, "feeder"), get<std::string>(row, "meter")});
    }
    return feeds;
}

}  // namespace wutong::storage
