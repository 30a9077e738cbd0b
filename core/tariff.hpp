#pragma once

#include "core/quantities.hpp"

namespace wutong::core {

struct Charge {
    Money amount;
    Remainder remainder;  ///< to be carried into the next charge
};

/// One price for every kilowatt-hour. Rates, steps, tax and fixed charges join it behind the same function.
struct FlatTariff {
    Price price;
};

/// The energy that `paid` buys, rounded down: a watt-hour that was not paid for is not promised.
/// @throws std::invalid_argument for an amount below zero or a price that is not above zero
[[nodiscard]] Energy energy_for(Money paid, Price price);

/// What `used` costs, `carried` included: amount x 1000 + remainder = price x used + carried, exactly.
/// @throws std::invalid_argument for energy or a price below zero, QuantityOverflow when the sum does not
/// fit.
[[nodiscard]] Charge charge(const FlatTariff& tariff, Energy used, Remainder carried);

}  // namespace wutong::core
