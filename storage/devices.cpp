#include "storage/devices.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kGateways =
    "SELECT gateway_id, code, name, kind, endpoint, answered_at, lost_since FROM gateway "
    "WHERE property_id = $1 AND gateway_id > $2 ORDER BY gateway_id LIMIT $3";
const char* kNewGateway =
    "INSERT INTO gateway (property_id, code, name, kind, endpoint) VALUES ($1, $2, $3, $4, $5) RETURNING "
    "gateway_id";
const char* kChannels =
    "SELECT c.channel_id, c.gateway_id, c.code, c.name, c.transport, c.endpoint, c.standby_endpoint, "
    "       c.standby_since, c.baud, c.parity, "
    "c.stop_bits, "
    "       c.answer_timeout_ms, c.retries, c.reading_interval_s, c.state_interval_s, c.enabled, "
    "       CASE WHEN c.lease_until > now() THEN c.lease_holder ELSE '' END AS collector, c.answered_at, "
    "       c.lost_since, c.round_ms, "
    "       (SELECT count(*) FROM meter m WHERE m.property_id = c.property_id AND m.channel_id = "
    "c.channel_id) "
    "           AS meter_count "
    "  FROM channel c WHERE c.property_id = $1 AND c.channel_id > $2 "
    "   AND ($3::bigint IS NULL OR c.channel_id = $3) ORDER BY c.channel_id LIMIT $4";
const char* kNewChannel =
    "INSERT INTO channel (property_id, gateway_id, code, name, transport, endpoint, baud, parity, stop_bits, "
    "answer_timeout_ms, retries, reading_interval_s, state_interval_s, enabled, standby_endpoint) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULLIF($15, '')) "
    "RETURNING channel_id";
const char* kUpdateChannel =
    "UPDATE channel SET gateway_id = $3, code = $4, name = $5, transport = $6, endpoint = $7, baud = $8, "
    "parity = $9, stop_bits = $10, answer_timeout_ms = $11, retries = $12, reading_interval_s = $13, "
    "state_interval_s = $14, enabled = $15, standby_endpoint = NULLIF($16, ''), "
    "standby_since = CASE WHEN $16 <> '' THEN standby_since END WHERE property_id = $1 AND channel_id = $2";

std::vector<ChannelRow> channels(const pqxx::result& rows) {
    std::vector<ChannelRow> all;
    for (const auto& row : rows) {
        ChannelRow c;
        c.channel = get<core::ChannelId>(row, "channel_id");
        c.gateway = get<core::GatewayId>(row, "gateway_id");
        c.code = get<std::string>(row, "code");
        c.name = get<std::string>(row, "name");
        c.transport = get<std::string>(row, "transport");
        c.endpoint = get<std::string>(row, "endpoint");
        c.standby_endpoint = get<std::optional<std::string>>(row, "standby_endpoint").value_or("");
        c.standby_since = get<std::optional<core::Timestamp>>(row, "standby_since");
        c.baud = get<int>(row, "baud");
        c.parity = get<std::string>(row, "parity");
        c.stop_bits = get<int>(row, "stop_bits");
        c.answer_timeout_ms = get<int>(row, "answer_timeout_ms");
        c.retries = get<int>(row, "retries");
        c.reading_interval_s = get<std::optional<std::int32_t>>(row, "reading_interval_s");
        c.state_interval_s = get<std::optional<std::int32_t>>(row, "state_interval_s");
        c.enabled = get<bool>(row, "enabled");
        c.collector = get<std::optional<std::string>>(row, "collector").value_or("");
        c.answered_at = get<std::optional<core::Timestamp>>(row, "answered_at");
        c.lost_since = get<std::optional<core::Timestamp>>(row, "lost_since");
        c.round_ms = get<std::optional<std::int32_t>>(row, "round_ms");
        c.meter_count = get<int>(row, "meter_count");
        all.push_back(std::move(c));
    }
    return all;
}

}  // namespace

std::vector<GatewayRow> list_gateways(Transaction& tx, core::PropertyId property, core::GatewayId after,
                                      int limit) {
    std::vector<GatewayRow> all;
    for (const auto& row : tx.exec(kGateways, property, after, limit)) {
        all.push_back({get<core::GatewayId>(row, "gateway_id"), get<std::string>(row, "code"),
                       get<std::string>(row, "name"), get<std::string>(row, "kind"),
                       get<std::string>(row, "endpoint"),
                       get<std::optional<core::Timestamp>>(row, "answered_at"),
                       get<std::optional<core::Timestamp>>(row, "lost_since")});
    }
    return all;
}

core::GatewayId insert_gateway(Transaction& tx, core::PropertyId property, const GatewayRow& g) {
    return get<core::GatewayId>(tx.exec1(kNewGateway, property, g.code, g.name, g.kind, g.endpoint),
                                "gateway_id");
}

std::vector<ChannelRow> list_device_channels(Transaction& tx, core::PropertyId property,
                                             core::ChannelId after, int limit) {
    return channels(tx.exec(kChannels, property, after, nullptr, limit));
}

std::optional<ChannelRow> find_device_channel(Transaction& tx, core::PropertyId property,
                                              core::ChannelId channel) {
    auto found = channels(tx.exec(kChannels, property, 0, channel, 1));
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

core::ChannelId insert_channel(Transaction& tx, core::PropertyId property, const ChannelRow& c) {
    return get<core::ChannelId>(
        tx.exec1(kNewChannel, property, null_if_none(c.gateway), c.code, c.name, c.transport, c.endpoint,
                 c.baud, c.parity, c.stop_bits, c.answer_timeout_ms, c.retries, c.reading_interval_s,
                 c.state_interval_s, c.enabled, c.standby_endpoint),
        "channel_id");
}

bool update_channel(Transaction& tx, core::PropertyId property, const ChannelRow& c) {
    return tx.exec(kUpdateChannel, property, c.channel, null_if_none(c.gateway), c.code, c.name, c.transport,
                   c.endpoint, c.baud, c.parity, c.stop_bits, c.answer_timeout_ms, c.retries,
                   c.reading_interval_s, c.state_interval_s, c.enabled, c.standby_endpoint)
               .affected_rows() == 1;
}

}  // namespace wutong::storage
