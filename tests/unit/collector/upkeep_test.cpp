#include "collector/drivers/wall_clock.hpp"
#include "unit/collector/channel_scene.hpp"

/// What a channel does for its meters besides polling: events seen in polls, clocks kept.
using namespace wutong;
using namespace wutong::tests;

namespace {

/// It is noon where the meters are, whenever the test runs: no step is near the end of a day.
std::chrono::seconds offset_of_noon() {
    const auto now = std::chrono::floor<std::chrono::seconds>(wall()).time_since_epoch();
    return std::chrono::seconds{12h} - now % std::chrono::seconds{24h};
}

struct ClockScene : Scene {
    explicit ClockScene(std::chrono::seconds off) : Scene{1} {
        environment.rules.upkeep.first_within = 0s;
        environment.rules.upkeep_intervals.clock = 3'600s;
        environment.rules.clock.interval = 86'400s;
        meters[0].meter.utc_offset = offset_of_noon();
        line.meters[1].clock = wall_clock(wall() + off, offset_of_noon());
    }
    std::size_t times_set() {
        return line.with([](Line& l) {
            return static_cast<std::size_t>(std::count(l.log.begin(), l.log.end(), "1 clock"));
        });
    }
    std::vector<storage::ClockNote> notes() {
        return store.look([](MemoryStore& s) { return s.clock_notes; });
    }
};

}  // namespace

TEST_CASE("upkeep: a clock that is off is moved by one step, written down first and read back", "[upkeep]") {
    ClockScene scene{-100s};
    scene.start();
    REQUIRE(eventually([&] { return scene.notes().size() >= 2; }));
    const auto notes = scene.notes();
    CHECK(std::chrono::abs(notes[0].drift + 100s) <= 3s);
    CHECK(notes[0].step == 30s);
    CHECK(notes[1].step == 0s);
    CHECK(std::chrono::abs(notes[1].drift + 70s) <= 4s);
    CHECK(notes[1].alarm == false);
    CHECK(scene.times_set() == 1);
}

TEST_CASE("upkeep: a clock that is right, or too far off, is left alone", "[upkeep]") {
    for (const auto off : {0s, -7'200s, 7'200s}) {
        INFO(off.count());
        ClockScene scene{off};
        scene.start();
        REQUIRE(eventually([&] { return !scene.notes().empty(); }));
        CHECK(scene.notes()[0].alarm == (off != 0s));
        CHECK(scene.notes()[0].step == 0s);
        CHECK(scene.times_set() == 0);
    }
}

TEST_CASE("upkeep: no step that nobody can count", "[upkeep]") {
    ClockScene away{-100s};
    away.store.away(true);
    away.start();
    REQUIRE(eventually([&] { return away.logged() > 3; }));
    CHECK(away.times_set() == 0);
    ClockScene used_up{-100s};
    used_up.store.clock_today.moved = 60s;
    used_up.start();
    REQUIRE(eventually([&] { return !used_up.notes().empty(); }));
    CHECK(used_up.times_set() == 0);
    CHECK(used_up.notes()[0].text.find("used up") != std::string::npos);
}

TEST_CASE("upkeep: a step that the meter does not take is said", "[upkeep]") {
    ClockScene scene{-100s};
    scene.line.answer_lost_once.insert(1);
    scene.line.meters[1].ignores_clock = true;
    scene.start();
    REQUIRE(eventually([&] { return scene.notes().size() >= 2; }));
    CHECK(scene.notes()[1].text.find("did not take it") != std::string::npos);
    CHECK(scene.store.look([](MemoryStore& s) { return s.clock_today.steps; }) == 1);
}

TEST_CASE("upkeep: steps can be switched off, and dead meters are not waited for", "[upkeep]") {
    ClockScene measured{-100s};
    measured.environment.rules.clock.calibrate = false;
    measured.start();
    REQUIRE(eventually([&] { return !measured.notes().empty(); }));
    CHECK(measured.times_set() == 0);
    ClockScene dead{-100s};
    dead.line.dead.insert(1);
    dead.start();
    REQUIRE(eventually([&] { return dead.logged() >= 4; }));
    CHECK(dead.notes().empty());
}

TEST_CASE("upkeep: what a poll shows is told once, and its end", "[upkeep]") {
    Scene scene{1};
    scene.line.meters[1].faulty = true;
    scene.start();
    const auto told = [&](bool stands) {
        const std::lock_guard lock{scene.sink.mutex};
        return std::count_if(scene.sink.happened.begin(), scene.sink.happened.end(),
                             [&](const storage::MeterEventsRow& row) {
                                 const auto found = row.report.shown.find(core::MeterEventKind::fault);
                                 return found != row.report.shown.end() && found->second == stands;
                             });
    };
    REQUIRE(eventually([&] { return told(true) == 1; }));
    const auto logged = scene.logged();
    REQUIRE(eventually([&] { return scene.logged() >= logged + 2; }));
    CHECK(told(true) == 1);
    scene.line.with([](Line& l) { return l.meters[1].faulty = false; });
    REQUIRE(eventually([&] { return told(false) == 1; }));
    CHECK(told(true) == 1);
}
