#include <google/protobuf/message.h>
#include <wutong/v1/session_service.pb.h>

#include <map>

#include "client-wx/api/methods.hpp"
#include "tests/unit/client/kiosk_scene.hpp"

using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;

namespace {

/// Answers also what was cancelled, which the real one never does: the kiosk must not depend on it.
class RudeServer final : public Server {
public:
    void use_token(const std::string&) override {}
    void use_language(const std::string&) override {}

    template <class Request, class Answer>
    void answer(const Unary<Request, Answer>& method, const Answer& answer) {
        auto& call = calls.at(method.path);
        static_cast<Answer&>(*call.answer) = answer;
        call.done(nullptr);
    }
    template <class Request, class Answer>
    void fail(const Unary<Request, Answer>& method, const Fault& fault) {
        calls.at(method.path).done(&fault);
    }

private:
    struct Held {
        std::shared_ptr<Message> answer;
        std::function<void(const Fault*)> done;
    };
    Call start(const MethodInfo& method, const Message&, std::shared_ptr<Message> answer,
               std::function<void(const Fault*)> done) override {
        calls[method.path] = {std::move(answer), std::move(done)};
        return {};
    }
    Call start_stream(const char*, const Message&, std::shared_ptr<Message>,
                      std::function<void(const Message&)>, std::function<void(const Fault*)>) override {
        return {};
    }
    std::map<std::string, Held> calls;
};

struct RudeLobby {
    RudeLobby() {
        scene.preferences.set_server({"localhost:7443", std::string(64, 'a')});
        scene.preferences.set_device_key(kDeviceKey);
        kiosk.begin();
        scene.link.succeed();
        server.answer(method::get_kiosk_home, home());
    }
    void ask() {
        kiosk.touch_to_begin();
        for (const auto* sign : {"C", "3"}) {
            kiosk.type(sign);
        }
        kiosk.go_on();
        kiosk.type("274951");
        kiosk.go_on();
    }
    ClientScene scene;
    RudeServer server;
    Context context{server,           scene.clock,     scene.session,
                    scene.live,       scene.navigator, scene.preferences,
                    scene.connection, scene.shift,     scene.guards};
    RecordedHost host;
    KioskPresenter kiosk{context, host};
};

}  // namespace

TEST_CASE("kiosk: an answer that comes after the visit ended is never shown", "[kiosk]") {
    SECTION("of the PIN, after Finish") {
        RudeLobby lobby;
        lobby.ask();
        lobby.kiosk.finish();
        const auto before = lobby.host.screens.size();
        lobby.server.answer(method::start_visit, Lobby::begun());
        CHECK(lobby.kiosk.screen().stage == KioskStage::start);
        CHECK_FALSE(lobby.host.shown_since(before, "Noodle"));
    }
    SECTION("of the PIN, when the next visitor is at the PIN already") {
        RudeLobby lobby;
        lobby.ask();
        lobby.kiosk.finish();
        const auto before = lobby.host.screens.size();
        lobby.kiosk.touch_to_begin();
        lobby.kiosk.type("9");
        lobby.kiosk.go_on();
        lobby.server.answer(method::start_visit, Lobby::begun());
        CHECK(lobby.kiosk.screen().stage == KioskStage::pin);
        lobby.server.fail(method::start_visit, refused_visit("wrong_unit_or_pin", "tries_left", "3"));
        CHECK(lobby.kiosk.screen().message.empty());
        CHECK_FALSE(lobby.host.shown_since(before, "Noodle"));
    }
    SECTION("of the PIN, after going back to the unit and on again") {
        RudeLobby lobby;
        lobby.ask();
        lobby.kiosk.go_back();
        lobby.kiosk.go_on();
        lobby.server.answer(method::start_visit, Lobby::begun());
        CHECK(lobby.kiosk.screen().stage == KioskStage::pin);
    }
    SECTION("of the account, into the next tenant's visit") {
        RudeLobby lobby;
        lobby.ask();
        lobby.server.answer(method::start_visit, Lobby::begun());
        lobby.scene.clock.advance(seconds{10});  // the account is asked for again
        lobby.kiosk.finish();
        lobby.ask();
        auto other = Lobby::begun();
        other.mutable_account()->set_customer("Tea & Co.");
        lobby.server.answer(method::start_visit, other);
        const auto before = lobby.host.screens.size();
        lobby.server.answer(method::get_visit_account, visit_account());
        lobby.scene.clock.advance(seconds{1});
        CHECK(lobby.kiosk.screen().account->title == "C-312 · Tea & Co.");
        CHECK_FALSE(lobby.host.shown_since(before, "Noodle"));
    }
    SECTION("of anything, on the start page") {
        RudeLobby lobby;
        lobby.ask();
        lobby.server.answer(method::start_visit, Lobby::begun());
        lobby.scene.clock.advance(seconds{10});
        lobby.kiosk.finish();
        const auto before = lobby.host.screens.size();
        lobby.server.answer(method::get_visit_account, visit_account());
        lobby.server.fail(method::get_visit_account, refused_visit("visit_ended", "x", ""));
        CHECK(lobby.kiosk.screen().stage == KioskStage::start);
        CHECK_FALSE(lobby.host.shown_since(before, "Noodle"));
    }
}

TEST_CASE("kiosk: out of service says where to pay, and goes on by itself", "[kiosk]") {
    Lobby lobby;
    lobby.scene.link.lose();
    CHECK(lobby.screen().stage == KioskStage::away);
    CHECK(lobby.screen().title == "Out of service");
    CHECK(lobby.screen().detail == "Pay at counter East, 08:00–20:00.");
    lobby.kiosk.touch_to_begin();
    CHECK(lobby.screen().stage == KioskStage::away);
    // Each attempt fails for ten minutes; nothing is lost by it.
    for (int i = 0; i < 600; ++i) {
        lobby.scene.clock.advance(seconds{1});
        if (lobby.scene.link.dial_done) {
            lobby.scene.link.fail();
        }
    }
    CHECK(lobby.screen().stage == KioskStage::away);
    while (!lobby.scene.link.dial_done) {
        lobby.scene.clock.advance(seconds{1});
    }
    lobby.scene.link.succeed();
    // Connected is not yet in service: the server has to know this kiosk.
    CHECK(lobby.screen().stage == KioskStage::away);
    lobby.scene.server.answer(method::get_kiosk_home, home());
    CHECK(lobby.screen().stage == KioskStage::start);
}

TEST_CASE("kiosk: the server goes away while somebody types: cleared at once", "[kiosk]") {
    Lobby lobby;
    lobby.kiosk.touch_to_begin();
    lobby.type("C-312");
    lobby.kiosk.go_on();
    lobby.type("2749");
    const auto before = lobby.host.screens.size();
    lobby.scene.link.lose();
    CHECK(lobby.screen().stage == KioskStage::away);
    CHECK_FALSE(lobby.host.shown_since(before, "C-312"));
}

TEST_CASE("kiosk: a restart of the server does not end a visit", "[kiosk]") {
    Lobby lobby;
    lobby.visit();
    lobby.scene.link.lose();
    CHECK(lobby.screen().stage == KioskStage::account);
    CHECK(lobby.screen().message == "No connection at present. What you see may be older.");
    while (!lobby.scene.link.dial_done) {
        lobby.scene.clock.advance(seconds{1});
    }
    lobby.scene.link.succeed();
    CHECK(lobby.screen().stage == KioskStage::account);
    CHECK(lobby.screen().message.empty());
    lobby.scene.server.answer(method::get_kiosk_home, home());
    lobby.scene.clock.advance(seconds{10});
    lobby.scene.server.answer(method::get_visit_account, visit_account());
    CHECK(lobby.screen().account->balance == "¥18.20");
}

TEST_CASE("kiosk: a server that stays away ends the visit after 30 s", "[kiosk]") {
    Lobby lobby;
    lobby.visit();
    lobby.scene.link.lose();
    for (int i = 0; i < 29; ++i) {
        lobby.scene.clock.advance(seconds{1});
        if (lobby.scene.link.dial_done) {
            lobby.scene.link.fail();
        }
    }
    CHECK(lobby.screen().stage == KioskStage::account);
    lobby.scene.clock.advance(seconds{2});
    CHECK(lobby.screen().stage == KioskStage::away);
    CHECK_FALSE(lobby.screen().account);
}

TEST_CASE("kiosk: a visit that the server has ended is over here too", "[kiosk]") {
    Lobby lobby;
    lobby.visit();
    lobby.scene.clock.advance(seconds{10});
    lobby.scene.server.fail(method::get_visit_account, refused_visit("visit_ended", "x", ""));
    CHECK(lobby.screen().stage == KioskStage::start);
    // Another fault is no reason to send anybody away.
    lobby.visit();
    lobby.scene.clock.advance(seconds{10});
    lobby.scene.server.fail(method::get_visit_account, refused("database_slow"));
    CHECK(lobby.screen().stage == KioskStage::account);
}

TEST_CASE("kiosk: a revoked kiosk is out of service", "[kiosk]") {
    Lobby lobby;
    lobby.visit();
    lobby.scene.clock.advance(seconds{10});
    lobby.scene.server.fail(method::get_visit_account, refused_visit("kiosk_revoked", "x", ""));
    CHECK(lobby.screen().stage == KioskStage::away);
    CHECK_FALSE(lobby.screen().account);
    CHECK(lobby.screen().message == "This kiosk has to be registered by an operator.");
}

TEST_CASE("kiosk: a server that is away at the start of the program: where to pay is still known",
          "[kiosk]") {
    MemoryPreferences kept;
    {
        Lobby lobby;
        kept.values = lobby.scene.preferences.values;
    }
    ClientScene scene;
    scene.preferences.values = kept.values;
    RecordedHost host;
    KioskPresenter kiosk{scene.context, host};
    kiosk.begin();
    CHECK(kiosk.screen().title == "One moment, please");
    scene.link.fail();
    CHECK(kiosk.screen().title == "Out of service");
    CHECK(kiosk.screen().detail == "Pay at counter East, 08:00–20:00.");
}
