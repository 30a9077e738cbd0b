#include <catch2/catch.hpp>

#include "client-wx/presenters/operators/log_presenter.hpp"
#include "client-wx/presenters/operators/operator_forms.hpp"
#include "client-wx/presenters/operators/operators_presenter.hpp"
#include "client-wx/presenters/parameters/parameters_presenter.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "tests/support/client_scene.hpp"
#include "wutong/v1/operator_service.pb.h"

using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;

namespace {

v1::ListOperatorsResponse operators(HandClock& clock) {
    v1::ListOperatorsResponse list;
    auto* one = list.add_operators();
    one->set_operator_id(3);
    one->set_name("li");
    one->set_enabled(true);
    one->add_roles("cashier");
    one->set_all_properties(true);
    *one->mutable_locked_until() = to_proto_time(clock.now() + std::chrono::minutes{9});
    return list;
}

v1::Parameters parameters() {
    v1::Parameters all;
    const auto add = [&](const char* key, const char* value, bool is_default) {
        auto* one = all.add_parameters();
        one->set_key(key);
        one->set_value(value);
        one->set_is_default(is_default);
    };
    add("alarm_1_e4", "200000", true);
    add("state_interval_s", "60", false);
    add("brand_new", "7", true);
    return all;
}

}  // namespace

TEST_CASE("operators: disabled at once, with a way back", "[client][operators]") {
    ClientScene scene;
    scene.sign_in({"operator.read", "operator.write"});
    OperatorsPresenter presenter{scene.context};
    presenter.open();
    scene.server.answer(method::list_operators, operators(scene.clock));
    CHECK(presenter.screen().rows[0].cells[2].text.find("Locked until") == 0);
    presenter.select(3);
    CHECK(presenter.chosen().locked);
    presenter.enable(false);
    scene.server.answer(method::update_operator, v1::Operator{});
    REQUIRE(scene.navigator.last_undo);
    scene.navigator.last_undo();
    const auto asked = scene.server.asked(method::update_operator);
    REQUIRE(asked.size() == 2);
    CHECK_FALSE(asked[0].enabled());
    CHECK(asked[1].enabled());
    CHECK_FALSE(asked[0].has_new_password());
}

TEST_CASE("operators: a new one needs a name, a role and a password of eight", "[client][operators]") {
    ClientScene scene;
    scene.sign_in({"operator.write"});
    const auto form = operator_form(scene.context, nullptr);
    v1::ListRolesResponse roles;
    roles.add_roles()->set_code("cashier");
    scene.server.answer(method::list_roles, roles);
    form->set(0, "wang");
    form->set(2, "short");
    form->submit();
    CHECK(form->screen().fields[2].error == "At least 8 characters.");
    CHECK(form->screen().fields[3].error == "Choose at least one role.");
    form->set(2, "  long enough");
    form->set(3, "cashier");
    form->submit();
    const auto asked = scene.server.asked(method::create_operator);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].password() == "  long enough");
    CHECK(asked[0].roles(0) == "cashier");
    CHECK(asked[0].all_properties());
}

TEST_CASE("own password: both must be the same, the old one is asked for", "[client][operators]") {
    ClientScene scene;
    scene.sign_in({});
    const auto form = change_password_form(scene.context);
    form->set(0, "old-password");
    form->set(1, "new-password");
    form->set(2, "new-passwort");
    form->submit();
    CHECK_FALSE(form->screen().fields[2].error.empty());
    form->set(2, "new-password");
    form->submit();
    Fault wrong;
    wrong.kind = Fault::Kind::unauthenticated;
    wrong.reason = "wrong_credentials";
    scene.server.fail(method::change_password, wrong);
    CHECK(form->screen().fields[0].error == "This is not your present password.");
    CHECK(form->screen().first_fault == 0);
    form->set(0, "right-password");
    form->submit();
    bool saved = false;
    form->on_saved = [&](const std::string&) { saved = true; };
    scene.server.answer(method::change_password, google::protobuf::Empty{});
    CHECK(saved);
}

TEST_CASE("log: details in words, older entries on demand", "[client][operators]") {
    ClientScene scene;
    scene.sign_in({"log.read"});
    LogPresenter presenter{scene.context};
    presenter.open();
    v1::ListOperationLogResponse page;
    for (int i = 0; i < 500; ++i) {
        auto* entry = page.add_entries();
        entry->set_log_id(1000 - i);
        entry->set_operator_("admin");
        entry->set_action("parameter.set");
        entry->set_details_json(R"({"alarm_1_e4":{"was":null,"is":"300000"},"amount_e4":1500000})");
    }
    page.set_next_page_token("501");
    scene.server.answer(method::list_operation_log, page);
    CHECK(presenter.screen().rows.size() == 500);
    CHECK(presenter.extra().more);
    CHECK(scene.server.asked(method::list_operation_log)[0].property_id() == 1);
    CHECK(scene.server.asked(method::list_operation_log)[0].has_from());
    const auto details = presenter.details(1000);
    CHECK(details.title == "Parameters changed");
    CHECK(details.facts[1] == std::pair<std::string, std::string>{"amount", "¥150.00"});
    presenter.show_older();
    page.clear_next_page_token();
    scene.server.answer(method::list_operation_log, page);
    CHECK(presenter.screen().rows.size() == 1000);
    CHECK_FALSE(presenter.extra().more);
    presenter.show_installation(true);
    CHECK(scene.server.asked(method::list_operation_log).back().property_id() == 0);
}

TEST_CASE("parameters: defaults, changes, and what the server refuses, each at its field",
          "[client][parameters]") {
    ClientScene scene;
    scene.sign_in({"parameter.read", "parameter.write"});
    ParametersPresenter presenter{scene.context};
    presenter.open();
    scene.server.answer(method::get_parameters, parameters());
    const auto& screen = presenter.screen();
    REQUIRE(screen.rows.size() == 3);
    CHECK(screen.rows[0].value == "20.00");
    CHECK(screen.rows[0].note == "Default");
    CHECK(screen.rows[1].note == "Set here");
    CHECK(screen.groups[2].rows == std::vector<std::size_t>{2});
    CHECK(screen.off == "Nothing has been changed.");
    presenter.set(0, "30,5");
    presenter.set(1, "abc");
    CHECK(screen.save == "Save 2 changes");
    CHECK(screen.rows[0].note == "Changed, was 20.00");
    presenter.save();
    CHECK(screen.rows[1].error == "Write a whole number from 1 to 86,400.");
    CHECK(screen.first_fault == 1);
    presenter.set(1, "30");
    presenter.save();
    const auto asked = scene.server.asked(method::set_parameters);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].values().at("alarm_1_e4") == "305000");
    CHECK(asked[0].values().at("state_interval_s") == "30");
    CHECK(asked[0].values().size() == 2);
    Fault fault;
    fault.kind = Fault::Kind::invalid;
    fault.fields.push_back({"values[alarm_1_e4]", "is too much"});
    scene.server.fail(method::set_parameters, fault);
    CHECK(screen.rows[0].error == "Is too much");
    CHECK(screen.rows[0].value == "30,5");
    presenter.discard();
    CHECK(screen.rows[0].value == "20.00");
    CHECK(screen.changes == 0);
}
