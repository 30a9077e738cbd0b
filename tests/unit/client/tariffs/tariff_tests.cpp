#include <wutong/v1/live_service.pb.h>
#include <wutong/v1/site_service.pb.h>
#include <wutong/v1/tariff_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/api/tariff_methods.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/presenters/tariffs/tariff_editor.hpp"
#include "client-wx/presenters/tariffs/tariff_lists.hpp"
#include "client-wx/text/format.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

TariffDraft four_rates() {
    TariffDraft draft;
    draft.effective_from = "2026-04-01";
    draft.steps[0] = {"200", {"1.4100", "1.2800", "1.0500", "0.6213"}};
    draft.steps[1] = {"", {"1.6", "1.5", "1.2", "0.8"}};
    draft.step_period = 1;
    draft.year_begins = "7";
    draft.week = "workday workday workday workday workday weekend weekend";
    draft.day_plans =
        "work: 00:00 valley, 08:00 flat, 12:00 peak, 17:30 sharp, 22:00 valley\nrest: 00:00 flat";
    draft.seasons = "year 01-01 12-31: work, rest";
    draft.special_days = "10-01 weekend";
    draft.tax_percent = "6.5";
    draft.tax_added = true;
    draft.energy_charges = "public\xC2\xA0share 0.0300, untaxed";
    draft.fixed_charges = "lift 12, by day\nmanagement 30.50";
    draft.minimum = "20";
    draft.deposit = "100";
    return draft;
}

struct EditorScene : SaleScene {
    EditorScene()
        : SaleScene{
              {"tariff.read", "tariff.write", "tariff.assign", "sale.read", "site.read", "device.read"}} {}
    TariffEditor editor{context, [] {}};
    void faults(const v1::CheckTariffVersionResponse& answer) {
        clock.advance(std::chrono::seconds{1});
        server.answer(method::check_version, answer);
    }
    [[nodiscard]] std::string error(TariffPart part) const {
        return editor.screen().errors[static_cast<std::size_t>(part)];
    }
};

}  // namespace

TEST_CASE("tariff draft: what is typed is what the server gets, and comes back the same") {
    v1::TariffTerms terms;
    REQUIRE(read_draft(four_rates(), terms).empty());
    REQUIRE(terms.steps_size() == 2);
    CHECK(terms.steps(0).up_to_wh() == 200'000);
    CHECK(terms.steps(0).prices().valley_e4() == 6'213);
    CHECK_FALSE(terms.steps(1).has_up_to_wh());
    CHECK(terms.step_rule().period() == v1::TARIFF_STEP_PERIOD_YEAR);
    CHECK(terms.step_rule().year_begins() == 7);
    const auto& calendar = terms.calendar();
    CHECK(calendar.weekdays_size() == 7);
    REQUIRE(calendar.day_types_size() == 2);
    REQUIRE(calendar.day_plans_size() == 2);
    REQUIRE(calendar.day_plans(0).periods_size() == 5);
    CHECK(calendar.day_plans(0).periods(3).from_minute() == 17 * 60 + 30);
    CHECK(calendar.day_plans(0).periods(3).to_minute() == 22 * 60);
    CHECK(calendar.day_plans(0).periods(4).to_minute() == 1440);
    CHECK(calendar.seasons(0).day_plans_size() == 2);
    CHECK(calendar.special_days(0).day_type() == "weekend");
    CHECK(terms.tax().basis_points() == 650);
    CHECK(terms.energy_charges(0).name() == "public share");
    CHECK(terms.energy_charges(0).untaxed());
    CHECK(terms.fixed_charges(0).spread() == v1::TARIFF_SPREAD_BY_DAY);
    CHECK(terms.minimum().monthly_e4() == 200'000);

    TariffDraft again;
    CHECK(to_draft(terms, again));
    v1::TariffTerms twice;
    CHECK(read_draft(again, twice).empty());
    CHECK(twice.SerializeAsString() == terms.SerializeAsString());
}

TEST_CASE("tariff draft: what can't be read is named at its field; a flat price needs nothing else") {
    TariffDraft flat;
    flat.steps[0].price[2] = "1.05";
    v1::TariffTerms terms;
    CHECK(read_draft(flat, terms).empty());
    CHECK_FALSE(terms.has_calendar());
    auto draft = four_rates();
    draft.steps[0].up_to = "many";
    draft.year_begins = "13";
    draft.week = "workday";
    draft.day_plans += "\nbad 08:00\nworse: 25:00 peak";
    draft.seasons = "summer";
    draft.special_days = "10-01";
    draft.tax_percent = "130";
    draft.energy_charges = "fee\nfee 1, sometimes";
    draft.deposit = "x";
    std::set<TariffPart> parts;
    for (const auto& fault : read_draft(draft, terms)) {
        CHECK_FALSE(fault.text.empty());
        parts.insert(fault.part);
    }
    CHECK(parts == std::set{TariffPart::steps, TariffPart::step_rule, TariffPart::week, TariffPart::day_plans,
                            TariffPart::seasons, TariffPart::special_days, TariffPart::tax,
                            TariffPart::energy_charges, TariffPart::deposit});
    draft.day_plans = std::string(50'000, ':');
    draft.seasons = std::string(50'000, '\n');
    CHECK_FALSE(read_draft(draft, terms).empty());
}

TEST_CASE("tariff: the server's faults stand at their fields") {
    CHECK(part_of_field("version.terms.steps[1].prices.peak_e4") == TariffPart::steps);
    CHECK(part_of_field("version.terms.calendar.seasons[0].day_plans[1]") == TariffPart::seasons);
    CHECK(part_of_field("version.terms.calendar.day_plans[0]") == TariffPart::day_plans);
    CHECK(part_of_field("version.terms.energy_charges[0].untaxed") == TariffPart::energy_charges);
    CHECK(part_of_field("version.terms.tax.basis_points") == TariffPart::tax);
    CHECK(part_of_field("version.effective_from") == TariffPart::effective_from);
}

TEST_CASE("tariff editor: checked while it is typed, placed before it is kept, kept once") {
    EditorScene scene;
    scene.editor.begin_plan();
    scene.editor.type(four_rates());
    scene.editor.type_name("Shops");
    CHECK_FALSE(scene.editor.screen().can_commit);
    v1::CheckTariffVersionResponse bad;
    auto* fault = bad.add_faults();
    fault->set_field("version.terms.calendar.day_plans[0]");
    fault->set_kind("gap_in_day");
    scene.faults(bad);
    CHECK_FALSE(scene.error(TariffPart::day_plans).empty());
    CHECK_FALSE(scene.editor.screen().can_commit);
    CHECK(scene.server.asked(method::place_version).empty());
    scene.editor.type(four_rates());
    scene.faults({});
    CHECK(scene.error(TariffPart::day_plans).empty());
    v1::PlaceTariffVersionResponse placed;
    auto* group = placed.add_groups();
    group->set_profile("acrel-ddsy1352");
    group->set_placement("server_held");
    group->set_meters(42);
    scene.server.answer(method::place_version, placed);
    REQUIRE(scene.editor.screen().placement.size() == 1);
    CHECK(scene.editor.screen().placement_note.find("42") != std::string::npos);
    REQUIRE(scene.editor.screen().can_commit);
    scene.editor.publish();
    scene.editor.publish();
    REQUIRE(scene.server.asked(method::create_plan).size() == 1);
    const auto asked = scene.server.asked(method::create_plan)[0];
    CHECK(asked.name() == "Shops");
    CHECK(asked.version().effective_from() == "2026-04-01");
    v1::TariffPlan plan;
    plan.set_plan_id(5);
    plan.set_name("Shops");
    plan.set_first_changeable("2099-01-01");
    *plan.add_versions() = asked.version();
    scene.server.answer(method::create_plan, plan);
    CHECK_FALSE(scene.editor.screen().editable);
    CHECK(scene.editor.screen().versions.size() == 1);
    scene.editor.begin_version();
    CHECK(scene.editor.screen().editable);
    CHECK(scene.editor.screen().draft.effective_from == "2099-01-01");
    CHECK(scene.editor.screen().draft.steps[1].price[0] == "1.6000");
}

TEST_CASE("tariff editor: a month of a meter, from what is typed; whoever may not write only looks") {
    EditorScene scene;
    scene.editor.begin_plan();
    scene.editor.type(four_rates());
    scene.editor.type_preview("nobody", "2026-03");
    scene.editor.preview();
    CHECK_FALSE(scene.editor.screen().preview_error.empty());
    scene.editor.type_preview("c312", "2026-03");
    scene.editor.preview();
    REQUIRE(scene.server.asked(method::preview_month).size() == 1);
    CHECK(scene.server.asked(method::preview_month)[0].meter_id() == 33);
    CHECK(scene.server.asked(method::preview_month)[0].source().draft().steps_size() == 2);
    v1::TariffBill bill;
    auto* line = bill.add_lines();
    line->set_kind("energy");
    line->set_rate(v1::TARIFF_RATE_PEAK);
    line->set_step(2);
    line->set_quantity_wh(12'000);
    line->set_price_e4(15'000);
    line->set_amount_e4(180'000);
    bill.set_total_e4(191'700);
    bill.set_readings(1'440);
    bill.add_unmeasured();
    scene.server.answer(method::preview_month, bill);
    REQUIRE(scene.editor.screen().bill.size() == 1);
    CHECK(scene.editor.screen().bill[0][3].text == "¥18.00");
    CHECK(scene.editor.screen().sums.back().second == "¥19.17");
    CHECK(scene.editor.screen().preview_note.find("not measured") != std::string::npos);

    SaleScene looks{{"tariff.read", "sale.read", "device.read"}};
    TariffEditor editor{looks.context, [] {}};
    editor.begin_plan();
    CHECK_FALSE(editor.screen().can_commit);
    editor.publish();
    CHECK(looks.server.asked(method::create_plan).empty());
}

TEST_CASE("tariff: who would charge by it is said before it is assigned") {
    EditorScene scene;
    auto form = assign_form(scene.context, {{5, "Shops"}, {6, "Offices"}}, 6);
    CHECK(form->screen().submit == "Assign Offices");
    v1::PlaceTariffVersionResponse placed;
    auto* group = placed.add_groups();
    group->set_profile("acrel-ddsy1352");
    group->set_placement("downloaded");
    group->set_meters(42);
    scene.server.answer(method::place_version, placed);
    CHECK(form->screen().fields[1].hint == "acrel-ddsy1352 × 42: The meter itself");
    form->set(1, "meter");
    CHECK(form->screen().fields[2].enabled);
    form->set(2, "nobody");
    form->submit();
    CHECK(scene.server.asked(method::assign_tariff).empty());
    form->set(2, "c312");
    form->submit();
    const auto asked = scene.server.asked(method::assign_tariff);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].target().meter_id() == 33);
    CHECK(asked[0].plan_id() == 6);
}

TEST_CASE("tariff: a water plan is made for water meters, and offered to them alone") {
    EditorScene scene;
    scene.editor.begin_plan();
    auto draft = four_rates();
    draft.commodity = Commodity::water;
    draft.steps[0].up_to = "some";
    v1::TariffTerms terms;
    CHECK(read_draft(draft, terms).front().text == "Step 1: \"some\" is no whole number of m³.");
    draft.steps[0].up_to = "5";
    scene.editor.type(draft);
    scene.editor.type_name("Water");
    scene.faults({});
    CHECK(scene.server.asked(method::place_version).back().source().commodity() == "water");
    scene.editor.type_preview("c312", "2026-03");
    scene.editor.preview();  // C-312 has no water meter yet
    CHECK_FALSE(scene.editor.screen().preview_error.empty());
    scene.editor.publish();
    CHECK(scene.server.asked(method::create_plan).back().commodity() == "water");

    v1::LiveUpdate update;
    scene.add(update, {36, "C-312", "Noodle House", 1'000, 103});
    update.mutable_meters(0)->set_commodity("water");
    scene.server.push(method::watch_live, update);
    scene.clock.advance(std::chrono::seconds{1});
    CHECK(shop_and_kind(*scene.live.find(36)) == "Noodle House  ·  water");
    CHECK(shop_and_kind(*scene.live.find(33)) == "Noodle House");
    auto form = assign_form(scene.context, {{5, "Shops"}, {7, "Water", Commodity::water}}, 7);
    CHECK(form->screen().fields[0].options.size() == 4);
    form->set(1, "meter");
    form->set(2, "a312");  // electricity alone
    CHECK(form->screen().fields[0].options.size() == 2);
    CHECK(form->screen().submit == "Assign Shops");
    form->set(2, "c312");
    CHECK(form->screen().fields[0].value == "7");
    form->submit();
    CHECK(scene.server.asked(method::assign_tariff).back().target().meter_id() == 36);
    auto end = assign_form(scene.context, {{7, "Water", Commodity::water}}, 0);
    end->set(0, end->screen().fields[0].options.back().value);
    end->submit();
    CHECK(scene.server.asked(method::assign_tariff).back().plan_id() == 0);
    CHECK(scene.server.asked(method::assign_tariff).back().commodity() == "water");
}

TEST_CASE("tariff lists: plans, whom they are assigned to, prices on their way") {
    EditorScene scene;
    PlansPresenter plans{scene.context};
    plans.open();
    v1::ListTariffPlansResponse answer;
    auto* shops = answer.add_plans();
    shops->set_plan_id(5);
    shops->set_name("Shops");
    shops->set_version_count(2);
    auto* old = answer.add_plans();
    old->set_plan_id(4);
    old->set_name("Old");
    old->set_version_count(1);
    old->mutable_retired_at()->set_seconds(1);
    scene.server.answer(method::list_plans, answer);
    CHECK(plans.screen().rows.size() == 2);
    REQUIRE(plans.options().size() == 1);
    plans.retire(4);
    CHECK(scene.server.asked(method::retire_plan).empty());
    plans.retire(5);
    CHECK(scene.server.asked(method::retire_plan).size() == 1);
    DownloadsPresenter downloads{scene.context};
    downloads.open();
    v1::ListTariffDownloadsResponse waiting;
    auto* one = waiting.add_downloads();
    one->set_unit_code("C-312");
    one->set_wanted_price_e4(10'500);
    one->set_state("given_up");
    scene.server.answer(method::list_downloads, waiting);
    REQUIRE(downloads.screen().rows.size() == 1);
    CHECK(downloads.screen().rows[0].cells[2].text == kDash);
    CHECK(downloads.screen().rows[0].cells[5].tone == Tone::danger);
    AssignmentsPresenter assigned{scene.context};
    assigned.open();
    v1::ListTariffAssignmentsResponse all;
    auto* to = all.add_assignments();
    to->set_plan_id(5);
    to->set_plan_name("Shops");
    to->set_state("in_force");
    scene.server.answer(method::list_assignments, all);
    CHECK(assigned.screen().rows[0].cells[0].text == "Whole property");
}
