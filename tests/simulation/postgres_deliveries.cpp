// The collector's side of the store on PostgreSQL.
#include <stdexcept>

#include "storage/channels.hpp"
#include "storage/meter_states.hpp"
#include "storage/transaction.hpp"
#include "tests/simulation/postgres_store.hpp"

namespace wutong::simulation {

using storage::Scope;
using storage::Transaction;

storage::Fence PostgresStore::take_channel(const std::string& holder) {
    return database_.collector().transact(Scope::none(), "take the channel", [&](Transaction& tx) {
        tx.exec("UPDATE channel SET lease_holder = NULL, lease_until = NULL WHERE property_id = $1",
                site_.property);
        // Other sites of the same database may have a channel with this holder.
        for (const auto& lease : storage::acquire_leases(tx, holder, std::chrono::hours{1}, 1'000, false)) {
            if (lease.channel == site_.channel) {
                return storage::Fence{site_.property, site_.channel, holder, lease.epoch};
            }
        }
        throw std::logic_error("a channel that nobody holds was not to be had");
    });
}

bool PostgresStore::holds(const storage::Fence& fence) {
    return database_.collector().transact(Scope::none(), "holds", [&](Transaction& tx) {
        return !tx.exec(
                      "SELECT FROM channel WHERE property_id = $1 AND channel_id = $2 AND lease_holder = $3 "
                      "AND "
                      "lease_epoch = $4",
                      site_.property, site_.channel, fence.holder, fence.epoch)
                    .empty();
    });
}

std::vector<storage::StoredDelivery> PostgresStore::claim(const storage::Fence& fence, core::Timestamp now,
                                                          int limit) {
    auto claimed = database_.collector().transact(Scope::none(), "claim", [&](Transaction& tx) {
        return storage::claim_deliveries(tx, {real(fence)}, now, limit);
    });
    for (auto& row : claimed) {
        row = told(std::move(row));
    }
    return claimed;
}

void PostgresStore::store_step(const storage::Fence& fence, core::DeliveryId id,
                               const core::CreditDelivery& delivery, core::Timestamp now) {
    database_.collector().transact(Scope::none(), "store", [&](Transaction& tx) {
        storage::store_step(tx, real(fence), real(id), delivery, now);
    });
}

void PostgresStore::put_back(const storage::Fence& fence, core::DeliveryId id, core::Timestamp next_attempt) {
    database_.collector().transact(Scope::none(), "put back", [&](Transaction& tx) {
        storage::put_back_delivery(tx, real(fence), real(id), next_attempt);
    });
}

int PostgresStore::put_back_forgotten(const storage::Fence& fence,
                                      const std::vector<core::DeliveryId>& in_hand) {
    std::vector<core::DeliveryId> keys;
    for (const auto id : in_hand) {
        keys.push_back(real(id));
    }
    return database_.collector().transact(Scope::none(), "put back forgotten", [&](Transaction& tx) {
        return storage::put_back_forgotten_deliveries(tx, {real(fence)}, keys);
    });
}

storage::FinishedDelivery PostgresStore::finish(const storage::Fence& fence, core::DeliveryId id,
                                                const core::CreditDelivery& delivery, core::Timestamp now) {
    return database_.collector().transact(Scope::none(), "finish", [&](Transaction& tx) {
        return storage::finish_delivery(tx, real(fence), real(id), delivery, now);
    });
}

void PostgresStore::put_reading(core::MeterId meter, const core::CreditLook& look, bool counted) {
    storage::MeterStateRow row;
    row.property = site_.property;
    row.meter = real(meter);
    row.attempted_at = look.at;
    row.answered_at = look.at;
    row.energy_wh = look.energy.watt_hours();
    row.balance_e4 = look.balance.ten_thousandths();
    if (counted) {
        row.purchase_number = look.purchase_number;
    }
    row.prepaid_enabled = look.prepaid_enabled;
    database_.collector().transact(Scope::none(), "reading",
                                   [&](Transaction& tx) { storage::put_meter_states(tx, {row}); });
}

}  // namespace wutong::simulation
