#include "core/balance_difference.hpp"

namespace wutong::core {

BalanceDifference explain_difference(const BalanceFacts& facts) {
    // price [1e-4 per kWh] x energy [Wh] is in ten-millionths; a thousand of them are one ten-thousandth.
    constexpr std::int64_t kPerTenThousandth = 1'000;
    const auto price = facts.price.ten_thousandths_per_kwh();
    const auto charged = detail::checked_add(
        detail::checked_mul(price, (facts.look - facts.booked).watt_hours(), "use that is not booked"),
        facts.remainder.ten_millionths(), "use that is not booked");
    BalanceDifference result;
    result.difference = facts.meter - facts.ledger;
    result.use_not_booked = Money{-(charged / kPerTenThousandth)};
    const Money rest = result.difference - result.use_not_booked;
    const Money hidden =
        facts.quantum + Money{detail::checked_mul(price, facts.register_step.watt_hours(), "register step") /
                              kPerTenThousandth};
    const bool small = rest <= hidden && rest >= -hidden;
    result.rounding = small ? rest : Money{0};
    result.unexplained = small ? Money{0} : rest;
    return result;
}

}  // namespace wutong::core
