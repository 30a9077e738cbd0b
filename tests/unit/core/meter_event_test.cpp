#include "core/meter_event.hpp"

#include <catch2/catch.hpp>

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
