#include <catch2/catch.hpp>

#include "unit/core/tariff_case.hpp"

using namespace wutong::core;
using namespace wutong::core::test;

TEST_CASE("tariff golden: every folder comes to what the second calculator says", "[core][tariff][golden]") {
    const auto folders = tariff_case_folders();
    REQUIRE(folders.size() >= 60);
    for (const auto& folder : folders) {
        INFO("tests/golden/tariffs/" << folder);
        const auto one = load_tariff_case(folder);
        const auto actual = tariff_outcome(one);
        INFO("difference: " << nlohmann::json::diff(one.expected, actual).dump(1));
        CHECK(actual == one.expected);
        if (one.json.contains("published_total")) {
            CHECK(Money{actual.at("bill").at("total_e4").get<std::int64_t>()} ==
                  parse_money(one.json["published_total"]));
        }
    }
}

TEST_CASE("tariff golden: every bill adds up again from its own lines", "[core][tariff][golden]") {
    int bills = 0;
    for (const auto& folder : tariff_case_folders()) {
        INFO("tests/golden/tariffs/" << folder);
        const auto one = load_tariff_case(folder);
        if (!one.expected.contains("bill")) {
            continue;
        }
        const auto energy = energy_between(one.series);
        const auto result = calculate(PreparedPlan{one.plan}, LocalTime{one.offsets},
                                      std::get<EnergySeries>(energy), one.period, one.state);
        REQUIRE(std::holds_alternative<Bill>(result));
        const auto& bill = std::get<Bill>(result);
        CHECK(recheck(bill, one.state) == std::vector<std::string>{});
        CHECK(to_text(bill).size() == bill.lines.size() + 3 + bill.unmeasured.size());
        ++bills;
    }
    CHECK(bills >= 40);
}

TEST_CASE("tariff random: the cases of tests/golden/tariff_random.py", "[.][tariff_random]") {
    const auto folders = tariff_case_folders();
    REQUIRE_FALSE(folders.empty());
    for (const auto& folder : folders) {
        const auto one = load_tariff_case(folder);
        const auto actual = tariff_outcome(one);
        INFO(folder << ", difference: " << nlohmann::json::diff(one.expected, actual).dump(1));
        CHECK(actual == one.expected);
    }
}
