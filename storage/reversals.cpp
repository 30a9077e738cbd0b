#include "storage/reversals.hpp"

#include "storage/ledger.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

core::ReversalFacts reversal_facts(Transaction& tx, const StoredSale& sale) {
    core::ReversalFacts facts;
    facts.is_sale = sale.kind == SaleKind::sale;
    facts.amount = sale.amount;
    const auto row = tx.exec1(
        "SELECT a.state = 'open' AS account_open, am.opened_on_meter_at IS NOT NULL AS linked, "
        "d.state, COALESCE(d.claimed_by IS NOT NULL, false) AS claimed, d.write_number, s.purchase_number, "
        "s.balance_e4, "
        "EXISTS (SELECT FROM sale r LEFT JOIN credit_delivery rd ON rd.property_id = r.property_id AND "
        "rd.delivery_id = r.delivery_id WHERE r.property_id = $1 AND r.reverses_sale_id = $4 AND "
        "rd.state IS DISTINCT FROM 'refused') AS reversed, "
        "EXISTS (SELECT FROM credit_delivery l WHERE l.property_id = $1 AND l.meter_id = $3 AND "
        "l.delivery_id > $5 AND l.state <> 'refused') AS later FROM (SELECT 1) AS one "
        "LEFT JOIN account a ON a.property_id = $1 AND a.account_id = $2 "
        "LEFT JOIN account_meter am ON am.property_id = $1 AND am.account_id = $2 AND am.meter_id = $3 AND "
        "am.unlinked_at IS NULL "
        "LEFT JOIN credit_delivery d ON d.property_id = $1 AND d.delivery_id = $5 "
        "LEFT JOIN meter_state s ON s.property_id = $1 AND s.meter_id = $3",
        sale.property, sale.account, sale.meter, sale.id, sale.delivery);
    facts.account_open = get<std::optional<bool>>(row, "account_open").value_or(false);
    facts.meter_linked = get<bool>(row, "linked");
    facts.reversed_already = get<bool>(row, "reversed");
    facts.last_on_meter = !get<bool>(row, "later");
    facts.claimed = get<bool>(row, "claimed");
    const auto state = get<std::optional<std::string>>(row, "state");
    // A sale without a delivery never went to a meter: there is nothing to be given back.
    facts.is_sale = facts.is_sale && state.has_value();
    if (state) {
        facts.delivery = core::parse_delivery_state(*state);
    }
    if (const auto number = get<std::optional<std::int64_t>>(row, "write_number")) {
        facts.number_written = static_cast<std::uint32_t>(*number);
    }
    if (const auto number = get<std::optional<std::int64_t>>(row, "purchase_number")) {
        facts.number_seen = static_cast<std::uint32_t>(*number);
    }
    facts.balance_seen = get<std::optional<core::Money>>(row, "balance_e4");
    return facts;
}

core::EntryId pay_reversal_back(Transaction& tx, core::PropertyId property, core::SaleId id,
                                core::LedgerKind from, core::Timestamp now) {
    const auto rows = tx.exec(
        "SELECT account_id, meter_id, amount_e4, method, operator_id, request_id::text AS request_id, "
        "shift_id, reverses_sale_id FROM sale WHERE property_id = $1 AND sale_id = $2 AND kind = 'reversal'",
        property, id);
    if (rows.empty()) {
        return {};  // a reversal that no sale stands for: its money is payable
    }
    const auto& row = rows[0];
    EntryNotes notes;
    notes.shift = get<core::ShiftId>(row, "shift_id");
    if (notes.shift &&
        !get<bool>(tx.exec1("SELECT hold_open_shift($1, $2) AS open", property, notes.shift), "open")) {
        return {};
    }
    notes.account = get<core::AccountId>(row, "account_id");
    notes.meter = get<core::MeterId>(row, "meter_id");
    notes.operator_id = get<core::OperatorId>(row, "operator_id");
    notes.request_id = get<std::string>(row, "request_id");
    notes.memo = "sale " + std::to_string(get<core::SaleId>(row, "reverses_sale_id").value) +
                 " taken back by " + std::to_string(id.value);
    notes.booked_at = now;
    return insert_entry(
        tx, property,
        core::reversal_entry(notes.account, from, core::parse_tender_method(get<std::string>(row, "method")),
                             get<core::Money>(row, "amount_e4")),
        notes);
}

std::optional<StoredSale> reversal_of(Transaction& tx, core::PropertyId property, core::SaleId sale) {
    const auto rows = tx.exec(
        "SELECT r.sale_id FROM sale r LEFT JOIN credit_delivery d ON d.property_id = r.property_id AND "
        "d.delivery_id = r.delivery_id WHERE r.property_id = $1 AND r.reverses_sale_id = $2 AND d.state IS "
        "DISTINCT FROM 'refused' ORDER BY r.sale_id DESC LIMIT 1",
        property, sale);
    return rows.empty() ? std::nullopt : find_sale(tx, property, get<core::SaleId>(rows[0], "sale_id"));
}

}  // namespace wutong::storage
