#include "core/meter_watch.hpp"

#include <algorithm>

namespace wutong::core {

std::string written_by_others(const CreditFigures& before, const CreditFigures& now,
                              const WatchRules& rules) {
    if (now.number && rules.ledger_number && *now.number != *rules.ledger_number) {
        return "the meter's purchase number " +
               std::string(*now.number < *rules.ledger_number ? "went back to " : "has moved to ") +
               std::to_string(*now.number) + ", the ledger knows " + std::to_string(*rules.ledger_number);
    }
    try {
        Money most = before.balance + rules.quantum;
        if (rules.price) {
            // The register shows whole steps: up to one step less may have been used.
            const Energy used = std::max(now.energy - before.energy - rules.energy_quantum, Energy{0});
            most -= Money{detail::checked_mul(rules.price->ten_thousandths_per_kwh(), used.watt_hours(),
                                              "charge bound") /
                          1'000};
        }
        if (now.balance > most) {
            return "the balance went from " + to_string(before.balance) + " to " + to_string(now.balance) +
                   " without a delivery, while " + std::to_string((now.energy - before.energy).watt_hours()) +
                   " Wh were used";
        }
    } catch (const QuantityOverflow&) {
        return "the balance went from " + to_string(before.balance) + " to " + to_string(now.balance) +
               ", with figures that can't be";
    }
    return {};
}

Money unexplained_jump(const CreditFigures& before, const CreditFigures& now, const WatchRules& rules) {
    try {
        Money jump = now.balance - before.balance;
        Money steps = rules.quantum;
        if (rules.price) {
            const auto price = rules.price->ten_thousandths_per_kwh();
            jump +=
                Money{detail::checked_mul(price, (now.energy - before.energy).watt_hours(), "use") / 1'000};
            steps += Money{detail::checked_mul(price, rules.energy_quantum.watt_hours(), "a step") / 1'000};
        } else if (jump < Money{0}) {
            return Money{0};
        }
        return jump > steps || jump < -steps ? jump : Money{0};
    } catch (const QuantityOverflow&) {
        return Money{0};
    }
}

}  // namespace wutong::core
