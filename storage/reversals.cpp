#include "storage/reversals.hpp"

#include "storage/ledger.hpp"
#include "storage/sale_charges.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

core::ReversalFacts reversal_facts(Transaction& tx, const StoredSale& sale) {
    core::ReversalFacts facts;
    facts.is_sale = sale.kind == SaleKind::sale;
    facts.amount = sale.amount;
    facts.on_meter = sale.credited();
    const auto row = tx.exec1(
        "SELECT a.state = 'open' AS account_open, am.opened_on_meter_at IS NOT NULL AS linked, "
        "d.state, COALESCE(d.claimed_by IS NOT NULL, false) AS claimed, d.write_number, s.purchase_number, "
        "s.balance_e4, "
        "EXISTS (SELECT FROM sale r LEFT JOIN credit_delivery rd ON rd.property_id = r.property_id AND "
        "rd.delivery_id = r.delivery_id WHERE r.property_id = $1 AND r.reverses_sale_id = $4 AND "
        "rd.state IS DISTINCT FROM 'refused') AS reversed, "
        "EXISTS (SELECT FROM credit_delivery l WHERE l.property_id = $1 AND l.meter_id = $3 AND "
        "l.delivery_id > $5 AND l.state <> 'refused') AS later, "
        "EXISTS (SELECT FROM sale l WHERE l.property_id = $1 AND l.meter_id = $3 AND l.sale_id > $4 AND "
        "l.kind <> 'closing') AS sold_later FROM (SELECT 1) AS one "
        "LEFT JOIN account a ON a.property_id = $1 AND a.account_id = $2 "
        "LEFT JOIN account_meter am ON am.property_id = $1 AND am.account_id = $2 AND am.meter_id = $3 AND "
        "am.unlinked_at IS NULL "
        "LEFT JOIN credit_delivery d ON d.property_id = $1 AND d.delivery_id = $5 "
        "LEFT JOIN meter_state s ON s.property_id = $1 AND s.meter_id = $3",
        sale.property, sale.account, sale.meter, sale.id, sale.delivery);
    facts.account_open = get<std::optional<bool>>(row, "account_open").value_or(false);
    facts.meter_linked = get<bool>(row, "linked");
    facts.reversed_already = get<bool>(row, "reversed");
    const bool all_charged = sale.charged > core::Money{} && sale.credited() == core::Money{};
    facts.last_on_meter = !get<bool>(row, all_charged ? "sold_later" : "later");
    facts.claimed = get<bool>(row, "claimed");
    const auto state = get<std::optional<std::string>>(row, "state");
    // A sale without a delivery never went to a meter: unless charges took all of it, there is nothing to be
    // given back.
    facts.is_sale = facts.is_sale && (state.has_value() || all_charged);
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
    const auto reversed = get<core::SaleId>(row, "reverses_sale_id");
    const auto taken = charge_sums_of_sale(tx, property, reversed);
    notes.shift = get<core::ShiftId>(row, "shift_id");
    const bool counted =
        notes.shift &&
        !get<bool>(tx.exec1("SELECT hold_open_shift($1, $2) AS open", property, notes.shift), "open");
    if (counted) {
        notes.shift = {};
        if (taken.total() == core::Money{}) {
            return {};
        }
    }
    notes.account = get<core::AccountId>(row, "account_id");
    notes.meter = get<core::MeterId>(row, "meter_id");
    notes.operator_id = get<core::OperatorId>(row, "operator_id");
    notes.request_id = get<std::string>(row, "request_id");
    notes.memo = "sale " + std::to_string(reversed.value) + " taken back by " + std::to_string(id.value);
    notes.booked_at = now;
    const auto amount = get<core::Money>(row, "amount_e4");
    const auto method = core::parse_tender_method(get<std::string>(row, "method"));
    const auto entry = insert_entry(
        tx, property,
        counted ? core::charges_payable_entry(notes.account, taken)
                : core::charged_reversal_entry(notes.account, from, method, amount - taken.total(), taken),
        notes);
    give_charges_back(tx, property, reversed, {entry, id});
    return counted ? core::EntryId{} : entry;
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
