#include <catch2/catch.hpp>

#include "core/credit_terms.hpp"
#include "core/local_time.hpp"
#include "core/tariff_calendar.hpp"
#include "core/tariff_plan.hpp"
#include "unit/core/tariff_case.hpp"

using namespace wutong::core;
using namespace std::chrono_literals;
using std::chrono::local_days;
using test::instant_of;

TEST_CASE("local time: a table of offsets is refused when it can't be", "[core][tariff][local_time]") {
    CHECK_THROWS_AS(LocalTime({}), std::invalid_argument);
    CHECK_THROWS_AS(LocalTime({{Instant{0s}, 19h}}), std::invalid_argument);
    CHECK_THROWS_AS(LocalTime({{Instant{10s}, 1h}, {Instant{10s}, 2h}}), std::invalid_argument);
    CHECK_THROWS_AS(LocalTime({{Instant{10s}, 1h}}).look(Instant{9s}), std::out_of_range);
}

TEST_CASE("local time: days of 23 and 25 hours", "[core][tariff][local_time]") {
    const LocalTime berlin({{instant_of("2025-10-26T01:00:00Z"), 1h},
                            {instant_of("2026-03-29T01:00:00Z"), 2h},
                            {instant_of("2026-10-25T01:00:00Z"), 1h}});
    const local_days march{std::chrono::year{2026} / 3 / 29};
    const local_days october{std::chrono::year{2026} / 10 / 25};
    CHECK(berlin.start_of(march + std::chrono::days{1}) - berlin.start_of(march) == 23h);
    CHECK(berlin.start_of(october + std::chrono::days{1}) - berlin.start_of(october) == 25h);
    CHECK(berlin.day_from(berlin.start_of(march)) == march);
    CHECK(berlin.day_from(berlin.start_of(march) + 1s) == march + std::chrono::days{1});
}

TEST_CASE("plan: faults say where, what and with which figures", "[core][tariff][plan]") {
    const auto texts = [](const char* folder) {
        std::string all;
        for (const auto& fault : check(test::load_tariff_case(folder).plan)) {
            all += fault.text + "\n";
        }
        return all;
    };
    CHECK(texts("plan-periods-overlap") ==
          "version of 2026-01-01, day plan \"d\": two periods for 08:00 to 09:00\n");
    CHECK(texts("plan-gap-in-day") ==
          "version of 2026-01-01, day plan \"d\": no rate from 12:00 to 13:00\n"
          "version of 2026-01-01, day plan \"d\": no rate from 23:30 to 24:00\n");
    CHECK_THAT(texts("plan-steps-not-ascending"),
               Catch::Contains("step 2 ends at 100000 Wh, which is not above 200000 Wh"));
    CHECK_THAT(texts("plan-seasons-without-leap-day"),
               Catch::Contains("02-29 and perhaps more days have no season"));
    CHECK_THAT(texts("plan-out-of-range"),
               Catch::Contains("costs -0.1000 per kWh") || Catch::Contains("costs -0.10 per kWh"));
    CHECK_THAT(texts("plan-price-missing"), Catch::Contains("no price for the rate valley, which is used"));
}

TEST_CASE("plan: too much of anything is refused, and never more than 100 faults", "[core][tariff][plan]") {
    TariffPlan plan{"p", {}};
    plan.versions.resize(150);  // none has a price, all begin on the same day
    CHECK(check(plan).size() == 100);
    plan.versions.resize(kVersionsMax + 1);
    REQUIRE_FALSE(check(plan).empty());
    CHECK(check(plan).front().kind == PlanFaultKind::too_many);
    CHECK_THROWS_AS(PreparedPlan{plan}, PlanError);
}

TEST_CASE("fault texts of readings name the meter, the time and the figures", "[core][tariff]") {
    const auto one = test::load_tariff_case("register-backwards-no-rollover");
    const auto result = energy_between(one.series);
    REQUIRE(std::holds_alternative<TariffFault>(result));
    CHECK(std::get<TariffFault>(result).text ==
          "meter M1, 2026-01-31 16:00:00 UTC: the total register shows 20000 Wh after 500000000 Wh, and that "
          "is no "
          "rollover at 1000000000 Wh");
}

TEST_CASE("credit terms: the overdraft is emergency credit", "[core][tariff][credit_terms]") {
    const CreditTerms terms{Money{2'000'000}, Money{100'000}};
    using L = CreditLevel;
    struct Case {
        std::int64_t balance;
        CreditLeft expected;
    };
    const Case cases[] = {
        {50'000, {L::in_credit, Money{150'000}, Money{0}}},
        {1, {L::in_credit, Money{100'001}, Money{0}}},
        {0, {L::emergency, Money{100'000}, Money{0}}},
        {-99'999, {L::emergency, Money{1}, Money{99'999}}},
        {-100'000, {L::used_up, Money{0}, Money{100'000}}},
        {-250'000, {L::used_up, Money{0}, Money{100'000}}},
    };
    for (const auto& one : cases) {
        INFO(one.balance);
        CHECK(credit_left(Money{one.balance}, terms) == one.expected);
    }
    CHECK(credit_left(Money{0}, {}).level == L::used_up);
    CHECK_THROWS_AS(credit_left(Money{0}, {Money{0}, Money{-1}}), std::invalid_argument);
}
