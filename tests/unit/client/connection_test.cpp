#include "client-wx/api/connection.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "client-wx/api/request_id.hpp"
#include "tests/support/hand_clock.hpp"
#include "tests/support/scripted_server.hpp"

using namespace std::chrono_literals;
using namespace wutong::client;
using namespace wutong::client::test;

namespace {

const ServerAddress kServer{"counter.example:7443", std::string(64, 'a')};

struct Scene {
    HandClock clock;
    ScriptedLink link;
    Connection connection{clock, link};
};

}  // namespace

TEST_CASE_METHOD(Scene, "connection: a dial that succeeds is online", "[client][connection]") {
    int told = 0;
    const auto subscription = connection.on_change([&] { ++told; });
    CHECK(connection.state() == Connection::State::idle);
    connection.connect(kServer);
    CHECK(connection.state() == Connection::State::connecting);
    CHECK(link.dialled == kServer);
    link.succeed(12ms);
    CHECK(connection.online());
    CHECK_FALSE(connection.lost());
    CHECK(connection.round_trip() == 12ms);
    CHECK(told >= 2);
}

TEST_CASE_METHOD(Scene, "connection: waits 1, 2, 4, 8, 16, 30, 30 seconds between attempts",
                 "[client][connection]") {
    connection.connect(kServer);
    link.fail();
    int dials = 1;
    for (const auto wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        CAPTURE(wait.count());
        CHECK(connection.state() == Connection::State::offline);
        CHECK(connection.next_try_in() == wait);
        clock.advance(wait - 1ms);
        CHECK(link.dials == dials);
        clock.advance(1ms);
        CHECK(link.dials == ++dials);
        CHECK(connection.state() == Connection::State::connecting);
        CHECK(connection.lost());
        link.fail();
    }
    // Once it has answered, the next loss begins with a short wait again.
    clock.advance(30s);
    link.succeed();
    link.lose();
    CHECK(connection.next_try_in() == 1s);
}

TEST_CASE_METHOD(Scene, "connection: a loss tells since when, counts down and can be tried at once",
                 "[client][connection]") {
    connection.connect(kServer);
    link.succeed();
    clock.advance(5min);
    const auto lost_at = clock.now();
    link.lose();
    CHECK(connection.lost_since() == lost_at);
    REQUIRE(connection.fault());
    CHECK(connection.fault()->kind == Fault::Kind::unreachable);
    clock.advance(1s);
    link.fail();
    clock.advance(2s);
    link.fail();
    int told = 0;
    const auto subscription = connection.on_change([&] { ++told; });
    CHECK(connection.next_try_in() == 4s);
    clock.advance(2s);
    CHECK(told == 2);
    CHECK(connection.next_try_in() == 2s);
    const int dials = link.dials;
    connection.try_now();
    CHECK(link.dials == dials + 1);
    CHECK(connection.lost_since() == lost_at);
    connection.try_now();  // one is under way already
    CHECK(link.dials == dials + 1);
    link.succeed();
    CHECK(connection.online());
    CHECK_FALSE(connection.lost());
    clock.advance(1min);
    CHECK(link.dials == dials + 1);
}

TEST_CASE_METHOD(Scene, "connection: another certificate is a hard stop", "[client][connection]") {
    Fault changed;
    changed.kind = Fault::Kind::certificate_changed;
    changed.details = {{"presented", std::string(64, 'b')}};
    connection.connect(kServer);
    link.fail(changed);
    CHECK(connection.state() == Connection::State::refused);
    clock.advance(1h);
    connection.try_now();
    CHECK(link.dials == 1);
    CHECK_FALSE(connection.next_try_in());
    CHECK(connection.fault()->details.at("presented") == std::string(64, 'b'));
    // Whoever pins the new one begins anew.
    connection.connect({kServer.address, std::string(64, 'b')});
    CHECK(link.dials == 2);
    link.succeed();
    CHECK(connection.online());
}

TEST_CASE_METHOD(Scene, "connection: leaving a server stops everything about it", "[client][connection]") {
    connection.connect(kServer);
    link.fail();
    connection.disconnect();
    CHECK(connection.state() == Connection::State::idle);
    CHECK(link.hang_ups >= 1);
    CHECK_FALSE(connection.lost());
    clock.advance(1h);
    CHECK(link.dials == 1);
    CHECK(clock.running() == 0);
}

TEST_CASE("listeners: may come and go while they are told", "[client][connection]") {
    Listeners<int> listeners;
    std::string heard;
    Subscription second;
    Subscription late;
    auto first = listeners.add([&](int) {
        heard += "1";
        second.end();
        if (heard == "1") {
            late = listeners.add([&](int) { heard += "L"; });
        }
    });
    second = listeners.add([&](int) { heard += "2"; });
    listeners.tell(1);
    CHECK(heard == "1");
    listeners.tell(2);
    CHECK(heard == "11L");
    Subscription self;
    self = listeners.add([&](int) { self.end(); });
    listeners.tell(3);
    {
        Listeners<int> gone;
        self = gone.add([](int) {});
    }
    self.end();
}

TEST_CASE("request ids are UUIDs of version 4, each another one", "[client][connection]") {
    const auto one = new_request_id();
    const auto two = new_request_id();
    CHECK(one != two);
    for (const auto& id : {one, two}) {
        CAPTURE(id);
        REQUIRE(id.size() == 36);
        for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
            CHECK(id[dash] == '-');
        }
        CHECK(id[14] == '4');
        CHECK(std::string{"89ab"}.find(id[19]) != std::string::npos);
        CHECK(id.find_first_not_of("0123456789abcdef-") == std::string::npos);
    }
}
