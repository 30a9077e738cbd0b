#include <wutong/v1/session_service.pb.h>

#include "client-wx/api/methods.hpp"
#include "tests/unit/client/kiosk_scene.hpp"

using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;

namespace {

void open_staff_door(Lobby& lobby) {
    for (int i = 0; i < KioskPresenter::kLogoTouches; ++i) {
        lobby.kiosk.touch_logo();
    }
    REQUIRE(lobby.screen().stage == KioskStage::operator_name);
}

void sign_in(Lobby& lobby, const std::string& permission) {
    lobby.type("boss");
    lobby.kiosk.go_on();
    lobby.type("secret words");
    CHECK(lobby.screen().entry == "••••••••••••");
    lobby.kiosk.go_on();
    const auto asked = lobby.scene.server.asked(method::sign_in);
    REQUIRE(!asked.empty());
    CHECK(asked.back().operator_() == "boss");
    CHECK(asked.back().password() == "secret words");
    v1::SignInResponse answer;
    answer.set_token("operator-token");
    answer.mutable_who()->add_permissions(permission);
    lobby.scene.server.answer(method::sign_in, answer);
}

}  // namespace

TEST_CASE("kiosk: out of full screen only for an operator who may", "[kiosk]") {
    Lobby lobby;
    open_staff_door(lobby);
    sign_in(lobby, "account.write");
    CHECK(lobby.screen().message == "You may sign in, but not work on kiosks.");
    CHECK(lobby.host.full_screen);
    lobby.kiosk.finish();
    open_staff_door(lobby);
    sign_in(lobby, "kiosk.write");
    REQUIRE(lobby.screen().stage == KioskStage::operator_menu);
    // The operator's session is ended at once, and the kiosk is itself again.
    CHECK(lobby.scene.server.asked(method::sign_out).size() == 2);
    CHECK(lobby.scene.server.token() == kDeviceKey);
    CHECK(lobby.screen().choices.size() == 4);
    lobby.kiosk.choose(1);
    CHECK_FALSE(lobby.host.full_screen);
    CHECK(lobby.screen().stage == KioskStage::start);
    open_staff_door(lobby);
    sign_in(lobby, "*");
    CHECK(lobby.screen().choices[1] == "Full screen");
    lobby.kiosk.choose(3);
    CHECK(lobby.host.ended);
}

TEST_CASE("kiosk: the staff's door needs five touches within four seconds, and clears what was there",
          "[kiosk]") {
    Lobby lobby;
    lobby.visit();
    for (int i = 0; i < 12; ++i) {
        lobby.kiosk.touch_logo();
        lobby.scene.clock.advance(milliseconds{1'500});
    }
    CHECK(lobby.screen().stage == KioskStage::account);
    const auto before = lobby.host.screens.size();
    open_staff_door(lobby);
    CHECK_FALSE(lobby.host.shown_since(before + 4, "Noodle"));
    CHECK(lobby.scene.server.asked(method::end_visit).size() == 1);
}

TEST_CASE("kiosk: a wrong password, and an operator who walked away", "[kiosk]") {
    Lobby lobby;
    open_staff_door(lobby);
    lobby.type("boss");
    lobby.kiosk.go_on();
    lobby.type("wrong");
    lobby.kiosk.go_on();
    lobby.scene.server.fail(method::sign_in, refused_visit("wrong_credentials", "tries_left", "4"));
    CHECK(lobby.screen().stage == KioskStage::operator_password);
    CHECK_FALSE(lobby.screen().message.empty());
    CHECK(lobby.screen().entry.empty());
    lobby.type("secr");
    lobby.wait(seconds{80});
    CHECK(lobby.screen().stage == KioskStage::start);
    open_staff_door(lobby);
    CHECK(lobby.screen().entry.empty());
}

TEST_CASE("kiosk: first start: server, certificate, code", "[kiosk]") {
    Lobby lobby{false};
    CHECK(lobby.screen().stage == KioskStage::server);
    CHECK(lobby.screen().keys == KioskKeys::full);
    lobby.type("tower.example");
    lobby.kiosk.go_on();
    CHECK(lobby.scene.link.asked_address == "tower.example:7443");
    CHECK(lobby.screen().busy);
    lobby.scene.link.certificate_done(
        Result<PresentedCertificate>{PresentedCertificate{std::string(64, 'b')}});
    REQUIRE(lobby.screen().stage == KioskStage::certificate);
    CHECK(lobby.screen().detail.find("bbbb bbbb") == 0);
    // Nothing is pinned before the answer.
    CHECK_FALSE(lobby.scene.preferences.server());
    lobby.kiosk.choose(1);
    CHECK(lobby.screen().stage == KioskStage::server);
    CHECK_FALSE(lobby.scene.preferences.server());
    lobby.kiosk.go_on();
    lobby.scene.link.certificate_done(
        Result<PresentedCertificate>{PresentedCertificate{std::string(64, 'b')}});
    lobby.kiosk.choose(0);
    REQUIRE(lobby.screen().stage == KioskStage::registration);
    CHECK(lobby.scene.preferences.server()->fingerprint == std::string(64, 'b'));
    lobby.scene.link.succeed();
    lobby.type("1234 5678-90");
    CHECK_FALSE(lobby.screen().can_go_on);
    lobby.type("12345");
    CHECK(lobby.screen().entry == "123456789012");
    lobby.kiosk.go_on();

    // The answer is lost; asked again, it is the same key.
    lobby.scene.server.fail(method::activate_device, unreachable());
    CHECK_FALSE(lobby.screen().message.empty());
    lobby.kiosk.go_on();
    const auto asked = lobby.scene.server.asked(method::activate_device);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].device_key() == asked[1].device_key());
    CHECK(asked[0].device_key().size() == 70);
    CHECK(lobby.scene.preferences.device_key().empty());
    lobby.scene.server.answer(method::activate_device, home());
    CHECK(lobby.screen().stage == KioskStage::start);
    CHECK(lobby.scene.preferences.device_key() == asked[0].device_key());
    CHECK(lobby.scene.server.token() == asked[0].device_key());
}

TEST_CASE("kiosk: a wrong code is typed again, with another key", "[kiosk]") {
    Lobby lobby{false};
    lobby.type("tower:7443");
    lobby.kiosk.go_on();
    lobby.scene.link.certificate_done(
        Result<PresentedCertificate>{PresentedCertificate{std::string(64, 'b')}});
    lobby.kiosk.choose(0);
    lobby.scene.link.succeed();
    for (int i = 0; i < 2; ++i) {
        lobby.type("123456789012");
        lobby.kiosk.go_on();
        lobby.scene.server.fail(method::activate_device, refused_visit("wrong_code", "x", ""));
        CHECK(lobby.screen().message == "This code is wrong, used, or older than 15 minutes.");
        CHECK(lobby.screen().entry.empty());
    }
    const auto asked = lobby.scene.server.asked(method::activate_device);
    CHECK(asked[0].device_key() != asked[1].device_key());
    lobby.kiosk.go_back();
    CHECK(lobby.screen().stage == KioskStage::server);
}

TEST_CASE("kiosk: registering anew asks for a code of the same server", "[kiosk]") {
    Lobby lobby;
    open_staff_door(lobby);
    sign_in(lobby, "kiosk.write");
    lobby.kiosk.choose(2);
    CHECK(lobby.screen().stage == KioskStage::registration);
    CHECK(lobby.scene.preferences.device_key().empty());
    CHECK(lobby.scene.server.token().empty());
}

TEST_CASE("kiosk: an unreachable server at the first start is said, and tried again", "[kiosk]") {
    Lobby lobby{false};
    lobby.type("nowhere");
    lobby.kiosk.go_on();
    lobby.scene.link.certificate_done(Result<PresentedCertificate>{unreachable()});
    CHECK(lobby.screen().stage == KioskStage::server);
    CHECK_FALSE(lobby.screen().message.empty());
    CHECK_FALSE(lobby.screen().busy);
}
