#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/ledger.hpp"
#include "core/quantities.hpp"

/// Who may take how much money where, and what has to be in a drawer. A shift is one operator at one vending
/// point from a float to a count. Everything that moves its drawer is an entry of the journal that names the
/// shift, so that what is expected is a sum of postings and nothing else.
namespace wutong::core {

/// What the books have in a drawer, or what was counted in it; ways of paying that are not named hold
/// nothing. Cash is never below zero; the others can be (paid back by card, nothing taken by card).
using DrawerSums = std::map<TenderMethod, Money>;

// ---- limits --------------------------------------------------------------------------------------
struct CashierLimits {
    std::optional<Money> sale_max;  ///< the most for one sale, refund or payout
    std::optional<Money> day_max;   ///< the most that may be sold in a day of the property
};
struct LimitFacts {
    CashierLimits of_operator, of_point;
    Money operator_today, point_today;  ///< sold since the day began, without this one
};
/// In order of precedence.
enum class LimitRefusal {
    above_operator_sale_limit,
    above_point_sale_limit,
    above_operator_day_limit,
    above_point_day_limit,
};
/// @param amount >= 0, what is to be sold; openings of several meters are one amount for the day
[[nodiscard]] std::optional<LimitRefusal> check_sale_limits(Money amount, const LimitFacts& facts);
/// Money that goes back: the limits of a day are about what is taken in.
[[nodiscard]] std::optional<LimitRefusal> check_payout_limits(Money amount, const LimitFacts& facts);
/// The limit that was met. @pre it is set
[[nodiscard]] Money limit_met(LimitRefusal refusal, const LimitFacts& facts);

// ---- the shift -----------------------------------------------------------------------------------
/// In order of precedence within each decision.
enum class ShiftRefusal {
    shift_required,  ///< the property sells in shifts only, and none is open
    point_disabled,
    shift_open,    ///< the operator has one open
    point_in_use,  ///< somebody has one open at the point
    amount_not_positive,
    amount_not_multiple_of_quantum,
    amount_above_limit,
    reason_missing,
    above_drawer,   ///< more cash than the books have in the drawer
    count_missing,  ///< a way of paying that was used was not counted
    count_not_multiple_of_quantum,
    count_below_zero,  ///< there is no such cash
};

inline constexpr Money kDrawerMax{Money{100'000'000'000}};  ///< 10 000 000.00, for one float, move or count

struct OpenShiftFacts {
    bool point_enabled = false;
    bool operator_has_open_shift = false;
    bool point_has_open_shift = false;
};
/// @param cash the float; 0 is one
[[nodiscard]] std::optional<ShiftRefusal> check_open_shift(Money cash, const OpenShiftFacts& facts);

enum class CashMoveKind { starting_float, pay_in, pay_out };
/// @param reason why, for people; spaces alone are none
[[nodiscard]] std::optional<ShiftRefusal> check_cash_move(CashMoveKind kind, Money amount,
                                                          const std::string& reason,
                                                          const DrawerSums& drawer);
/// Money handed to a tenant out of the drawer: cash has to be there.
[[nodiscard]] std::optional<ShiftRefusal> check_payout(TenderMethod method, Money amount,
                                                       const DrawerSums& drawer);

struct CountedDrawer {
    TenderMethod method = TenderMethod::cash;
    Money expected, counted;
    [[nodiscard]] Money difference() const { return counted - expected; }  ///< below zero: short
};
struct CountRefusal {
    ShiftRefusal refusal;
    TenderMethod method;
};
/// One line for every way of paying that the books or the count name, in the order of TenderMethod; the
/// first refusal in that order.
using ShiftCount = std::variant<std::vector<CountedDrawer>, CountRefusal>;
[[nodiscard]] ShiftCount count_shift(const DrawerSums& expected, const DrawerSums& counted);
/// Over all ways of paying. @throws QuantityOverflow
[[nodiscard]] Money difference_of(const std::vector<CountedDrawer>& drawers);

// ---- what is booked ------------------------------------------------------------------------------
/// Takings → drawer for a float and a pay-in, drawer → takings for a pay-out. @pre amount > 0
[[nodiscard]] JournalEntry cash_move_entry(CashMoveKind kind, Money amount);
/// Empties the drawer: what was counted goes to the takings, the difference to the operator's line of
/// `cash_difference` (short: a debit), so that a closed shift's postings to tender sum to zero. Empty when
/// the drawer held nothing and nothing was counted.
[[nodiscard]] std::optional<JournalEntry> close_shift_entry(std::int64_t operator_id,
                                                            const std::vector<CountedDrawer>& drawers);

[[nodiscard]] const char* to_string(LimitRefusal refusal);
[[nodiscard]] const char* to_string(ShiftRefusal refusal);
[[nodiscard]] const char* to_string(CashMoveKind kind);  ///< float | pay_in | pay_out
[[nodiscard]] CashMoveKind parse_cash_move_kind(const std::string& text);

}  // namespace wutong::core
