#include "collector/commands/command_runner.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "unit/collector/fake_meter.hpp"

/// Commands with their read-back.
using namespace wutong;
using namespace wutong::collector;
using namespace wutong::tests;
using core::CommandKind;
using core::CommandState;

namespace {

class FakeGate final : public CommandGate {
public:
    Answer ask() override {
        ++asked;
        return asked > closes_after ? closed : Answer::yes;
    }
    Answer closed = Answer::settled;
    int asked = 0;
    int closes_after = 1'000;
};

struct Scene {
    FakeMeter meter;
    FakeBus bus{meter};
    FakeGate gate;
    FieldMeter field = field_meter();
    CommandEnd run(CommandKind kind, const std::string& arguments = "{}", bool sent = false) {
        CommandWork work;
        work.sent = sent;
        work.meter = field.id;
        work.kind = kind;
        work.arguments = arguments;
        return run_command(work, field, bus, gate);
    }
};

}  // namespace

TEST_CASE("commands: switching off is proven by the relay, not by the answer", "[commands]") {
    Scene scene;
    const auto fates = GENERATE(std::deque<Fate>{}, std::deque<Fate>{Fate::answer_lost},
                                std::deque<Fate>{Fate::request_lost});
    scene.bus.fates = fates;
    const auto end = scene.run(CommandKind::switch_off);
    CHECK(end.outcome.state == CommandState::done);
    CHECK_FALSE(scene.meter.relay_closed());
    CHECK(nlohmann::json::parse(end.outcome.result).at("relay_closed") == 0);
    REQUIRE(end.readout);
}

TEST_CASE("commands: guaranteed power and back to prepaid", "[commands]") {
    Scene scene;
    scene.meter.balance = -100;
    REQUIRE_FALSE(scene.meter.relay_closed());
    CHECK(scene.run(CommandKind::guarantee_power).outcome.state == CommandState::done);
    CHECK(scene.meter.relay_closed());
    CHECK(scene.run(CommandKind::restore_prepaid).outcome.state == CommandState::done);
    CHECK_FALSE(scene.meter.relay_closed());
}

TEST_CASE("commands: a command that is not wanted any more sends nothing", "[commands]") {
    const auto kind = GENERATE(CommandKind::switch_off, CommandKind::set_price, CommandKind::set_clock,
                               CommandKind::read_now);
    Scene scene;
    scene.gate.closes_after = 0;
    const auto end = scene.run(kind, R"({"price_e4": 7000})");
    CHECK(end.stopped == CommandGate::Answer::settled);
    CHECK(scene.meter.writes == 0);
    CHECK_FALSE(scene.meter.forced);
    CHECK(scene.bus.never_repeat.empty());
}

TEST_CASE("commands: the gate is asked again before a repetition", "[commands]") {
    Scene scene;
    scene.bus.fates = {Fate::request_lost};
    scene.gate.closes_after = 1;
    const auto end = scene.run(CommandKind::switch_off);
    CHECK(end.stopped == CommandGate::Answer::settled);
    CHECK(scene.gate.asked == 2);
    CHECK(scene.meter.relay_closed());
}

TEST_CASE("commands: price and settings are read back", "[commands]") {
    Scene scene;
    const auto price = scene.run(CommandKind::set_price, R"({"price_e4": 7123})");
    CHECK(price.outcome.state == CommandState::done);
    CHECK(scene.meter.price == 7'123);
    CHECK(price.outcome.energy == core::Energy{123'450});

    const auto settings =
        scene.run(CommandKind::set_settings, R"({"alarm_1_e4": 300000, "overload_w": 6500})");
    CHECK(settings.outcome.state == CommandState::done);
    CHECK(scene.meter.alarm_1 == 3'000);
    CHECK(scene.meter.alarm_2 == 1'000);  // travels in the same group and must not be lost
    CHECK(scene.meter.overload == 6'500);
    CHECK(scene.meter.balance == 5'000);
    CHECK(scene.meter.number == 3);
    CHECK(nlohmann::json::parse(settings.outcome.result).at("alarm_2") == 100'000);
}

TEST_CASE("commands: a price that was sent does not end on a guess", "[commands]") {
    const std::string price = R"({"price_e4": 7123})";
    Scene scene;
    scene.bus.dies_after_change = true;
    const auto first = scene.run(CommandKind::set_price, price);
    CHECK(first.undecided);
    CHECK(first.sent);
    CHECK_FALSE(first.outcome.price);
    CHECK(first.outcome.doubt.find("read back") != std::string::npos);

    // The meter is back: it has taken the price, and nothing is sent again.
    scene.bus.dead = false;
    const auto asked = scene.gate.asked;
    const auto again = scene.run(CommandKind::set_price, price, true);
    CHECK(again.outcome.state == CommandState::done);
    CHECK(again.outcome.price == core::Price{7'123});
    CHECK(again.outcome.energy == core::Energy{123'450});
    CHECK(scene.meter.writes == 1);
    CHECK(scene.gate.asked == asked);
}

TEST_CASE("commands: a price that was lost on the way is found out, however late", "[commands]") {
    const std::string price = R"({"price_e4": 7123})";
    SECTION("in time: it is sent again") {
        Scene scene;
        CHECK(scene.run(CommandKind::set_price, price, true).outcome.state == CommandState::done);
        CHECK(scene.meter.price == 7'123);
    }
    SECTION("too late: it ends as expired, at the price that the meter charges") {
        Scene scene;
        scene.gate.closes_after = 0;
        scene.gate.closed = CommandGate::Answer::too_late;
        const auto end = scene.run(CommandKind::set_price, price, true);
        CHECK(end.stopped == CommandGate::Answer::yes);
        CHECK(end.outcome.state == CommandState::expired);
        CHECK(end.outcome.price == core::Price{9'500});
        CHECK(end.outcome.doubt.empty());
        CHECK(scene.meter.writes == 0);
    }
    SECTION("refused at the second time: the first one, of which nothing was heard, counts") {
        Scene scene;
        scene.bus.fates = {Fate::request_lost, Fate::refused};
        const auto end = scene.run(CommandKind::set_price, price);
        CHECK(end.outcome.state == CommandState::failed);
        CHECK(end.outcome.price == core::Price{9'500});
    }
    SECTION("refused at once: nothing was changed") {
        Scene scene;
        scene.bus.fates = {Fate::refused};
        const auto end = scene.run(CommandKind::set_price, price);
        CHECK(end.outcome.state == CommandState::failed);
        CHECK_FALSE(end.sent);
    }
    SECTION("rates that differ can't be booked at one price") {
        Scene scene;
        scene.meter.price_valley = 5'000;
        const auto end = scene.run(CommandKind::set_price, price);
        CHECK(end.outcome.state == CommandState::failed);
        CHECK_FALSE(end.outcome.price);
        CHECK(end.outcome.doubt.find("differ") != std::string::npos);
    }
}

TEST_CASE("commands: what the meter can't hold is refused with the reason", "[commands]") {
    Scene scene;
    const auto fine = scene.run(CommandKind::set_settings, R"({"alarm_1_e4": 12345})");
    CHECK(fine.outcome.state == CommandState::failed);
    CHECK(fine.outcome.reason.find("finer than") != std::string::npos);
    const auto nothing = scene.run(CommandKind::set_price, R"({"alarm_1_e4": 10000})");
    CHECK(nothing.outcome.state == CommandState::failed);
    const auto rubbish = scene.run(CommandKind::set_price, "[]");
    CHECK(rubbish.outcome.reason.find("JSON object") != std::string::npos);
    CHECK(scene.meter.writes == 0);
}

TEST_CASE("commands: the clock is set to the property's time", "[commands]") {
    Scene scene;
    const auto end = scene.run(CommandKind::set_clock);
    CHECK(end.outcome.state == CommandState::done);
    CHECK(scene.meter.clock.year == 2026);
    CHECK(scene.meter.clock.hour == 20);  // noon UTC, eight hours east
}

TEST_CASE("commands: a dead meter fails with what happened", "[commands]") {
    Scene scene;
    scene.bus.dead = true;
    CHECK(scene.run(CommandKind::read_now).outcome.reason == "timeout");
    const auto off = scene.run(CommandKind::switch_off);
    CHECK(off.outcome.state == CommandState::failed);
    CHECK(off.outcome.reason.find("read back") != std::string::npos);
}
