#include "client-wx/presenters/live_meters.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "client-wx/presenters/natural_order.hpp"
#include "tests/support/client_scene.hpp"

using namespace std::chrono_literals;
using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;

namespace {

struct Live : ClientScene {
    Live() {
        sign_in({"device.read"});
        subscription = live.subscribe([this](const LiveChange& change) { changes.push_back(change); });
    }

    v1::LiveUpdate update(HandClock::TimePoint at) {
        v1::LiveUpdate made;
        made.mutable_at()->set_seconds(
            std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
        return made;
    }
    v1::LiveUpdate update() { return update(clock.now()); }

    static v1::LiveMeter* add(v1::LiveUpdate& to, std::int64_t id, const std::string& code, int floor = 1,
                              v1::MeterStatus status = v1::METER_STATUS_NORMAL) {
        auto* meter = to.add_meters();
        meter->set_meter_id(id);
        meter->set_code(code);
        meter->set_unit_code(code);
        meter->set_building_code("A");
        meter->set_floor_number(floor);
        meter->set_role("prepaid");
        meter->mutable_state()->set_status(status);
        return meter;
    }

    void snapshot(int count) {
        live.watch(1);
        auto all = update();
        all.set_snapshot(true);
        for (int i = 1; i <= count; ++i) {
            add(all, i, "A-" + std::to_string(i));
        }
        all.set_snapshot_complete(true);
        server.push(method::watch_live, all);
        clock.advance(200ms);
        changes.clear();
    }

    std::vector<LiveChange> changes;
    Subscription subscription;
};

}  // namespace

TEST_CASE_METHOD(Live, "live meters: a snapshot in parts is told once, in order", "[client][live]") {
    live.watch(1);
    CHECK(live.state() == LiveMeters::State::loading);
    auto first = update();
    first.set_snapshot(true);
    add(first, 1, "A-10");
    add(first, 2, "A-9");
    server.push(method::watch_live, first);
    auto rest = update();
    rest.set_snapshot(true);
    add(rest, 3, "A-1", 2, v1::METER_STATUS_ALARM_1);
    rest.set_snapshot_complete(true);
    rest.mutable_summary()->set_live_alarm_count(4);
    changes.clear();
    server.push(method::watch_live, rest);
    clock.advance(200ms);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].all);
    CHECK(changes[0].totals);
    CHECK(live.state() == LiveMeters::State::live);
    REQUIRE(live.meters().size() == 3);
    CHECK(live.meters()[0].code == "A-9");
    CHECK(live.meters()[1].code == "A-10");
    CHECK(live.meters()[2].code == "A-1");
    CHECK(live.index_of(1) == 1U);
    CHECK(live.count(MeterStatus::normal) == 2);
    CHECK(live.count(MeterStatus::alarm_1) == 1);
    REQUIRE(live.summary());
    CHECK(live.summary()->live_alarms == 4);
    CHECK(live.find_by_unit("A-1")->meter_id == 3);
    CHECK(live.find(99) == nullptr);
}

TEST_CASE_METHOD(Live, "live meters: those without a unit come after all others", "[client][live]") {
    live.watch(1);
    auto all = update();
    all.set_snapshot(true);
    all.set_snapshot_complete(true);
    add(all, 1, "F01");
    add(all, 2, "A-9");
    all.mutable_meters(0)->clear_building_code();
    all.mutable_meters(0)->set_floor_number(0);
    server.push(method::watch_live, all);
    clock.advance(200ms);
    REQUIRE(live.meters().size() == 2);
    CHECK(live.meters()[0].code == "A-9");
    CHECK(live.meters()[1].code == "F01");
}

TEST_CASE_METHOD(Live, "live meters: 200 changes a second are told five times a second, each meter once",
                 "[client][live]") {
    snapshot(50);
    for (int i = 0; i < 200; ++i) {
        auto change = update();
        auto* meter = change.add_meters();
        meter->set_meter_id(1 + i % 40);
        meter->mutable_state()->set_status(v1::METER_STATUS_NORMAL);
        meter->mutable_state()->set_balance_e4(i);
        server.push(method::watch_live, change);
        clock.advance(5ms);
    }
    clock.advance(200ms);
    CHECK(changes.size() <= 7);
    CHECK(changes.size() >= 5);
    for (const auto& change : changes) {
        CHECK_FALSE(change.all);
        CHECK(change.indices.size() <= 40);
        CHECK(std::is_sorted(change.indices.begin(), change.indices.end()));
    }
    CHECK(live.find(40)->balance_e4 == 199);
    CHECK(live.find(40)->code == "A-40");  // told in the snapshot only
    CHECK_FALSE(live.find(41)->balance_e4);
}

TEST_CASE_METHOD(Live, "live meters: figures, states and ages", "[client][live]") {
    snapshot(2);
    auto change = update(clock.now() + 1h);  // the server's clock is an hour ahead
    auto* meter = change.add_meters();
    meter->set_meter_id(2);
    meter->set_account_number("C-312");
    meter->set_customer("Noodle House");
    meter->set_account_id(12);
    meter->set_second_status(v1::METER_STATUS_ALARM_2);
    meter->set_daily_use_wh(9'800);
    meter->set_daily_use_days(14);
    meter->set_days_left(17);
    meter->set_price_e4(10'500);
    meter->set_in_flight_e4(2'000'000);
    auto* state = meter->mutable_state();
    state->set_status(v1::METER_STATUS_DELIVERING);
    state->set_balance_e4(-21'000);
    state->set_power_w(1'420);
    state->set_relay_closed(false);
    state->mutable_answered_at()->set_seconds(change.at().seconds() - 72);
    server.push(method::watch_live, change);
    clock.advance(200ms);
    const auto* found = live.find(2);
    REQUIRE(found != nullptr);
    CHECK(found->status == MeterStatus::delivering);
    CHECK(found->second_status == MeterStatus::alarm_2);
    CHECK(found->balance_e4 == -21'000);
    CHECK(found->days_left == 17);
    CHECK(found->daily_use_wh == 9'800);
    CHECK(found->power_w == 1'420);
    CHECK(found->relay_closed == false);
    CHECK(found->customer == "Noodle House");
    CHECK(found->account_id == 12);
    CHECK(found->in_flight_e4 == 2'000'000);
    REQUIRE(live.age_of(*found));
    CHECK(std::chrono::duration_cast<std::chrono::seconds>(*live.age_of(*found)) == 72s);
    CHECK_FALSE(live.age_of(*live.find(1)));  // never read: no age, no zero
    CHECK_FALSE(live.find(1)->balance_e4);
    CHECK_FALSE(live.find(1)->days_left);
    CHECK(live.count(MeterStatus::delivering) == 1);
    CHECK(live.count(MeterStatus::normal) == 1);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].indices == std::vector<std::size_t>{1});
    CHECK(changes[0].totals);
}

TEST_CASE_METHOD(Live, "live meters: meters come, go and move", "[client][live]") {
    snapshot(3);
    auto change = update();
    change.add_removed_meter_ids(2);
    change.add_removed_meter_ids(77);
    add(change, 9, "A-0");
    auto* moved = add(change, 1, "A-1", 5);
    moved->set_introduced(true);
    server.push(method::watch_live, change);
    CHECK(live.meters().size() == 4);  // nothing moves before it is told
    clock.advance(200ms);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].all);
    CHECK(changes[0].indices.empty());
    REQUIRE(live.meters().size() == 3);
    CHECK(live.meters()[0].meter_id == 9);
    CHECK(live.meters()[1].meter_id == 3);
    CHECK(live.meters()[2].meter_id == 1);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(live.index_of(live.meters()[i].meter_id) == i);
    }
    CHECK_FALSE(live.index_of(2));
    CHECK(live.count(MeterStatus::normal) == 3);
    // A meter that was never introduced is not shown half.
    auto unknown = update();
    unknown.add_meters()->set_meter_id(1000);
    server.push(method::watch_live, unknown);
    CHECK(live.find(1000) == nullptr);
}

TEST_CASE_METHOD(Live, "live meters: a broken stream comes back by itself, old values stay meanwhile",
                 "[client][live]") {
    snapshot(3);
    server.end(method::watch_live, unreachable());
    CHECK(live.state() == LiveMeters::State::interrupted);
    CHECK(live.meters().size() == 3);
    CHECK(server.open_streams(method::watch_live) == 0);
    clock.advance(1s);
    CHECK(server.open_streams(method::watch_live) == 1);
    auto all = update();
    all.set_snapshot(true);
    add(all, 1, "A-1");
    add(all, 3, "A-3");
    server.push(method::watch_live, all);
    clock.advance(1s);
    CHECK(live.meters().size() == 3);  // not complete yet
    auto rest = update();
    rest.set_snapshot(true);
    rest.set_snapshot_complete(true);
    server.push(method::watch_live, rest);
    clock.advance(200ms);
    CHECK(live.meters().size() == 2);
    CHECK(live.find(2) == nullptr);
    CHECK(live.state() == LiveMeters::State::live);
}

TEST_CASE_METHOD(Live, "live meters: waits longer and longer while the stream keeps breaking",
                 "[client][live]") {
    live.watch(1);
    for (const auto wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        CAPTURE(wait.count());
        server.end(method::watch_live, refused("too_many_streams"));
        clock.advance(wait - 1ms);
        CHECK(server.open_streams(method::watch_live) == 0);
        clock.advance(1ms);
        REQUIRE(server.open_streams(method::watch_live) == 1);
    }
}

TEST_CASE_METHOD(Live, "live meters: silence is not life", "[client][live]") {
    snapshot(1);
    clock.advance(24s);
    CHECK(live.state() == LiveMeters::State::live);
    server.push(method::watch_live, update());  // a heartbeat
    clock.advance(24s);
    CHECK(live.state() == LiveMeters::State::live);
    clock.advance(1s);
    CHECK(live.state() == LiveMeters::State::interrupted);
    clock.advance(1s);
    CHECK(server.open_streams(method::watch_live) == 1);
}

TEST_CASE_METHOD(Live, "live meters: with the connection gone nothing is asked until it is back",
                 "[client][live]") {
    snapshot(2);
    link.lose();
    CHECK(live.state() == LiveMeters::State::interrupted);
    CHECK(server.open_streams(method::watch_live) == 0);
    const auto asked = server.asked(method::watch_live).size();
    for (int i = 0; i < 5; ++i) {
        clock.advance(30s);
        if (link.dial_done) {
            link.fail();
        }
    }
    CHECK(server.asked(method::watch_live).size() == asked);
    connection.try_now();
    link.succeed();
    CHECK(server.asked(method::watch_live).size() == asked + 1);
    CHECK(live.meters().size() == 2);
}

TEST_CASE_METHOD(Live, "live meters: an ended session is not asked about again", "[client][live]") {
    snapshot(1);
    Fault ended;
    ended.kind = Fault::Kind::unauthenticated;
    server.end(method::watch_live, ended);
    clock.advance(10min);
    CHECK(server.open_streams(method::watch_live) == 0);
    CHECK(live.state() == LiveMeters::State::interrupted);
}

TEST_CASE_METHOD(Live, "live meters: another property starts empty", "[client][live]") {
    snapshot(3);
    live.watch(2);
    CHECK(live.meters().empty());
    CHECK(live.state() == LiveMeters::State::loading);
    CHECK(server.open_streams(method::watch_live) == 1);
    CHECK(server.asked(method::watch_live).back().property_id() == 2);
    REQUIRE_FALSE(changes.empty());
    CHECK(changes.back().all);
    live.stop();
    CHECK(live.state() == LiveMeters::State::idle);
    CHECK(server.open_streams(method::watch_live) == 0);
}

TEST_CASE_METHOD(Live, "live meters: absurd values and endless names are shown cut, never believed",
                 "[client][live]") {
    live.watch(1);
    auto all = update();
    all.set_snapshot(true);
    all.set_snapshot_complete(true);
    auto* meter = add(all, std::numeric_limits<std::int64_t>::min(), std::string(10'000, 'x'),
                      std::numeric_limits<int>::min());
    meter->set_customer(std::string(5'000, '\n'));
    meter->set_days_left(std::numeric_limits<int>::max());
    meter->set_second_status(static_cast<v1::MeterStatus>(12'345));
    auto* state = meter->mutable_state();
    state->set_status(static_cast<v1::MeterStatus>(-7));
    state->set_balance_e4(std::numeric_limits<std::int64_t>::max());
    state->set_failures(-5);
    state->mutable_answered_at()->set_seconds(std::numeric_limits<std::int64_t>::max());
    state->mutable_attempted_at()->set_seconds(253'402'300'799);
    state->mutable_lost_since()->set_nanos(-1);
    all.mutable_at()->set_seconds(std::numeric_limits<std::int64_t>::min());
    server.push(method::watch_live, all);
    clock.advance(200ms);
    REQUIRE(live.meters().size() == 1);
    const auto& shown = live.meters()[0];
    CHECK(shown.code.size() <= LiveMeters::kNameMax + 3);
    CHECK(shown.customer.find('\n') == std::string::npos);
    CHECK(shown.days_left == 9'999);
    CHECK_FALSE(shown.second_status);
    CHECK(shown.status == MeterStatus::normal);
    CHECK(shown.failures == 0);
    CHECK_FALSE(shown.answered_at);
    CHECK(shown.attempted_at);
    CHECK_FALSE(shown.lost_since);
    CHECK(live.server_now() == clock.now());
}

TEST_CASE_METHOD(Live, "live meters: more than 100 000 are not kept", "[client][live]") {
    live.watch(1);
    auto all = update();
    all.set_snapshot(true);
    for (int i = 0; i < 100'500; ++i) {
        add(all, i, "M" + std::to_string(i), i % 300);
    }
    all.set_snapshot_complete(true);
    server.push(method::watch_live, all);
    clock.advance(200ms);
    CHECK(live.meters().size() == LiveMeters::kMetersMax);
}

TEST_CASE_METHOD(Live, "live meters: 10 000 meters cost little", "[client][live]") {
    snapshot(10'000);
    const auto started = std::chrono::steady_clock::now();
    for (int i = 0; i < 2'000; ++i) {  // ten seconds of 200 changes
        auto change = update();
        auto* meter = change.add_meters();
        meter->set_meter_id(1 + i * 37 % 10'000);
        meter->mutable_state()->set_balance_e4(i);
        server.push(method::watch_live, change);
        clock.advance(5ms);
    }
    const auto took = std::chrono::steady_clock::now() - started;
    // 5 % of one core, with room for slow machines and sanitizers.
    CHECK(took < 5s);
}

TEST_CASE("natural order: as people sort codes", "[client][live]") {
    const std::vector<std::string> ordered{"",     "1",     "01",    "2", "10", "A",   "A-1", "A-2",
                                           "A-10", "A-10b", "A-100", "B", "B1", "B02", "铺"};
    for (std::size_t a = 0; a < ordered.size(); ++a) {
        for (std::size_t b = 0; b < ordered.size(); ++b) {
            CAPTURE(ordered[a], ordered[b]);
            const int order = natural_order(ordered[a], ordered[b]);
            if (ordered[a] == "1" || ordered[a] == "01") {
                CHECK((order == 0) == (a == b));
                continue;
            }
            CHECK((order < 0) == (a < b));
            CHECK((order > 0) == (a > b));
        }
    }
}
