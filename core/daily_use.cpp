#include "core/daily_use.hpp"

#include <algorithm>

namespace wutong::core {

std::optional<DailyUse> daily_use(const RegisterLook& first, const RegisterLook& last) {
    const auto span = last.at - first.at;
    if (span < kDailyUseSpanMin || last.energy < first.energy) {
        return std::nullopt;
    }
    constexpr std::int64_t kSecondsPerDay = 86'400;
    const auto used = (last.energy - first.energy).watt_hours();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(span).count();
    return DailyUse{Energy{detail::checked_mul(used, kSecondsPerDay, "energy per day") / seconds},
                    static_cast<int>(seconds / kSecondsPerDay)};
}

std::optional<int> days_left(Money balance, Energy per_day, Price price) {
    if (per_day <= Energy{0} || price <= Price{0}) {
        return std::nullopt;
    }
    if (balance <= Money{0}) {
        return 0;
    }
    // balance [1e-4] x 1000 is in ten-millionths, and so is price [1e-4 per kWh] x energy [Wh].
    constexpr std::int64_t kPerTenThousandth = 1'000;
    const auto cost =
        detail::checked_mul(per_day.watt_hours(), price.ten_thousandths_per_kwh(), "cost per day");
    const auto money = detail::checked_mul(balance.ten_thousandths(), kPerTenThousandth, "balance");
    return static_cast<int>(std::min<std::int64_t>(money / cost, kDaysLeftMax));
}

}  // namespace wutong::core
