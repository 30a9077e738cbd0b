#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ledger.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// The journal. Entries are only added; the database refuses anything else, and entries that don't balance.
namespace wutong::storage {

struct EntryNotes {
    core::AccountId account;                   ///< whose statement it appears on; 0: nobody's
    core::MeterId meter;                       ///< 0: none
    core::OperatorId operator_id;              ///< 0: booked by the system
    std::string request_id;                    ///< UUID of the request, or ""
    std::string memo;                          ///< at most 2000 characters
    std::optional<core::Timestamp> booked_at;  ///< empty: now
    core::ShiftId shift{};                     ///< whose drawer it moves; 0: none
};

/// @throws std::invalid_argument unless the entry balances, has 2 to 100 postings and none of them is zero
core::EntryId insert_entry(Transaction& tx, core::PropertyId property, const core::JournalEntry& entry,
                           const EntryNotes& notes);

/// Sum of all postings: positive for a debit balance. @param owner account id, tender method, or 0
[[nodiscard]] core::Money ledger_balance(Transaction& tx, core::PropertyId property, core::LedgerKind kind,
                                         std::int64_t owner);

/// An account's money as people say it: what the tenant owns is positive.
struct AccountBalances {
    core::Money prepaid_credit;
    core::Money in_flight;
    core::Money unallocated;
    core::Money refund_payable;
    core::Money consumed;  ///< all that was ever booked as used, or taken for charges beside it
    core::Money deposit;   ///< no credit for energy
};
/// From the sums that the database keeps as postings are added: as cheap after ten years as on the first day.
[[nodiscard]] AccountBalances account_balances(Transaction& tx, core::PropertyId property,
                                               core::AccountId account);
/// Of a page of accounts; those that nothing was ever booked for are left out.
[[nodiscard]] std::map<core::AccountId, AccountBalances> account_balances(
    Transaction& tx, core::PropertyId property, const std::vector<core::AccountId>& accounts);
/// The account's balances by the meter that the entries name; meter 0: entries that name none (payouts).
[[nodiscard]] std::map<core::MeterId, AccountBalances> meter_balances(Transaction& tx,
                                                                      core::PropertyId property,
                                                                      core::AccountId account);

struct TrialBalanceLine {
    core::LedgerKind account = core::LedgerKind::tender;
    core::Money debit;    ///< sum of the debits, >= 0
    core::Money credit;   ///< sum of the credits, >= 0
    core::Money balance;  ///< debit - credit
};
struct TrialBalance {
    std::vector<TrialBalanceLine>
        lines;        ///< in the order of core::LedgerKind; those never posted to are left out
    core::Money sum;  ///< of the balances: always 0, or something is very wrong
    std::int64_t entries = 0;
    core::Money sold;      ///< tender taken in by sales and deposits
    core::Money refunded;  ///< handed back to tenants
    core::Money consumed;
    core::Money in_flight;
    core::Money prepaid;
};
/// Reads the whole journal of the property: seconds for millions of entries.
[[nodiscard]] TrialBalance trial_balance(Transaction& tx, core::PropertyId property);

struct StoredEntry {
    core::EntryId id;
    core::JournalEntry entry;
    core::Timestamp booked_at;
    core::AccountId account;
    core::MeterId meter;
    core::OperatorId operator_id;
    std::string operator_name;  ///< full name, else the name to sign in with; "" for the system
    std::string request_id;
    std::string memo;
};

/// Newest first. @param before 0, or the id of the last entry of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<StoredEntry> list_entries(Transaction& tx, core::PropertyId property,
                                                    core::AccountId account, core::EntryId before, int limit);

}  // namespace wutong::storage
