#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/credit_delivery.hpp"
#include "core/identity.hpp"
#include "core/quantities.hpp"

/// Double entry. A posting's amount is positive for a debit and negative for a credit;
/// the postings of an entry sum to zero. Entries are only added.
namespace wutong::core {

enum class LedgerKind {
    tender,              ///< asset: cash and each way of paying; owner = tender method (see TenderMethod)
    credit_in_flight,    ///< liability: paid, not yet confirmed on the meter; owner = account
    prepaid_credit,      ///< liability: on the tenant's meters, confirmed; owner = account
    unallocated_credit,  ///< liability: the tenant's money that is on no meter (refused delivery); owner =
                         ///< account
    refund_payable,      ///< liability: taken off the meter, to be handed over; owner = account
    revenue,             ///< income: energy used
    tax,
    charges,
    rounding,
    takings,  ///< asset: what closed shifts handed in, and what floats come from; owner = tender method
    cash_difference,  ///< expense: drawers that were short (a credit: over); owner = operator
    deposit,          ///< liability: a tenant's security, no credit for energy; owner = account
};

enum class TenderMethod { cash = 1, card = 2, transfer = 3, cheque = 4, online = 5 };

enum class EntryKind {
    sale,      ///< tender → credit in flight
    delivery,  ///< credit in flight → prepaid credit (a negative amount for refund and clear: prepaid credit
               ///< → refund payable)
    release,        ///< credit in flight → unallocated credit (the meter refused)
    consumption,    ///< prepaid credit → revenue
    refund_payout,  ///< refund payable → tender
    reversal,       ///< a sale taken back: refund payable, or unallocated credit → tender
    correction,
    rounding,  ///< prepaid credit → rounding, when an account is closed
    shift,     ///< a drawer: float, pay-in, pay-out, and its count when the shift is closed
    deposit,   ///< tender → deposit when an account is opened; deposit → refund payable when it is closed
};

struct Posting {
    LedgerKind account;
    std::int64_t owner = 0;  ///< account id, tender method, or 0
    Money amount;
    friend bool operator==(const Posting&, const Posting&) = default;
};

struct JournalEntry {
    EntryKind kind;
    std::vector<Posting> postings;
};

/// True when there are postings and they sum to zero.
[[nodiscard]] bool balanced(const JournalEntry& entry);

/// The builders below want amount >= 0 and throw std::invalid_argument otherwise; with 0 there is nothing to
/// book, and the caller leaves the entry out.
[[nodiscard]] JournalEntry sale_entry(AccountId account, TenderMethod method, Money amount);
/// Credit in flight → prepaid credit. A negative amount is what was taken off the meter:
/// taken_back_entry(-amount).
[[nodiscard]] JournalEntry delivery_entry(AccountId account, Money amount);
/// Money that came off a meter: prepaid credit → refund payable. @pre amount >= 0
[[nodiscard]] JournalEntry taken_back_entry(AccountId account, Money amount);
/// A sale for a meter whose credit the server holds: tender → prepaid credit, there is nothing to deliver.
[[nodiscard]] JournalEntry held_sale_entry(AccountId account, TenderMethod method, Money amount);
/// The end of a server-held meter: what is left of its credit becomes payable, and a debt (below zero) is
/// owed there. @pre balance != 0
[[nodiscard]] JournalEntry settlement_entry(AccountId account, Money balance);
[[nodiscard]] JournalEntry release_entry(AccountId account, Money amount);
[[nodiscard]] JournalEntry consumption_entry(AccountId account, Money amount);
/// What rounding has left on a closed account's prepaid credit, of either sign: prepaid credit → rounding.
/// @pre residue != 0
[[nodiscard]] JournalEntry rounding_entry(AccountId account, Money residue);

/// The confirmed writes to the meters of one account.
struct AbsoluteWrites {
    std::int64_t count = 0;
    Energy used_meanwhile;  ///< between the looks before and after, over all of them
    Price price;            ///< the highest that was charged
};
/// The most by which the ledger and the meters can have come apart without anybody being wrong. A meter shows
/// whole cents and counts in finer ones: an absolute write drops the fraction that was not shown, and
/// forgives what was used between the look and the write, while the ledger books every watt-hour. So each
/// write costs at most two steps of the balance, the energy in between, and a step of the energy register at
/// either end.
/// @throws QuantityOverflow
[[nodiscard]] Money rounding_at_most(const AbsoluteWrites& writes);

[[nodiscard]] JournalEntry deposit_entry(AccountId account, TenderMethod method, Money amount);
/// The account is closed: it is payable to the tenant.
[[nodiscard]] JournalEntry deposit_return_entry(AccountId account, Money amount);

[[nodiscard]] JournalEntry payout_entry(AccountId account, TenderMethod method, Money amount);
/// A sale taken back is paid back as it was paid. @param from refund_payable: the meter has given it back;
/// unallocated_credit: it was withdrawn before it was sent
[[nodiscard]] JournalEntry reversal_entry(AccountId account, LedgerKind from, TenderMethod method,
                                          Money amount);

/// What a finished delivery books: delivered → in flight to prepaid credit, or prepaid credit to refund
/// payable (for a clear of a meter in debt the other way round: the tenant owes it); refused → release of
/// what was paid in. Nothing for an amount of 0, for a refused refund or clear, and for a quarantined
/// delivery: its money stays in flight.
[[nodiscard]] std::optional<JournalEntry> entry_of_finished(const CreditDelivery& delivery,
                                                            AccountId account);

[[nodiscard]] const char* to_string(LedgerKind kind);
[[nodiscard]] LedgerKind parse_ledger_kind(const std::string& text);
[[nodiscard]] const char* to_string(EntryKind kind);
[[nodiscard]] EntryKind parse_entry_kind(const std::string& text);
[[nodiscard]] const char* to_string(TenderMethod method);
[[nodiscard]] TenderMethod parse_tender_method(const std::string& text);

}  // namespace wutong::core
