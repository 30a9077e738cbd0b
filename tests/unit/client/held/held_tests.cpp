#include <wutong/v1/control_service.pb.h>
#include <wutong/v1/held_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/api/held_methods.hpp"
#include "client-wx/presenters/control/bulk_command.hpp"
#include "client-wx/presenters/held/held_forms.hpp"
#include "client-wx/presenters/held/held_lists.hpp"
#include "client-wx/presenters/meter/meter_actions.hpp"
#include "client-wx/presenters/meter/meter_held.hpp"
#include "tests/support/form_and_list.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

v1::GuardedUnit guarded(const std::string& unit, const std::string& kind = "medical") {
    v1::GuardedUnit one;
    one.set_unit_id(7);
    one.set_unit_code(unit);
    one.set_kind(kind);
    one.set_note("oxygen at night");
    one.set_decided_by("admin");
    return one;
}

v1::HeldMeter held(std::int64_t meter) {
    v1::HeldMeter one;
    one.set_meter_id(meter);
    one.set_unit_code("A-104");
    one.set_decided_by("admin");
    one.set_reason("two rates");
    one.set_energy_wh(1'234'500);
    one.mutable_charged_at()->set_seconds(1'774'000'000);
    return one;
}

/// Unit C-312 (meter 33) has a tenant, A-104 (meter 35) has none.
struct HeldScene : SaleScene {
    explicit HeldScene(const std::vector<std::string>& more = {"held.write"})
        : SaleScene{{"held.read", "device.read", "control.write"}, more} {}
    void say_guards(const std::vector<v1::GuardedUnit>& units) {
        say_items(server, method::list_guarded_units, &v1::ListGuardedUnitsResponse::add_units, units);
    }
    void say_held(const std::vector<v1::HeldMeter>& meters) {
        say_items(server, method::list_held_meters, &v1::ListHeldMetersResponse::add_meters, meters);
    }
};

}  // namespace

TEST_CASE("guards: told where a switch-off is offered, page after page, and kept when the server fails") {
    HeldScene scene;
    v1::ListGuardedUnitsResponse first;
    *first.add_units() = guarded("A-312", "safety");
    first.set_next_page_token("7");
    scene.server.answer(method::list_guarded_units, first);
    CHECK_FALSE(scene.guards.known());
    scene.say_guards({guarded("C-312")});
    REQUIRE(scene.guards.known());
    CHECK(scene.server.asked(method::list_guarded_units)[1].page().token() == "7");
    const auto actions = meter_actions(*scene.live.find(33), scene.context, false);
    CHECK(actions.guard == "Guarded: medical");
    CHECK(actions.guard_note == "oxygen at night");
    CHECK(meter_actions(*scene.live.find(32), scene.context, false).guard.empty());
    scene.clock.advance(std::chrono::seconds{61});
    scene.server.fail(method::list_guarded_units, unreachable());
    CHECK(scene.guards.of("C-312") != nullptr);
    scene.clock.advance(std::chrono::seconds{61});
    scene.say_guards({});
    CHECK(scene.guards.of("C-312") == nullptr);
}

TEST_CASE("guards: named before power is cut, in the question about one and in the preview of many") {
    HeldScene scene;
    scene.say_guards({guarded("C-312")});
    scene.server.on(method::send_command, [](const v1::SendCommandRequest& asked) {
        v1::SendCommandResponse answer;
        *answer.mutable_accepted_meter_ids() = asked.meter_ids();
        return answer;
    });
    BulkCommand batch{scene.context};
    std::vector<CutQuestion> asked;
    batch.on_ask = [&](const CutQuestion& question) { asked.push_back(question); };
    CommandWish off;
    off.verb = CommandVerb::switch_off;
    off.meters = {33};
    batch.prepare(off);
    scene.server.deliver();
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].warning == "Guarded: medical · oxygen at night");
    batch.close();
    off.meters = {31, 33};
    batch.prepare(off);
    scene.server.deliver();
    CHECK(batch.screen().caution.find("1 of them is guarded: C-312, Guarded: medical") != std::string::npos);
    batch.close();
    off.meters = {31, 32};
    batch.prepare(off);
    scene.server.deliver();
    CHECK(batch.screen().caution.empty());
}

TEST_CASE("guards: who may not see them does not ask") {
    SaleScene scene;
    CHECK(scene.server.asked(method::list_guarded_units).empty());
    CHECK_FALSE(scene.guards.known());
}

TEST_CASE("guard: a note says why; once; ended without one; the watch hears of it at once") {
    HeldScene scene;
    scene.say_guards({});
    const auto form = guard_form(scene.context, "C-312", nullptr);
    std::string said;
    form->on_saved = [&](const std::string& words) { said = words; };
    CHECK(form->screen().submit == "Guard C-312");
    form->submit();
    CHECK(scene.server.asked(method::set_unit_guard).empty());
    CHECK_FALSE(form->screen().fields[field(*form, "note")].error.empty());
    form->set(field(*form, "note"), "oxygen at night");
    form->submit();
    form->submit();
    REQUIRE(scene.server.asked(method::set_unit_guard).size() == 1);
    CHECK(scene.server.asked(method::set_unit_guard)[0].unit_code() == "C-312");
    CHECK(scene.server.asked(method::set_unit_guard)[0].kind() == "medical");
    scene.server.fail(method::set_unit_guard, outcome_unknown());
    scene.clock.advance(std::chrono::seconds{5});
    const auto asked = scene.server.asked(method::set_unit_guard);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].request_id() == asked[1].request_id());
    const auto looks = scene.server.asked(method::list_guarded_units).size();
    scene.server.answer(method::set_unit_guard, guarded("C-312"));
    CHECK(said == "C-312 is guarded.");
    CHECK(scene.server.asked(method::list_guarded_units).size() == looks + 1);

    const UnitGuard now{7, "C-312", "medical", "oxygen at night", "admin", {}};
    const auto end = guard_form(scene.context, "C-312", &now);
    end->set(field(*end, "kind"), "none");
    end->set(field(*end, "note"), "");
    CHECK(end->screen().submit == "End the guard of C-312");
    end->submit();
    CHECK(scene.server.asked(method::set_unit_guard).back().kind() == "none");
}

TEST_CASE("held: who keeps the credit, and when that can be changed") {
    HeldScene scene;
    MeterHeld meter{scene.context};
    SECTION("with a tenant nothing is switched over") {
        meter.show(33);
        scene.say_held({});
        CHECK(meter.screen().credit.front().value == "the meter itself");
        CHECK_FALSE(meter.screen().can_change);
        CHECK(meter.screen().why_not_change.find("C-312 belongs to account") != std::string::npos);
        CHECK(meter.change_form() == nullptr);
    }
    SECTION("without one the server can take it, with a reason") {
        meter.show(35);
        scene.say_held({});
        REQUIRE(meter.screen().can_change);
        const auto form = meter.change_form();
        form->submit();
        CHECK(scene.server.asked(method::run_server_held).empty());
        form->set(field(*form, "reason"), "two rates");
        form->submit();
        REQUIRE(scene.server.asked(method::run_server_held).size() == 1);
        CHECK(scene.server.asked(method::run_server_held)[0].meter_id() == 35);
        scene.server.fail(method::run_server_held, refused("not_switchable"));
        CHECK(form->screen().failure.find("no relay") != std::string::npos);
    }
    SECTION("found on a later page: since, by whom, up to which reading; and back") {
        meter.show(35);
        v1::ListHeldMetersResponse first;
        *first.add_meters() = held(99);
        first.set_next_page_token("99");
        scene.server.answer(method::list_held_meters, first);
        scene.say_held({held(35)});
        const auto& credit = meter.screen().credit;
        REQUIRE(credit.size() == 4);
        CHECK(credit[0].value == "the server");
        CHECK(credit[2].value == "two rates");
        CHECK(credit[3].value.find("1,234.50 kWh") != std::string::npos);
        const auto form = meter.change_form();
        REQUIRE(form != nullptr);
        form->submit();
        CHECK(scene.server.asked(method::run_meter_held).size() == 1);
    }
    SECTION("after the alarm somebody says go on") {
        meter.show(35);
        auto stopped = held(35);
        stopped.set_stopped("the register went backwards");
        scene.say_held({stopped});
        REQUIRE(meter.screen().can_go_on);
        CHECK(meter.screen().credit.back().label == "Not charged");
        const auto form = meter.go_on_form();
        form->set(field(*form, "reason"), "looked at it: exchanged");
        form->submit();
        REQUIRE(scene.server.asked(method::go_on_charging).size() == 1);
        CHECK(scene.server.asked(method::go_on_charging)[0].reason() == "looked at it: exchanged");
    }
    SECTION("could not be asked, then the server is back") {
        meter.show(35);
        scene.server.fail(method::list_held_meters, unreachable());
        CHECK_FALSE(meter.screen().fault.empty());
        CHECK_FALSE(meter.screen().can_change);
        meter.refresh();
        scene.say_held({});
        CHECK(meter.screen().fault.empty());
        CHECK(meter.screen().can_change);
    }
}

TEST_CASE("held: who may only look changes nothing") {
    HeldScene scene{std::vector<std::string>{}};
    MeterHeld meter{scene.context};
    meter.show(35);
    scene.say_held({held(35)});
    CHECK(meter.screen().shown);
    CHECK_FALSE(meter.screen().can_change);
    CHECK_FALSE(meter.screen().can_guard);
    CHECK(meter.guard_form() == nullptr);
}

TEST_CASE("held: both lists under Devices, and their forms") {
    HeldScene scene;
    scene.say_guards({});
    HeldMetersPresenter meters{scene.context};
    meters.open();
    auto stopped = held(36);
    stopped.set_stopped("the register went backwards");
    scene.say_held({held(35), stopped});
    REQUIRE(meters.screen().rows.size() == 2);
    CHECK(meters.screen().rows[1].cells[5].tone == Tone::danger);
    CHECK(meters.go_on_form(35) == nullptr);
    CHECK(scene.navigator.toasts.size() == 1);
    CHECK(meters.go_on_form(36) != nullptr);
    meters.open_meter(36);
    CHECK(scene.navigator.opened.back() == Place{Page::meter, 36, "settings"});
    const auto form = meters.new_form();
    form->set(field(*form, "reason"), "two rates");
    form->set(field(*form, "meter"), "c312");
    form->submit();
    CHECK(form->screen().fields[field(*form, "meter")].error.find("Close that one first") !=
          std::string::npos);
    form->set(field(*form, "meter"), "A-104");
    form->submit();
    REQUIRE(scene.server.asked(method::run_server_held).size() == 1);
    CHECK(scene.server.asked(method::run_server_held)[0].meter_id() == 35);

    GuardedUnitsPresenter units{scene.context};
    units.open();
    scene.say_guards({guarded("C-312", "safety")});
    REQUIRE(units.screen().rows.size() == 1);
    CHECK(units.screen().rows[0].cells[1].text == "Safety");
    const auto change = units.edit_form(7);
    REQUIRE(change != nullptr);
    CHECK(change->screen().fields[field(*change, "kind")].value == "safety");
    CHECK(units.edit_form(8) == nullptr);
}
