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

/// What `used` costs, `carried` included. @pre used >= 0
[[nodiscard]] Charge charge(const FlatTariff& tariff, Energy used, Remainder carried);

}  // namespace wutong::core
