#include "collector/polling/upkeep_schedule.hpp"

#include <catch2/catch.hpp>
#include <set>

/// When meters are looked after, with a clock of our own.
using namespace wutong;
using namespace wutong::collector;
using namespace std::chrono_literals;
using Outcome = UpkeepSchedule::Outcome;

namespace {

constexpr SteadyTime kStart{std::chrono::hours{1'000}};

UpkeepSchedule::Rules rules() {
    return {300s, 900s, 30s, 120s, 10s};
}

}  // namespace

TEST_CASE("upkeep: after a start the meters come one after the other, within the time that is given",
          "[upkeep]") {
    UpkeepSchedule schedule{rules()};
    for (int i = 1; i <= 30; ++i) {
        schedule.put({i}, {3'600s, 21'600s, 3'600s, 86'400s}, kStart);
    }
    std::set<SteadyTime> times;
    std::set<std::pair<std::int64_t, int>> served;
    for (auto now = kStart; now <= kStart + 300s; now += 1s) {
        while (const auto next = schedule.next(now, true)) {
            times.insert(next->due);
            CHECK(served.emplace(next->meter.value, static_cast<int>(next->kind)).second);
            schedule.finished(*next, Outcome::done, now);
        }
    }
    CHECK(served.size() == 120);
    CHECK(times.size() > 80);
    CHECK_FALSE(schedule.next(kStart + 301s, true));
}

TEST_CASE("upkeep: an interval of nothing is never, and a changed one counts at once", "[upkeep]") {
    UpkeepSchedule schedule{rules()};
    schedule.put({1}, {0s, 0s, 0s, 0s}, kStart);
    CHECK_FALSE(schedule.next(kStart + 1'000h, true));
    CHECK_FALSE(schedule.next_due());
    schedule.put({1}, {60s, 0s, 0s, 0s}, kStart);
    const auto next = schedule.next(kStart + 60s, true);
    REQUIRE(next);
    CHECK(next->kind == UpkeepKind::events);
    schedule.remove({1});
    CHECK_FALSE(schedule.next(kStart + 1'000h, true));
}

TEST_CASE("upkeep: a bus that is never idle gives one turn now and then", "[upkeep]") {
    UpkeepSchedule schedule{rules()};
    for (int i = 1; i <= 3; ++i) {
        schedule.put({i}, {3'600s, 0s, 0s, 0s}, kStart);
    }
    auto now = kStart + 300s;
    CHECK(schedule.next(now, true));
    CHECK_FALSE(schedule.next(now, false));
    now = kStart + 300s + 900s;
    const auto first = schedule.next(now, false);
    REQUIRE(first);
    schedule.finished(*first, Outcome::done, now);
    CHECK_FALSE(schedule.next(now + 29s, false));
    const auto second = schedule.next(now + 30s, false);
    REQUIRE(second);
    CHECK(second->meter != first->meter);
    // The idle one need not wait for that.
    CHECK(schedule.next(now + 1s, true));
}

TEST_CASE("upkeep: when it comes again", "[upkeep]") {
    UpkeepSchedule schedule{rules()};
    schedule.put({1}, {3'600s, 0s, 0s, 0s}, kStart);
    const auto now = kStart + 300s;
    const auto upkeep = schedule.next(now, true);
    REQUIRE(upkeep);
    schedule.finished(*upkeep, Outcome::done, now);
    CHECK(schedule.next_due() == now + 3'600s);
    schedule.finished(*upkeep, Outcome::no_answer, now);
    CHECK(schedule.next_due() == now + 120s);
    schedule.finished(*upkeep, Outcome::more, now);
    CHECK(schedule.next_due() == now + 10s);
    schedule.postpone(*upkeep, now + 77s);
    CHECK(schedule.next_due() == now + 77s);
}
