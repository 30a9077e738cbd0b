#include "storage/sale_names.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

SaleNames sale_names(Transaction& tx, core::PropertyId property, core::AccountId account,
                     core::MeterId meter) {
    const auto row = tx.exec1(
        "SELECT COALESCE(a.number, '') AS number, COALESCE(a.state, '') AS state, COALESCE(c.name, '') AS "
        "customer, "
        "COALESCE(m.code, '') AS code, COALESCE(m.profile, '') AS profile, "
        "EXISTS (SELECT FROM command k WHERE k.property_id = $1 AND k.meter_id = $3 AND k.kind = "
        "'switch_off' "
        "AND k.state IN ('queued', 'running')) AS switch_off_waiting FROM (SELECT 1) AS one "
        "LEFT JOIN account a ON a.property_id = $1 AND a.account_id = $2 "
        "LEFT JOIN customer c ON c.property_id = a.property_id AND c.customer_id = a.customer_id "
        "LEFT JOIN meter m ON m.property_id = $1 AND m.meter_id = $3",
        property, account, meter);
    return {get<std::string>(row, "number"),   get<std::string>(row, "state"),
            get<std::string>(row, "customer"), get<std::string>(row, "code"),
            get<std::string>(row, "profile"),  get<bool>(row, "switch_off_waiting")};
}

}  // namespace wutong::storage
