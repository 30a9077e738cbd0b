#include "storage/ledger.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr std::size_t kPostingsMax = 100;

void check(const core::JournalEntry& entry) {
    const auto zero = [](const core::Posting& posting) { return posting.amount == core::Money{0}; };
    if (entry.postings.size() < 2 || entry.postings.size() > kPostingsMax || !core::balanced(entry) ||
        std::any_of(entry.postings.begin(), entry.postings.end(), zero)) {
        core::Money sum;
        for (const auto& posting : entry.postings) {
            sum += posting.amount;
        }
        throw std::invalid_argument(
            std::string("a ") + core::to_string(entry.kind) + " entry with " +
            std::to_string(entry.postings.size()) + " postings that sum to " + core::to_string(sum) +
            " can't be booked: it takes 2 to 100 postings, none of them zero, that sum to zero");
    }
}

AccountBalances read_balances(const pqxx::row& row) {
    return {get<core::Money>(row, "prepaid"),     get<core::Money>(row, "in_flight"),
            get<core::Money>(row, "unallocated"), get<core::Money>(row, "payable"),
            get<core::Money>(row, "consumed"),    get<core::Money>(row, "deposit")};
}

bool is_income(core::LedgerKind kind) {
    return kind == core::LedgerKind::revenue || kind == core::LedgerKind::charges ||
           kind == core::LedgerKind::tax;
}

/// Entries that take charges without going through a meter's credit.
bool charges_beside_energy(core::EntryKind kind) {
    return kind == core::EntryKind::sale || kind == core::EntryKind::reversal ||
           kind == core::EntryKind::correction;
}

SqlValue text_or_null(const std::string& text) {
    return text.empty() ? SqlValue(nullptr) : SqlValue(text);
}

}  // namespace

core::EntryId insert_entry(Transaction& tx, core::PropertyId property, const core::JournalEntry& entry,
                           const EntryNotes& notes) {
    check(entry);
    std::vector<std::string> accounts;
    std::vector<std::int64_t> owners;
    std::vector<core::Money> amounts;
    for (const auto& posting : entry.postings) {
        accounts.emplace_back(core::to_string(posting.account));
        owners.push_back(posting.owner);
        amounts.push_back(posting.amount);
    }
    const auto row = tx.exec1(
        "WITH e AS (INSERT INTO journal_entry (property_id, kind, booked_at, account_id, meter_id, "
        "operator_id, request_id, memo, shift_id) "
        "VALUES ($1, $2, COALESCE($3::timestamptz, now()), $4, $5, $6, $7, $8, $12) RETURNING property_id, "
        "entry_id), "
        "p AS (INSERT INTO posting (property_id, entry_id, line, account, owner_id, amount_e4) "
        "SELECT e.property_id, e.entry_id, u.line, u.account, u.owner_id, u.amount_e4 FROM e, "
        "unnest($9::text[], $10::bigint[], $11::bigint[]) WITH ORDINALITY AS u(account, owner_id, amount_e4, "
        "line)) "
        "SELECT entry_id FROM e",
        property, core::to_string(entry.kind), notes.booked_at, null_if_none(notes.account),
        null_if_none(notes.meter), null_if_none(notes.operator_id), text_or_null(notes.request_id),
        notes.memo, accounts, owners, amounts, null_if_none(notes.shift));
    return get<core::EntryId>(row, "entry_id");
}

core::Money ledger_balance(Transaction& tx, core::PropertyId property, core::LedgerKind kind,
                           std::int64_t owner) {
    const auto row = tx.exec1(
        "SELECT COALESCE(sum(amount_e4), 0)::bigint AS balance FROM posting "
        "WHERE property_id = $1 AND account = $2 AND owner_id = $3",
        property, core::to_string(kind), owner);
    return get<core::Money>(row, "balance");
}

AccountBalances account_balances(Transaction& tx, core::PropertyId property, core::AccountId account) {
    const auto all = account_balances(tx, property, std::vector{account});
    const auto found = all.find(account);
    return found == all.end() ? AccountBalances{} : found->second;
}

std::map<core::AccountId, AccountBalances> account_balances(Transaction& tx, core::PropertyId property,
                                                            const std::vector<core::AccountId>& accounts) {
    std::map<core::AccountId, AccountBalances> balances;
    for (const auto& row :
         tx.exec("SELECT account_id, sum(prepaid_credit_e4)::bigint AS prepaid, sum(in_flight_e4)::bigint AS "
                 "in_flight, sum(unallocated_e4)::bigint AS unallocated, sum(refund_payable_e4)::bigint AS "
                 "payable, sum(consumed_e4)::bigint AS consumed, sum(deposit_e4)::bigint AS deposit FROM "
                 "account_balance "
                 "WHERE property_id = $1 AND account_id = ANY ($2::bigint[]) GROUP BY account_id",
                 property, accounts)) {
        balances.emplace(get<core::AccountId>(row, "account_id"), read_balances(row));
    }
    return balances;
}

std::map<core::MeterId, AccountBalances> meter_balances(Transaction& tx, core::PropertyId property,
                                                        core::AccountId account) {
    std::map<core::MeterId, AccountBalances> balances;
    for (const auto& row :
         tx.exec("SELECT meter_id, prepaid_credit_e4 AS prepaid, in_flight_e4 AS in_flight, unallocated_e4 "
                 "AS unallocated, refund_payable_e4 AS payable, consumed_e4 AS consumed, deposit_e4 AS "
                 "deposit FROM account_balance "
                 "WHERE property_id = $1 AND account_id = $2",
                 property, account)) {
        balances.emplace(get<core::MeterId>(row, "meter_id"), read_balances(row));
    }
    return balances;
}

TrialBalance trial_balance(Transaction& tx, core::PropertyId property) {
    const auto rows = tx.exec(
        "SELECT e.kind, p.account, COALESCE(sum(p.amount_e4) FILTER (WHERE p.amount_e4 > 0), 0)::bigint AS "
        "debit, "
        "COALESCE(-sum(p.amount_e4) FILTER (WHERE p.amount_e4 < 0), 0)::bigint AS credit, "
        "count(*) FILTER (WHERE p.line = 1) AS entries "
        "FROM journal_entry e JOIN posting p USING (property_id, entry_id) WHERE e.property_id = $1 GROUP BY "
        "e.kind, p.account",
        property);
    TrialBalance result;
    std::map<core::LedgerKind, TrialBalanceLine> lines;
    for (const auto& row : rows) {
        const auto kind = core::parse_entry_kind(get<std::string>(row, "kind"));
        const auto account = core::parse_ledger_kind(get<std::string>(row, "account"));
        const auto debit = get<core::Money>(row, "debit");
        const auto credit = get<core::Money>(row, "credit");
        result.entries += get<std::int64_t>(row, "entries");
        auto& line = lines[account];
        line.account = account;
        line.debit += debit;
        line.credit += credit;
        if (account == core::LedgerKind::tender &&
            (kind == core::EntryKind::sale || kind == core::EntryKind::deposit)) {
            result.sold += debit - credit;
        }
        if (account == core::LedgerKind::tender &&
            (kind == core::EntryKind::refund_payout || kind == core::EntryKind::reversal)) {
            result.refunded += credit - debit;
        }
        if (account == core::LedgerKind::prepaid_credit && kind == core::EntryKind::consumption) {
            result.consumed += debit - credit;
        }
        if (is_income(account) && charges_beside_energy(kind)) {
            result.consumed += credit - debit;
        }
    }
    for (auto& [account, line] : lines) {
        line.balance = line.debit - line.credit;
        result.sum += line.balance;
        if (account == core::LedgerKind::credit_in_flight) {
            result.in_flight = -line.balance;
        }
        if (account == core::LedgerKind::prepaid_credit) {
            result.prepaid = -line.balance;
        }
        result.lines.push_back(line);
    }
    return result;
}

std::vector<StoredEntry> list_entries(Transaction& tx, core::PropertyId property, core::AccountId account,
                                      core::EntryId before, int limit) {
    const auto rows = tx.exec(
        "WITH page AS MATERIALIZED (SELECT * FROM journal_entry WHERE property_id = $1 AND account_id = $2 "
        "AND entry_id < $3 ORDER BY entry_id DESC LIMIT $4) "
        "SELECT e.entry_id, e.kind, e.booked_at, e.account_id, e.meter_id, e.operator_id, "
        "COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name, COALESCE(e.request_id::text, '') "
        "AS request_id, e.memo FROM page e LEFT JOIN operator o ON o.operator_id = e.operator_id "
        "ORDER BY e.entry_id DESC",
        property, account, below(before.value), checked_limit(limit));
    std::vector<StoredEntry> entries;
    std::vector<core::EntryId> ids;
    for (const auto& row : rows) {
        StoredEntry entry;
        entry.id = get<core::EntryId>(row, "entry_id");
        entry.entry.kind = core::parse_entry_kind(get<std::string>(row, "kind"));
        entry.booked_at = get<core::Timestamp>(row, "booked_at");
        entry.account = get<core::AccountId>(row, "account_id");
        entry.meter = get<core::MeterId>(row, "meter_id");
        entry.operator_id = get<core::OperatorId>(row, "operator_id");
        entry.operator_name = get<std::string>(row, "operator_name");
        entry.request_id = get<std::string>(row, "request_id");
        entry.memo = get<std::string>(row, "memo");
        ids.push_back(entry.id);
        entries.push_back(std::move(entry));
    }
    auto at = entries.begin();
    for (const auto& row :
         tx.exec("SELECT entry_id, account, owner_id, amount_e4 FROM posting "
                 "WHERE property_id = $1 AND entry_id = ANY ($2::bigint[]) ORDER BY entry_id DESC, line",
                 property, ids)) {
        const auto id = get<core::EntryId>(row, "entry_id");
        while (at->id != id) {
            ++at;
        }
        at->entry.postings.push_back({core::parse_ledger_kind(get<std::string>(row, "account")),
                                      get<std::int64_t>(row, "owner_id"),
                                      get<core::Money>(row, "amount_e4")});
    }
    return entries;
}

}  // namespace wutong::storage
