#include "storage/channel_loads.hpp"

#include <algorithm>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr int kStartAndData = 9;

ChannelLoadRow channel_of(const pqxx::row& row, std::chrono::seconds reading_default) {
    ChannelLoadRow one;
    one.channel = get<core::ChannelId>(row, "channel_id");
    one.code = get<std::string>(row, "code");
    one.transport = get<std::string>(row, "transport");
    one.baud = get<int>(row, "baud");
    one.bits_per_character =
        kStartAndData + (get<std::string>(row, "parity") == "N" ? 0 : 1) + get<int>(row, "stop_bits");
    one.reading_every = reading_default;
    if (const auto round = get<std::optional<std::int64_t>>(row, "round_ms")) {
        one.round = std::chrono::milliseconds{*round};
    }
    return one;
}

}  // namespace

std::vector<ChannelLoadRow> channel_loads(Transaction& tx, core::PropertyId property,
                                          std::chrono::seconds reading_default, int most) {
    std::vector<ChannelLoadRow> loads;
    std::map<core::ChannelId, std::size_t> places;
    for (const auto& row :
         tx.exec("SELECT channel_id, code, transport, baud, parity, stop_bits, round_ms FROM channel WHERE "
                 "property_id = $1 AND enabled ORDER BY code LIMIT $2",
                 property, most)) {
        loads.push_back(channel_of(row, reading_default));
        places.emplace(loads.back().channel, loads.size() - 1);
    }
    for (const auto& row : tx.exec(R"(
            SELECT m.channel_id, m.profile, count(*) FILTER (WHERE s.lost_since IS NULL AND s.answered_at IS NOT NULL) AS living,
                   count(*) FILTER (WHERE s.lost_since IS NOT NULL OR s.answered_at IS NULL) AS lost,
                   min(s.answered_at) FILTER (WHERE s.lost_since IS NULL) AS oldest,
                   min(COALESCE(m.reading_interval_s, c.reading_interval_s,
                       (SELECT value::bigint FROM parameter n WHERE n.property_id = m.property_id AND n.key = 'reading_interval_s'
                        AND n.value ~ '^[0-9]{1,5}$' AND n.value::bigint BETWEEN 1 AND 86400))) AS reading_s
            FROM meter m JOIN channel c ON c.property_id = m.property_id AND c.channel_id = m.channel_id
            LEFT JOIN meter_state s ON s.property_id = m.property_id AND s.meter_id = m.meter_id
            WHERE m.property_id = $1 AND m.enabled AND c.enabled GROUP BY 1, 2)",
                                   property)) {
        const auto place = places.find(get<core::ChannelId>(row, "channel_id"));
        if (place == places.end()) {
            continue;
        }
        ChannelLoadRow& load = loads[place->second];
        if (const auto living = get<int>(row, "living"); living > 0) {
            load.meters[get<std::string>(row, "profile")] += living;
        }
        load.lost += get<int>(row, "lost");
        if (const auto oldest = get<std::optional<core::Timestamp>>(row, "oldest")) {
            load.oldest = load.oldest ? std::min(*load.oldest, *oldest) : *oldest;
        }
        if (const auto reading = get<std::optional<std::int64_t>>(row, "reading_s")) {
            load.reading_every = std::min(load.reading_every, std::chrono::seconds{*reading});
        }
    }
    return loads;
}

}  // namespace wutong::storage
