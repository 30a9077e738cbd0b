#include "core/plausibility.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <random>

using namespace wutong::core;
using namespace std::chrono_literals;

namespace {

RegisterSample sample(std::int64_t watt_hours, std::chrono::seconds at,
                      std::optional<std::int64_t> power_w = std::nullopt,
                      std::optional<std::int64_t> clock_s = std::nullopt) {
    return {Energy{watt_hours}, Timestamp{at}, power_w, clock_s};
}

/// Through a single-phase meter of 100 A.
PlausibilityRules small_meter() {
    return {Energy{10}, 30'000, std::nullopt};
}

}  // namespace

TEST_CASE("plausibility: what a register may show after what it showed", "[core][plausibility]") {
    struct Case {
        const char* what;
        RegisterSample before, now;
        Plausibility expected;
    };
    const Case cases[] = {
        {"nothing used", sample(5'000, 0h), sample(5'000, 1h), Plausibility::good},
        {"half an hour at 20 kW", sample(5'000, 0min), sample(15'000, 30min), Plausibility::good},
        {"30 kW for an hour", sample(0, 0h), sample(30'000, 1h), Plausibility::good},
        {"60 kW for an hour", sample(0, 0h), sample(60'000, 1h), Plausibility::jump},
        {"60 kWh in two days", sample(0, 0h), sample(60'000, 48h), Plausibility::good},
        {"a bit set too many", sample(12'340, 0s), sample(12'340 + 655'360, 20s), Plausibility::jump},
        {"a meter behind transformers shows 600 kW", sample(0, 0h, 600'000), sample(580'000, 1h, 590'000),
         Plausibility::good},
        {"one step back, as floating point wavers", sample(5'000, 0h), sample(4'990, 1h), Plausibility::good},
        {"two steps back", sample(5'000, 0h), sample(4'980, 1h), Plausibility::backwards},
        {"half of it", sample(8'000'000, 0h), sample(4'000'000, 1h), Plausibility::backwards},
        {"a new meter in its place", sample(8'000'000, 0h), sample(120, 1h), Plausibility::reset},
        {"below zero", sample(100, 0h), sample(-100, 1h), Plausibility::reset},
        {"six digits are full", sample(999'998'000, 0h), sample(1'000, 1h), Plausibility::rollover},
        {"32 bits are full", sample(42'949'672'000, 0h), sample(340, 1h), Plausibility::rollover},
        {"nearly full, but too much to have flowed", sample(950'000'000, 0h), sample(1'000, 1h),
         Plausibility::reset},
        {"clocks of collectors differ", sample(5'000, 10s), sample(5'100, 5s), Plausibility::good},
    };
    for (const auto& one : cases) {
        INFO(one.what);
        RegisterHistory history;
        REQUIRE(judge(history, one.before, small_meter()).verdict == Plausibility::good);
        const auto judged = judge(history, one.now, small_meter());
        CHECK(judged.verdict == one.expected);
        CHECK(judged.text.empty() == (one.expected == Plausibility::good));
        // What can't be charged by is not what the next look is compared with.
        CHECK(history.good->energy ==
              (is_usable(one.expected) ? std::max(one.now.energy, one.before.energy) : one.before.energy));
    }
}

TEST_CASE("plausibility: a register that is known to roll over elsewhere", "[core][plausibility]") {
    auto rules = small_meter();
    rules.rolls_over_at = Energy{100'000'000};
    RegisterHistory history;
    REQUIRE(judge(history, sample(99'999'900, 0h), rules).verdict == Plausibility::good);
    const auto judged = judge(history, sample(50, 1h), rules);
    CHECK(judged.verdict == Plausibility::rollover);
    CHECK(judged.capacity == Energy{100'000'000});

    RegisterHistory other;
    REQUIRE(judge(other, sample(999'999'900, 0h), rules).verdict == Plausibility::good);
    CHECK(judge(other, sample(50, 1h), rules).verdict == Plausibility::reset);
}

TEST_CASE("plausibility: time alone does not make good what was doubted", "[core][plausibility]") {
    RegisterHistory history;
    REQUIRE(judge(history, sample(100'000, 0h), small_meter()).verdict == Plausibility::good);
    CHECK(judge(history, sample(400'000, 1h), small_meter()).verdict == Plausibility::jump);
    CHECK(judge(history, sample(400'000, 5h), small_meter()).verdict == Plausibility::jump);
    CHECK(judge(history, sample(410'000, 100h), small_meter()).verdict == Plausibility::jump);
    CHECK(judge(history, sample(110'000, 101h), small_meter()).verdict == Plausibility::good);
    // It fell back, so that one was wrong; now there was time for it.
    CHECK(judge(history, sample(400'000, 200h), small_meter()).verdict == Plausibility::good);
    RegisterHistory away;
    CHECK(judge(away, sample(100'000, 0h), small_meter()).verdict == Plausibility::good);
    CHECK(judge(away, sample(400'000, 10h), small_meter()).verdict == Plausibility::good);

    CHECK(judge(history, sample(100'000, 220h), small_meter()).verdict == Plausibility::backwards);
    CHECK(judge(history, sample(100'000, 9'000h), small_meter()).verdict == Plausibility::backwards);
    accept(history, sample(100'000, 9'000h));
    CHECK(judge(history, sample(100'500, 9'001h), small_meter()).verdict == Plausibility::good);
}

TEST_CASE("plausibility: an older word of a person is not heard", "[core][plausibility]") {
    RegisterHistory history;
    REQUIRE(judge(history, sample(5'000, 2h), small_meter()).verdict == Plausibility::good);
    accept(history, sample(100, 1h));
    CHECK(history.good->energy == Energy{5'000});
}

TEST_CASE("plausibility: power flows and the register stands", "[core][plausibility]") {
    RegisterHistory history;
    const auto look = [&](std::chrono::minutes at, std::int64_t power) {
        return judge(history, sample(5'000, at, power), small_meter()).verdict;
    };
    // 500 Wh are 50 steps: reached by 2 kW after 15 minutes, but an hour has to pass.
    for (auto at = 0min; at < 60min; at += 1min) {
        INFO(at.count());
        REQUIRE(look(at, 2'000) == Plausibility::good);
    }
    CHECK(look(60min, 2'000) == Plausibility::frozen);
    CHECK(is_usable(Plausibility::frozen));
    // It moves again.
    CHECK(judge(history, sample(5'010, 61min, 2'000), small_meter()).verdict == Plausibility::good);
    CHECK(look(62min, 2'000) == Plausibility::good);

    RegisterHistory idle;
    for (auto at = 0h; at < 400h; at += 1h) {
        REQUIRE(judge(idle, sample(5'000, at, 1), small_meter()).verdict == Plausibility::good);
    }
    RegisterHistory feeding;
    for (auto at = 0h; at < 48h; at += 1h) {
        REQUIRE(judge(feeding, sample(5'000, at, -9'000), small_meter()).verdict == Plausibility::good);
    }
}

TEST_CASE("plausibility: an old answer repeated", "[core][plausibility]") {
    RegisterHistory history;
    const auto look = [&](std::chrono::minutes at, std::int64_t clock, std::int64_t power) {
        return judge(history, sample(5'000, at, power, clock), small_meter()).verdict;
    };
    CHECK(look(0min, 777, 100) == Plausibility::good);
    CHECK(look(4min, 777, 100) == Plausibility::good);
    CHECK(look(5min, 777, 100) == Plausibility::repeated);
    CHECK(look(6min, 777, 101) == Plausibility::good);  // a dead clock, a live meter
    CHECK(look(20min, 1'500, 101) == Plausibility::good);
}

TEST_CASE("plausibility: honest meters are never doubted, and lies never used", "[core][plausibility]") {
    std::mt19937_64 random{20'261'121};
    const auto upto = [&](std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{0, most}(random);
    };
    for (int round = 0; round < 3'000; ++round) {
        PlausibilityRules rules{Energy{upto(1) == 0 ? 1 : 10}, 1'000 + upto(200'000), std::nullopt};
        RegisterHistory history;
        std::int64_t at_s = upto(1'000'000);
        std::int64_t energy = upto(900'000'000);
        std::int64_t honest = energy;
        REQUIRE(judge(history, sample(energy, std::chrono::seconds{at_s}), rules).verdict ==
                Plausibility::good);
        for (int step = 0; step < 40; ++step) {
            const auto passed = 1 + upto(7'200);
            at_s += passed;
            honest += upto(rules.power_max_w * passed / 3'600);
            const auto shown = honest / rules.quantum.watt_hours() * rules.quantum.watt_hours();
            const bool lie = upto(4) == 0;
            if (!lie) {
                REQUIRE(judge(history, sample(shown, std::chrono::seconds{at_s}), rules).verdict ==
                        Plausibility::good);
                continue;
            }
            // Far above what can be, or below what was.
            const auto before = history.good->energy.watt_hours();
            const auto far = rules.power_max_w * 100 + 1'000'000;
            const auto wrong = upto(1) == 0 ? shown + far : before - 100 - upto(before);
            const auto judged = judge(history, sample(wrong, std::chrono::seconds{at_s}), rules);
            REQUIRE_FALSE(is_usable(judged.verdict));
            REQUIRE(history.good->energy.watt_hours() == before);
            REQUIRE_FALSE(judged.text.empty());
        }
    }
}

TEST_CASE("plausibility: figures at the end of their range", "[core][plausibility]") {
    const auto most = std::numeric_limits<std::int64_t>::max();
    RegisterHistory history;
    REQUIRE(judge(history, sample(0, 0h, most, most), small_meter()).verdict == Plausibility::good);
    CHECK_FALSE(is_usable(judge(history, sample(most, 1h, -most, 0), small_meter()).verdict));
    RegisterHistory high;
    REQUIRE(judge(high, sample(most, 0h, most, most), small_meter()).verdict == Plausibility::good);
    CHECK(judge(high, sample(most, 87'600h, most, most), small_meter()).verdict == Plausibility::frozen);
    CHECK(judge(high, sample(0, 87'601h), small_meter()).verdict == Plausibility::reset);
    RegisterHistory none;
    CHECK_FALSE(is_usable(judge(none, sample(-5, 0h), small_meter()).verdict));
    CHECK_FALSE(none.good.has_value());
}

TEST_CASE("plausibility: names go both ways", "[core][plausibility]") {
    for (const auto one :
         {Plausibility::good, Plausibility::rollover, Plausibility::reset, Plausibility::backwards,
          Plausibility::jump, Plausibility::torn, Plausibility::frozen, Plausibility::repeated}) {
        CHECK(parse_plausibility(to_string(one)) == one);
    }
    CHECK_THROWS_AS(parse_plausibility("odd"), std::invalid_argument);
}
