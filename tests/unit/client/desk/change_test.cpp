#include "client-wx/presenters/change.hpp"

#include <catch2/catch.hpp>

#include "client-wx/presenters/change_queue.hpp"
#include "tests/support/client_scene.hpp"
#include "wutong/v1/reading_service.pb.h"

using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;
using namespace std::chrono_literals;

namespace {

v1::AcknowledgeAlarmRequest request_for(std::int64_t alarm) {
    v1::AcknowledgeAlarmRequest request;
    request.set_request_id("id-" + std::to_string(alarm));
    request.set_alarm_id(alarm);
    return request;
}

}  // namespace

TEST_CASE("change: the same request is asked again until there is an answer", "[client][change]") {
    ClientScene scene;
    Change change{scene.server, scene.clock};
    int waited = 0;
    int done = 0;
    change.on_waiting = [&] { ++waited; };
    change.start<v1::AcknowledgeAlarmRequest, v1::Alarm>(
        method::acknowledge_alarm, request_for(4),
        [&](Result<v1::Alarm> result) { done += result ? 1 : 100; });
    CHECK(change.busy());
    scene.server.fail(method::acknowledge_alarm, outcome_unknown());
    CHECK(change.waiting());
    scene.clock.advance(1s);
    scene.server.fail(method::acknowledge_alarm, unreachable());
    scene.clock.advance(1s);
    CHECK(scene.server.waiting(method::acknowledge_alarm) == 0);  // the second wait is longer
    scene.clock.advance(1s);
    scene.server.answer(method::acknowledge_alarm, v1::Alarm{});
    CHECK(done == 1);
    CHECK(waited == 1);
    CHECK_FALSE(change.busy());
    const auto asked = scene.server.asked(method::acknowledge_alarm);
    REQUIRE(asked.size() == 3);
    for (const auto& one : asked) {
        CHECK(one.request_id() == "id-4");
    }
}

TEST_CASE("change: a refusal is an answer", "[client][change]") {
    ClientScene scene;
    Change change{scene.server, scene.clock};
    std::string reason;
    change.start<v1::AcknowledgeAlarmRequest, v1::Alarm>(
        method::acknowledge_alarm, request_for(4),
        [&](Result<v1::Alarm> result) { reason = result.fault().reason; });
    scene.server.fail(method::acknowledge_alarm, refused("busy"));
    CHECK(reason == "busy");
    scene.clock.advance(60s);
    CHECK(scene.server.asked(method::acknowledge_alarm).size() == 1);
}

TEST_CASE("changes: at most four at the same time, each answered once", "[client][change]") {
    ClientScene scene;
    ChangeQueue queue{scene.server, scene.clock};
    std::vector<v1::AcknowledgeAlarmRequest> requests;
    for (int i = 1; i <= 10; ++i) {
        requests.push_back(request_for(i));
    }
    std::set<std::int64_t> answered;
    int all = 0;
    queue.start<v1::AcknowledgeAlarmRequest, v1::Alarm>(
        method::acknowledge_alarm, requests,
        [&](const v1::AcknowledgeAlarmRequest& request, Result<v1::Alarm>) {
            answered.insert(request.alarm_id());
        },
        [&] { ++all; });
    CHECK(scene.server.waiting(method::acknowledge_alarm) == 4);
    scene.server.fail(method::acknowledge_alarm, refused("busy"));
    CHECK(scene.server.waiting(method::acknowledge_alarm) == 4);
    for (int i = 0; i < 9; ++i) {
        CHECK(all == 0);
        scene.server.answer(method::acknowledge_alarm, v1::Alarm{});
    }
    CHECK(all == 1);
    CHECK(answered.size() == 10);
    CHECK(queue.refused() == 1);
    CHECK_FALSE(queue.busy());
}
