#include "client-wx/presenters/session.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "client-wx/text/faults.hpp"
#include "client-wx/text/format.hpp"
#include "tests/support/client_scene.hpp"

using namespace std::chrono_literals;
using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;

TEST_CASE_METHOD(ClientScene, "session: signing in brings rights, the property and the token",
                 "[client][session]") {
    int told = 0;
    const auto subscription = session.on_change([&] { ++told; });
    sign_in({"sale.write", "site.read"});
    CHECK(session.signed_in());
    CHECK(told == 1);
    CHECK(server.token() == "token-1");
    CHECK(session.who().name == "cashier02");
    CHECK(session.property_id() == 1);
    CHECK(session.property().name == "Harbour Plaza");
    CHECK(session.may("sale.write"));
    CHECK_FALSE(session.may("control.write"));
    CHECK(preferences.operator_name() == "cashier02");
    const auto asked = server.asked(method::sign_in);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].password() == "secret-password");
    for (const auto& [key, value] : preferences.values) {
        CHECK(value.find("secret") == std::string::npos);
        CHECK(value.find("token") == std::string::npos);
    }
}

TEST_CASE_METHOD(ClientScene, "session: * is every right, and a role without the site still has its property",
                 "[client][session]") {
    sign_in({"*"});
    CHECK(session.may("anything.at_all"));
    session.sign_out();
    sign_in({"kiosk.read"});
    CHECK(session.signed_in());
    CHECK(session.property_id() == 1);
    CHECK_FALSE(session.may("site.read"));
}

TEST_CASE_METHOD(ClientScene, "session: a refusal leaves everything as it was", "[client][session]") {
    Fault wrong;
    wrong.kind = Fault::Kind::unauthenticated;
    wrong.reason = "wrong_credentials";
    wrong.details = {{"tries_left", "3"}};
    std::string said;
    session.sign_in("cashier02", "wrong",
                    [&](const Fault* fault) { said = fault ? describe(*fault) : "in"; });
    CHECK(session.busy());
    server.fail(method::sign_in, wrong);
    CHECK(said == "Wrong name or password. 3 tries left, then a wait.");
    CHECK_FALSE(session.busy());
    CHECK_FALSE(session.signed_in());
    CHECK(server.token().empty());
}

TEST_CASE_METHOD(ClientScene, "session: signed in, but the properties do not come: not signed in",
                 "[client][session]") {
    v1::SignInResponse answer;
    answer.set_token("token-1");
    answer.mutable_who()->set_operator_id(7);
    answer.mutable_who()->add_permissions("site.read");
    bool failed = false;
    session.sign_in("cashier02", "x", [&](const Fault* fault) { failed = fault != nullptr; });
    server.answer(method::sign_in, answer);
    server.fail(method::list_properties, unreachable());
    CHECK(failed);
    CHECK_FALSE(session.signed_in());
    CHECK(server.token().empty());
}

TEST_CASE_METHOD(ClientScene, "session: locks after ten idle minutes, and the same operator goes on",
                 "[client][session]") {
    sign_in({"site.read"});
    clock.advance(9min);
    session.active();
    clock.advance(9min);
    CHECK(session.signed_in());
    clock.advance(65s);
    CHECK(session.state() == Session::State::locked);
    CHECK(session.property_id() == 1);
    CHECK(session.who().name == "cashier02");
    sign_in({"site.read"});
    CHECK(session.signed_in());
    session.set_idle_limit(0min);
    clock.advance(5h);
    CHECK(session.signed_in());
    session.lock();
    CHECK(session.state() == Session::State::locked);
}

TEST_CASE_METHOD(ClientScene, "session: when the server ends it, the screen says so", "[client][session]") {
    sign_in({"site.read"});
    server.end_session();
    CHECK(session.state() == Session::State::ended);
    CHECK(server.token().empty());
    CHECK(session.property_id() == 1);  // what is on the screen stays
    sign_in({"site.read"});
    CHECK(session.signed_in());
}

TEST_CASE_METHOD(ClientScene, "session: signing out tells the server and forgets everything",
                 "[client][session]") {
    sign_in({"site.read"});
    session.sign_out();
    CHECK(session.state() == Session::State::signed_out);
    CHECK(server.asked(method::sign_out).size() == 1);
    CHECK(session.property_id() == 0);
    CHECK_FALSE(session.may("site.read"));
    CHECK(server.token().empty());
}

TEST_CASE_METHOD(ClientScene, "session: a kept token goes on, a dead one does not", "[client][session]") {
    v1::WhoAmIResponse who;
    who.set_operator_id(1);
    who.set_operator_("admin");
    who.add_property_ids(4);
    bool in = false;
    session.resume("kept", [&](const Fault* fault) { in = fault == nullptr; });
    server.answer(method::who_am_i, who);
    CHECK(in);
    CHECK(session.property_id() == 4);
    session.sign_out();
    session.resume("dead", [&](const Fault* fault) { in = fault == nullptr; });
    server.fail(method::who_am_i, unreachable());
    CHECK_FALSE(in);
    CHECK(server.token().empty());
}

TEST_CASE_METHOD(ClientScene,
                 "session: the property that was open last is opened again, with its money and its clock",
                 "[client][session]") {
    preferences.set_property_id(2);
    v1::ListPropertiesResponse properties;
    for (const int id : {1, 2}) {
        auto* one = properties.add_properties();
        one->set_property_id(id);
        one->set_time_zone(id == 1 ? "Asia/Shanghai" : "Europe/Berlin");
        one->set_currency(id == 1 ? "CNY" : "EUR");
    }
    v1::SignInResponse answer;
    answer.set_token("t");
    answer.mutable_who()->add_permissions("*");
    session.sign_in("admin", "x", [](const Fault*) {});
    server.answer(method::sign_in, answer);
    server.answer(method::list_properties, properties);
    CHECK(session.property_id() == 2);
    CHECK(money(10'000) == "€1.00");
    CHECK(clock_time(clock.now()) == "03:42");
    session.choose_property(1);
    CHECK(money(10'000) == "¥1.00");
    CHECK(clock_time(clock.now()) == "10:42");
    CHECK(preferences.property_id() == 1);
    session.choose_property(99);
    CHECK(session.property_id() == 1);
}

TEST_CASE("faults: sentences, codes and fields", "[client][faults]") {
    Fault fault;
    fault.kind = Fault::Kind::refused;
    fault.reason = "delivery_quarantined";
    CHECK(describe(fault).starts_with("Nothing was done. An earlier payment"));
    fault.text = "an earlier payment on its way to meter A-1 could not be confirmed";
    CHECK(describe(fault) == "An earlier payment on its way to meter A-1 could not be confirmed.");
    CHECK(code(fault) == "E-delivery_quarantined");
    CHECK(describe_with_code(fault).ends_with(" · E-delivery_quarantined"));
    fault.reason = "something_new";
    CHECK(describe(fault) == "An earlier payment on its way to meter A-1 could not be confirmed.");
    fault.text.clear();
    CHECK(describe(fault) == "Nothing was done. The server refused it.");
    fault = Fault{};
    fault.kind = Fault::Kind::invalid;
    fault.fields = {{"customer.phone", "must be 11 digits"}, {"meters[0].price_e4", "is missing"}};
    CHECK(field_fault(fault, "phone") == "Must be 11 digits.");
    CHECK(field_fault(fault, "meters[0].price_e4") == "Is missing.");
    CHECK(field_fault(fault, "price").empty());
    CHECK(field_fault(fault, "one").empty());
    CHECK(describe(fault).find("customer.phone: must be 11 digits") != std::string::npos);
    fault.fields.clear();
    CHECK(code(fault) == "E-invalid");
    fault = Fault{};
    fault.reason = "locked_out";
    fault.kind = Fault::Kind::unauthenticated;
    fault.details = {{"retry_after_s", "840"}};
    CHECK(describe(fault) == "Too many wrong passwords. You can try again in 14 min.");
    fault.details = {{"retry_after_s", "99999999999999"}};
    CHECK(describe(fault) == "Too many wrong passwords. Wait before you try again.");
    for (int kind = 0; kind <= static_cast<int>(Fault::Kind::internal); ++kind) {
        fault = Fault{};
        fault.kind = static_cast<Fault::Kind>(kind);
        CHECK_FALSE(describe(fault).empty());
        CHECK(code(fault).starts_with("E-"));
        fault.text = std::string(1'000'000, 'x');
        fault.reason = std::string(10'000, 'y');
        CHECK(describe_with_code(fault).size() < 1000);
    }
}

TEST_CASE("preferences: a file keeps them, for its owner only", "[client][preferences]") {
    namespace fs = std::filesystem;
    const fs::path folder = fs::temp_directory_path() / ("wutong-preferences-" + std::to_string(::rand()));
    const fs::path file = folder / "deep" / "client.conf";
    {
        FilePreferences preferences{file};
        CHECK(preferences.language() == Language::system);
        CHECK(preferences.text_scale() == 1.0);
        CHECK_FALSE(preferences.server());
        preferences.set_language(Language::chinese);
        preferences.set_theme(ThemeChoice::dark);
        preferences.set_text_scale(1.25);
        preferences.set_density(Density::detail);
        preferences.set_server({"localhost:7443", std::string(64, 'c')});
        preferences.set_operator_name("收银员\n02\\");
        preferences.set_device_key("key = with = marks");
        preferences.set_rail_folded(true);
        CHECK(preferences.last_error().empty());
    }
    CHECK((fs::status(file).permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
          fs::perms::none);
    {
        FilePreferences preferences{file};
        CHECK(preferences.language() == Language::chinese);
        CHECK(preferences.theme() == ThemeChoice::dark);
        CHECK(preferences.text_scale() == 1.25);
        CHECK(preferences.density() == Density::detail);
        CHECK(preferences.server() == ServerAddress{"localhost:7443", std::string(64, 'c')});
        CHECK(preferences.operator_name() == "收银员\n02\\");
        CHECK(preferences.device_key() == "key = with = marks");
        CHECK(preferences.rail_folded());
        preferences.forget_certificate("localhost:7443");
        CHECK_FALSE(preferences.server());
        preferences.set("plain", std::string(10'000, 'x'));
        CHECK(preferences.get("plain")->size() == 4000);
        preferences.set("not a key", "x");
        CHECK_FALSE(preferences.get("not a key"));
    }
    {
        std::ofstream damaged{file, std::ios::binary | std::ios::trunc};
        damaged << "text_percent = 9999\nlanguage = klingon\nno mark here\n = x\n"
                << std::string(100'000, '\0') << "\ntheme = dark\n";
    }
    {
        FilePreferences preferences{file};
        CHECK(preferences.text_scale() == 2.0);
        CHECK(preferences.language() == Language::system);
        CHECK(preferences.theme() == ThemeChoice::dark);
    }
    {
        FilePreferences preferences{folder / "deep" / "client.conf" / "impossible"};
        preferences.set_language(Language::english);
        CHECK_FALSE(preferences.last_error().empty());
        CHECK(preferences.language() == Language::english);
    }
    fs::remove_all(folder);
}
