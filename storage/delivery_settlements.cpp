// What one operator has said about a quarantined delivery, until a second one agrees.
#include "storage/credit_deliveries.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

std::optional<PendingSettlement> lock_settlement(Transaction& tx, core::PropertyId property,
                                                 core::DeliveryId id) {
    if (tx.exec("SELECT 1 FROM credit_delivery WHERE property_id = $1 AND delivery_id = $2 FOR NO KEY UPDATE",
                property, id)
            .empty()) {
        throw NotFound("delivery " + std::to_string(id.value) + " is not there");
    }
    return find_settlement(tx, property, id);
}

std::optional<PendingSettlement> find_settlement(Transaction& tx, core::PropertyId property,
                                                 core::DeliveryId id) {
    const auto rows = tx.exec(
        "SELECT s.delivered, s.reason, s.operator_id, s.at, COALESCE(NULLIF(o.full_name, ''), o.name, '') AS "
        "operator_name FROM delivery_settlement s LEFT JOIN operator o ON o.operator_id = s.operator_id "
        "WHERE s.property_id = $1 AND s.delivery_id = $2",
        property, id);
    if (rows.empty()) {
        return std::nullopt;
    }
    return PendingSettlement{get<bool>(rows[0], "delivered"), get<std::string>(rows[0], "reason"),
                             get<core::OperatorId>(rows[0], "operator_id"),
                             get<std::string>(rows[0], "operator_name"), get<core::Timestamp>(rows[0], "at")};
}

void put_settlement(Transaction& tx, core::PropertyId property, core::DeliveryId id,
                    const PendingSettlement& word) {
    tx.exec(
        "INSERT INTO delivery_settlement (property_id, delivery_id, delivered, reason, operator_id, at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (property_id, delivery_id) DO UPDATE SET delivered = "
        "excluded.delivered, reason = excluded.reason, operator_id = excluded.operator_id, at = excluded.at",
        property, id, word.delivered, word.reason, word.operator_id, word.at);
}

}  // namespace wutong::storage
