#pragma once

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
};

/// difference = use_not_booked + rounding + unexplained, always.
struct BalanceDifference {
    Money difference;      ///< meter - ledger
    Money use_not_booked;  ///< the meter charged it and the ledger did not yet (negative), or the other way
                           ///< round
    Money rounding;        ///< within what the meter's steps hide
    Money unexplained;
    friend bool operator==(const BalanceDifference&, const BalanceDifference&) = default;
};

/// @throws QuantityOverflow for figures that can't be
[[nodiscard]] BalanceDifference explain_difference(const BalanceFacts& facts);

}  // namespace wutong::core
