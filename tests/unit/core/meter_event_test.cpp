#include "core/meter_event.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "seeded.hpp"

/// What a look shows of events, when it counts, and which records of a meter make sense.
using namespace wutong::core;
using Kind = MeterEventKind;
using namespace std::chrono_literals;

namespace {

Timestamp at(std::int64_t seconds) {
    return Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}} + std::chrono::seconds{seconds};
}

EventRules three_phases() {
    EventRules rules;
    rules.phases = 3;
    return rules;
}

Values volts(std::int64_t a, std::int64_t b, std::int64_t c) {
    return {{Quantity::voltage_a, a}, {Quantity::voltage_b, b}, {Quantity::voltage_c, c}};
}

Values amperes(std::int64_t a, std::int64_t b, std::int64_t c) {
    return {{Quantity::current_a, a}, {Quantity::current_b, b}, {Quantity::current_c, c}};
}

EventRules watching_currents() {
    EventRules rules = three_phases();
    rules.unbalance.current_percent = 30;
    return rules;
}

std::optional<bool> shown(const EventsShown& events, Kind kind) {
    const auto found = events.find(kind);
    return found == events.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace

TEST_CASE("events: what a look shows", "[meter_event]") {
    struct Case {
        const char* name;
        Values values;
        EventRules rules;
        Kind kind;
        std::optional<bool> told, worked_out;
    };
    const EventRules one;
    EventRules feeds_in;
    feeds_in.consumes = false;
    const std::vector<Case> cases{
        {"nothing known", {}, one, Kind::reverse_power, {}, {}},
        {"a bit that is set", {{Quantity::overload_flag, 1}}, one, Kind::overload, true, {}},
        {"a bit that is not", {{Quantity::overload_flag, 0}}, one, Kind::overload, false, {}},
        {"cover", {{Quantity::cover_open_flag, 1}}, one, Kind::cover_open, true, {}},
        {"terminal cover", {{Quantity::terminal_cover_flag, 1}}, one, Kind::terminal_cover_open, true, {}},
        {"current loss", {{Quantity::current_loss_flag, 1}}, one, Kind::current_loss, true, {}},
        {"fault", {{Quantity::fault_flag, 1}}, one, Kind::fault, true, {}},
        {"battery", {{Quantity::battery_flag, 1}}, one, Kind::battery_low, true, {}},
        {"all phases there", volts(230'000, 229'000, 231'000), three_phases(), Kind::voltage_loss, {}, false},
        {"a phase gone", volts(230'000, 0, 231'000), three_phases(), Kind::voltage_loss, {}, true},
        {"a phase just good",
         volts(230'000, 138'000, 230'000),
         three_phases(),
         Kind::voltage_loss,
         {},
         false},
        {"a phase just bad", volts(230'000, 137'000, 230'000), three_phases(), Kind::voltage_loss, {}, true},
        {"the meter is off", volts(20'000, 0, 0), three_phases(), Kind::voltage_loss, {}, {}},
        {"one phase only", {{Quantity::voltage_a, 230'000}}, three_phases(), Kind::voltage_loss, {}, {}},
        {"single-phase meter", volts(230'000, 0, 0), one, Kind::voltage_loss, {}, {}},
        {"voltages equal enough",
         volts(230'000, 226'000, 228'000),
         three_phases(),
         Kind::voltage_unbalance,
         {},
         false},
        {"in between: as it was",
         volts(230'000, 222'000, 230'000),
         three_phases(),
         Kind::voltage_unbalance,
         {},
         {}},
        {"voltages unequal",
         volts(230'000, 212'000, 230'000),
         three_phases(),
         Kind::voltage_unbalance,
         {},
         true},
        {"a lost phase is that", volts(230'000, 0, 230'000), three_phases(), Kind::voltage_unbalance, {}, {}},
        {"one phase has no balance", volts(230'000, 212'000, 230'000), one, Kind::voltage_unbalance, {}, {}},
        {"nobody asked for currents",
         amperes(40'000, 10'000, 10'000),
         three_phases(),
         Kind::current_unbalance,
         {},
         {}},
        {"currents unequal",
         amperes(40'000, -10'000, 10'000),
         watching_currents(),
         Kind::current_unbalance,
         {},
         true},
        {"currents equal enough",
         amperes(12'000, -11'000, 10'000),
         watching_currents(),
         Kind::current_unbalance,
         {},
         false},
        {"a single lamp", amperes(1'000, 0, 0), watching_currents(), Kind::current_unbalance, {}, false},
        {"unbalance told",
         {{Quantity::voltage_unbalance_flag, 1}},
         three_phases(),
         Kind::voltage_unbalance,
         true,
         {}},
        {"currents told",
         {{Quantity::current_unbalance_flag, 1}},
         three_phases(),
         Kind::current_unbalance,
         true,
         {}},
        {"order told", {{Quantity::phase_order_flag, 1}}, three_phases(), Kind::phase_order, true, {}},
        {"order can't be worked out",
         volts(230'000, 229'000, 231'000),
         three_phases(),
         Kind::phase_order,
         {},
         {}},
        {"power flows in", {{Quantity::power_total, 500}}, one, Kind::reverse_power, {}, false},
        {"power flows out", {{Quantity::power_total, -500}}, one, Kind::reverse_power, {}, true},
        {"noise", {{Quantity::power_total, -49}}, one, Kind::reverse_power, {}, false},
        {"may feed in", {{Quantity::power_total, -500}}, feeds_in, Kind::reverse_power, {}, {}},
        {"phase A stands for all", {{Quantity::power_a, -500}}, one, Kind::reverse_power, {}, true},
        {"the bit goes first",
         {{Quantity::reverse_flag, 0}, {Quantity::power_total, -500}},
         one,
         Kind::reverse_power,
         false,
         {}},
        {"open and it flows",
         {{Quantity::relay_closed, 0}, {Quantity::power_total, 500}},
         one,
         Kind::relay_fault,
         {},
         true},
        {"open and it flows out",
         {{Quantity::relay_closed, 0}, {Quantity::power_total, -500}},
         one,
         Kind::relay_fault,
         {},
         true},
        {"open and nothing flows",
         {{Quantity::relay_closed, 0}, {Quantity::power_total, 3}},
         one,
         Kind::relay_fault,
         {},
         false},
        {"closed",
         {{Quantity::relay_closed, 1}, {Quantity::power_total, 500}},
         one,
         Kind::relay_fault,
         {},
         false},
        {"no relay", {{Quantity::power_total, 500}}, one, Kind::relay_fault, {}, {}},
        {"power unknown", {{Quantity::relay_closed, 0}}, one, Kind::relay_fault, {}, {}},
    };
    for (const auto& one_case : cases) {
        INFO(one_case.name);
        const auto seen = events_seen(one_case.values, one_case.rules);
        CHECK(shown(seen.told, one_case.kind) == one_case.told);
        CHECK(shown(seen.worked_out, one_case.kind) == one_case.worked_out);
    }
}

TEST_CASE("events: a bit counts at once, what is worked out in the second look", "[meter_event]") {
    EventWatch watch;
    EventsSeen seen;
    seen.told = {{Kind::fault, true}};
    seen.worked_out = {{Kind::reverse_power, true}};
    auto report = watch.look(seen, at(0));
    REQUIRE(report);
    CHECK(report->shown == EventsShown{{Kind::fault, true}});
    report = watch.look(seen, at(60));
    REQUIRE(report);
    CHECK(report->shown == EventsShown{{Kind::reverse_power, true}});
    CHECK(report->at == at(60));
    CHECK_FALSE(watch.look(seen, at(120)));
    // Once the other way is nonsense, twice is true.
    seen.worked_out[Kind::reverse_power] = false;
    CHECK_FALSE(watch.look(seen, at(180)));
    seen.worked_out[Kind::reverse_power] = true;
    CHECK_FALSE(watch.look(seen, at(240)));
    seen.worked_out[Kind::reverse_power] = false;
    CHECK_FALSE(watch.look(seen, at(300)));
    report = watch.look(seen, at(360));
    REQUIRE(report);
    CHECK(report->shown == EventsShown{{Kind::reverse_power, false}});
}

TEST_CASE("events: what the meter tells is not worked out any more", "[meter_event]") {
    EventWatch watch;
    EventsSeen status_words;
    status_words.told = {{Kind::voltage_loss, true}};
    EventsSeen poll;
    poll.worked_out = {{Kind::voltage_loss, false}};
    REQUIRE(watch.look(status_words, at(0)));
    for (int i = 1; i < 5; ++i) {
        CHECK_FALSE(watch.look(poll, at(60 * i)));
    }
    status_words.told[Kind::voltage_loss] = false;
    CHECK(watch.look(status_words, at(400)));
}

TEST_CASE("events: what the meter keeps records of is not worked out any more, and ends", "[meter_event]") {
    EventWatch watch;
    EventsSeen poll;
    poll.worked_out = {{Kind::voltage_unbalance, true}};
    CHECK_FALSE(watch.look(poll, at(0)));
    REQUIRE(watch.look(poll, at(60)));
    watch.leave_to_records({Kind::voltage_unbalance});
    const auto report = watch.look({}, at(120));
    REQUIRE(report);
    CHECK(report->shown == EventsShown{{Kind::voltage_unbalance, false}});
    watch.leave_to_records({Kind::voltage_unbalance});
    CHECK_FALSE(watch.look(poll, at(180)));
    CHECK_FALSE(watch.look(poll, at(240)));
}

TEST_CASE("events: an unbalance stands until it is half of its limit", "[meter_event]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int run = 0; run < 2'000; ++run) {
        const PhaseValues phases{random.between(0, 300'000), random.between(0, 300'000),
                                 random.between(1, 300'000)};
        const int limit = static_cast<int>(random.between(1, 100));
        const auto mean = static_cast<long double>(phases[0] + phases[1] + phases[2]) / 3;
        long double farthest = 0;
        for (const auto phase : phases) {
            farthest = std::max(farthest, std::abs(static_cast<long double>(phase) - mean));
        }
        const auto percent = farthest / mean * 100;
        const auto verdict = unbalanced(phases, limit);
        constexpr long double kNear = 1e-9L;
        if (percent > limit + kNear) {
            CHECK(verdict == true);
        } else if (percent < limit / 2.0L - kNear) {
            CHECK(verdict == false);
        } else if (percent > limit / 2.0L + kNear && percent < limit - kNear) {
            CHECK_FALSE(verdict.has_value());
        }
    }
    CHECK(unbalanced({104, 98, 98}, 4) == std::nullopt);  // exactly the limit, and exactly its half
    CHECK(unbalanced({102, 99, 99}, 4) == false);
    CHECK_FALSE(unbalanced({1, 2, 3}, 0));
    CHECK_FALSE(unbalanced({0, 0, 0}, 4));
    CHECK_FALSE(unbalanced({INT64_MAX, 1, 1}, 4));
}

TEST_CASE("events: everything is told once after a start, so that an end in between is not missed",
          "[meter_event]") {
    EventWatch watch;
    EventsSeen seen;
    seen.told = {{Kind::fault, false}, {Kind::overload, false}};
    const auto report = watch.look(seen, at(0));
    REQUIRE(report);
    CHECK(report->shown == seen.told);
}

TEST_CASE("events: records that make sense", "[meter_event]") {
    const auto now = at(1'000'000);
    const auto usable = [&](std::vector<EventRecord> records, std::size_t most = 64) {
        return usable_records(std::move(records), now, most);
    };
    const EventRecord good{Kind::cover_open, now - 2h, now - 1h};
    CHECK(usable({good}) == std::vector{good});
    CHECK(usable({{Kind::cover_open, now - 2h, now - 3h}}).empty());
    CHECK(usable({{Kind::cover_open, now + 1h, {}}}).empty());
    CHECK(usable({{Kind::cover_open, now + 10min, {}}}).size() == 1);  // its clock is a little ahead
    CHECK(usable({{Kind::cover_open, now - 2h, now + 1h}}).empty());
    CHECK(usable({{Kind::cover_open, now - std::chrono::days{500}, {}}}).empty());
    // Of two with one beginning the one that has ended stays, whichever comes first.
    const EventRecord open{Kind::cover_open, now - 2h, {}};
    CHECK(usable({open, good}) == std::vector{good});
    CHECK(usable({good, open}) == std::vector{good});
    // Another kind at the same time is another event.
    CHECK(usable({good, {Kind::terminal_cover_open, now - 2h, {}}}).size() == 2);
    // The newest of too many, oldest first.
    const auto some =
        usable({{Kind::fault, now - 1h, {}}, {Kind::fault, now - 3h, {}}, {Kind::fault, now - 2h, {}}}, 2);
    REQUIRE(some.size() == 2);
    CHECK(some[0].began_at == now - 2h);
    CHECK(some[1].began_at == now - 1h);
}

TEST_CASE("events: whatever is seen, what was reported follows what was seen twice", "[meter_event]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int run = 0; run < 200; ++run) {
        EventWatch watch;
        std::map<Kind, std::optional<bool>> believed;
        std::map<Kind, std::pair<bool, int>> streak;
        for (int step = 0; step < 40; ++step) {
            EventsSeen seen;
            for (const auto kind : {Kind::voltage_loss, Kind::reverse_power, Kind::relay_fault}) {
                if (random.chance(70)) {
                    seen.worked_out[kind] = random.chance(50);
                }
            }
            const auto report = watch.look(seen, at(step));
            for (const auto& [kind, stands] : seen.worked_out) {
                auto& [latest, times] = streak[kind];
                times = times > 0 && latest == stands ? times + 1 : 1;
                latest = stands;
                if (times >= 2 && believed[kind] != stands) {
                    believed[kind] = stands;
                    REQUIRE(report);
                    CHECK(report->shown.at(kind) == stands);
                } else if (report) {
                    CHECK_FALSE(report->shown.contains(kind));
                }
            }
        }
    }
}
