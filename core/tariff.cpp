#include "core/tariff.hpp"

#include <stdexcept>
#include <string>

namespace wutong::core {

Energy energy_for(Money paid, Price price) {
    if (paid < Money{0} || price <= Price{0}) {
        throw std::invalid_argument("energy is bought for an amount >= 0 at a price > 0, got " +
                                    to_string(paid) + " at " +
                                    to_string(Money{price.ten_thousandths_per_kwh()}));
    }
    return Energy{detail::checked_mul(paid.ten_thousandths(), 1'000, "energy for an amount") /
                  price.ten_thousandths_per_kwh()};
}

Charge charge(const FlatTariff& tariff, Energy used, Remainder carried) {
    // price [1e-4 per kWh] x energy [Wh] = 1e-7 of the currency unit; a thousand of them are one
    // ten-thousandth.
    constexpr std::int64_t kPerTenThousandth = 1'000;
    if (used < Energy{0} || tariff.price < Price{0} || carried < Remainder{0} ||
        carried >= Remainder{kPerTenThousandth}) {
        throw std::invalid_argument("charge needs energy >= 0, price >= 0 and 0 <= remainder < 1000, got " +
                                    std::to_string(used.watt_hours()) + " Wh at " +
                                    std::to_string(tariff.price.ten_thousandths_per_kwh()) +
                                    " with remainder " + std::to_string(carried.ten_millionths()));
    }
    const std::int64_t product =
        detail::checked_mul(tariff.price.ten_thousandths_per_kwh(), used.watt_hours(), "charge");
    const std::int64_t total = detail::checked_add(product, carried.ten_millionths(), "charge");
    return {Money{total / kPerTenThousandth}, Remainder{total % kPerTenThousandth}};
}

}  // namespace wutong::core
