#pragma once

#include <optional>
#include <string>

#include "core/quantities.hpp"
#include "core/time.hpp"
#include "server/profiles.hpp"
#include "storage/balances.hpp"

/// The last reading of a meter's time on an account, and what the books come to with it.
namespace wutong::server {

/// A reading of the collector is the last one only while the meter can't have charged much since.
inline constexpr std::chrono::minutes kLastReadingAge{15};
/// Nobody uses more between two looks; a figure beyond it was mistyped.
inline constexpr core::Energy kTypedUseMax{100'000'000};

struct FinalReading {
    core::Energy energy;
    std::optional<core::Money> balance;  ///< empty: nobody knows
    core::Timestamp at;
    core::Money use;  ///< to be booked up to it
    core::Remainder remainder;
    core::Money ledger;       ///< on the meter after that
    core::Money rounding;     ///< of the meter's balance above the ledger, within what its steps hide
    core::Money unexplained;  ///< likewise, by nothing that has a name
    core::Money difference;   ///< all of it; 0 where the balance is not known
};

/// @pre energy >= what is booked, and a price is known; nothing is on its way to the meter
/// @throws QuantityOverflow for figures that can't be
[[nodiscard]] FinalReading settle_reading(storage::TwoBalances row, const Profiles& profiles,
                                          core::Energy energy, std::optional<core::Money> balance,
                                          core::Timestamp at);

}  // namespace wutong::server
