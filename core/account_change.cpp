#include "core/account_change.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace wutong::core {

namespace {

Money remainder_of(Money amount, Money quantum) {
    return Money{amount.ten_thousandths() % quantum.ten_thousandths()};
}

std::optional<JournalEntry> entry_of(EntryKind kind, std::vector<Posting> postings) {
    postings.erase(std::remove_if(postings.begin(), postings.end(),
                                  [](const Posting& posting) { return posting.amount == Money{0}; }),
                   postings.end());
    if (postings.empty()) {
        return std::nullopt;
    }
    JournalEntry entry{kind, std::move(postings)};
    if (!balanced(entry)) {
        throw std::logic_error(std::string("a ") + to_string(kind) + " entry that does not balance");
    }
    return entry;
}

}  // namespace

CarriedMoney carry_over(Money ledger, Money others, Money quantum) {
    if (others < Money{0} || quantum <= Money{0}) {
        throw std::invalid_argument(
            "money is carried over in steps above 0, and nothing is owed on no meter");
    }
    const Money total = ledger + others;
    CarriedMoney money;
    money.rounding = remainder_of(total, kTenderQuantum);
    const Money whole = total - money.rounding;
    if (whole <= Money{0}) {
        money.debt = -whole;
        return money;
    }
    money.left_unallocated = remainder_of(whole, std::max(quantum, kTenderQuantum));
    money.carried = whole - money.left_unallocated;
    return money;
}

std::optional<JournalEntry> leave_meter_entry(AccountId account, Money ledger, Money others,
                                              const CarriedMoney& money) {
    // Unallocated holds `others` before, and what is carried or left afterwards.
    return entry_of(EntryKind::correction, {{LedgerKind::prepaid_credit, account.value, ledger},
                                            {LedgerKind::unallocated_credit, account.value,
                                             others - money.carried - money.left_unallocated},
                                            {LedgerKind::refund_payable, account.value, money.debt},
                                            {LedgerKind::rounding, 0, -money.rounding}});
}

std::optional<JournalEntry> reach_meter_entry(AccountId account, Money carried) {
    return entry_of(EntryKind::correction, {{LedgerKind::unallocated_credit, account.value, carried},
                                            {LedgerKind::credit_in_flight, account.value, -carried}});
}

HandedOver hand_over_with_meter(Money ledger, Money meter_more) {
    return {ledger + meter_more, Money{0}, -meter_more};
}

HandedOver hand_back(Money ledger) {
    const Money rounding = remainder_of(ledger, kTenderQuantum);
    return {Money{0}, ledger - rounding, rounding};
}

std::optional<JournalEntry> transfer_out_entry(AccountId from, Money ledger, const HandedOver& money) {
    return entry_of(EntryKind::correction, {{LedgerKind::prepaid_credit, from.value, ledger},
                                            {LedgerKind::unallocated_credit, 0, -money.carried},
                                            {LedgerKind::refund_payable, from.value, -money.payable},
                                            {LedgerKind::rounding, 0, -money.rounding}});
}

std::optional<JournalEntry> transfer_in_entry(AccountId to, Money carried) {
    return entry_of(EntryKind::correction, {{LedgerKind::unallocated_credit, 0, carried},
                                            {LedgerKind::prepaid_credit, to.value, -carried}});
}

}  // namespace wutong::core
