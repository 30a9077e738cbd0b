#include "core/ledger.hpp"

#include <array>
#include <stdexcept>

#include "core/names.hpp"
#include "core/tariff.hpp"

namespace wutong::core {

namespace {

constexpr auto kLedgerKinds = std::to_array<detail::Name<LedgerKind>>({
    {LedgerKind::tender, "tender"},
    {LedgerKind::credit_in_flight, "credit_in_flight"},
    {LedgerKind::prepaid_credit, "prepaid_credit"},
    {LedgerKind::unallocated_credit, "unallocated_credit"},
    {LedgerKind::refund_payable, "refund_payable"},
    {LedgerKind::revenue, "revenue"},
    {LedgerKind::tax, "tax"},
    {LedgerKind::charges, "charges"},
    {LedgerKind::rounding, "rounding"},
    {LedgerKind::takings, "takings"},
    {LedgerKind::cash_difference, "cash_difference"},
    {LedgerKind::deposit, "deposit"},
});

constexpr auto kEntryKinds = std::to_array<detail::Name<EntryKind>>({
    {EntryKind::sale, "sale"},
    {EntryKind::delivery, "delivery"},
    {EntryKind::release, "release"},
    {EntryKind::consumption, "consumption"},
    {EntryKind::refund_payout, "refund_payout"},
    {EntryKind::reversal, "reversal"},
    {EntryKind::correction, "correction"},
    {EntryKind::rounding, "rounding"},
    {EntryKind::shift, "shift"},
    {EntryKind::deposit, "deposit"},
});

constexpr auto kTenderMethods = std::to_array<detail::Name<TenderMethod>>({
    {TenderMethod::cash, "cash"},
    {TenderMethod::card, "card"},
    {TenderMethod::transfer, "transfer"},
    {TenderMethod::cheque, "cheque"},
    {TenderMethod::online, "online"},
});

/// `amount` leaves `from` (credited) and arrives in `to` (debited).
JournalEntry move_money(EntryKind kind, Posting to, Posting from, Money amount) {
    to.amount = amount;
    from.amount = -amount;
    return {kind, {to, from}};
}

JournalEntry move_not_negative(EntryKind kind, Posting to, Posting from, Money amount) {
    if (amount < Money{0}) {
        throw std::invalid_argument(std::string("a ") + to_string(kind) +
                                    " entry needs an amount >= 0, got " + to_string(amount));
    }
    return move_money(kind, to, from, amount);
}

Posting of(LedgerKind kind, AccountId account) {
    return {kind, account.value, Money{}};
}

Posting of(TenderMethod method) {
    return {LedgerKind::tender, static_cast<std::int64_t>(method), Money{}};
}

}  // namespace

bool balanced(const JournalEntry& entry) {
    Money sum;
    for (const Posting& posting : entry.postings) {
        sum += posting.amount;
    }
    return !entry.postings.empty() && sum == Money{0};
}

JournalEntry sale_entry(AccountId account, TenderMethod method, Money amount) {
    return move_not_negative(EntryKind::sale, of(method), of(LedgerKind::credit_in_flight, account), amount);
}

JournalEntry delivery_entry(AccountId account, Money amount) {
    if (amount < Money{0}) {
        return taken_back_entry(account, -amount);
    }
    return move_money(EntryKind::delivery, of(LedgerKind::credit_in_flight, account),
                      of(LedgerKind::prepaid_credit, account), amount);
}

JournalEntry taken_back_entry(AccountId account, Money amount) {
    return move_not_negative(EntryKind::delivery, of(LedgerKind::prepaid_credit, account),
                             of(LedgerKind::refund_payable, account), amount);
}

JournalEntry held_sale_entry(AccountId account, TenderMethod method, Money amount) {
    return move_not_negative(EntryKind::sale, of(method), of(LedgerKind::prepaid_credit, account), amount);
}

JournalEntry settlement_entry(AccountId account, Money balance) {
    return move_money(EntryKind::delivery, of(LedgerKind::prepaid_credit, account),
                      of(LedgerKind::refund_payable, account), balance);
}

JournalEntry release_entry(AccountId account, Money amount) {
    return move_not_negative(EntryKind::release, of(LedgerKind::credit_in_flight, account),
                             of(LedgerKind::unallocated_credit, account), amount);
}

JournalEntry consumption_entry(AccountId account, Money amount) {
    return move_not_negative(EntryKind::consumption, of(LedgerKind::prepaid_credit, account),
                             {LedgerKind::revenue, 0, Money{}}, amount);
}

JournalEntry rounding_entry(AccountId account, Money residue) {
    if (residue == Money{0}) {
        throw std::invalid_argument("a rounding entry of nothing");
    }
    return move_money(EntryKind::rounding, of(LedgerKind::prepaid_credit, account),
                      {LedgerKind::rounding, 0, Money{}}, residue);
}

Money rounding_at_most(const AbsoluteWrites& writes) {
    constexpr Energy kStepOfRegister{10};
    const Energy steps{
        detail::checked_mul(writes.count, 2 * kStepOfRegister.watt_hours(), "steps of the register")};
    // One more at the end: the clear's own look.
    const Money shown{
        detail::checked_mul(writes.count + 1, 2 * kTenderQuantum.ten_thousandths(), "steps of the balance")};
    return shown + charge({writes.price}, writes.used_meanwhile + steps, Remainder{999}).amount;
}

JournalEntry deposit_entry(AccountId account, TenderMethod method, Money amount) {
    return move_not_negative(EntryKind::deposit, of(method), of(LedgerKind::deposit, account), amount);
}

JournalEntry deposit_return_entry(AccountId account, Money amount) {
    return move_not_negative(EntryKind::deposit, of(LedgerKind::deposit, account),
                             of(LedgerKind::refund_payable, account), amount);
}

JournalEntry payout_entry(AccountId account, TenderMethod method, Money amount) {
    return move_not_negative(EntryKind::refund_payout, of(LedgerKind::refund_payable, account), of(method),
                             amount);
}

JournalEntry reversal_entry(AccountId account, LedgerKind from, TenderMethod method, Money amount) {
    if (from != LedgerKind::refund_payable && from != LedgerKind::unallocated_credit) {
        throw std::invalid_argument(std::string("a sale can't be taken back out of ") + to_string(from));
    }
    return move_not_negative(EntryKind::reversal, of(from, account), of(method), amount);
}

std::optional<JournalEntry> entry_of_finished(const CreditDelivery& delivery, AccountId account) {
    if (delivery.amount == Money{0}) {
        return std::nullopt;
    }
    const bool paid_in = delivery.amount > Money{0} && delivery.kind != DeliveryKind::clear;
    switch (delivery.state) {
        case DeliveryState::delivered:
            if (delivery.kind == DeliveryKind::clear && delivery.amount > Money{0}) {
                // The meter was in debt: clearing it moves the debt to where it is collected, nobody paid it
                // in.
                return move_money(EntryKind::delivery, of(LedgerKind::refund_payable, account),
                                  of(LedgerKind::prepaid_credit, account), delivery.amount);
            }
            return delivery_entry(account, delivery.amount);
        case DeliveryState::refused:
            return paid_in ? std::optional(release_entry(account, delivery.amount)) : std::nullopt;
        default:
            return std::nullopt;
    }
}

const char* to_string(LedgerKind kind) {
    return detail::name_of(kLedgerKinds, kind, "ledger account");
}
LedgerKind parse_ledger_kind(const std::string& text) {
    return detail::value_of(kLedgerKinds, text, "ledger account");
}
const char* to_string(EntryKind kind) {
    return detail::name_of(kEntryKinds, kind, "entry kind");
}
EntryKind parse_entry_kind(const std::string& text) {
    return detail::value_of(kEntryKinds, text, "entry kind");
}
const char* to_string(TenderMethod method) {
    return detail::name_of(kTenderMethods, method, "tender method");
}
TenderMethod parse_tender_method(const std::string& text) {
    return detail::value_of(kTenderMethods, text, "tender method");
}

}  // namespace wutong::core
