#include "storage/polled_meters.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

std::optional<std::chrono::seconds> seconds_of(const pqxx::row& row, const char* column) {
    const auto value = get<std::optional<std::int64_t>>(row, column);
    return value ? std::optional{std::chrono::seconds{*value}} : std::nullopt;
}

PolledChannel channel_of(const pqxx::row& row) {
    PolledChannel channel;
    channel.property = get<core::PropertyId>(row, "property_id");
    channel.id = get<core::ChannelId>(row, "channel_id");
    channel.gateway = get<core::GatewayId>(row, "gateway_id");
    channel.code = get<std::string>(row, "code");
    channel.transport = get<std::string>(row, "transport");
    channel.endpoint = get<std::string>(row, "endpoint");
    channel.standby_endpoint = get<std::optional<std::string>>(row, "standby_endpoint").value_or("");
    channel.baud = get<int>(row, "baud");
    channel.parity = get<std::string>(row, "parity").at(0);
    channel.stop_bits = get<int>(row, "stop_bits");
    channel.answer_timeout = std::chrono::milliseconds{get<int>(row, "answer_timeout_ms")};
    channel.retries = get<int>(row, "retries");
    channel.epoch = get<std::int64_t>(row, "lease_epoch");
    return channel;
}

PolledMeter meter_of(const pqxx::row& row) {
    PolledMeter meter;
    meter.property = get<core::PropertyId>(row, "property_id");
    meter.channel = get<core::ChannelId>(row, "channel_id");
    meter.id = get<core::MeterId>(row, "meter_id");
    meter.code = get<std::string>(row, "code");
    meter.serial_number = get<std::string>(row, "serial_number");
    meter.profile = get<std::string>(row, "profile");
    meter.bus_address = get<int>(row, "bus_address");
    meter.station_address = get<std::string>(row, "station_address");
    meter.prepaid = get<bool>(row, "prepaid");
    meter.state_interval = seconds_of(row, "state_interval_s");
    meter.reading_interval = seconds_of(row, "reading_interval_s");
    meter.lost_after = seconds_of(row, "lost_after_s");
    meter.unbalance.voltage_percent =
        get<std::optional<int>>(row, "voltage_unbalance_pct").value_or(meter.unbalance.voltage_percent);
    meter.unbalance.current_percent =
        get<std::optional<int>>(row, "current_unbalance_pct").value_or(meter.unbalance.current_percent);
    meter.price = get<std::optional<core::Price>>(row, "price_e4");
    meter.utc_offset = std::chrono::seconds{get<std::int64_t>(row, "utc_offset_s")};
    meter.answered_at = get<std::optional<core::Timestamp>>(row, "answered_at");
    meter.lost = get<bool>(row, "lost");
    const auto energy = get<std::optional<core::Energy>>(row, "energy_wh");
    const auto energy_at = get<std::optional<core::Timestamp>>(row, "energy_at");
    if (energy && energy_at) {
        meter.register_known = core::RegisterSample{*energy, *energy_at, {}, {}};
    }
    meter.jumped_to = get<std::optional<core::Energy>>(row, "jumped_to_wh");
    meter.register_decided_at = get<std::optional<core::Timestamp>>(row, "register_decided_at");
    return meter;
}

}  // namespace

PolledSite polled_site(Transaction& tx, const std::string& holder) {
    PolledSite site;
    for (const auto& row : tx.exec(R"(
            SELECT property_id, channel_id, gateway_id, code, transport, endpoint, standby_endpoint, baud, parity, stop_bits,
                   answer_timeout_ms, retries, lease_epoch
            FROM channel WHERE lease_holder = $1 AND enabled ORDER BY property_id, channel_id)",
                                   holder)) {
        site.channels.push_back(channel_of(row));
    }
    // A parameter that is not a number in range is as good as none; the server refuses such values.
    for (const auto& row : tx.exec(R"(
            WITH number AS (
                SELECT property_id, key, value::bigint AS value FROM parameter
                WHERE key IN ('state_interval_s', 'reading_interval_s', 'lost_after_s', 'price_e4', 'voltage_unbalance_pct',
                              'current_unbalance_pct') AND value ~ '^[0-9]{1,10}$')
            SELECT m.property_id, m.channel_id, m.meter_id, m.code, m.serial_number, m.profile, COALESCE(m.bus_address, 0) AS bus_address,
                   COALESCE(m.station_address, '') AS station_address,
                   m.role = 'prepaid' AS prepaid,
                   COALESCE(m.state_interval_s, c.state_interval_s,
                            (SELECT value FROM number n WHERE n.property_id = m.property_id AND key = 'state_interval_s'
                             AND value BETWEEN 1 AND 86400)) AS state_interval_s,
                   COALESCE(m.reading_interval_s, c.reading_interval_s,
                            (SELECT value FROM number n WHERE n.property_id = m.property_id AND key = 'reading_interval_s'
                             AND value BETWEEN 1 AND 86400)) AS reading_interval_s,
                   (SELECT value FROM number n WHERE n.property_id = m.property_id AND key = 'lost_after_s'
                    AND value BETWEEN 1 AND 86400) AS lost_after_s,
                   (SELECT value FROM number n WHERE n.property_id = m.property_id AND key = 'voltage_unbalance_pct'
                    AND value <= 200) AS voltage_unbalance_pct,
                   (SELECT value FROM number n WHERE n.property_id = m.property_id AND key = 'current_unbalance_pct'
                    AND value <= 200) AS current_unbalance_pct,
                   COALESCE(m.price_e4, (SELECT value FROM number n WHERE n.property_id = m.property_id AND key = 'price_e4'
                                         AND value <= 1000000000)) AS price_e4,
                   extract(epoch FROM now() AT TIME ZONE p.time_zone - now() AT TIME ZONE 'UTC')::bigint AS utc_offset_s,
                   s.answered_at, s.lost_since IS NOT NULL AS lost, s.energy_wh, s.energy_at, s.register_decided_at,
                   (SELECT min(d.shown_wh) FROM doubted_reading d WHERE d.property_id = m.property_id AND d.meter_id = m.meter_id
                    AND d.read_at > s.energy_at AND d.verdict = 'jump' AND d.decision IS DISTINCT FROM 'used') AS jumped_to_wh
            FROM channel c
            JOIN property p ON p.property_id = c.property_id
            JOIN meter m ON m.property_id = c.property_id AND m.channel_id = c.channel_id AND m.enabled
            LEFT JOIN meter_state s ON s.property_id = m.property_id AND s.meter_id = m.meter_id
            WHERE c.lease_holder = $1 AND c.enabled
            ORDER BY m.property_id, m.channel_id, m.bus_address, m.station_address)",
                                   holder)) {
        site.meters.push_back(meter_of(row));
    }
    return site;
}

}  // namespace wutong::storage
