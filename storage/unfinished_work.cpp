#include "storage/unfinished_work.hpp"

#include "storage/meter_facts.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

UnfinishedWork lock_unfinished_work(Transaction& tx, core::PropertyId property, core::MeterId meter) {
    lock_meter_links(tx, property, {meter});
    tx.exec("SELECT 1 FROM meter WHERE property_id = $1 AND meter_id = $2 FOR UPDATE", property, meter);
    const auto row = tx.exec1(
        "SELECT (SELECT count(*) FROM credit_delivery WHERE property_id = $1 AND meter_id = $2 "
        "AND state IN ('queued', 'sending', 'unknown', 'quarantined'))::int AS deliveries, "
        "(SELECT count(*) FROM command WHERE property_id = $1 AND meter_id = $2 "
        "AND state IN ('queued', 'running'))::int AS commands",
        property, meter);
    return {get<int>(row, "deliveries"), get<int>(row, "commands")};
}

}  // namespace wutong::storage
