#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/quantities.hpp"

/// Has somebody else written to a meter? Number and balance are looked at on every reading, not only when we
/// deliver: a frame that was held up and comes late, or somebody with the set-up tool, must not go unnoticed.
namespace wutong::core {

/// What a look at a meter tells of its credit.
struct CreditFigures {
    std::optional<std::int64_t> number;  ///< empty: this kind of meter counts nothing
    Money balance;
    Energy energy;
};

struct WatchRules {
    std::optional<std::int64_t> ledger_number;  ///< the last purchase number that the ledger knows
    /// At which the meter charges; empty: not certain (prepaid off, a new price on its way), so that a rise
    /// is told only from the balance alone.
    std::optional<Price> price;
    Money quantum = kTenderQuantum;  ///< the meter's balance moves in these steps
    Energy energy_quantum{10};       ///< its register in these
};

/// @pre no delivery of ours was under way between the two looks, and the ledger's number is of the same
/// moment
/// @return why `now` can't have come from `before` by use alone, for people: the number is not the ledger's,
/// or the balance is higher than use leaves it. Empty when it can. A balance that fell too far is not told
/// here: a price that was raised explains it as well; the two balances show it.
[[nodiscard]] std::string written_by_others(const CreditFigures& before, const CreditFigures& now,
                                            const WatchRules& rules);

/// How far the balance moved beyond what use explains, of either sign: what a foreign write has made of it.
/// 0 within the meter's steps, where nothing is certain (a fall without a known price), and for figures that
/// can't be. @pre as above
[[nodiscard]] Money unexplained_jump(const CreditFigures& before, const CreditFigures& now,
                                     const WatchRules& rules);

}  // namespace wutong::core
