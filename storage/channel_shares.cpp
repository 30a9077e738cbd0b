#include "storage/channel_shares.hpp"

#include <algorithm>

#include "storage/transaction.hpp"

namespace wutong::storage {

std::vector<PresentCollector> present_collectors(Transaction& tx) {
    std::vector<PresentCollector> present;
    // The lock is the one of NameLock; it goes with its process, the sign of life with one that hangs.
    for (const auto& row : tx.exec(R"(
            SELECT c.collector_id, c.channels_max, c.started_at,
                   (SELECT count(*) FROM channel h WHERE h.lease_holder = c.collector_id AND h.enabled) AS channels
            FROM collector c
            WHERE c.seen_at > now() - interval '12 seconds' AND EXISTS (
                SELECT FROM pg_locks l
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND l.classid::bigint = hashtext('wutong.collector')::bigint & 4294967295
                  AND l.objid::bigint = hashtext(c.collector_id)::bigint & 4294967295)
            ORDER BY c.collector_id)")) {
        PresentCollector one;
        one.load.name = get<std::string>(row, "collector_id");
        one.load.channels = get<int>(row, "channels");
        one.load.channels_max = get<int>(row, "channels_max");
        one.started_at = get<core::Timestamp>(row, "started_at");
        present.push_back(std::move(one));
    }
    return present;
}

bool hand_over_channel(Transaction& tx, const ChannelLease& lease, const std::string& from,
                       const std::string& to, std::chrono::seconds duration) {
    tx.exec("SELECT pg_advisory_xact_lock(hashtext('wutong.hand_over'), 0)");
    std::vector<core::CollectorLoad> loads;
    for (auto& one : present_collectors(tx)) {
        // How long the others have been there was looked at before; now only whether they still are.
        if (one.load.name == from || one.load.name == to) {
            loads.push_back(std::move(one.load));
        }
    }
    core::ShareRules rules;
    rules.present_for = std::chrono::seconds{0};
    if (!core::next_handover(from, loads, rules)) {
        return false;
    }
    return !tx.exec(R"(
        UPDATE channel SET lease_holder = $5, lease_epoch = lease_epoch + 1,
                           lease_until = now() + make_interval(secs => $6::int)
        WHERE property_id = $1 AND channel_id = $2 AND lease_holder = $3 AND lease_epoch = $4 AND enabled
        RETURNING channel_id)",
                    lease.property, lease.channel, from, lease.epoch, to, duration.count())
                .empty();
}

}  // namespace wutong::storage
