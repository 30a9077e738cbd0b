#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/reading_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/presenters/meter/meter_inspector.hpp"
#include "client-wx/text/spreadsheet.hpp"
#include "tests/unit/client/wall/wall_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

std::string fact(const InspectorScreen& screen, const std::string& label) {
    for (const auto& fact : screen.facts) {
        if (fact.label == label) {
            return fact.value;
        }
    }
    return "?";
}

v1::Account account_with(std::int64_t meter_id, std::int64_t ledger_e4, std::int64_t unexplained_e4) {
    v1::Account account;
    auto& meter = *account.add_meters();
    meter.set_meter_id(meter_id);
    auto& balances = *meter.mutable_balances();
    balances.set_ledger_e4(ledger_e4);
    balances.set_meter_e4(2'000'000);
    balances.set_difference_e4(2'000'000 - ledger_e4);
    balances.set_unexplained_e4(unexplained_e4);
    balances.set_use_not_booked_e4(2'000'000 - ledger_e4 - unexplained_e4);
    return account;
}

}  // namespace

TEST_CASE("inspector: what the wall knows is there at once", "[inspector]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    inspector.show(3, "A-103");
    const auto& screen = inspector.screen();
    CHECK(screen.code == "A-103");
    CHECK(screen.name == "Noodle House");
    CHECK(screen.line == "Account 10043 · meter 0002 4187 3013");
    CHECK(screen.balance == "¥200.00");
    CHECK(screen.outlook == "About 20 days left at ¥9.45 a day");
    CHECK(fact(screen, "Relay") == "On");
    CHECK(fact(screen, "Power now") == "1.42 kW");
    CHECK(fact(screen, "Price") == "¥1.0500 per kWh");
    CHECK(fact(screen, "Purchases") == "27");
    CHECK(fact(screen, "Today") == "—");
    CHECK(screen.balance_age.empty());
}

TEST_CASE("inspector: walking over ten meters asks for the last one only", "[inspector]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    for (std::int64_t id = 1; id <= 10; ++id) {
        inspector.show(id, "");
        scene.clock.advance(std::chrono::milliseconds{50});
    }
    CHECK(scene.server.asked(method::list_daily_energy).empty());
    scene.clock.advance(MeterInspector::kStandStill);
    REQUIRE(scene.server.asked(method::list_daily_energy).size() == 1);
    CHECK(scene.server.asked(method::list_daily_energy)[0].meter_id() == 10);
    CHECK(scene.server.asked(method::get_account).size() == 1);
}

TEST_CASE("inspector: an answer for the meter before is not shown", "[inspector]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    inspector.show(1, "A-101");
    scene.clock.advance(MeterInspector::kStandStill);
    inspector.show(2, "A-102");
    CHECK(scene.server.waiting(method::get_account) == 0);
    CHECK(inspector.screen().ledger.ledger.empty());
}

TEST_CASE("inspector: the difference to the ledger is explained, or it is not", "[inspector]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    inspector.show(1, "A-101");
    scene.clock.advance(MeterInspector::kStandStill);
    SECTION("explained") {
        scene.server.answer(method::get_account, account_with(1, 2'002'600, 0));
        CHECK(inspector.screen().ledger.ledger == "Ledger ¥200.26");
        CHECK(inspector.screen().ledger.difference == "−¥0.26 explained");
        CHECK(inspector.screen().ledger.ink == Ink::faint);
    }
    SECTION("a part is not") {
        scene.server.answer(method::get_account, account_with(1, 1'900'000, 50'000));
        CHECK(inspector.screen().ledger.difference == "+¥5.00 unexplained");
        CHECK(inspector.screen().ledger.ink == Ink::danger);
        CHECK(inspector.screen().ledger.parts.back().label == "Unexplained");
    }
    SECTION("less than a cent is no difference") {
        scene.server.answer(method::get_account, account_with(1, 1'999'950, 0));
        CHECK(inspector.screen().ledger.difference.empty());
    }
}

TEST_CASE("inspector: fourteen days with their gaps, the last one is today", "[inspector]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    inspector.show(1, "A-101");
    scene.clock.advance(MeterInspector::kStandStill);
    const auto asked = scene.server.asked(method::list_daily_energy).at(0);
    CHECK(asked.from_day() == "2026-03-13");
    CHECK(asked.to_day() == "2026-03-26");
    v1::ListDailyEnergyResponse answer;
    auto* day = answer.add_days();
    day->set_day("2026-03-14");
    day->set_used_wh(8'600);
    day = answer.add_days();
    day->set_day("2026-03-26");
    day->set_used_wh(0);
    scene.server.answer(method::list_daily_energy, answer);
    const auto& days = inspector.screen().daily_kwh;
    REQUIRE(days.size() == 14);
    CHECK_FALSE(days[0].has_value());
    CHECK(days[1] == Approx(8.6));
    CHECK(days[13] == Approx(0));
    CHECK(fact(inspector.screen(), "Today") == "0.00 kWh");
    CHECK(inspector.screen().first_day == "13 Mar");
}

TEST_CASE("inspector: values older than three minutes say so, and the age goes on", "[inspector]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    inspector.show(1, "A-101");
    scene.clock.advance(std::chrono::minutes{4});
    CHECK_FALSE(inspector.screen().balance_age.empty());
    CHECK_THAT(inspector.screen().balance_age, Catch::StartsWith("4 min"));
}

TEST_CASE("inspector: never read is a dash everywhere", "[inspector]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    scene.change(1, [](v1::LiveMeter& meter) {
        meter.mutable_state()->Clear();
        meter.mutable_state()->set_status(v1::METER_STATUS_LOST);
        meter.clear_price_e4();
    });
    inspector.show(1, "A-101");
    CHECK(inspector.screen().balance == "—");
    CHECK(fact(inspector.screen(), "Relay") == "—");
    CHECK(fact(inspector.screen(), "Power now") == "—");
    CHECK(fact(inspector.screen(), "Last reading") == "never");
    CHECK(inspector.screen().outlook.empty());
}

TEST_CASE("actions: what makes no sense is off, and says why", "[actions]") {
    WallScene scene;
    auto meter = *scene.live.find(1);
    auto actions = meter_actions(meter, scene.context, false);
    CHECK(actions.sell.enabled);
    CHECK(actions.cut.enabled);
    CHECK(actions.cut_is_danger);
    meter.delivering = true;
    CHECK_THAT(meter_actions(meter, scene.context, false).cut.why_not, Catch::Contains("payment"));
    meter.delivering = false;
    meter.account_id = 0;
    meter.account_number.clear();
    CHECK_FALSE(meter_actions(meter, scene.context, false).sell.enabled);
    meter.forced = true;
    meter.relay_closed = false;
    actions = meter_actions(meter, scene.context, false);
    CHECK(actions.cut.text == "Give power back");
    CHECK_FALSE(actions.cut_is_danger);
    meter.relay_closed = true;
    CHECK(meter_actions(meter, scene.context, false).guarantee.text == "End guarantee");
    meter.role = "feeder";
    CHECK_FALSE(meter_actions(meter, scene.context, false).cut.shown);
    CHECK_FALSE(meter_actions(meter, scene.context, true).query.enabled);
    scene.link.lose();
    CHECK_THAT(meter_actions(meter, scene.context, false).query.why_not, Catch::Contains("No connection"));
}

TEST_CASE("inspector: a guarantee is done with a toast, and Undo sends the opposite",
          "[inspector][commands]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    scene.answer_commands();
    inspector.show(1, "A-101");
    inspector.guarantee();
    scene.server.deliver();
    REQUIRE(scene.sends.size() == 1);  // no question: it can be undone
    CHECK(scene.sends[0].kind() == "guarantee_power");
    CHECK_FALSE(inspector.screen().actions.query.enabled);  // one at a time
    inspector.query();
    scene.server.deliver();
    CHECK(scene.sends.size() == 1);
    scene.server.push(method::watch_commands, WallScene::command(1, "done", scene.sends[0].request_id()));
    scene.clock.advance(std::chrono::milliseconds{200});
    REQUIRE(scene.navigator.toasts.size() == 1);
    CHECK(scene.navigator.toasts[0] == "A-101: power is guaranteed");
    CHECK(inspector.screen().sentence.empty());
    REQUIRE(scene.navigator.last_undo);
    scene.navigator.last_undo();
    scene.server.deliver();
    REQUIRE(scene.sends.size() == 2);
    CHECK(scene.sends[1].kind() == "restore_prepaid");
}

TEST_CASE("inspector: switching off asks first; No sends nothing", "[inspector][commands]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    scene.answer_commands();
    int asked = 0;
    inspector.on_ask = [&](const CutQuestion&) { ++asked; };
    inspector.show(1, "A-101");
    inspector.cut();
    scene.server.deliver();
    CHECK(asked == 1);
    inspector.answer_cut(false);
    scene.server.deliver();
    CHECK(scene.sends.empty());
    CHECK(inspector.screen().sentence.empty());
    CHECK(inspector.screen().actions.cut.enabled);
    inspector.cut();
    scene.server.deliver();
    inspector.answer_cut(true);
    scene.server.deliver();
    CHECK(scene.sends.size() == 1);
}

TEST_CASE("inspector: a command that failed says why, where it was given, and no toast",
          "[inspector][commands]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    scene.answer_commands();
    inspector.show(1, "A-101");
    inspector.query();
    scene.server.deliver();
    scene.server.push(method::watch_commands,
                      WallScene::command(1, "failed", scene.sends.at(0).request_id(), "no answer"));
    scene.clock.advance(std::chrono::milliseconds{200});
    CHECK(inspector.screen().sentence == "Query now did not work: No answer");
    CHECK(inspector.screen().sentence_is_fault);
    CHECK(scene.navigator.toasts.empty());
    inspector.show(2, "A-102");
    CHECK(inspector.screen().sentence.empty());
}

TEST_CASE("inspector: a skipped command says that nothing was sent", "[inspector][commands]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    scene.answer_commands({{1, "payment_on_its_way"}});
    inspector.show(1, "A-101");
    inspector.cut();
    scene.server.deliver();
    CHECK_THAT(inspector.screen().sentence,
               Catch::StartsWith("Nothing was sent. Skipped: credit on the way"));
    CHECK(inspector.screen().actions.cut.enabled);
}

TEST_CASE("inspector: F2 and Enter go to their pages with the meter", "[inspector]") {
    WallScene scene;
    MeterInspector inspector{scene.context};
    inspector.sell();
    CHECK(scene.navigator.opened.empty());
    inspector.show(2, "A-102");
    inspector.sell();
    inspector.open_page();
    CHECK(scene.navigator.opened == std::vector<Place>{{Page::sell, 2, ""}, {Page::meter, 2, ""}});
}

TEST_CASE("spreadsheet: formulas are defused, XML is escaped, the archive is one", "[export]") {
    Spreadsheet sheet;
    sheet.title = "A/B:C";
    sheet.columns = {"Unit", "Value"};
    sheet.rows = {{std::string{"=1+1"}, 12.5}, {std::string{"<&>\"\x01"}, std::string{"电表"}}};
    const auto csv = to_csv(sheet);
    CHECK(csv.starts_with("\xEF\xBB\xBFUnit,Value\r\n"));
    CHECK_THAT(csv, Catch::Contains("'=1+1,12.5\r\n"));
    const auto xlsx = to_xlsx(sheet);
    CHECK(xlsx.starts_with("PK\x03\x04"));
    CHECK_THAT(xlsx, Catch::Contains("&lt;&amp;&gt;&quot;</t>"));
    CHECK_THAT(xlsx, Catch::Contains("<c r=\"B2\" s=\"0\"><v>12.5</v></c>"));
    CHECK_THAT(xlsx, Catch::Contains("sheet name=\"A B C\""));
    CHECK_THAT(xlsx, Catch::Contains("电表"));
    CHECK(xlsx.find('\x01', xlsx.find("<sheetData>")) > xlsx.find("</sheetData>"));
}
