#include "storage/closing.hpp"

#include "core/ledger.hpp"
#include "storage/alarms.hpp"
#include "storage/ledger.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// What was sent to the account's meters, as far as rounding depends on it.
core::AbsoluteWrites writes_of(Transaction& tx, core::PropertyId property, core::AccountId account) {
    const auto row = tx.exec1(
        "SELECT count(*) AS writes, "
        // A look that came hours after its write says nothing about what the write forgave.
        "COALESCE(sum(least(greatest(after_energy_wh - before_energy_wh, 0), 1000)), 0)::bigint AS used_wh, "
        "(SELECT COALESCE(max(booked_price_e4), 0) FROM account_meter WHERE property_id = $1 AND account_id "
        "= "
        "$2) AS price_e4 "
        "FROM credit_delivery WHERE property_id = $1 AND account_id = $2 AND state = 'delivered'",
        property, account);
    return {get<std::int64_t>(row, "writes"), get<core::Energy>(row, "used_wh"),
            get<core::Price>(row, "price_e4")};
}

}  // namespace

void book_closing_residue(Transaction& tx, core::PropertyId property, core::AccountId account,
                          core::MeterId meter, core::Timestamp now) {
    const core::Money residue = account_balances(tx, property, account).prepaid_credit;
    if (residue == core::Money{0}) {
        return;
    }
    const core::Money most = core::rounding_at_most(writes_of(tx, property, account));
    if (residue <= most && -residue <= most) {
        EntryNotes notes;
        notes.account = account;
        notes.meter = meter;
        notes.booked_at = now;
        notes.memo = "what rounding has left when the account was closed";
        insert_entry(tx, property, core::rounding_entry(account, residue), notes);
        return;
    }
    raise_alarm(tx, {property, meter, {}, {}}, "ledger_difference",
                "account " + std::to_string(account.value) + " was closed with a prepaid credit of " +
                    core::to_string(residue) + "; rounding explains " + core::to_string(most) + " at most",
                now);
}

bool end_link_and_close(Transaction& tx, core::PropertyId property, core::AccountId account,
                        core::MeterId meter, core::Timestamp now) {
    tx.exec("SELECT 1 FROM account WHERE property_id = $1 AND account_id = $2 FOR NO KEY UPDATE", property,
            account);
    tx.exec(
        "UPDATE account_meter SET unlinked_at = $4 WHERE property_id = $1 AND account_id = $2 AND meter_id = "
        "$3 AND unlinked_at IS NULL",
        property, account, meter, now);
    const auto closed = tx.exec(
        "UPDATE account a SET state = 'closed', closed_at = $3 WHERE property_id = $1 AND account_id = $2 "
        "AND state = 'closing' AND NOT EXISTS (SELECT FROM account_meter am WHERE am.property_id = $1 AND "
        "am.account_id = $2 AND am.unlinked_at IS NULL)",
        property, account, now);
    return closed.affected_rows() == 1;
}

}  // namespace wutong::storage
