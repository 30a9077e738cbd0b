#include "server/services/final_reading.hpp"

#include "core/tariff.hpp"
#include "server/services/balance_shapes.hpp"

namespace wutong::server {

FinalReading settle_reading(storage::TwoBalances row, const Profiles& profiles, core::Energy energy,
                            std::optional<core::Money> balance, core::Timestamp at) {
    FinalReading last;
    last.energy = energy;
    last.balance = balance;
    last.at = at;
    const auto charge = core::charge({row.price.value_or(core::Price{})},
                                     energy - row.booked.value_or(energy), row.remainder);
    last.use = charge.amount;
    last.remainder = charge.remainder;
    last.ledger = row.ledger - charge.amount;
    row.ledger = last.ledger;
    row.booked = row.energy = energy;
    row.remainder = charge.remainder;
    row.balance = balance;
    if (const auto found = explain(row, profiles)) {
        last.difference = found->difference;
        last.rounding = found->rounding;
        last.unexplained = found->unexplained;
    }
    return last;
}

}  // namespace wutong::server
