#include "core/bus_model.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "profile_files.hpp"

/// What goes over a bus and how long it takes.
using namespace wutong::core;
using namespace std::chrono_literals;
using Group = Block::Group;

namespace {

BusMeters plain(int count = 1) {
    return {count, {{8, 101}}, {{8, 101}}};  // one read of 48 registers
}

}  // namespace

TEST_CASE("bus model: one exchange, character by character", "[bus_model]") {
    BusLine line;  // 9600 8N1
    line.turnaround = 10ms;
    // 109 characters of 1.0417 ms, 3.5 characters of pause, 10 ms.
    CHECK(time_of(line, {8, 101}).count() == Approx(113'541 + 3'645 + 10'000).margin(3));
    line.latency = 50ms;
    CHECK(time_of(line, {8, 101}).count() == Approx(113'541 + 3'645 + 60'000).margin(3));
    // Fast lines pause 1.75 ms all the same.
    CHECK(time_of({115'200, 10, 0ms, 0ms}, {8, 101}).count() == Approx(9'461 + 1'750).margin(3));
    // Parity makes a character longer.
    CHECK(time_of({2'400, 11, 0ms, 0ms}, {20, 24}).count() == Approx(201'666 + 16'041).margin(3));
}

TEST_CASE("bus model: what profiles cost, reads merged", "[bus_model]") {
    const auto acrel = test::shipped_profile("acrel-ddsy1352");
    CHECK(exchanges_of(acrel, {Group::state}) == std::vector<BusExchange>{{8, 101}});
    CHECK(exchanges_of(acrel, {Group::state, Group::reading}) == exchanges_of(acrel, {Group::state}));
    const auto relay = test::shipped_profile("dlt645-relay-1ph");
    const auto state = exchanges_of(relay, {Group::state});
    REQUIRE(state.size() == 5);
    CHECK(state[0] == BusExchange{20, 24});
    CHECK(state[1].question == 20);
    CHECK(exchanges_of(relay, {Group::state, Group::reading}).size() == 11);
    CHECK(exchanges_of(test::shipped_profile("dlt645-1997-1ph"), {Group::state})[0].question == 18);
}

TEST_CASE("bus model: round, readings, dead meters and the reserve", "[bus_model]") {
    BusLine line;
    line.turnaround = 10ms;
    BusRules rules;
    rules.reserve_percent = 0;
    auto times = bus_times(line, {plain(30)}, rules);
    CHECK(times.round.count() == Approx(30 * 127.187).margin(2));
    CHECK(times.busy == times.round);  // a reading costs no more than a state here
    CHECK(times.freshness == 4s);
    CHECK(times.fits);
    // Ten dead ones cost a probe of 0.2 s each minute.
    rules.dead = 10;
    times = bus_times(line, {plain(20)}, rules);
    const auto cost = static_cast<double>((times.busy - times.round).count());
    CHECK(cost / static_cast<double>(rules.freshness.count() * 1'000) < 0.10);
    CHECK(cost == Approx(10 * 3 * 212).margin(20));
    // Readings that cost more than a state take their part.
    rules.dead = 0;
    const BusMeters rich{10, {{8, 101}}, {{8, 101}, {8, 101}, {8, 101}}};
    times = bus_times(line, {rich}, rules);
    CHECK((times.busy - times.round).count() == Approx(10 * 2 * 127.187 / 10).margin(2));
    // With half of the time held back everything takes twice as long.
    rules.reserve_percent = 50;
    CHECK(bus_times(line, {plain(30)}, rules).freshness == 8s);
}

TEST_CASE("bus model: meters of a bus for a freshness", "[bus_model]") {
    BusLine line;
    line.turnaround = 10ms;
    BusRules rules;
    rules.freshness = 60s;
    const int most = meters_per_bus(line, plain(), rules);
    CHECK(most == Approx(0.8 * 60 / 0.127187).margin(2));
    CHECK(bus_times(line, {plain(most)}, rules).fits);
    CHECK_FALSE(bus_times(line, {plain(most + 1)}, rules).fits);
    // Nothing beyond what one link can carry, and nothing at all where a poll takes too long.
    rules.freshness = 86'400s;
    CHECK(meters_per_bus(line, plain(), rules) == kMetersPerBusMax);
    rules.freshness = 1s;
    CHECK(meters_per_bus({300, 10, 5s, 0ms}, plain(), rules) == 0);
    // Dead ones that fill the bus.
    rules.freshness = 180s;
    rules.dead = 1'000;
    rules.probe_timeout = 1s;
    CHECK(bus_times(line, {plain(1)}, rules).freshness == 0s);
    CHECK_FALSE(bus_times(line, {plain(1)}, rules).fits);
    CHECK(meters_per_bus(line, plain(), rules) == 0);
}

TEST_CASE("bus model: more speed never means fewer meters, more meters never a shorter round",
          "[bus_model]") {
    BusRules rules;
    for (const auto* id : {"acrel-ddsy1352", "eastron-sdm630", "dlt645-relay-1ph", "dlt645-relay-3ph"}) {
        const auto profile = test::shipped_profile(id);
        const BusMeters kind{1, exchanges_of(profile, {Group::state}),
                             exchanges_of(profile, {Group::state, Group::reading})};
        int before = 0;
        for (const int baud : {1'200, 2'400, 4'800, 9'600, 19'200, 38'400, 115'200}) {
            const BusLine line{baud, 11, 30ms, 0ms};
            const int meters = meters_per_bus(line, kind, rules);
            INFO(id << " at " << baud);
            CHECK(meters >= before);
            before = meters;
            auto twice = kind;
            twice.count = 2;
            CHECK(bus_times(line, {twice}, rules).round >= bus_times(line, {kind}, rules).round);
        }
        CHECK(before > 0);
    }
}

TEST_CASE("bus model: the table for operators is what the model says", "[bus_model]") {
    std::ifstream file{std::string{WUTONG_SOURCE_DIR} + "/docs/operations.md"};
    std::string line;
    std::vector<std::string> kinds;
    int rows = 0;
    while (std::getline(file, line)) {
        std::replace(line.begin(), line.end(), '|', ' ');
        std::istringstream words{line};
        std::string first;
        words >> first;
        if (first == "baud" && kinds.empty()) {
            for (std::string kind; words >> kind;) {
                kinds.push_back(kind);
            }
            continue;
        }
        if (kinds.empty() || first.find_first_not_of("0123456789") != std::string::npos || first.empty()) {
            if (rows > 0) {
                break;
            }
            continue;
        }
        ++rows;
        BusLine bus;
        bus.baud = std::stoi(first);
        for (const auto& id : kinds) {
            const auto profile = test::shipped_profile(id);
            int meters = -1;
            words >> meters;
            INFO(id << " at " << first);
            CHECK(meters_per_bus(bus,
                                 {1, exchanges_of(profile, {Group::state}),
                                  exchanges_of(profile, {Group::state, Group::reading})},
                                 {}) == meters);
        }
    }
    CHECK(kinds.size() == 3);
    CHECK(rows == 7);
}

TEST_CASE("bus model: a bus without speed is our mistake", "[bus_model]") {
    CHECK_THROWS_AS(bus_times({0, 10, 0ms, 0ms}, {plain()}, {}), std::invalid_argument);
    BusRules rules;
    rules.freshness = 0s;
    CHECK_THROWS_AS(bus_times({}, {plain()}, rules), std::invalid_argument);
    rules = {};
    rules.reserve_percent = 100;
    CHECK_THROWS_AS(meters_per_bus({}, plain(), rules), std::invalid_argument);
}
