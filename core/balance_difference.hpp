#pragma once

#include <cstdint>
#include <optional>

#include "core/quantities.hpp"

/// Why a meter shows another balance than the ledger. For people: nothing is booked by it.
namespace wutong::core {

/// One look at an opened meter, and where its bookings stand.
struct BalanceFacts {
    Money ledger;                    ///< confirmed on the meter, less the use that is booked
    Money meter;                     ///< as the look found it
    Energy look;                     ///< register of the same look
    Energy booked;                   ///< register up to which use is booked
    Remainder remainder;             ///< of that booking
    Price price;                     ///< at which use is booked
    Money quantum = kTenderQuantum;  ///< what the meter's balance is a multiple of
    Energy register_step{10};        ///< what its register is a multiple of: it charges between two steps

    /// A delivery that was sent and is not settled: what it changes. 0: none.
    Money sent;
    /// The look shows its purchase number. Empty: this kind of meter counts nothing, so the balance tells.
    std::optional<bool> sent_arrived;
    /// Absolute writes that the meter confirmed for this tenant, each of which may have dropped a fraction.
    std::int64_t writes = 0;
    Energy used_meanwhile;  ///< between the looks before and after them, over all of them
    /// What prices on their way to the meter can explain: charged at one and booked at another. low <= 0 <=
    /// high.
    Money price_low, price_high;
    Money foreign;  ///< sum of the jumps of the balance that were seen and that nobody of us made
};

/// difference = the sum of all others, always.
struct BalanceDifference {
    Money difference;      ///< meter - ledger
    Money use_not_booked;  ///< the meter charged it and the ledger did not yet (negative), or the other way
                           ///< round
    Money rounding;        ///< within what the meter's steps hide, and what absolute writes forgave
    Money unexplained;
    Money in_flight{};      ///< on the meter already, and in the ledger not yet
    Money price_change{};   ///< as far as price_low and price_high go
    Money foreign_write{};  ///< as far as `foreign` goes
    friend bool operator==(const BalanceDifference&, const BalanceDifference&) = default;
};

/// What is certain comes first: the sent delivery, then use. What is left within rounding is rounding; else
/// foreign writes and prices take as much of it as they can explain, and what then is more than rounding is
/// unexplained.
/// @throws QuantityOverflow for figures that can't be
[[nodiscard]] BalanceDifference explain_difference(const BalanceFacts& facts);

/// The sums of many. difference = the sum of all others here too. @throws QuantityOverflow
BalanceDifference& operator+=(BalanceDifference& sum, const BalanceDifference& one);

}  // namespace wutong::core
