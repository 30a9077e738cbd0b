#include "core/clock_keeping.hpp"

#include <catch2/catch.hpp>

#include "seeded.hpp"

/// When a meter's clock is moved, by how much, and what a step never crosses.
using namespace wutong::core;
using Verdict = ClockVerdict;
using namespace std::chrono_literals;

namespace {

/// 2026-03-01 in the property's own time, eight hours ahead of UTC.
Timestamp local(std::int64_t second_of_day) {
    return Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}} - 8h +
           std::chrono::seconds{second_of_day};
}

/// The meter is asked at that time of the day and is off by so much.
ClockLook look(std::int64_t second_of_day, std::int64_t off, std::chrono::milliseconds took = 200ms) {
    ClockLook one;
    one.asked_at = local(second_of_day);
    one.answered_at = one.asked_at + took;
    one.utc_offset = 8h;
    one.shown_s =
        std::chrono::floor<std::chrono::seconds>(one.asked_at + took / 2 + 8h).time_since_epoch().count() +
        off;
    return one;
}

constexpr std::int64_t kTenPastTen = 10 * 3'600 + 7 * 60;  // well within its quarter of an hour

}  // namespace

TEST_CASE("clock: what is done about how much", "[clock]") {
    struct Case {
        std::int64_t off;
        Verdict verdict;
        std::int64_t by;
    };
    for (const auto& [off, verdict, by] : {Case{0, Verdict::good, 0},
                                           {3, Verdict::good, 0},
                                           {-3, Verdict::good, 0},
                                           {4, Verdict::good, 0},
                                           {6, Verdict::step, -6},
                                           {-6, Verdict::step, 6},
                                           {29, Verdict::step, -29},
                                           {31, Verdict::step, -30},
                                           {-31, Verdict::step, 30},
                                           {300, Verdict::step, -30},
                                           {-300, Verdict::step, 30},
                                           {302, Verdict::too_far, 0},
                                           {-302, Verdict::too_far, 0},
                                           {86'400, Verdict::too_far, 0},
                                           {-1'000'000'000, Verdict::too_far, 0}}) {
        INFO(off);
        const auto decision = decide_clock(look(kTenPastTen, off), {}, {});
        CHECK(decision.verdict == verdict);
        CHECK(decision.by == std::chrono::seconds{by});
        CHECK(std::llabs(decision.drift.count() - off) <= 1);
        CHECK_FALSE(decision.text.empty());
    }
}

TEST_CASE("clock: not across the end of an interval", "[clock]") {
    const ClockRules rules;
    // 20 s ahead, so it shows 10:14:40 at 10:14:20 and would go back to 10:14:20: within the quarter, but
    // too near its end for the margin.
    auto decision = decide_clock(look(10 * 3'600 + 14 * 60 + 28, 20), {}, rules);
    CHECK(decision.verdict == Verdict::wait);
    CHECK(decision.by == 0s);
    // After the wait it works.
    decision = decide_clock(look(10 * 3'600 + 14 * 60 + 28 + decision.again_in.count(), 20), {}, rules);
    CHECK(decision.verdict == Verdict::step);
    // Just after a boundary a step back would repeat it.
    CHECK(decide_clock(look(10 * 3'600 + 15 * 60, 20), {}, rules).verdict == Verdict::wait);
    CHECK(decide_clock(look(10 * 3'600 + 15 * 60 + 40, 20), {}, rules).verdict == Verdict::step);
    // 20 s behind, a step forward must not skip it.
    CHECK(decide_clock(look(10 * 3'600 + 15 * 60 - 10, -20), {}, rules).verdict == Verdict::wait);
    CHECK(decide_clock(look(10 * 3'600 + 14 * 60, -20), {}, rules).verdict == Verdict::step);
}

TEST_CASE("clock: not across midnight, however long the interval", "[clock]") {
    ClockRules rules;
    for (const auto interval : {60s, 900s, 3'600s, 86'400s, 0s, 7s}) {
        INFO(interval.count());
        rules.interval = interval;
        CHECK(decide_clock(look(86'400 - 10, 20), {}, rules).verdict == Verdict::wait);
        CHECK(decide_clock(look(86'400 - 10, -20), {}, rules).verdict == Verdict::wait);
        CHECK(decide_clock(look(5, 20), {}, rules).verdict == Verdict::wait);
    }
}

TEST_CASE("clock: not across a change of rates that lies within an interval", "[clock]") {
    ClockDay day;
    day.rate_changes = {10 * 60 + 7};  // 10:07
    CHECK(decide_clock(look(kTenPastTen, 20), day, {}).verdict == Verdict::wait);
    CHECK(decide_clock(look(kTenPastTen - 10, -20), day, {}).verdict == Verdict::wait);
    CHECK(decide_clock(look(kTenPastTen + 60, 20), day, {}).verdict == Verdict::step);
    CHECK(decide_clock(look(kTenPastTen - 120, -20), day, {}).verdict == Verdict::step);
    const auto wait = decide_clock(look(kTenPastTen, 20), day, {});
    CHECK(decide_clock(look(kTenPastTen + wait.again_in.count(), 20), day, {}).verdict == Verdict::step);
}

TEST_CASE("clock: a limit for each day", "[clock]") {
    ClockDay day;
    day.moved = 45s;
    day.steps = 2;
    auto decision = decide_clock(look(kTenPastTen, 100), day, {});
    CHECK(decision.verdict == Verdict::step);
    CHECK(decision.by == -15s);
    day.moved = 60s;
    decision = decide_clock(look(kTenPastTen, 100), day, {});
    CHECK(decision.verdict == Verdict::used_up);
    CHECK(decision.by == 0s);
    day.moved = 5s;
    day.steps = 4;
    CHECK(decide_clock(look(kTenPastTen, 100), day, {}).verdict == Verdict::used_up);
    // An alarm does not wait for the next day.
    CHECK(decide_clock(look(kTenPastTen, 1'000), day, {}).verdict == Verdict::too_far);
}

TEST_CASE("clock: what came late says nothing, and steps can be switched off", "[clock]") {
    CHECK(decide_clock(look(kTenPastTen, 100, 11s), {}, {}).verdict == Verdict::unclear);
    CHECK(decide_clock(look(kTenPastTen, 100'000, 60s), {}, {}).verdict == Verdict::unclear);
    // A slow answer widens what counts as right.
    CHECK(decide_clock(look(kTenPastTen, 7, 9s), {}, {}).verdict == Verdict::good);
    auto backwards = look(kTenPastTen, 100);
    std::swap(backwards.asked_at, backwards.answered_at);
    CHECK(decide_clock(backwards, {}, {}).verdict == Verdict::unclear);
    ClockRules measured;
    measured.calibrate = false;
    CHECK(decide_clock(look(kTenPastTen, 100), {}, measured).verdict == Verdict::measured);
    CHECK(decide_clock(look(kTenPastTen, 0), {}, measured).verdict == Verdict::good);
    CHECK(decide_clock(look(kTenPastTen, 1'000), {}, measured).verdict == Verdict::too_far);
}

TEST_CASE("clock: whatever the clock shows, a step keeps all limits and comes nearer", "[clock]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    int steps = 0;
    for (int run = 0; run < 20'000; ++run) {
        ClockRules rules;
        rules.interval = std::chrono::seconds{random.chance(50) ? 900 : 300 * random.between(1, 12)};
        ClockDay day;
        day.moved = std::chrono::seconds{random.between(0, 70)};
        day.steps = static_cast<int>(random.between(0, 5));
        for (int i = 0; i < 6; ++i) {
            day.rate_changes.push_back(static_cast<int>(random.between(0, 1'440)));
        }
        const auto one = look(random.between(0, 86'399), random.between(-400, 400),
                              std::chrono::milliseconds{random.between(0, 3'000)});
        const auto decision = decide_clock(one, day, rules);
        if (decision.verdict != Verdict::step) {
            CHECK(decision.by == 0s);
            continue;
        }
        ++steps;
        const auto by = decision.by.count();
        CHECK(std::llabs(by) <= rules.step_max.count());
        CHECK(std::llabs(by) + day.moved.count() <= rules.day_max.count());
        CHECK(day.steps < rules.steps_per_day_max);
        CHECK(std::llabs(decision.drift.count() + by) < std::llabs(decision.drift.count()));
        // Each second that the clock skips or repeats, with the margin: in one interval, off every change.
        const auto interval = 86'400 % rules.interval.count() == 0 ? rules.interval.count() : 86'400;
        const auto low = std::min(one.shown_s, one.shown_s + by) - rules.margin.count();
        const auto high = std::max(one.shown_s, one.shown_s + by) + rules.margin.count();
        for (auto second = low; second <= high; ++second) {
            if (second / interval != low / interval) {
                FAIL("crosses the end of an interval at " << second);
            }
            for (const int minute : day.rate_changes) {
                if (second % 86'400 == minute * 60) {
                    FAIL("crosses a change of rates at minute " << minute);
                }
            }
        }
    }
    CHECK(steps > 1'000);
}

TEST_CASE("clock: after the wait that is named there is a step, or another wait that ends", "[clock]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int run = 0; run < 2'000; ++run) {
        const ClockRules rules;
        ClockDay day;
        for (int i = 0; i < 4; ++i) {
            day.rate_changes.push_back(static_cast<int>(random.between(0, 1'440)));
        }
        const auto off = random.between(6, 200) * (random.chance(50) ? 1 : -1);
        auto at = random.between(0, 86'399);
        int waits = 0;
        auto decision = decide_clock(look(at, off), day, rules);
        while (decision.verdict == Verdict::wait && ++waits < 10) {
            REQUIRE(decision.again_in > 0s);
            at += decision.again_in.count();
            decision = decide_clock(look(at, off), day, rules);
        }
        CHECK(decision.verdict == Verdict::step);
    }
}
