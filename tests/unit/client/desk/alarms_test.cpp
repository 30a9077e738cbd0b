#include <catch2/catch.hpp>

#include "client-wx/presenters/alarms/alarms_presenter.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "tests/support/client_scene.hpp"
#include "wutong/v1/reading_service.pb.h"

using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;
using namespace std::chrono_literals;

namespace {

v1::Alarm alarm(std::int64_t id, const char* kind, std::int64_t meter, std::chrono::seconds old,
                HandClock& clock) {
    v1::Alarm one;
    one.set_alarm_id(id);
    one.set_kind(kind);
    one.set_meter_id(meter);
    one.set_unit_code("A-" + std::to_string(meter));
    one.set_customer("Noodle House");
    *one.mutable_raised_at() = to_proto_time(clock.now() - old);
    return one;
}

struct AlarmsScene : ClientScene {
    AlarmsScene() {
        sign_in({"reading.read", "control.write"});
        *first.add_alarms() = alarm(12, "arrears", 3, 72s, clock);
        *first.add_alarms() = alarm(11, "alarm_1", 2, 3600s, clock);
        *first.add_alarms() = alarm(10, "lost_channel", 0, 7200s, clock);
        presenter.open();
    }
    v1::ListAlarmsResponse first;
    AlarmsPresenter presenter{context};
};

}  // namespace

TEST_CASE("alarms: live ones newest first, with words, subject and age", "[client][alarms]") {
    AlarmsScene scene;
    CHECK(scene.presenter.screen().phase == ListPhase::loading);
    scene.server.answer(method::list_alarms, scene.first);
    CHECK(scene.server.asked(method::list_alarms)[0].live_only());
    const auto& screen = scene.presenter.screen();
    REQUIRE(screen.rows.size() == 3);
    CHECK(screen.rows[0].cells[0].text == "Arrears, off");
    CHECK(screen.rows[0].cells[1].text == "A-3 · Noodle House");
    CHECK(screen.rows[0].cells[6].text == "1 min 12 s");
    CHECK(screen.rows[0].strong);
    CHECK(scene.presenter.extra().kinds[0].count == 3);
    CHECK(scene.presenter.extra().unacknowledged == 3);
}

TEST_CASE("alarms: kinds filter, a second one adds", "[client][alarms]") {
    AlarmsScene scene;
    scene.server.answer(method::list_alarms, scene.first);
    scene.presenter.choose_kind("arrears", false);
    CHECK(scene.presenter.screen().rows.size() == 1);
    scene.presenter.choose_kind("alarm_1", true);
    CHECK(scene.presenter.screen().rows.size() == 2);
    scene.presenter.choose_kind("overload", false);
    CHECK(scene.presenter.screen().rows.empty());
    CHECK(scene.presenter.screen().empty == "None of 3 alarms are of the chosen kinds.");
    CHECK(scene.presenter.screen().filtered);
    scene.presenter.clear_filter();
    CHECK(scene.presenter.screen().rows.size() == 3);
}

TEST_CASE("alarms: several are acknowledged, each with its own request", "[client][alarms]") {
    AlarmsScene scene;
    scene.server.answer(method::list_alarms, scene.first);
    CHECK_FALSE(scene.presenter.extra().acknowledge_off.empty());
    scene.presenter.select({12, 11});
    CHECK(scene.presenter.extra().acknowledge == "Acknowledge 2 alarms");
    CHECK(scene.presenter.extra().acknowledge_off.empty());
    scene.presenter.acknowledge_selected();
    CHECK(scene.presenter.extra().acknowledging);
    scene.presenter.acknowledge_selected();  // a second press does nothing
    const auto asked = scene.server.asked(method::acknowledge_alarm);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].request_id() != asked[1].request_id());
    auto answer = scene.first.alarms(0);
    *answer.mutable_acknowledged_at() = to_proto_time(scene.clock.now());
    scene.server.answer(method::acknowledge_alarm, answer);
    CHECK(scene.presenter.extra().progress == "1 of 2 acknowledged");
    scene.server.fail(method::acknowledge_alarm, refused("busy"));
    CHECK_FALSE(scene.presenter.extra().acknowledging);
    CHECK(scene.presenter.extra().failure.find("1 alarm was not acknowledged.") == 0);
    CHECK(scene.presenter.extra().failure.find("E-busy") != std::string::npos);
    CHECK(scene.navigator.toasts.empty());
    CHECK_FALSE(scene.presenter.screen().rows[0].strong);
}

TEST_CASE("alarms: without the right nothing can be acknowledged, and it says why", "[client][alarms]") {
    ClientScene scene;
    scene.sign_in({"reading.read"});
    AlarmsPresenter presenter{scene.context};
    presenter.open();
    v1::ListAlarmsResponse answer;
    *answer.add_alarms() = alarm(1, "fault", 2, 1s, scene.clock);
    scene.server.answer(method::list_alarms, answer);
    presenter.select({1});
    presenter.acknowledge_selected();
    CHECK(scene.server.asked(method::acknowledge_alarm).empty());
    CHECK(presenter.extra().acknowledge_off == "Your role may not acknowledge alarms.");
}

TEST_CASE("alarms: a broken link keeps the rows and says how old they are", "[client][alarms]") {
    AlarmsScene scene;
    scene.server.answer(method::list_alarms, scene.first);
    scene.clock.advance(5s);
    scene.server.fail(method::list_alarms, unreachable());
    CHECK(scene.presenter.screen().rows.size() == 3);
    CHECK(scene.presenter.screen().stale.find("2026-03-26 10:42:07") != std::string::npos);
    scene.clock.advance(5s);
    scene.server.answer(method::list_alarms, v1::ListAlarmsResponse{});
    CHECK(scene.presenter.screen().stale.empty());
    CHECK(scene.presenter.screen().empty == "No alarm is live. All is well.");
    scene.presenter.close();
    scene.clock.advance(60s);
    CHECK(scene.server.waiting(method::list_alarms) == 0);
}

TEST_CASE("alarms: refused with nothing to show is said with its code", "[client][alarms]") {
    AlarmsScene scene;
    scene.server.fail(method::list_alarms, refused("database_slow"));
    CHECK(scene.presenter.screen().phase == ListPhase::failed);
    CHECK(scene.presenter.screen().failure_code == "E-database_slow");
    scene.clock.advance(5s);
    scene.server.answer(method::list_alarms, scene.first);
    CHECK(scene.presenter.screen().phase == ListPhase::ready);
}

TEST_CASE("alarms: history is asked for page by page and stops at its limit", "[client][alarms]") {
    AlarmsScene scene;
    scene.presenter.show_history(true);
    v1::ListAlarmsResponse page;
    for (int i = 0; i < 500; ++i) {
        *page.add_alarms() = alarm(9000 - i, "alarm_2", 1, 10s, scene.clock);
    }
    page.set_next_page_token("more");
    for (int i = 0; i < 10; ++i) {
        scene.server.answer(method::list_alarms, page);
    }
    CHECK(scene.server.waiting(method::list_alarms) == 0);
    CHECK(scene.presenter.screen().rows.size() == 5000);
    CHECK(scene.presenter.screen().cut);
    CHECK(scene.server.asked(method::list_alarms).back().page().token() == "more");
    CHECK_FALSE(scene.server.asked(method::list_alarms).back().live_only());
}

TEST_CASE("alarms: opens the meter, or the channels when there is none", "[client][alarms]") {
    AlarmsScene scene;
    scene.server.answer(method::list_alarms, scene.first);
    scene.presenter.open_subject(12);
    scene.presenter.open_subject(10);
    REQUIRE(scene.navigator.opened.size() == 2);
    CHECK(scene.navigator.opened[0] == Place{Page::meter, 3, ""});
    CHECK(scene.navigator.opened[1] == Place{Page::devices, 0, "channels"});
}
