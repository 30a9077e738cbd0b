#include "storage/sale_reports.hpp"

#include <map>

#include "storage/transaction.hpp"

namespace wutong::storage {

SalesSummary sales_summary(Transaction& tx, core::PropertyId property, core::OperatorId operator_id,
                           core::Timestamp from, core::Timestamp to) {
    SalesSummary summary;
    std::map<core::TenderMethod, TenderSum> tenders;
    for (const auto& row :
         tx.exec("SELECT s.kind, s.method, count(*) AS sales, count(*) FILTER (WHERE s.amount_e4 > 0) AS "
                 "paid, sum(s.amount_e4)::bigint AS amount, max(s.sold_at) AS last_at, "
                 "count(*) FILTER (WHERE d.state IN ('queued', 'sending', 'unknown')) AS unfinished, "
                 "count(*) FILTER (WHERE d.state = 'quarantined') AS quarantined FROM sale s "
                 "LEFT JOIN credit_delivery d ON d.property_id = s.property_id AND d.delivery_id = "
                 "s.delivery_id "
                 "WHERE s.property_id = $1 AND s.sold_at >= $2 AND s.sold_at < $3 AND s.kind <> 'closing' "
                 "AND ($4::bigint IS NULL OR s.operator_id = $4) GROUP BY s.kind, s.method",
                 property, from, to, null_if_none(operator_id))) {
        const auto kind = parse_sale_kind(get<std::string>(row, "kind"));
        const auto amount = get<core::Money>(row, "amount");
        summary.unfinished_count += get<int>(row, "unfinished");
        summary.quarantined_count += get<int>(row, "quarantined");
        if (kind == SaleKind::refund) {
            summary.refund_count += get<int>(row, "sales");
            summary.refund_sum += amount;
            continue;
        }
        if (kind == SaleKind::reversal) {
            summary.reversal_count += get<int>(row, "sales");
            summary.reversal_sum += amount;
            continue;
        }
        if (kind == SaleKind::opening) {
            summary.opening_count += get<int>(row, "sales");
        }
        if (const auto paid = get<int>(row, "paid"); paid > 0) {
            auto& tender = tenders[core::parse_tender_method(get<std::string>(row, "method"))];
            tender.sale_count += paid;
            tender.sale_sum += amount;
            summary.last_sale_at =
                std::max(summary.last_sale_at, get<std::optional<core::Timestamp>>(row, "last_at"));
        }
    }
    for (const auto& row :
         tx.exec("SELECT p.owner_id, count(*) AS payouts, (-sum(p.amount_e4))::bigint AS amount FROM "
                 "journal_entry e JOIN posting p USING (property_id, entry_id) WHERE e.property_id = $1 AND "
                 "e.kind IN ('refund_payout', 'reversal') AND e.booked_at >= $2 AND e.booked_at < $3 AND "
                 "p.account = "
                 "'tender' AND ($4::bigint IS NULL OR e.operator_id = $4) GROUP BY p.owner_id",
                 property, from, to, null_if_none(operator_id))) {
        auto& tender = tenders[static_cast<core::TenderMethod>(get<std::int64_t>(row, "owner_id"))];
        tender.payout_count = get<int>(row, "payouts");
        tender.payout_sum = get<core::Money>(row, "amount");
    }
    for (auto& [method, tender] : tenders) {
        tender.method = method;
        summary.tenders.push_back(tender);
    }
    return summary;
}

core::Timestamp start_of_day(Transaction& tx, core::PropertyId property, core::Timestamp now) {
    const auto rows = tx.exec(
        "SELECT date_trunc('day', $2::timestamptz, time_zone) AS start FROM property WHERE property_id = $1",
        property, now);
    if (rows.empty()) {
        throw NotFound("property " + std::to_string(property.value) + " is not there");
    }
    return get<core::Timestamp>(rows[0], "start");
}

std::optional<StoredReceipt> find_receipt(Transaction& tx, core::PropertyId property, core::SaleId id) {
    auto sale = find_sale(tx, property, id);
    if (!sale) {
        return std::nullopt;
    }
    StoredReceipt receipt;
    receipt.sale = std::move(*sale);
    const auto row = tx.exec1(
        "SELECT p.name AS property_name, p.time_zone, p.currency, COALESCE(b.name, '') AS building_name, "
        "COALESCE((SELECT v.name FROM vending_point v WHERE v.property_id = $1 AND v.point_id = $5), '') AS "
        "point_name, "
        "COALESCE(u.name, '') AS unit_name, c.phone, m.serial_number, m.commodity, "
        "CASE WHEN am.opened_on_meter_at IS NOT NULL THEN s.balance_e4 END AS balance_known, q.before, "
        "q.including "
        "FROM property p JOIN meter m ON m.property_id = p.property_id AND m.meter_id = $2 "
        "JOIN account a ON a.property_id = p.property_id AND a.account_id = $3 "
        "JOIN customer c ON c.property_id = p.property_id AND c.customer_id = a.customer_id "
        "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
        "LEFT JOIN floor f ON f.property_id = u.property_id AND f.floor_id = u.floor_id "
        "LEFT JOIN building b ON b.property_id = f.property_id AND b.building_id = f.building_id "
        "LEFT JOIN meter_state s ON s.property_id = m.property_id AND s.meter_id = m.meter_id "
        "LEFT JOIN account_meter am ON am.property_id = m.property_id AND am.meter_id = m.meter_id AND "
        "am.account_id = a.account_id AND am.unlinked_at IS NULL "
        "CROSS JOIN LATERAL (SELECT COALESCE(sum(d.amount_e4) FILTER (WHERE d.delivery_id < $4), 0)::bigint "
        "AS before, COALESCE(sum(d.amount_e4) FILTER (WHERE d.delivery_id <= $4), 0)::bigint AS including "
        "FROM credit_delivery d WHERE d.property_id = m.property_id AND d.meter_id = m.meter_id AND d.state "
        "IN ('queued', 'sending', 'unknown')) AS q WHERE p.property_id = $1",
        property, receipt.sale.meter, receipt.sale.account, receipt.sale.delivery,
        null_if_none(receipt.sale.point));
    receipt.property_name = get<std::string>(row, "property_name");
    receipt.time_zone = get<std::string>(row, "time_zone");
    receipt.currency = get<std::string>(row, "currency");
    receipt.building_name = get<std::string>(row, "building_name");
    receipt.point_name = get<std::string>(row, "point_name");
    receipt.unit_name = get<std::string>(row, "unit_name");
    receipt.customer_phone = get<std::string>(row, "phone");
    receipt.meter_serial_number = get<std::string>(row, "serial_number");
    receipt.commodity = core::parse_commodity(get<std::string>(row, "commodity"));
    receipt.balance_known = get<std::optional<core::Money>>(row, "balance_known");
    receipt.queued_before = get<core::Money>(row, "before");
    receipt.queued_with = get<core::Money>(row, "including");
    if (receipt.sale.delivery) {
        receipt.delivery = find_delivery(tx, property, receipt.sale.delivery);
    }
    return receipt;
}

}  // namespace wutong::storage
