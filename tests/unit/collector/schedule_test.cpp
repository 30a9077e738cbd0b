#include <catch2/catch.hpp>
#include <map>

#include "collector/polling/meter_schedule.hpp"
#include "collector/polling/work_queue.hpp"

/// Who is polled when, with a clock that the test moves.
using namespace wutong;
using namespace wutong::collector;
using namespace std::chrono_literals;

namespace {

constexpr MeterSchedule::Intervals kIntervals{60s, 1800s};

struct Simulation {
    explicit Simulation(int meters, MeterSchedule::Intervals intervals = kIntervals) {
        for (int i = 1; i <= meters; ++i) {
            schedule.put({i}, intervals, now);
        }
    }
    /// Lets the bus work for a while: each poll takes `poll_takes`, a dead meter's `dead_takes`.
    void run(std::chrono::seconds duration) {
        const auto until = now + duration;
        while (now < until) {
            const auto poll = schedule.next(now);
            if (!poll) {
                const auto due = schedule.next_due();
                now = due && *due < until ? std::max(*due, now + 1ms) : until;
                continue;
            }
            const bool is_dead = dead.contains(poll->meter);
            const auto takes = is_dead ? dead_takes : poll_takes;
            const auto age = now - last[poll->meter];
            now += takes;
            if (is_dead) {
                schedule.failed(poll->meter, now, takes, now, retries);
                dead_polls += 1;
                continue;
            }
            schedule.answered(poll->meter, poll->kind, now, takes);
            if (last[poll->meter] != SteadyTime{}) {
                oldest = std::max(oldest, std::chrono::duration_cast<std::chrono::milliseconds>(age));
            }
            last[poll->meter] = now;
            (poll->kind == PollKind::reading ? readings : states) += 1;
            per_meter_readings[poll->meter] += poll->kind == PollKind::reading ? 1 : 0;
        }
    }
    SteadyTime now = SteadyTime{} + 1h;
    MeterSchedule schedule{MeterSchedule::Rules{}};
    std::set<core::MeterId> dead;
    std::chrono::milliseconds poll_takes{150};
    std::chrono::milliseconds dead_takes{600};
    int retries = 1;
    std::map<core::MeterId, SteadyTime> last;
    std::map<core::MeterId, int> per_meter_readings;
    std::chrono::milliseconds oldest{0};
    int readings = 0, states = 0, dead_polls = 0;
};

}  // namespace

TEST_CASE("schedule: every meter is read at once, and its state keeps its age", "[schedule]") {
    Simulation bus{30};
    bus.run(10s);
    CHECK(bus.readings == 30);
    bus.run(30min);
    CHECK(bus.oldest < 70s);
    CHECK(bus.readings == 60);
    for (const auto& [meter, count] : bus.per_meter_readings) {
        CHECK(count == 2);
    }
    REQUIRE(bus.schedule.last_round());
    CHECK(*bus.schedule.last_round() == 30 * 150ms);
}

TEST_CASE("schedule: readings are spread over their interval", "[schedule]") {
    Simulation bus{60};
    bus.run(30s);
    int most = 0;
    for (int minute = 0; minute < 30; ++minute) {
        const int before = bus.readings;
        bus.run(60s);
        most = std::max(most, bus.readings - before);
    }
    CHECK(most <= 8);  // 2 a minute would be perfectly even
}

TEST_CASE("schedule: a bus too slow for its state interval still gets its readings", "[schedule]") {
    Simulation bus{100, {5s, 600s}};
    bus.poll_takes = 200ms;  // a round takes 20 s
    bus.run(60s);
    const int before = bus.readings;
    bus.run(20min);
    CHECK(bus.readings - before >= 190);
    CHECK(bus.oldest < 60s);
}

TEST_CASE("schedule: a bus too slow for its state interval still asks everybody in turn", "[schedule]") {
    Simulation bus{30, {1s, 600s}};
    bus.run(5s);  // one round takes 4.5 s
    CHECK(bus.last.size() == 30);
    bus.run(20min);
    CHECK(bus.oldest < 10s);  // a due reading takes the place of a state poll, it does not wait behind them
}

TEST_CASE("schedule: a dead meter is quarantined, probed with growing waits, and found again", "[schedule]") {
    Simulation bus{30};
    bus.run(60s);
    bus.dead = {{7}};
    bus.run(2min);
    CHECK(bus.schedule.health({7}).quarantined);
    CHECK(bus.schedule.quarantined() == 1);
    bus.oldest = 0ms;
    bus.dead_polls = 0;
    bus.run(10min);
    CHECK(bus.dead_polls <= 14);  // one a minute once the waits have grown
    CHECK(bus.oldest < 62s);      // nobody else is later for it
    bus.dead.clear();
    bus.run(61s);
    CHECK_FALSE(bus.schedule.health({7}).quarantined);
    CHECK(bus.now - bus.last[{7}] < 62s);
}

TEST_CASE("schedule: a failed poll is repeated before it counts", "[schedule]") {
    Simulation bus{1};
    const auto first = bus.schedule.next(bus.now);
    REQUIRE(first);
    bus.schedule.failed({1}, bus.now, 500ms, bus.now + 1s, 1);
    CHECK(bus.schedule.health({1}).failures == 0);
    CHECK_FALSE(bus.schedule.next(bus.now));  // an answer may still be owed
    const auto again = bus.schedule.next(bus.now + 1s);
    REQUIRE(again);
    CHECK(again->kind == first->kind);
    bus.schedule.failed({1}, bus.now + 1s, 500ms, bus.now + 2s, 1);
    CHECK(bus.schedule.health({1}).failures == 1);
}

TEST_CASE("schedule: when the line is back everybody is asked at once", "[schedule]") {
    Simulation bus{20};
    for (int i = 1; i <= 20; ++i) {
        bus.dead.insert({i});
    }
    bus.run(10min);
    CHECK(bus.schedule.quarantined() == 20);
    bus.dead.clear();
    bus.schedule.probe_all_now(bus.now);
    bus.run(15s);
    CHECK(bus.schedule.quarantined() == 0);
    CHECK(bus.last.size() == 20);
}

TEST_CASE("schedule: intervals change and meters go without a restart", "[schedule]") {
    Simulation bus{2};
    bus.run(10s);
    bus.schedule.put({1}, {5s, 1800s}, bus.now);
    bus.schedule.remove({2});
    const int before = bus.states;
    bus.run(60s);
    CHECK(bus.states - before >= 10);
    CHECK(bus.schedule.size() == 1);
}

namespace {

Work command(std::int64_t id, std::int64_t meter, core::CommandKind kind,
             core::Timestamp expires = core::Timestamp::max()) {
    CommandWork work;
    work.id = {id};
    work.meter = {meter};
    work.kind = kind;
    work.expires_at = expires;
    return {work};
}

Work delivery(std::int64_t id, std::int64_t meter) {
    DeliveryWork work;
    work.id = {id};
    work.meter = {meter};
    return {work};
}

std::int64_t id_of(const std::optional<Work>& work) {
    return work ? std::visit([](const auto& content) { return content.id.value; }, work->content) : 0;
}

}  // namespace

TEST_CASE("work: control, then credit, then the rest, oldest first", "[queue]") {
    WorkQueue queue;
    queue.push(command(1, 1, core::CommandKind::read_now));
    queue.push(delivery(2, 2));
    queue.push(command(3, 3, core::CommandKind::switch_off));
    queue.push(command(4, 4, core::CommandKind::set_price));
    queue.push(command(5, 5, core::CommandKind::guarantee_power));
    std::vector<std::int64_t> order;
    while (auto work = queue.take(std::nullopt, {})) {
        order.push_back(id_of(work));
    }
    CHECK(order == std::vector<std::int64_t>{3, 5, 2, 1, 4});
}

TEST_CASE("work: only what is more urgent, and never for a meter that is being worked on", "[queue]") {
    WorkQueue queue;
    queue.push(delivery(1, 1));
    queue.push(command(2, 2, core::CommandKind::switch_off));
    CHECK(id_of(queue.take(core::Lane::credit, {{2}})) == 0);
    CHECK(id_of(queue.take(core::Lane::credit, {})) == 2);
    CHECK(id_of(queue.take(core::Lane::credit, {})) == 0);
    CHECK(id_of(queue.take(core::Lane::state, {{1}})) == 0);
    CHECK(id_of(queue.take(core::Lane::state, {})) == 1);
    CHECK(queue.empty());
}

TEST_CASE("work: a price that was sent is not given up at its expiry", "[queue]") {
    WorkQueue queue;
    const core::Timestamp now{10s};
    Work work = command(1, 1, core::CommandKind::set_price, now);
    std::get<CommandWork>(work.content).sent = true;
    queue.push(std::move(work));
    CHECK(queue.take_expired(now + 23h).empty());
    CHECK(queue.next_expiry() == now + 24h);
    CHECK(queue.take_expired(now + 24h).size() == 1);
}

TEST_CASE("work: expired commands are taken out, deliveries never expire", "[queue]") {
    WorkQueue queue;
    const core::Timestamp now{10s};
    queue.push(command(1, 1, core::CommandKind::switch_off, now));
    queue.push(command(2, 1, core::CommandKind::switch_off, now + 1s));
    queue.push(delivery(3, 1));
    CHECK(queue.next_expiry() == now);
    const auto expired = queue.take_expired(now);
    REQUIRE(expired.size() == 1);
    CHECK(expired[0].id.value == 1);
    CHECK(queue.size(core::Lane::control) == 1);
    CHECK(queue.size(core::Lane::credit) == 1);
}
