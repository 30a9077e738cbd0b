#include "storage/credit_deliveries.hpp"

#include <stdexcept>

#include "storage/delivery_rows.hpp"
#include "storage/fenced.hpp"
#include "storage/meter_watch.hpp"
#include "storage/paging.hpp"

namespace wutong::storage {

namespace {

std::vector<StoredDelivery> read_all(const pqxx::result& rows) {
    std::vector<StoredDelivery> deliveries;
    for (const auto& row : rows) {
        deliveries.push_back(detail::read_delivery(row));
    }
    return deliveries;
}

StoredDelivery read_shown(const pqxx::row& row) {
    StoredDelivery stored = detail::read_delivery(row);
    stored.meter_code = get<std::string>(row, "meter_code");
    stored.unit_code = get<std::string>(row, "unit_code");
    stored.account_number = get<std::string>(row, "account_number");
    stored.customer = get<std::string>(row, "customer");
    stored.operator_name = get<std::string>(row, "operator_name");
    stored.point_code = get<std::string>(row, "point_code");
    stored.receipt_no = get<std::int64_t>(row, "receipt_no");
    return stored;
}

/// The unfinished delivery is locked and held under this very claim; else @throws LeaseLost
/// @return its meter
core::MeterId require_claim(Transaction& tx, const Fence& fence, core::DeliveryId id) {
    const auto rows = tx.exec(
        "SELECT meter_id FROM credit_delivery WHERE property_id = $1 AND delivery_id = $2 AND claimed_by = "
        "$3 AND claim_epoch = $4 "
        "AND state IN ('queued', 'sending', 'unknown') FOR NO KEY UPDATE",
        fence.property, id, fence.holder, fence.epoch);
    if (rows.empty()) {
        throw LeaseLost("delivery " + std::to_string(id.value) + " is not claimed by " + fence.holder +
                        " under epoch " + std::to_string(fence.epoch));
    }
    detail::require_lease(tx, fence);
    return get<core::MeterId>(rows[0], "meter_id");
}

}  // namespace

core::DeliveryId queue_delivery(Transaction& tx, core::PropertyId property, const NewDelivery& delivery) {
    const auto row = tx.exec1(
        "INSERT INTO credit_delivery (property_id, meter_id, account_id, sale_id, kind, amount_e4, settings) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb) RETURNING delivery_id",
        property, delivery.meter, delivery.account, null_if_none(delivery.sale),
        core::to_string(delivery.kind), delivery.amount, delivery.settings);
    return get<core::DeliveryId>(row, "delivery_id");
}

std::vector<StoredDelivery> claim_deliveries(Transaction& tx, const std::vector<Fence>& fences,
                                             core::Timestamp now, int limit) {
    const detail::FenceColumns columns(fences);
    return read_all(tx.exec(
        // From what waits (little) to the channels, not from the channels to their meters (many).
        "WITH waiting AS MATERIALIZED (SELECT property_id, delivery_id, meter_id FROM credit_delivery "
        "WHERE state IN ('queued', 'sending', 'unknown')), "
        "placed AS MATERIALIZED (SELECT w.property_id, w.delivery_id, m.channel_id FROM waiting w "
        "JOIN meter m ON m.property_id = w.property_id AND m.meter_id = w.meter_id AND m.enabled), "
        "held AS MATERIALIZED (SELECT c.property_id, c.channel_id, c.lease_holder, c.lease_epoch "
        "FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) AS f(property_id, channel_id, "
        "holder, epoch) "
        "JOIN channel c ON c.property_id = f.property_id AND c.channel_id = f.channel_id AND c.lease_holder "
        "= f.holder "
        "AND c.lease_epoch = f.epoch), "
        "leased AS MATERIALIZED (SELECT p.property_id, p.delivery_id, h.lease_holder, h.lease_epoch FROM "
        "placed p "
        "JOIN held h ON h.property_id = p.property_id AND h.channel_id = p.channel_id), "
        "pick AS MATERIALIZED (SELECT d.property_id, d.delivery_id, c.lease_holder, c.lease_epoch FROM "
        "leased c "
        "JOIN credit_delivery d ON d.property_id = c.property_id AND d.delivery_id = c.delivery_id "
        "WHERE d.state IN ('queued', 'sending', 'unknown') AND (d.next_attempt_at IS NULL OR "
        "d.next_attempt_at <= $5) "
        "AND (d.claimed_by, d.claim_epoch) IS DISTINCT FROM (c.lease_holder, c.lease_epoch) "
        // In order, one at a time, and nothing behind one that waits for an operator.
        "AND NOT EXISTS (SELECT FROM credit_delivery o WHERE o.property_id = d.property_id AND o.meter_id = "
        "d.meter_id "
        "AND o.state IN ('queued', 'sending', 'unknown', 'quarantined') AND o.delivery_id <> d.delivery_id "
        "AND (o.state <> 'queued' OR o.delivery_id < d.delivery_id)) "
        "ORDER BY d.delivery_id LIMIT $6 FOR NO KEY UPDATE OF d SKIP LOCKED), "
        "taken AS (UPDATE credit_delivery d SET claimed_by = p.lease_holder, claim_epoch = p.lease_epoch, "
        "next_attempt_at = NULL, "
        // Deliveries before this one have moved the number on since it was queued.
        "number_before = CASE WHEN d.state = 'queued' THEN COALESCE((SELECT am.purchase_number FROM "
        "account_meter am "
        "WHERE am.property_id = d.property_id AND am.meter_id = d.meter_id AND am.unlinked_at IS NULL), 0) "
        "ELSE d.number_before END "
        "FROM pick p WHERE d.property_id = p.property_id AND d.delivery_id = p.delivery_id RETURNING d.*) "
        "SELECT " WUTONG_DELIVERY_COLUMNS
        "FROM taken d JOIN meter m USING (property_id, meter_id) ORDER BY d.delivery_id",
        columns.properties, columns.channels, columns.holders, columns.epochs, now, checked_limit(limit)));
}

void store_step(Transaction& tx, const Fence& fence, core::DeliveryId id,
                const core::CreditDelivery& delivery, core::Timestamp now, const std::string& evidence) {
    if (delivery.finished()) {
        throw std::logic_error(std::string("a delivery that is ") + core::to_string(delivery.state) +
                               " has to be stored by finish_delivery, which books it");
    }
    const core::MeterId meter = require_claim(tx, fence, id);
    if (delivery.state == core::DeliveryState::sending && delivery.before) {
        // From here on the meter is changed by us, and what was there before can't be seen any more.
        watch_look(tx, fence.property, meter, *delivery.before);
    }
    detail::write_delivery(tx, fence.property, id, delivery, now, evidence, {});
}

void put_back_delivery(Transaction& tx, const Fence& fence, core::DeliveryId id,
                       core::Timestamp next_attempt_at) {
    require_claim(tx, fence, id);
    tx.exec(
        "UPDATE credit_delivery SET claimed_by = NULL, claim_epoch = NULL, next_attempt_at = $3 "
        "WHERE property_id = $1 AND delivery_id = $2",
        fence.property, id, next_attempt_at);
}

int put_back_forgotten_deliveries(Transaction& tx, const std::vector<Fence>& fences,
                                  const std::vector<core::DeliveryId>& in_hand) {
    const detail::FenceColumns columns(fences);
    const auto rows = tx.exec(
        // As for claims: from what is unfinished (little) to the channels.
        "WITH open AS MATERIALIZED (SELECT d.property_id, d.delivery_id, d.meter_id, d.claimed_by, "
        "d.claim_epoch FROM credit_delivery d WHERE d.state IN ('queued', 'sending', 'unknown') "
        "AND d.claimed_by IS NOT NULL AND d.delivery_id <> ALL ($5::bigint[])), "
        "forgotten AS MATERIALIZED (SELECT o.* FROM open o "
        "JOIN meter m ON m.property_id = o.property_id AND m.meter_id = o.meter_id "
        "JOIN unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) AS f(property_id, channel_id, "
        "holder, epoch) ON m.property_id = f.property_id AND m.channel_id = f.channel_id AND o.claimed_by = "
        "f.holder AND o.claim_epoch = f.epoch) "
        "UPDATE credit_delivery d SET claimed_by = NULL, claim_epoch = NULL FROM forgotten f "
        "WHERE d.property_id = f.property_id AND d.delivery_id = f.delivery_id "
        "AND d.state IN ('queued', 'sending', 'unknown') AND d.claimed_by = f.claimed_by AND d.claim_epoch = "
        "f.claim_epoch",
        columns.properties, columns.channels, columns.holders, columns.epochs, in_hand);
    return static_cast<int>(rows.affected_rows());
}

// clang-format off
#define WUTONG_SHOWN_DELIVERIES                                                                                   \
    "SELECT " WUTONG_DELIVERY_COLUMNS ", m.code AS meter_code, COALESCE(u.code, '') AS unit_code, "               \
    "a.number AS account_number, c.name AS customer, "                                                            \
    "COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name, COALESCE(v.code, '') AS point_code, "        \
    "COALESCE(s.receipt_no, 0) AS receipt_no "                                                                    \
    "FROM page d JOIN meter m USING (property_id, meter_id) "                                                     \
    "JOIN account a ON a.property_id = d.property_id AND a.account_id = d.account_id "                            \
    "JOIN customer c ON c.property_id = a.property_id AND c.customer_id = a.customer_id "                         \
    "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "                                \
    "LEFT JOIN sale s ON s.property_id = d.property_id AND s.sale_id = d.sale_id "                                \
    "LEFT JOIN vending_point v ON v.property_id = s.property_id AND v.point_id = s.point_id "                     \
    "LEFT JOIN operator o ON o.operator_id = s.operator_id ORDER BY d.delivery_id DESC"
#define WUTONG_DELIVERY_PAGE                                                                                      \
    "WHERE property_id = $1 AND delivery_id < $2 AND ($3::bigint IS NULL OR meter_id = $3) "                      \
    "AND ($4::bigint IS NULL OR account_id = $4) AND ($5::text IS NULL OR state = $5) "
// clang-format on

std::optional<StoredDelivery> find_delivery(Transaction& tx, core::PropertyId property, core::DeliveryId id) {
    const auto rows = tx.exec(
        "WITH page AS MATERIALIZED (SELECT * FROM credit_delivery WHERE property_id = $1 AND delivery_id = "
        "$2) " WUTONG_SHOWN_DELIVERIES,
        property, id);
    if (rows.empty()) {
        return std::nullopt;
    }
    StoredDelivery stored = read_shown(rows[0]);
    stored.evidence = get<std::string>(
        tx.exec1("SELECT evidence::text AS evidence FROM credit_delivery WHERE property_id = $1 AND "
                 "delivery_id = $2",
                 property, id),
        "evidence");
    return stored;
}

std::vector<StoredDelivery> list_deliveries(Transaction& tx, const DeliveryFilter& filter,
                                            core::DeliveryId before, int limit) {
    // Two statements: only one that says it outright may use the small index of what is unfinished.
    const char* all = "WITH page AS MATERIALIZED (SELECT * FROM credit_delivery " WUTONG_DELIVERY_PAGE
                      "ORDER BY delivery_id DESC LIMIT $6) " WUTONG_SHOWN_DELIVERIES;
    const char* unfinished =
        "WITH page AS MATERIALIZED (SELECT * FROM credit_delivery " WUTONG_DELIVERY_PAGE
        "AND state IN ('queued', 'sending', 'unknown', 'quarantined') ORDER BY delivery_id DESC LIMIT "
        "$6) " WUTONG_SHOWN_DELIVERIES;
    std::vector<StoredDelivery> deliveries;
    for (const auto& row :
         tx.exec(filter.unfinished_only ? unfinished : all, filter.property, below(before.value),
                 null_if_none(filter.meter), null_if_none(filter.account),
                 filter.state ? std::optional<std::string>(core::to_string(*filter.state)) : std::nullopt,
                 checked_limit(limit))) {
        deliveries.push_back(read_shown(row));
    }
    return deliveries;
}

}  // namespace wutong::storage
