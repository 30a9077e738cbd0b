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

/// What `used` costs, `carried` included: amount x 1000 + remainder = price x used + carried, exactly.
/// @throws std::invalid_argument for energy or a price below zero, QuantityOverflow when the sum does not
/// fit.
[[nodiscard]] Charge charge(const FlatTariff& tariff, Energy used, Remainder carried);

}  // namespace wutong::core
