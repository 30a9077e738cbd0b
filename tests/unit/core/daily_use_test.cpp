#include "core/daily_use.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace wutong::core;
using namespace std::chrono_literals;

namespace {

RegisterLook look(std::int64_t watt_hours, std::chrono::seconds at) {
    return {Energy{watt_hours}, Timestamp{at}};
}

}  // namespace

TEST_CASE("daily use: the energy between two looks, per 24 hours", "[core][daily_use]") {
    struct Case {
        const char* what;
        RegisterLook first, last;
        std::optional<DailyUse> expected;
    };
    const Case cases[] = {
        {"fourteen days", look(1'000, 0h), look(141'000, 14 * 24h), DailyUse{Energy{10'000}, 14}},
        {"a gap in between is no fault", look(0, 0h), look(30'000, 3 * 24h), DailyUse{Energy{10'000}, 3}},
        {"half a day is a first guess", look(0, 0h), look(6'000, 12h), DailyUse{Energy{12'000}, 0}},
        {"an hour is enough", look(0, 0h), look(100, 1h), DailyUse{Energy{2'400}, 0}},
        {"less is not", look(0, 0h), look(100, 59min), std::nullopt},
        {"the same look twice", look(5, 0h), look(5, 0h), std::nullopt},
        {"nothing used is known", look(7, 0h), look(7, 48h), DailyUse{Energy{0}, 2}},
        {"a register that went backwards", look(100, 0h), look(99, 48h), std::nullopt},
        {"rounded down", look(0, 0h), look(2, 72h), DailyUse{Energy{0}, 3}},
    };
    for (const auto& one : cases) {
        INFO(one.what);
        CHECK(daily_use(one.first, one.last) == one.expected);
    }
}

TEST_CASE("daily use: figures that can't be are refused, not wrapped", "[core][daily_use]") {
    const auto most = std::numeric_limits<std::int64_t>::max();
    CHECK_THROWS_AS(daily_use(look(0, 0h), look(most, 24h)), QuantityOverflow);
    CHECK_THROWS_AS(days_left(Money{1}, Energy{most}, Price{2}), QuantityOverflow);
}

TEST_CASE("days left: whole days, rounded down", "[core][daily_use]") {
    struct Case {
        std::int64_t balance_e4, per_day_wh, price_e4;
        std::optional<int> expected;
    };
    const Case cases[] = {
        {1'000'000, 10'000, 10'000, 10},  // 100.00 at 10 kWh of 1.00
        {999'999, 10'000, 10'000, 9},
        {99'999, 10'000, 10'000, 0},
        {116'400, 9'340, 10'493, 1},  // the guide's A-229: 11.64 at 9.80 a day
        {0, 10'000, 10'000, 0},
        {-21'000, 10'000, 10'000, 0},
        {1'000'000, 0, 10'000, std::nullopt},
        {1'000'000, 10'000, 0, std::nullopt},
        {0, 0, 10'000, std::nullopt},
        {1'000'000'000'000, 1, 1, kDaysLeftMax},
    };
    for (const auto& one : cases) {
        INFO(one.balance_e4 << " at " << one.per_day_wh << " Wh of " << one.price_e4);
        CHECK(days_left(Money{one.balance_e4}, Energy{one.per_day_wh}, Price{one.price_e4}) == one.expected);
    }
}
