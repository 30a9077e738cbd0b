#pragma once

#include "storage/credit_deliveries.hpp"
#include "storage/transaction.hpp"

/// The table credit_delivery and core::CreditDelivery, in both directions. For credit_deliveries.cpp and
/// delivery_outcome.cpp.
namespace wutong::storage::detail {

// clang-format off
#define WUTONG_DELIVERY_COLUMNS                                                                                        \
    "d.property_id, d.delivery_id, d.meter_id, d.account_id, m.channel_id, COALESCE(m.bus_address, 0) AS bus_address, d.sale_id, d.kind, d.amount_e4, "                        \
    "d.settings::text AS settings, d.state, d.attempts, d.number_before, d.before_number, d.before_balance_e4, d.before_energy_wh, "  \
    "d.before_at, d.before_prepaid, d.write_number, d.write_balance_e4, d.write_amount_e4, d.after_number, d.after_balance_e4, "       \
    "d.after_energy_wh, d.after_at, d.after_prepaid, d.reason, d.entry_id, d.queued_at, d.sent_at, d.finished_at, d.next_attempt_at "
// clang-format on

[[nodiscard]] StoredDelivery read_delivery(const pqxx::row& row);

/// Everything that core::step may change. @param entry what booked it, if anything did
void write_delivery(Transaction& tx, core::PropertyId property, core::DeliveryId id,
                    const core::CreditDelivery& delivery, core::Timestamp now, const std::string& evidence,
                    core::EntryId entry);

}  // namespace wutong::storage::detail
