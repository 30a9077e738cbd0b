#include "storage/channels.hpp"

#include "storage/alarms.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

std::vector<ChannelLease> leases_of(const pqxx::result& rows) {
    std::vector<ChannelLease> leases;
    leases.reserve(rows.size());
    for (const auto& row : rows) {
        leases.push_back({get<core::PropertyId>(row, "property_id"), get<core::ChannelId>(row, "channel_id"),
                          get<std::int64_t>(row, "lease_epoch")});
    }
    return leases;
}

void put_gateway_health(Transaction& tx, const ChannelHealth& health, core::GatewayId gateway) {
    const auto rows = tx.exec(R"(
        WITH seen AS (
            SELECT bool_and(lost_since IS NOT NULL) AS lost, max(answered_at) AS answered_at FROM channel
            WHERE property_id = $1 AND gateway_id = $2 AND enabled)
        UPDATE gateway g SET answered_at = greatest(g.answered_at, seen.answered_at),
                             lost_since = CASE WHEN seen.lost THEN COALESCE(g.lost_since, $3::timestamptz) END
        FROM seen WHERE g.property_id = $1 AND g.gateway_id = $2
        RETURNING g.lost_since IS NOT NULL AS lost, g.code)",
                              health.property, gateway, health.at);
    if (rows.empty()) {
        return;
    }
    const AlarmSubject subject{health.property, {}, {}, gateway};
    if (get<bool>(rows[0], "lost")) {
        raise_alarm(tx, subject, "lost_gateway",
                    "gateway " + get<std::string>(rows[0], "code") + " does not answer", health.at);
    } else {
        clear_alarm(tx, subject, "lost_gateway", health.at);
    }
}

}  // namespace

std::vector<ChannelLease> renew_leases(Transaction& tx, const std::string& holder,
                                       std::chrono::seconds duration) {
    tx.exec(
        "UPDATE channel SET lease_holder = NULL, lease_until = NULL WHERE lease_holder = $1 AND NOT enabled",
        holder);
    return leases_of(tx.exec(R"(
        UPDATE channel SET lease_until = now() + make_interval(secs => $2::int)
        WHERE lease_holder = $1 RETURNING property_id, channel_id, lease_epoch)",
                             holder, duration.count()));
}

std::vector<ChannelLease> held_leases(Transaction& tx, const std::string& holder) {
    return leases_of(tx.exec(
        "SELECT property_id, channel_id, lease_epoch FROM channel WHERE lease_holder = $1 AND enabled",
        holder));
}

std::vector<std::string> absent_holders(Transaction& tx, const std::string& holder) {
    std::vector<std::string> absent;
    for (const auto& row : tx.exec(R"(
            SELECT h.lease_holder FROM (SELECT DISTINCT lease_holder FROM channel
                                        WHERE enabled AND lease_holder <> $1) AS h
            WHERE NOT EXISTS (
                SELECT FROM pg_locks l
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND l.classid::bigint = hashtext('wutong.collector')::bigint & 4294967295
                  AND l.objid::bigint = hashtext(h.lease_holder)::bigint & 4294967295))",
                                   holder)) {
        absent.push_back(get<std::string>(row, "lease_holder"));
    }
    return absent;
}

std::vector<ChannelLease> acquire_leases(Transaction& tx, const std::string& holder,
                                         std::chrono::seconds duration, int count_max, bool restarted,
                                         const std::vector<std::string>& gone) {
    return leases_of(tx.exec(R"(
        WITH free AS (
            SELECT property_id, channel_id FROM channel
            WHERE enabled AND (lease_holder IS NULL OR lease_until IS NULL
                               OR (lease_holder <> $1 AND lease_until < now())
                               OR (lease_holder <> $1 AND lease_holder = ANY ($5::text[]))
                               OR (lease_holder = $1 AND $4::boolean))
            ORDER BY property_id, channel_id LIMIT $3::int FOR UPDATE SKIP LOCKED)
        UPDATE channel c SET lease_holder = $1, lease_epoch = c.lease_epoch + 1,
                             lease_until = now() + make_interval(secs => $2::int)
        FROM free WHERE c.property_id = free.property_id AND c.channel_id = free.channel_id
        RETURNING c.property_id, c.channel_id, c.lease_epoch)",
                             holder, duration.count(), count_max, restarted, gone));
}

void release_leases(Transaction& tx, const std::string& holder) {
    tx.exec("UPDATE channel SET lease_holder = NULL, lease_until = NULL WHERE lease_holder = $1", holder);
}

void put_channel_health(Transaction& tx, const ChannelHealth& health) {
    std::optional<std::int64_t> round_ms;
    if (health.round) {
        round_ms = health.round->count();
    }
    const auto rows = tx.exec(R"(
        UPDATE channel SET answered_at = greatest(answered_at, $3::timestamptz),
                           lost_since = CASE WHEN $4::boolean THEN COALESCE(lost_since, $5::timestamptz) END,
                           round_ms = COALESCE($6::int, round_ms),
                           standby_since = CASE WHEN $7::boolean THEN COALESCE(standby_since, $5::timestamptz) END
        WHERE property_id = $1 AND channel_id = $2 RETURNING gateway_id, code)",
                              health.property, health.channel, health.answered_at, health.lost, health.at,
                              round_ms, health.on_standby);
    if (rows.empty()) {
        return;
    }
    const AlarmSubject subject{health.property, {}, health.channel, {}};
    if (health.lost) {
        raise_alarm(tx, subject, "lost_channel",
                    "channel " + get<std::string>(rows[0], "code") + " does not answer", health.at);
    } else {
        clear_alarm(tx, subject, "lost_channel", health.at);
    }
    if (const auto gateway = get<core::GatewayId>(rows[0], "gateway_id")) {
        put_gateway_health(tx, health, gateway);
    }
}

}  // namespace wutong::storage
