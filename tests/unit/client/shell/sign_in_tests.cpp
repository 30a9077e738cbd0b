#include <catch2/catch.hpp>

#include "client-wx/presenters/shell/sign_in_presenter.hpp"
#include "tests/support/client_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;
using Step = SignInScreen::Step;

namespace {

const std::string fingerprint(64, 'a');

struct SignInScene : ClientScene {
    int changes{0};
    SignInPresenter presenter{context, [this] { ++changes; }};
    const SignInScreen& screen() const { return presenter.screen(); }
};

Fault wrong_password(const std::string& tries_left) {
    Fault fault;
    fault.kind = Fault::Kind::unauthenticated;
    fault.reason = "wrong_credentials";
    fault.details["tries_left"] = tries_left;
    return fault;
}

}  // namespace

TEST_CASE("sign-in: an address is made whole or refused", "[shell]") {
    CHECK(normal_address("wutong.example") == "wutong.example:7443");
    CHECK(normal_address("  10.0.3.1:8000 ") == "10.0.3.1:8000");
    CHECK(normal_address("https://wutong.example:7443/") == "wutong.example:7443");
    CHECK(normal_address("[::1]:7443") == "[::1]:7443");
    CHECK(normal_address("fe80::1") == "[fe80::1]:7443");
    for (const auto* wrong : {"", "  ", "host:", "host:0", "host:99999", "host:port", "a b:1", ":7443",
                              "[]:1", "host/x", "user@host:1"}) {
        CHECK(normal_address(wrong).empty());
    }
    CHECK(normal_address(std::string(400, 'x')).empty());
}

TEST_CASE("sign-in: the first start asks for a server, then whether its certificate is the right one",
          "[shell]") {
    SignInScene scene;
    scene.presenter.start();
    CHECK(scene.screen().step == Step::address);
    CHECK_FALSE(scene.presenter.has_server());

    scene.presenter.use_address("not an address");
    CHECK(scene.screen().address_error != "");
    CHECK(scene.link.asked_address.empty());

    scene.presenter.use_address("wutong.example");
    CHECK(scene.screen().address_busy);
    CHECK(scene.link.asked_address == "wutong.example:7443");
    scene.link.certificate_done(Result<PresentedCertificate>{PresentedCertificate{fingerprint}});
    CHECK(scene.screen().step == Step::first_contact);
    CHECK(scene.screen().fingerprint.substr(0, 9) == "aaaa aaaa");
    CHECK(scene.link.dials == 0);  // nothing before the answer

    scene.presenter.trust();
    CHECK(scene.link.dialled == ServerAddress{"wutong.example:7443", fingerprint});
    CHECK(scene.preferences.fingerprint_of("wutong.example:7443") == fingerprint);
    scene.link.succeed();
    CHECK(scene.screen().step == Step::form);
    CHECK(scene.screen().can_sign_in);
    CHECK(scene.screen().server_line == "wutong.example:7443 reached, 12 ms");
}

TEST_CASE("sign-in: a certificate that is not trusted is not kept", "[shell]") {
    SignInScene scene;
    scene.presenter.start();
    scene.presenter.use_address("wutong.example");
    scene.link.certificate_done(Result<PresentedCertificate>{PresentedCertificate{fingerprint}});
    scene.presenter.distrust();
    CHECK(scene.screen().step == Step::address);
    CHECK_FALSE(scene.preferences.fingerprint_of("wutong.example:7443"));
    CHECK(scene.link.dials == 0);
}

TEST_CASE("sign-in: an address that does not answer says so beside the field", "[shell]") {
    SignInScene scene;
    scene.presenter.start();
    scene.presenter.use_address("nobody.example");
    scene.link.certificate_done(Result<PresentedCertificate>{unreachable()});
    CHECK(scene.screen().step == Step::address);
    CHECK_FALSE(scene.screen().address_busy);
    CHECK(scene.screen().address_error.find("nobody.example:7443") != std::string::npos);
}

TEST_CASE("sign-in: a changed certificate is a hard stop with both fingerprints", "[shell]") {
    SignInScene scene;
    scene.presenter.start(ServerAddress{"wutong.example:7443", fingerprint});
    Fault changed;
    changed.kind = Fault::Kind::certificate_changed;
    changed.details["presented"] = std::string(64, 'b');
    scene.link.fail(changed);
    CHECK(scene.screen().step == Step::certificate_changed);
    CHECK(scene.screen().fingerprint.substr(0, 4) == "bbbb");
    CHECK(scene.screen().pinned_fingerprint.substr(0, 4) == "aaaa");
    CHECK_FALSE(scene.screen().can_sign_in);
    scene.clock.advance(std::chrono::minutes{5});
    CHECK(scene.link.dials == 1);  // nothing is tried by itself
}

TEST_CASE("sign-in: a wrong password tells the tries left, a lock-out counts down", "[shell]") {
    SignInScene scene;
    scene.presenter.start(ServerAddress{"wutong.example:7443", fingerprint});
    scene.link.succeed();
    scene.presenter.sign_in("cashier02", "");
    CHECK(scene.screen().error == "Type the password");
    CHECK(scene.server.asked(method::sign_in).empty());

    scene.presenter.sign_in(" cashier02 ", "wrong");
    CHECK(scene.screen().busy);
    CHECK_FALSE(scene.screen().can_sign_in);
    REQUIRE(scene.server.asked(method::sign_in).size() == 1);
    CHECK(scene.server.asked(method::sign_in)[0].operator_() == "cashier02");
    scene.server.fail(method::sign_in, wrong_password("3"));
    CHECK(scene.screen().error.find("3 tries left") != std::string::npos);
    CHECK(scene.screen().can_sign_in);

    scene.presenter.sign_in("cashier02", "wrong");
    Fault locked = refused("locked_out");
    locked.details["retry_after_s"] = "90";
    scene.server.fail(method::sign_in, locked);
    CHECK(scene.screen().error == "Too many wrong passwords. You can try again in 1 min 30 s.");
    CHECK_FALSE(scene.screen().can_sign_in);
    scene.clock.advance(std::chrono::seconds{30});
    CHECK(scene.screen().error == "Too many wrong passwords. You can try again in 1 min.");
    scene.clock.advance(std::chrono::seconds{61});
    CHECK(scene.screen().error.empty());
    CHECK(scene.screen().can_sign_in);
}

TEST_CASE("sign-in: while the server is away the button is off and says why", "[shell]") {
    SignInScene scene;
    scene.presenter.start(ServerAddress{"wutong.example:7443", fingerprint});
    scene.link.fail();
    CHECK_FALSE(scene.screen().can_sign_in);
    CHECK(scene.screen().why_not != "");
    CHECK(scene.screen().server_dot == SignInScreen::Dot::bad);
    scene.presenter.sign_in("cashier02", "secret-password");
    CHECK(scene.server.asked(method::sign_in).empty());
}

TEST_CASE("sign-in: what the command line gave is used once, when the server is reached", "[shell]") {
    SignInScene scene;
    scene.presenter.start(ServerAddress{"wutong.example:7443", fingerprint});
    scene.presenter.sign_in_when_reached("admin", "secret-password");
    CHECK(scene.server.asked(method::sign_in).empty());
    scene.link.succeed();
    CHECK(scene.server.asked(method::sign_in).size() == 1);
    scene.server.fail(method::sign_in, wrong_password("4"));
    scene.link.lose();
    scene.clock.advance(std::chrono::seconds{2});
    scene.link.succeed();
    CHECK(scene.server.asked(method::sign_in).size() == 1);
}

TEST_CASE("sign-in: a locked screen keeps its operator's name", "[shell]") {
    SignInScene scene;
    scene.sign_in({"device.read"});
    scene.session.lock();
    CHECK(scene.screen().locked);
    CHECK(scene.screen().title == "Locked");
    CHECK(scene.screen().operator_name == "cashier02");
    CHECK(scene.screen().explanation.find("cashier02") != std::string::npos);
}
