#include "core/tariff_placement.hpp"

#include <catch2/catch.hpp>

#include "unit/core/profile_files.hpp"

using namespace wutong::core;

namespace {

std::array<std::optional<Price>, kRates> only_flat(std::int64_t price) {
    std::array<std::optional<Price>, kRates> prices;
    prices[static_cast<std::size_t>(Rate::flat)] = Price{price};
    return prices;
}

PlanVersion flat_version(std::int64_t price) {
    PlanVersion version;
    version.from = std::chrono::local_days{std::chrono::year{2026} / 1 / 1};
    version.steps.push_back({std::nullopt, only_flat(price)});
    return version;
}

PlanVersion by_the_clock() {
    PlanVersion version = flat_version(5'000);
    version.steps[0].prices[static_cast<std::size_t>(Rate::peak)] = Price{9'000};
    RateCalendar calendar;
    calendar.day_types = {"day"};
    calendar.seasons.push_back({"year", std::chrono::January / 1, std::chrono::December / 31, {"d"}});
    calendar.day_plans.push_back({"d", {{0, 480, Rate::flat}, {480, 1'440, Rate::peak}}});
    version.calendar = calendar;
    return version;
}

MeterCapability large_meter() {
    return {CreditKind::added_counted,    true, 4, 4, 14, 2, 4, SettableRange{1, 9'999'999},
            SettableRange{100, 9'999'900}};
}

}  // namespace

TEST_CASE("placement: what the shipped profiles can hold", "[core][tariff][placement]") {
    const auto acrel = capability_of(test::shipped_profile("acrel-ddsy1352"));
    CHECK(acrel.rates == 4);
    CHECK(acrel.steps == 1);
    CHECK(acrel.periods_a_day == 0);
    CHECK(acrel.switchable);
    const auto plain = capability_of(test::shipped_profile("eastron-sdm630"));
    CHECK(plain.rates == 0);
    CHECK_FALSE(plain.switchable);
    CHECK_FALSE(plain.price);
}

TEST_CASE("placement: each part of a plan, and who charges it", "[core][tariff][placement]") {
    const auto acrel = capability_of(test::shipped_profile("acrel-ddsy1352"));
    const auto plain = capability_of(test::shipped_profile("eastron-sdm630"));
    struct Case {
        const char* what;
        PlanVersion version;
        MeterCapability meter;
        Placement expected;
        const char* part;  ///< that asked for it
    };
    std::vector<Case> cases;
    const auto with = [&](const char* what, auto change, Placement expected, const char* part) {
        auto version = flat_version(9'500);
        change(version);
        cases.push_back({what, version, acrel, expected, part});
    };
    with(
        "one price", [](PlanVersion&) {}, Placement::downloaded, "price");
    with(
        "charges per kWh go into the price",
        [](PlanVersion& v) {
            v.energy_charges = {{"fee", Price{500}}};
        },
        Placement::downloaded, "price");
    with(
        "added tax that comes out even",
        [](PlanVersion& v) {
            v.tax = {1'000, false};
        },
        Placement::downloaded, "price");
    with(
        "added tax that does not",
        [](PlanVersion& v) {
            v.tax = {1'305, false};
        },
        Placement::server_held, "price");
    with(
        "a fixed charge",
        [](PlanVersion& v) {
            v.fixed_charges = {{"rent", Money{100'000}}};
        },
        Placement::at_the_sale, "fixed charge \"rent\"");
    with(
        "a deposit", [](PlanVersion& v) { v.credit.deposit = Money{2'000'000}; }, Placement::at_the_sale,
        "deposit");
    with(
        "an overdraft in cents", [](PlanVersion& v) { v.credit.overdraft = Money{100'000}; },
        Placement::downloaded, "overdraft");
    with(
        "an overdraft that the register can't hold", [](PlanVersion& v) { v.credit.overdraft = Money{50}; },
        Placement::server_held, "overdraft");
    with(
        "a minimum", [](PlanVersion& v) { v.minimum = MinimumCharge{Money{100'000}}; },
        Placement::at_the_sale, "minimum");
    with(
        "steps",
        [](PlanVersion& v) {
            v.steps.insert(v.steps.begin(), {Energy{100'000}, only_flat(5'000)});
        },
        Placement::server_held, "steps");
    cases.push_back({"hours that can't be set", by_the_clock(), acrel, Placement::server_held, "rates"});
    cases.push_back({"hours that can", by_the_clock(), large_meter(), Placement::downloaded, "rates"});
    cases.push_back({"no relay", flat_version(9'500), plain, Placement::not_possible, "relay"});
    for (const auto& one : cases) {
        INFO(one.what);
        const auto decision = place(one.version, one.meter);
        CHECK(decision.placement == one.expected);
        const bool said =
            std::any_of(decision.reasons.begin(), decision.reasons.end(), [&](const auto& reason) {
                return reason.part == one.part && reason.placement == one.expected && !reason.why.empty();
            });
        CHECK(said);
        CHECK(decision.prices.empty() == (one.expected >= Placement::server_held));
    }
}

TEST_CASE("placement: the price that a meter is told holds charges and tax", "[core][tariff][placement]") {
    auto version = flat_version(9'500);
    version.energy_charges = {{"fee", Price{500}}, {"fund", Price{7}, false}};
    version.tax = {1'300, false};
    const auto decision = place(version, capability_of(test::shipped_profile("acrel-ddsy1352")));
    REQUIRE(decision.prices.size() == 1);
    CHECK(decision.prices[0] == only_flat(11'307));  // (0.9500 + 0.0500) x 1.13 + 0.0007
}

TEST_CASE("placement: a meter that holds steps is told all of them, as far as its limits go",
          "[core][tariff][placement]") {
    auto version = by_the_clock();
    auto second = version.steps[0];
    version.steps[0].up_to = Energy{100'000};
    version.steps.push_back(second);
    auto meter = large_meter();
    CHECK(place(version, meter).prices.size() == 2);
    meter.steps = 1;
    CHECK(place(version, meter).placement == Placement::server_held);
    meter = large_meter();
    meter.periods_a_day = 1;
    CHECK(place(version, meter).placement == Placement::server_held);
    meter = large_meter();
    version.calendar->special_days.push_back({std::nullopt, std::chrono::May / 1, 0});
    CHECK(place(version, meter).placement == Placement::server_held);
}
