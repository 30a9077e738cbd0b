#include "collector/commands/delivery_runner.hpp"

#include <catch2/catch.hpp>

#include "unit/collector/fake_meter.hpp"

/// A delivery on its way to a meter, with everything that can go wrong in between.
using namespace wutong;
using namespace wutong::collector;
using namespace wutong::tests;

namespace {

class FakeJournal final : public DeliveryJournal {
public:
    Stored store(const DeliveryWork& work) override {
        if (answer == Stored::yes) {
            stored.push_back(work.delivery);
            frames += work.frames.size();
        }
        writes_when_stored.push_back(meter != nullptr ? meter->writes : 0);
        return std::exchange(answer, Stored::yes);
    }
    Stored finish(const DeliveryWork& work) override {
        if (answer == Stored::yes) {
            finished.push_back(work.delivery);
            frames += work.frames.size();
        }
        return std::exchange(answer, Stored::yes);
    }
    Stored answer = Stored::yes;  ///< to the next call
    const FakeMeter* meter = nullptr;
    std::vector<core::CreditDelivery> stored;
    std::vector<core::CreditDelivery> finished;
    std::vector<int> writes_when_stored;
    std::size_t frames = 0;
};

DeliveryWork top_up(std::int64_t amount_e4) {
    DeliveryWork work;
    work.property = {1};
    work.id = {11};
    work.meter = {7};
    work.delivery.kind = core::DeliveryKind::top_up;
    work.delivery.amount = core::Money{amount_e4};
    work.delivery.number_before = 3;
    return work;
}

struct Scene {
    FakeMeter meter;
    FakeBus bus{meter};
    FakeJournal journal;
    FieldMeter field = field_meter();
    Scene() { journal.meter = &meter; }
    DeliveryEnd run(DeliveryWork& work) { return run_delivery(work, field, bus, journal); }
};

}  // namespace

TEST_CASE("delivery: a top-up is stored, written once, read back and booked", "[delivery]") {
    Scene scene;
    DeliveryWork work = top_up(1'000'000);
    const auto end = scene.run(work);
    CHECK(end.kind == DeliveryEnd::Kind::finished);
    CHECK(scene.meter.balance == 15'000);
    CHECK(scene.meter.number == 4);
    CHECK(scene.meter.writes == 1);
    REQUIRE(scene.journal.stored.size() == 1);
    CHECK(scene.journal.stored[0].state == core::DeliveryState::sending);
    CHECK(scene.journal.writes_when_stored[0] == 0);
    REQUIRE(scene.journal.stored[0].before);
    CHECK(scene.journal.stored[0].before->balance == core::Money{500'000});
    REQUIRE(scene.journal.finished.size() == 1);
    CHECK(scene.journal.finished[0].state == core::DeliveryState::delivered);
    CHECK(scene.journal.finished[0].after->purchase_number == 4);
    CHECK(scene.journal.frames >= 1);
    REQUIRE(end.look);
    CHECK(end.look->value(core::Quantity::balance) == 1'500'000);
    CHECK(scene.bus.never_repeat == std::vector{true});
}

TEST_CASE("delivery: nothing is sent that could not be stored", "[delivery]") {
    const auto answer = GENERATE(DeliveryJournal::Stored::away, DeliveryJournal::Stored::fenced);
    Scene scene;
    scene.journal.answer = answer;
    DeliveryWork work = top_up(1'000'000);
    const auto end = scene.run(work);
    CHECK(scene.meter.writes == 0);
    CHECK(end.kind ==
          (answer == DeliveryJournal::Stored::away ? DeliveryEnd::Kind::unsaved : DeliveryEnd::Kind::fenced));
    if (answer == DeliveryJournal::Stored::away) {
        // However long it is away, no attempt is used up; when it is back, it is delivered once.
        for (int i = 0; i < 10; ++i) {
            scene.journal.answer = answer;
            CHECK(scene.run(work).kind == DeliveryEnd::Kind::unsaved);
        }
        CHECK(scene.run(work).kind == DeliveryEnd::Kind::finished);
        CHECK(work.delivery.state == core::DeliveryState::delivered);
        CHECK(work.delivery.attempts == 1);
        CHECK(scene.meter.balance == 15'000);
        CHECK(scene.meter.writes == 1);
    }
}

TEST_CASE("delivery: a lost answer is resolved by reading, not by sending again", "[delivery]") {
    Scene scene;
    scene.bus.fates = {Fate::answer_lost};
    DeliveryWork work = top_up(1'000'000);
    CHECK(scene.run(work).kind == DeliveryEnd::Kind::finished);
    CHECK(work.delivery.state == core::DeliveryState::delivered);
    CHECK(scene.meter.writes == 1);
    CHECK(scene.meter.balance == 15'000);
}

TEST_CASE("delivery: a lost request is sent again after a look", "[delivery]") {
    Scene scene;
    scene.bus.fates = {Fate::request_lost, Fate::request_lost};
    DeliveryWork work = top_up(1'000'000);
    CHECK(scene.run(work).kind == DeliveryEnd::Kind::finished);
    CHECK(work.delivery.state == core::DeliveryState::delivered);
    CHECK(work.delivery.attempts == 3);
    CHECK(scene.meter.writes == 1);
    CHECK(scene.meter.balance == 15'000);
    CHECK(scene.journal.stored.size() == 3);
}

TEST_CASE("delivery: killed after the frame went out, delivered once by whoever comes next", "[delivery]") {
    Scene scene;
    scene.bus.fates = {Fate::answer_lost};
    DeliveryWork work = top_up(1'000'000);
    // What the next process finds is what was stored before the frame.
    scene.run(work);
    DeliveryWork found = top_up(1'000'000);
    found.delivery = scene.journal.stored.at(0);
    REQUIRE(found.delivery.state == core::DeliveryState::sending);
    FakeJournal journal;
    CHECK(run_delivery(found, scene.field, scene.bus, journal).kind == DeliveryEnd::Kind::finished);
    CHECK(found.delivery.state == core::DeliveryState::delivered);
    CHECK(scene.meter.writes == 1);
    CHECK(scene.meter.balance == 15'000);
}

TEST_CASE("delivery: a silent meter is tried later, and nothing was written", "[delivery]") {
    Scene scene;
    scene.bus.dead = true;
    DeliveryWork work = top_up(1'000'000);
    CHECK(scene.run(work).kind == DeliveryEnd::Kind::later);
    CHECK(work.looks_failed == 1);
    CHECK(scene.meter.writes == 0);
    scene.bus.dead = false;
    CHECK(scene.run(work).kind == DeliveryEnd::Kind::finished);
    CHECK(scene.meter.balance == 15'000);
}

TEST_CASE("delivery: what flowed meanwhile can't be told without the price, so it waits for it",
          "[delivery]") {
    Scene scene;
    scene.field.price = core::Price{0};  // nobody knows it yet: the opening came a moment ago
    scene.bus.fates = {Fate::answer_lost};
    DeliveryWork work = top_up(1'000'000);
    scene.run(work);
    DeliveryWork found = top_up(1'000'000);
    found.delivery = scene.journal.stored.at(0);
    scene.meter.energy += 4;
    scene.meter.balance -= 4;
    FakeJournal journal;
    scene.bus.lost_block = 0x0400;
    CHECK(run_delivery(found, scene.field, scene.bus, journal).kind == DeliveryEnd::Kind::later);
    CHECK(journal.finished.empty());
    scene.bus.lost_block.reset();
    CHECK(run_delivery(found, scene.field, scene.bus, journal).kind == DeliveryEnd::Kind::finished);
    CHECK(found.delivery.state == core::DeliveryState::delivered);
    CHECK(scene.meter.writes == 1);
}

TEST_CASE("delivery: another purchase number than ours stops everything", "[delivery]") {
    Scene scene;
    scene.meter.number = 9;
    DeliveryWork work = top_up(1'000'000);
    CHECK(scene.run(work).kind == DeliveryEnd::Kind::finished);
    CHECK(work.delivery.state == core::DeliveryState::quarantined);
    CHECK(scene.meter.writes == 0);
}

TEST_CASE("delivery: a refusal by the meter is a refusal, with its words", "[delivery]") {
    Scene scene;
    scene.bus.fates = {Fate::refused};
    DeliveryWork work = top_up(1'000'000);
    scene.run(work);
    CHECK(work.delivery.state == core::DeliveryState::refused);
    CHECK(work.delivery.reason.find("illegal value") != std::string::npos);
    CHECK(scene.meter.balance == 5'000);
}

TEST_CASE("delivery: opening sets the whole prepaid set-up and lets the relay follow the credit",
          "[delivery]") {
    Scene scene;
    scene.meter.prepaid = false;
    scene.meter.balance = 0;
    scene.meter.number = 0;
    scene.meter.forced = scene.meter.forced_open = true;
    DeliveryWork work = top_up(500'000);
    work.delivery.kind = core::DeliveryKind::open;
    work.delivery.number_before = 0;
    work.settings =
        R"({"price_e4": 8800, "alarm_1_e4": 200000, "alarm_2_e4": 50000, "overdraft_e4": 0, "overload_w": 8000})";
    CHECK(scene.run(work).kind == DeliveryEnd::Kind::finished);
    CHECK(work.delivery.state == core::DeliveryState::delivered);
    CHECK(work.delivery.reason.empty());
    CHECK(scene.meter.prepaid);
    CHECK(scene.meter.balance == 5'000);
    CHECK(scene.meter.number == 1);
    CHECK(scene.meter.price == 8'800);
    CHECK(scene.meter.alarm_1 == 2'000);
    CHECK(scene.meter.alarm_2 == 500);
    CHECK(scene.meter.overload == 8'000);
    CHECK_FALSE(scene.meter.forced);
    CHECK(scene.meter.relay_closed());
}

TEST_CASE("delivery: what is seen after the money was found right counts too", "[delivery]") {
    // A clear that was held up somewhere arrives while the relay is let go.
    class LateClear final : public MeterBus {
    public:
        explicit LateClear(Scene& scene) : scene_{scene} {}
        BusReply exchange(const protocols::Request& request, Repeat repeat) override {
            auto reply = scene_.bus.exchange(request, repeat);
            if (std::holds_alternative<protocols::WriteRequest>(request)) {
                scene_.meter.balance = 0;
                scene_.meter.number = 0;
            }
            return reply;
        }
        void pause(std::chrono::milliseconds duration) override { scene_.bus.pause(duration); }
        [[nodiscard]] core::Timestamp now() const override { return scene_.bus.now(); }
        std::vector<EvidenceFrame> take_frames() override { return scene_.bus.take_frames(); }

    private:
        Scene& scene_;
    };
    Scene scene;
    scene.meter.prepaid = false;
    scene.meter.forced = scene.meter.forced_open = true;
    DeliveryWork work = top_up(500'000);
    work.delivery.kind = core::DeliveryKind::open;
    LateClear bus{scene};
    CHECK(run_delivery(work, scene.field, bus, scene.journal).kind == DeliveryEnd::Kind::finished);
    CHECK(work.delivery.state == core::DeliveryState::quarantined);
    CHECK(work.delivery.reason.find("0.00") != std::string::npos);
    REQUIRE(work.delivery.after);
    CHECK(work.delivery.after->purchase_number == 0);
}

TEST_CASE("delivery: clearing takes all off the meter and switches off when asked to", "[delivery]") {
    Scene scene;
    DeliveryWork work = top_up(0);
    work.delivery.kind = core::DeliveryKind::clear;
    work.settings = R"({"switch_off": true})";
    CHECK(scene.run(work).kind == DeliveryEnd::Kind::finished);
    CHECK(work.delivery.state == core::DeliveryState::delivered);
    CHECK(work.delivery.amount == core::Money{-500'000});
    CHECK(scene.meter.balance == 0);
    CHECK(scene.meter.number == 0);
    CHECK_FALSE(scene.meter.prepaid);
    CHECK_FALSE(scene.meter.relay_closed());
}

TEST_CASE("delivery: settings that are not understood are refused before anything is sent", "[delivery]") {
    Scene scene;
    DeliveryWork work = top_up(500'000);
    work.delivery.kind = core::DeliveryKind::open;
    work.settings = R"({"prise_e4": 8800})";
    scene.run(work);
    CHECK(work.delivery.state == core::DeliveryState::refused);
    CHECK(work.delivery.reason.find("prise_e4") != std::string::npos);
    CHECK(scene.meter.writes == 0);
}

TEST_CASE("delivery: money goes to the meter that it is for, not to whoever answers at the address",
          "[delivery]") {
    Scene scene;
    scene.field.serial_number = "202600000001";
    scene.meter.serial = {0x2026, 0x0000, 0x0002};
    DeliveryWork work = top_up(1'000'000);
    SECTION("another meter: refused, nothing was sent") {
        const auto end = scene.run(work);
        CHECK(end.kind == DeliveryEnd::Kind::finished);
        CHECK(end.wrong_meter == true);
        CHECK(work.delivery.state == core::DeliveryState::refused);
        CHECK(work.delivery.reason.find("202600000002") != std::string::npos);
        CHECK(work.delivery.reason.find("202600000001") != std::string::npos);
        CHECK(scene.meter.writes == 0);
    }
    SECTION("another meter, after something went out: an operator has to look") {
        work.delivery.state = core::DeliveryState::unknown;
        work.delivery.attempts = 1;
        work.delivery.before = core::CreditLook{3, core::Money{500'000}, core::Energy{123'450}, noon(), true};
        work.delivery.write = core::CreditWrite{4, core::Money{1'500'000}, core::Money{1'000'000}};
        CHECK(scene.run(work).kind == DeliveryEnd::Kind::finished);
        CHECK(work.delivery.state == core::DeliveryState::quarantined);
        CHECK(scene.meter.writes == 0);
    }
    SECTION("the right one, or one that was never told its number: delivered") {
        scene.meter.serial =
            GENERATE(std::array<std::uint16_t, 3>{0x2026, 0x0000, 0x0001}, std::array<std::uint16_t, 3>{});
        CHECK(scene.run(work).wrong_meter != true);
        CHECK(work.delivery.state == core::DeliveryState::delivered);
    }
    SECTION("no answer to that question: nothing is sent, and it is asked again") {
        scene.meter.serial = {0x2026, 0x0000, 0x0001};
        scene.bus.reads_lost = 1;
        CHECK(scene.run(work).kind == DeliveryEnd::Kind::later);
        CHECK(scene.meter.writes == 0);
        scene.run(work);
        CHECK(work.delivery.state == core::DeliveryState::delivered);
    }
}
