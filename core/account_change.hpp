#pragma once

#include <optional>

#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "core/quantities.hpp"

/// Where a tenant's money goes when an account goes on with another meter, or a meter with another tenant.
/// Nothing of it is lost or made: every figure below is posted, and the entries balance. They are of kind
/// correction: money of the tenant's that only moves.
namespace wutong::core {

/// What leaves an old meter, when its use is booked up to its last reading.
struct CarriedMoney {
    Money carried;           ///< to the new meter: a multiple of its quantum, >= 0
    Money left_unallocated;  ///< too fine for the new meter, but whole cents: stays the tenant's, on no meter
    Money rounding;          ///< below one cent, of either sign
    Money debt;              ///< owed on the old meter and covered by nothing: stays on the account, >= 0
    friend bool operator==(const CarriedMoney&, const CarriedMoney&) = default;
};
/// @param ledger of the old meter, below 0: the tenant owes it
/// @param others the tenant's money that is on no meter and is to go to the new one too, >= 0; a debt is
/// taken out of it first
/// @param quantum of the new meter, > 0; never finer than tender
[[nodiscard]] CarriedMoney carry_over(Money ledger, Money others, Money quantum);

/// On the old meter: prepaid credit → unallocated (with what `others` covers of a debt), payable (a debt),
/// rounding. Empty: there is nothing to book.
[[nodiscard]] std::optional<JournalEntry> leave_meter_entry(AccountId account, Money ledger, Money others,
                                                            const CarriedMoney& money);
/// On the new meter: unallocated → credit in flight; the opening's delivery takes it from there. Empty: 0
[[nodiscard]] std::optional<JournalEntry> reach_meter_entry(AccountId account, Money carried);

/// What becomes of a meter's money when its tenant changes. ledger = carried + payable + rounding.
struct HandedOver {
    Money carried;   ///< goes with the meter to the new tenant
    Money payable;   ///< the old tenant's; below 0: owed
    Money rounding;  ///< within what the meter's steps hide
    friend bool operator==(const HandedOver&, const HandedOver&) = default;
};
/// It goes with the meter, which is not touched: the new account begins with what the meter shows.
/// @param meter_more what rounding has left on the meter above the ledger, of either sign
[[nodiscard]] HandedOver hand_over_with_meter(Money ledger, Money meter_more);
/// It stays the old tenant's, in whole cents.
[[nodiscard]] HandedOver hand_back(Money ledger);
/// Of the old account. Between the two entries `carried` is on an unallocated account of nobody.
[[nodiscard]] std::optional<JournalEntry> transfer_out_entry(AccountId from, Money ledger,
                                                             const HandedOver& money);
[[nodiscard]] std::optional<JournalEntry> transfer_in_entry(AccountId to, Money carried);

}  // namespace wutong::core
