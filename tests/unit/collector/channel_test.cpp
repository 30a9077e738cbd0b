#include "unit/collector/channel_scene.hpp"

/// A whole channel: lanes, dead meters, a line that breaks, a database that is away.
using namespace wutong;
using namespace wutong::collector;
using namespace wutong::tests;
using namespace std::chrono_literals;

TEST_CASE("channel: every meter is read, then its state is kept fresh", "[channel]") {
    Scene scene{5};
    scene.start();
    const auto count = [&](auto& list) {
        const std::lock_guard lock{scene.sink.mutex};
        return list.size();
    };
    REQUIRE(eventually([&] { return count(scene.sink.readings) == 5; }));
    REQUIRE(eventually([&] { return count(scene.sink.states) >= 15; }));
    const std::lock_guard lock{scene.sink.mutex};
    CHECK(scene.sink.states[0].balance_e4 == 500'000);
    CHECK(scene.sink.states[0].lost_alarm == false);
    CHECK(scene.sink.readings[0].energy_wh == 123'450);
}

TEST_CASE("channel: a control command waits for one exchange at most, dead meters included", "[channel]") {
    Scene scene{8};
    scene.line.dead = {2, 3, 4, 5};
    scene.start();
    REQUIRE(eventually([&] { return scene.logged() > 3; }));
    for (std::int64_t id = 1; id <= 20; ++id) {
        const auto before = scene.logged();
        scene.give(id, 8, id % 2 == 0 ? core::CommandKind::restore_prepaid : core::CommandKind::switch_off);
        REQUIRE(eventually([&] { return scene.outcome(id).has_value(); }));
        CHECK(scene.outcome(id)->state == core::CommandState::done);
        const auto between = scene.line.with([&](Line& l) {
            std::size_t i = before;
            while (l.log.at(i) != "8 relay") {
                ++i;
            }
            return i - before;
        });
        CHECK(between <= 1);
        std::this_thread::sleep_for(17ms);
    }
}

TEST_CASE("channel: work for a dead meter does not hold up a control command for another", "[channel]") {
    Scene scene{3};
    scene.line.dead = {2};
    scene.start();
    scene.top_up(1, 2);
    scene.give(2, 2, core::CommandKind::read_now);
    REQUIRE(eventually([&] { return scene.logged() > 2; }));
    const auto begin = std::chrono::steady_clock::now();
    scene.give(3, 3, core::CommandKind::switch_off);
    REQUIRE(eventually([&] { return scene.outcome(3).has_value(); }));
    CHECK(std::chrono::steady_clock::now() - begin < 400ms);
    REQUIRE(eventually([&] { return scene.outcome(2).has_value(); }));
    CHECK(scene.outcome(2)->state == core::CommandState::failed);
    // It comes back: found by a probe, and what waited for it is delivered at once.
    scene.line.with([](Line& l) { return l.dead.clear(), 0; });
    REQUIRE(eventually([&] { return scene.delivered() == 1; }));
    CHECK(scene.line.meters[2].balance == 15'000);
    CHECK(scene.line.meters[2].writes == 1);
}

TEST_CASE("channel: a top-up whose answer is lost arrives once", "[channel]") {
    Scene scene{2};
    scene.line.answer_lost_once = {1};
    scene.start();
    scene.top_up(1, 1);
    REQUIRE(eventually([&] { return scene.delivered() == 1; }));
    CHECK(scene.line.meters[1].writes == 1);
    CHECK(scene.line.meters[1].balance == 15'000);
    // The wall moves at once: the state after it is there without waiting for a poll.
    CHECK(eventually(
        [&] {
            const std::lock_guard lock{scene.sink.mutex};
            return std::any_of(scene.sink.states.begin(), scene.sink.states.end(),
                               [](const auto& row) { return row.balance_e4 == 1'500'000; });
        },
        500ms));
}

TEST_CASE("channel: without the database nothing is sent, and polling goes on", "[channel]") {
    Scene scene{2};
    scene.store.away(true);
    scene.start();
    scene.top_up(1, 1);
    scene.give(2, 2, core::CommandKind::switch_off);
    REQUIRE(eventually([&] { return scene.logged() > 8; }));
    scene.line.with([](Line& l) {
        CHECK(l.meters[1].writes == 0);
        CHECK_FALSE(l.meters[2].forced);
        return 0;
    });
    {
        const std::lock_guard lock{scene.sink.mutex};
        CHECK(scene.sink.readings.size() == 2);
    }
    scene.store.away(false);
    REQUIRE(eventually([&] { return scene.delivered() == 1 && scene.outcome(2).has_value(); }));
    CHECK(scene.line.meters[1].writes == 1);
    CHECK(scene.line.meters[2].forced_open);
}

TEST_CASE("channel: what the database will not have is said aloud, and holds up nobody else", "[channel]") {
    Scene scene{2};
    scene.store.rejects(true);
    scene.start();
    scene.top_up(1, 1);
    const auto rejected = [&] { return scene.store.look([](MemoryStore& s) { return s.rejected; }); };
    REQUIRE(eventually([&] { return rejected() == 1; }));
    REQUIRE(
        eventually([&] { return scene.store.look([](MemoryStore& s) { return s.alarms.size(); }) == 1; }));
    const auto alarm = scene.store.look([](MemoryStore& s) { return s.alarms.at(0); });
    CHECK(alarm.kind == kNotStored);
    CHECK(alarm.live);
    CHECK(alarm.meter == core::MeterId{1});
    CHECK(alarm.text.find("permission denied") != std::string::npos);
    CHECK(scene.line.with([](Line& l) { return l.meters[1].writes; }) == 0);
    // Asked again after 1, 2 and 4 s: not each second.
    const auto polled = scene.logged();
    std::this_thread::sleep_for(3'500ms);
    CHECK(rejected() == 3);
    CHECK(scene.logged() > polled + 3);
    scene.store.rejects(false);
    REQUIRE(eventually([&] { return scene.delivered() == 1; }));
    CHECK(scene.line.meters[1].writes == 1);
    REQUIRE(
        eventually([&] { return scene.store.look([](MemoryStore& s) { return !s.alarms.back().live; }); }));
}

TEST_CASE("channel: an answer that makes no sense ends one poll, not the channel", "[channel]") {
    Scene scene{2};
    scene.line.words_missing = {1};
    scene.start();
    REQUIRE(eventually([&] {
        const std::lock_guard lock{scene.sink.mutex};
        return std::count_if(scene.sink.states.begin(), scene.sink.states.end(), [](const auto& row) {
                   return row.meter == core::MeterId{2} && row.answered_at;
               }) > 2;
    }));
    CHECK(scene.channel->done().wait_for(0s) == std::future_status::timeout);
    scene.line.with([](Line& l) { return l.words_missing.clear(), 0; });
    REQUIRE(eventually([&] {
        const std::lock_guard lock{scene.sink.mutex};
        return std::any_of(scene.sink.states.begin(), scene.sink.states.end(),
                           [](const auto& row) { return row.meter == core::MeterId{1} && row.answered_at; });
    }));
}

TEST_CASE("channel: a price whose meter falls silent is parked until the meter says what it charges",
          "[channel]") {
    Scene scene{2};
    scene.line.dies_after_change = {1};
    scene.start();
    scene.give(1, 1, core::CommandKind::set_price, 1s, R"({"price_e4": 7123})");
    REQUIRE(eventually([&] { return scene.line.with([](Line& l) { return l.dead.contains(1); }); }));
    // Past its time, and still not given up.
    std::this_thread::sleep_for(2s);
    CHECK_FALSE(scene.outcome(1).has_value());
    scene.line.with([](Line& l) { return l.dead.clear(), 0; });
    REQUIRE(eventually([&] { return scene.outcome(1).has_value(); }));
    CHECK(scene.outcome(1)->state == core::CommandState::done);
    CHECK(scene.outcome(1)->price == core::Price{7'123});
    CHECK(scene.line.meters[1].writes == 1);
}

TEST_CASE("channel: work that knows of a newer address than the channel is not sent to the old one",
          "[channel]") {
    Scene scene{2};
    scene.start();
    CommandWork command;
    command.property = {1};
    command.id = {1};
    command.meter = {1};
    command.bus_address = 77;
    command.kind = core::CommandKind::switch_off;
    command.expires_at = wall() + 60s;
    REQUIRE(scene.book.begin(command));
    scene.channel->submit({command});
    REQUIRE(eventually([&] { return scene.book.in_hand().commands.empty(); }));
    CHECK_FALSE(scene.outcome(1).has_value());
    CHECK_FALSE(scene.line.with([](Line& l) { return l.meters[1].forced; }));
}

TEST_CASE("channel: a line that breaks is opened again by itself; commands wait or expire", "[channel]") {
    Scene scene{2};
    scene.line.unplugged = true;
    scene.start();
    scene.give(1, 1, core::CommandKind::switch_off, 1s);
    scene.give(2, 2, core::CommandKind::switch_off, 60s);
    REQUIRE(eventually([&] { return scene.outcome(1).has_value(); }));
    CHECK(scene.outcome(1)->state == core::CommandState::expired);
    REQUIRE(eventually([&] {
        const std::lock_guard lock{scene.sink.mutex};
        return std::any_of(scene.sink.healths.begin(), scene.sink.healths.end(),
                           [](const auto& row) { return row.lost; });
    }));
    CHECK_FALSE(scene.outcome(2).has_value());
    scene.line.with([](Line& l) { return l.unplugged = false; });
    REQUIRE(eventually([&] { return scene.outcome(2).has_value(); }));
    CHECK(scene.outcome(2)->state == core::CommandState::done);
    REQUIRE(eventually([&] {
        const std::lock_guard lock{scene.sink.mutex};
        return !scene.sink.healths.empty() && !scene.sink.healths.back().lost;
    }));
}

TEST_CASE("channel: a silent meter is lost in time, with its alarm, and found again", "[channel]") {
    Scene scene{2};
    scene.start();
    REQUIRE(eventually([&] {
        const std::lock_guard lock{scene.sink.mutex};
        return scene.sink.readings.size() == 2;
    }));
    scene.line.with([](Line& l) { return l.dead.insert(2).second; });
    const auto last_lost_alarm = [&] {
        const std::lock_guard lock{scene.sink.mutex};
        std::optional<bool> last;
        for (const auto& row : scene.sink.states) {
            if (row.meter.value == 2 && row.lost_alarm) {
                last = row.lost_alarm;
            }
        }
        return last;
    };
    REQUIRE(eventually([&] { return last_lost_alarm() == true; }));
    scene.line.with([](Line& l) { return l.dead.clear(), 0; });
    REQUIRE(eventually([&] { return last_lost_alarm() == false; }));
}

TEST_CASE("channel: meters are added and taken away while it runs", "[channel]") {
    Scene scene{1};
    scene.start();
    REQUIRE(eventually([&] { return scene.logged() > 0; }));
    auto second = scene.meters[0];
    second.meter.id = {2};
    second.meter.bus_address = 2;
    scene.line.with([](Line& l) { return l.meters[2] = {}, 0; });
    scene.channel->configure(scene.settings, {second});
    REQUIRE(eventually([&] { return scene.line.with([](Line& l) { return l.log.back() == "2 read"; }); }));
    const auto asked_before =
        scene.line.with([](Line& l) { return std::count(l.log.begin(), l.log.end(), "1 read"); });
    std::this_thread::sleep_for(1'500ms);
    CHECK(scene.line.with([](Line& l) { return std::count(l.log.begin(), l.log.end(), "1 read"); }) <=
          asked_before + 1);
}

TEST_CASE("channel: it ends soon, whatever is under way", "[channel]") {
    Scene scene{4};
    scene.line.dead = {1, 2, 3, 4};
    scene.start();
    for (int i = 1; i <= 4; ++i) {
        scene.top_up(i, i);
    }
    std::this_thread::sleep_for(100ms);
    const auto begin = std::chrono::steady_clock::now();
    scene.channel->stop();
    CHECK(scene.channel->done().wait_for(3s) == std::future_status::ready);
    CHECK(std::chrono::steady_clock::now() - begin < 1s);
}

namespace {

/// The rows that tell of a doubt, and how many readings carry energy.
struct Doubts {
    std::vector<core::DoubtedRegister> told;
    std::size_t charged_by = 0;
    std::optional<std::int64_t> last;
};
Doubts doubts(Scene& scene) {
    Doubts found;
    const std::lock_guard lock{scene.sink.mutex};
    for (const auto& row : scene.sink.readings) {
        if (row.doubted) {
            found.told.push_back(*row.doubted);
        }
        found.charged_by += row.energy_wh && *row.energy_wh > 200'000 ? 1U : 0U;
    }
    if (!scene.sink.states.empty() && scene.sink.states.back().answered_at) {
        found.last =
            scene.sink.states.back().register_doubted ? std::nullopt : scene.sink.states.back().energy_wh;
    }
    return found;
}

}  // namespace

TEST_CASE("channel: a register that can't be is told once, and charged by nobody", "[channel]") {
    Scene scene{1};
    scene.start();
    REQUIRE(eventually([&] { return doubts(scene).last == 123'450; }));
    scene.line.with([](Line& l) { return l.meters[1].energy = 99'999'999, 0; });
    REQUIRE(eventually([&] { return doubts(scene).told.size() == 1; }));
    REQUIRE(eventually([&] { return !doubts(scene).last; }));
    const auto told = doubts(scene);
    CHECK(told.told[0].verdict == core::Plausibility::jump);
    CHECK(told.told[0].before == core::Energy{123'450});
    CHECK(told.charged_by == 0);
    {
        const std::lock_guard lock{scene.sink.mutex};
        CHECK(std::any_of(scene.sink.states.begin(), scene.sink.states.end(), [](const auto& row) {
            return row.alarms == std::vector<std::string>{"implausible"};
        }));
    }
    scene.line.with([](Line& l) { return l.meters[1].energy = 12'346, 0; });
    REQUIRE(eventually([&] { return doubts(scene).last == 123'460; }));
    CHECK(doubts(scene).told.size() == 1);
    CHECK(doubts(scene).charged_by == 0);
}
