#include "core/cashier_shift.hpp"

#include <array>
#include <set>
#include <stdexcept>

#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr auto kLimitRefusals = std::to_array<detail::Name<LimitRefusal>>({
    {LimitRefusal::above_operator_sale_limit, "above_operator_sale_limit"},
    {LimitRefusal::above_point_sale_limit, "above_point_sale_limit"},
    {LimitRefusal::above_operator_day_limit, "above_operator_day_limit"},
    {LimitRefusal::above_point_day_limit, "above_point_day_limit"},
});

constexpr auto kShiftRefusals = std::to_array<detail::Name<ShiftRefusal>>({
    {ShiftRefusal::shift_required, "shift_required"},
    {ShiftRefusal::point_disabled, "point_disabled"},
    {ShiftRefusal::shift_open, "shift_open"},
    {ShiftRefusal::point_in_use, "point_in_use"},
    {ShiftRefusal::amount_not_positive, "amount_not_positive"},
    {ShiftRefusal::amount_not_multiple_of_quantum, "amount_not_multiple_of_quantum"},
    {ShiftRefusal::amount_above_limit, "amount_above_limit"},
    {ShiftRefusal::reason_missing, "reason_missing"},
    {ShiftRefusal::above_drawer, "above_drawer"},
    {ShiftRefusal::count_missing, "count_missing"},
    {ShiftRefusal::count_not_multiple_of_quantum, "count_not_multiple_of_quantum"},
    {ShiftRefusal::count_below_zero, "count_below_zero"},
});

constexpr auto kCashMoves = std::to_array<detail::Name<CashMoveKind>>({
    {CashMoveKind::starting_float, "float"},
    {CashMoveKind::pay_in, "pay_in"},
    {CashMoveKind::pay_out, "pay_out"},
});

std::optional<ShiftRefusal> check_figure(Money amount) {
    if (!amount.is_multiple_of(kTenderQuantum)) {
        return ShiftRefusal::amount_not_multiple_of_quantum;
    }
    if (amount > kDrawerMax) {
        return ShiftRefusal::amount_above_limit;
    }
    return std::nullopt;
}

Money in_drawer(const DrawerSums& drawer, TenderMethod method) {
    const auto found = drawer.find(method);
    return found == drawer.end() ? Money{} : found->second;
}

bool above(Money amount, Money already, const std::optional<Money>& limit) {
    // Without a sum that could overflow: what is left of the limit may be below zero.
    return limit && amount > *limit - already;
}

Posting in_tender(TenderMethod method, Money amount) {
    return {LedgerKind::tender, static_cast<std::int64_t>(method), amount};
}

Posting in_takings(TenderMethod method, Money amount) {
    return {LedgerKind::takings, static_cast<std::int64_t>(method), amount};
}

}  // namespace

std::optional<LimitRefusal> check_payout_limits(Money amount, const LimitFacts& facts) {
    if (above(amount, {}, facts.of_operator.sale_max)) {
        return LimitRefusal::above_operator_sale_limit;
    }
    if (above(amount, {}, facts.of_point.sale_max)) {
        return LimitRefusal::above_point_sale_limit;
    }
    return std::nullopt;
}

std::optional<LimitRefusal> check_sale_limits(Money amount, const LimitFacts& facts) {
    if (const auto refusal = check_payout_limits(amount, facts)) {
        return refusal;
    }
    if (above(amount, facts.operator_today, facts.of_operator.day_max)) {
        return LimitRefusal::above_operator_day_limit;
    }
    if (above(amount, facts.point_today, facts.of_point.day_max)) {
        return LimitRefusal::above_point_day_limit;
    }
    return std::nullopt;
}

Money limit_met(LimitRefusal refusal, const LimitFacts& facts) {
    const auto& limit = [&]() -> const std::optional<Money>& {
        switch (refusal) {
            case LimitRefusal::above_operator_sale_limit:
                return facts.of_operator.sale_max;
            case LimitRefusal::above_point_sale_limit:
                return facts.of_point.sale_max;
            case LimitRefusal::above_operator_day_limit:
                return facts.of_operator.day_max;
            case LimitRefusal::above_point_day_limit:
                break;
        }
        return facts.of_point.day_max;
    }();
    if (!limit) {
        throw std::logic_error(std::string(to_string(refusal)) + " without such a limit");
    }
    return *limit;
}

std::optional<ShiftRefusal> check_open_shift(Money cash, const OpenShiftFacts& facts) {
    if (!facts.point_enabled) {
        return ShiftRefusal::point_disabled;
    }
    if (facts.operator_has_open_shift) {
        return ShiftRefusal::shift_open;
    }
    if (facts.point_has_open_shift) {
        return ShiftRefusal::point_in_use;
    }
    if (cash < Money{}) {
        return ShiftRefusal::amount_not_positive;
    }
    return check_figure(cash);
}

std::optional<ShiftRefusal> check_cash_move(CashMoveKind kind, Money amount, const std::string& reason,
                                            const DrawerSums& drawer) {
    if (amount <= Money{}) {
        return ShiftRefusal::amount_not_positive;
    }
    if (const auto refusal = check_figure(amount)) {
        return refusal;
    }
    if (kind != CashMoveKind::starting_float && reason.find_first_not_of(" \t\r\n") == std::string::npos) {
        return ShiftRefusal::reason_missing;
    }
    return kind == CashMoveKind::pay_out ? check_payout(TenderMethod::cash, amount, drawer) : std::nullopt;
}

std::optional<ShiftRefusal> check_payout(TenderMethod method, Money amount, const DrawerSums& drawer) {
    if (method == TenderMethod::cash && amount > in_drawer(drawer, method)) {
        return ShiftRefusal::above_drawer;
    }
    return std::nullopt;
}

ShiftCount count_shift(const DrawerSums& expected, const DrawerSums& counted) {
    std::set<TenderMethod> methods;
    for (const auto& [method, sum] : expected) {
        methods.insert(method);
    }
    for (const auto& [method, sum] : counted) {
        methods.insert(method);
    }
    std::vector<CountedDrawer> drawers;
    for (const auto method : methods) {
        const CountedDrawer drawer{method, in_drawer(expected, method), in_drawer(counted, method)};
        if (!counted.contains(method) && drawer.expected != Money{}) {
            return CountRefusal{ShiftRefusal::count_missing, method};
        }
        if (!drawer.counted.is_multiple_of(kTenderQuantum)) {
            return CountRefusal{ShiftRefusal::count_not_multiple_of_quantum, method};
        }
        if (method == TenderMethod::cash && drawer.counted < Money{}) {
            return CountRefusal{ShiftRefusal::count_below_zero, method};
        }
        if (drawer.counted > kDrawerMax || drawer.counted < -kDrawerMax) {
            return CountRefusal{ShiftRefusal::amount_above_limit, method};
        }
        drawers.push_back(drawer);
    }
    return drawers;
}

Money difference_of(const std::vector<CountedDrawer>& drawers) {
    Money sum;
    for (const auto& drawer : drawers) {
        sum += drawer.difference();
    }
    return sum;
}

JournalEntry cash_move_entry(CashMoveKind kind, Money amount) {
    if (amount <= Money{}) {
        throw std::invalid_argument(std::string("a ") + to_string(kind) +
                                    " entry needs an amount above zero, got " + to_string(amount));
    }
    const Money into = kind == CashMoveKind::pay_out ? -amount : amount;
    return {EntryKind::shift, {in_tender(TenderMethod::cash, into), in_takings(TenderMethod::cash, -into)}};
}

std::optional<JournalEntry> close_shift_entry(std::int64_t operator_id,
                                              const std::vector<CountedDrawer>& drawers) {
    JournalEntry entry{EntryKind::shift, {}};
    Money difference;
    for (const auto& drawer : drawers) {
        if (drawer.expected != Money{}) {
            entry.postings.push_back(in_tender(drawer.method, -drawer.expected));
        }
        if (drawer.counted != Money{}) {
            entry.postings.push_back(in_takings(drawer.method, drawer.counted));
        }
        difference += drawer.difference();
    }
    if (difference != Money{}) {
        entry.postings.push_back({LedgerKind::cash_difference, operator_id, -difference});
    }
    return entry.postings.empty() ? std::nullopt : std::optional(entry);
}

const char* to_string(LimitRefusal refusal) {
    return detail::name_of(kLimitRefusals, refusal, "limit refusal");
}
const char* to_string(ShiftRefusal refusal) {
    return detail::name_of(kShiftRefusals, refusal, "shift refusal");
}
const char* to_string(CashMoveKind kind) {
    return detail::name_of(kCashMoves, kind, "cash move");
}
CashMoveKind parse_cash_move_kind(const std::string& text) {
    return detail::value_of(kCashMoves, text, "cash move");
}

}  // namespace wutong::core
