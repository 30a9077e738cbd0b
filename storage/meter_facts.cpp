#include "storage/meter_facts.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

std::map<core::MeterId, MeterFacts> meter_facts(Transaction& tx, core::PropertyId property,
                                                const std::vector<core::MeterId>& meters) {
    using Number = std::optional<std::int64_t>;
    const auto rows = tx.exec(
        "SELECT m.meter_id, m.code, COALESCE(u.code, '') AS unit_code, m.profile, m.role, m.commodity, "
        "m.enabled, "
        "am.account_id, "
        "COALESCE(a.number, '') AS account_number, d.unfinished, d.quarantined, m.price_e4, m.alarm_1_e4, "
        "m.alarm_2_e4, "
        "m.overdraft_e4, m.overload_w, m.balance_max_e4, s.balance_e4, s.purchase_number, s.answered_at, "
        "s.answered_at IS NOT NULL AND s.failures = 0 AND s.lost_since IS NULL AS answering FROM "
        "meter m "
        "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
        "LEFT JOIN account_meter am ON am.property_id = m.property_id AND am.meter_id = m.meter_id AND "
        "am.unlinked_at IS NULL "
        "LEFT JOIN account a ON a.property_id = am.property_id AND a.account_id = am.account_id "
        "LEFT JOIN meter_state s ON s.property_id = m.property_id AND s.meter_id = m.meter_id "
        "CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE cd.state <> 'quarantined') AS unfinished, "
        "count(*) FILTER (WHERE cd.state = 'quarantined') AS quarantined FROM credit_delivery cd "
        "WHERE cd.property_id = m.property_id AND cd.meter_id = m.meter_id "
        "AND cd.state IN ('queued', 'sending', 'unknown', 'quarantined')) d "
        "WHERE m.property_id = $1 AND m.meter_id = ANY ($2::bigint[])",
        property, meters);
    std::map<core::MeterId, MeterFacts> facts;
    for (const auto& row : rows) {
        MeterFacts meter;
        meter.meter = get<core::MeterId>(row, "meter_id");
        meter.code = get<std::string>(row, "code");
        meter.unit_code = get<std::string>(row, "unit_code");
        meter.profile = get<std::string>(row, "profile");
        meter.role = get<std::string>(row, "role");
        meter.commodity = core::parse_commodity(get<std::string>(row, "commodity"));
        meter.enabled = get<bool>(row, "enabled");
        meter.answering = get<std::optional<bool>>(row, "answering").value_or(false);
        meter.account = get<core::AccountId>(row, "account_id");
        meter.account_number = get<std::string>(row, "account_number");
        meter.unfinished_deliveries = get<int>(row, "unfinished");
        meter.quarantined_deliveries = get<int>(row, "quarantined");
        meter.price_e4 = get<Number>(row, "price_e4");
        meter.alarm_1_e4 = get<Number>(row, "alarm_1_e4");
        meter.alarm_2_e4 = get<Number>(row, "alarm_2_e4");
        meter.overdraft_e4 = get<Number>(row, "overdraft_e4");
        meter.overload_w = get<Number>(row, "overload_w");
        meter.balance_max_e4 = get<Number>(row, "balance_max_e4");
        meter.balance_e4 = get<Number>(row, "balance_e4");
        meter.purchase_number = get<Number>(row, "purchase_number");
        meter.answered_at = get<std::optional<core::Timestamp>>(row, "answered_at");
        facts.emplace(meter.meter, std::move(meter));
    }
    return facts;
}

void lock_meter_links(Transaction& tx, core::PropertyId property, const std::vector<core::MeterId>& meters) {
    tx.exec(
        "SELECT 1 FROM account_meter WHERE property_id = $1 AND meter_id = ANY ($2::bigint[]) AND "
        "unlinked_at IS NULL "
        "ORDER BY meter_id FOR NO KEY UPDATE",
        property, meters);
}

std::vector<std::int64_t> cancel_queued_switch_offs(Transaction& tx, core::PropertyId property,
                                                    core::MeterId meter, const std::string& reason,
                                                    core::Timestamp now) {
    std::vector<std::int64_t> cancelled;
    for (const auto& row :
         tx.exec("UPDATE command SET state = 'cancelled', reason = left($3, 2000), finished_at = $4 "
                 "WHERE property_id = $1 AND meter_id = $2 AND kind = 'switch_off' "
                 "AND (state = 'queued' OR (state = 'running' AND sent_at IS NULL)) RETURNING command_id",
                 property, meter, reason, now)) {
        cancelled.push_back(get<std::int64_t>(row, "command_id"));
    }
    return cancelled;
}

}  // namespace wutong::storage
