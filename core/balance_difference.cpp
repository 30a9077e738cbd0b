#include "core/balance_difference.hpp"

#include <algorithm>

#include "core/ledger.hpp"

namespace wutong::core {

namespace {

// price [1e-4 per kWh] x energy [Wh] is in ten-millionths; a thousand of them are one ten-thousandth.
constexpr std::int64_t kPerTenThousandth = 1'000;

Money hidden_by_steps(const BalanceFacts& facts) {
    const auto price = facts.price.ten_thousandths_per_kwh();
    const Money hidden =
        facts.quantum + Money{detail::checked_mul(price, facts.register_step.watt_hours(), "register step") /
                              kPerTenThousandth};
    if (facts.writes <= 0) {
        return hidden;
    }
    return std::max(hidden, rounding_at_most({facts.writes, facts.used_meanwhile, facts.price}));
}

bool within(Money rest, Money bound) {
    return rest <= bound && rest >= -bound;
}

Money distance(Money value) {
    return value < Money{0} ? -value : value;
}

/// As much of `rest` as something that lies between low and high can explain.
Money part_of(Money rest, Money low, Money high) {
    return std::clamp(rest, std::min(low, Money{0}), std::max(high, Money{0}));
}

}  // namespace

BalanceDifference explain_difference(const BalanceFacts& facts) {
    const auto charged = detail::checked_add(
        detail::checked_mul(facts.price.ten_thousandths_per_kwh(), (facts.look - facts.booked).watt_hours(),
                            "use that is not booked"),
        facts.remainder.ten_millionths(), "use that is not booked");
    BalanceDifference result;
    result.difference = facts.meter - facts.ledger;
    result.use_not_booked = Money{-(charged / kPerTenThousandth)};
    Money rest = result.difference - result.use_not_booked;
    const Money hidden = hidden_by_steps(facts);
    // Without a number the nearer reading of the balance is taken.
    if (facts.sent_arrived.value_or(distance(rest - facts.sent) < distance(rest))) {
        result.in_flight = facts.sent;
        rest -= result.in_flight;
    }
    if (!within(rest, hidden)) {
        result.foreign_write = part_of(rest, facts.foreign, facts.foreign);
        rest -= result.foreign_write;
    }
    if (!within(rest, hidden)) {
        result.price_change = part_of(rest, facts.price_low, facts.price_high);
        rest -= result.price_change;
    }
    (within(rest, hidden) ? result.rounding : result.unexplained) = rest;
    return result;
}

BalanceDifference& operator+=(BalanceDifference& sum, const BalanceDifference& one) {
    sum.difference += one.difference;
    sum.use_not_booked += one.use_not_booked;
    sum.rounding += one.rounding;
    sum.unexplained += one.unexplained;
    sum.in_flight += one.in_flight;
    sum.price_change += one.price_change;
    sum.foreign_write += one.foreign_write;
    return sum;
}

}  // namespace wutong::core
