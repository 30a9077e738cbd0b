#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/reading_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/presenters/meter/meter_presenter.hpp"
#include "tests/unit/client/wall/wall_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

const std::vector<std::string> kRights{"site.read", "device.read",  "control.write", "sale.write",
                                       "sale.read", "account.read", "reading.read"};

struct MeterScene : WallScene {
    MeterPresenter page{context};
    MeterScene() : WallScene{kRights} {}
};

v1::Delivery delivery(const std::string& state, std::int64_t amount_e4, int attempts = 1) {
    v1::Delivery d;
    d.set_delivery_id(9);
    d.set_kind("top_up");
    d.set_state(state);
    d.set_amount_e4(amount_e4);
    d.set_attempts(attempts);
    d.set_receipt_number("80377");
    d.set_purchase_number(27);
    const auto now = HandClock::kStart.count();
    d.mutable_queued_at()->set_seconds(now - 86'400);
    d.mutable_finished_at()->set_seconds(now - 86'400 + 3);
    d.mutable_finished_at()->set_nanos(400'000'000);
    d.mutable_before()->set_balance_e4(742'000);
    d.mutable_after()->set_balance_e4(2'242'000);
    d.set_evidence_json(R"({"frames":["01 03"]})");
    return d;
}

}  // namespace

TEST_CASE("meter page: head and figures say what is known", "[meter]") {
    MeterScene scene;
    scene.page.open(3);
    const auto& s = scene.page.screen();
    CHECK(s.found);
    CHECK(s.code == "A-103");
    CHECK(s.name == "Noodle House");
    CHECK_THAT(s.path, Catch::StartsWith("Building A › Floor 1"));
    CHECK(s.balance.figure == "¥200.00");
    CHECK(s.days.figure == "20 days");
    CHECK(s.days.detail == "until about 15 Apr at ¥9.45 a day");
    CHECK(s.today.figure == "—");
    CHECK(s.power.figure == "1.42 kW");
    CHECK_THAT(s.power.detail, Catch::Contains("relay On"));
}

TEST_CASE("meter page: one that is not on the wall says so, and comes when it appears", "[meter]") {
    MeterScene scene;
    scene.page.open(77);
    CHECK_FALSE(scene.page.screen().found);
    CHECK_FALSE(scene.page.screen().failure.empty());
    scene.page.open(1);
    CHECK(scene.page.screen().found);
    CHECK(scene.page.screen().failure.empty());
}

TEST_CASE("meter page: thirty days with gap, weekends, average without today, recharges on their day",
          "[meter][days]") {
    MeterScene scene;
    scene.page.open(1);
    v1::ListDailyEnergyResponse answer;
    for (const auto& [day, wh] : std::vector<std::pair<std::string, std::int64_t>>{
             {"2026-03-23", 10'000}, {"2026-03-25", 12'000}, {"2026-03-26", 1'000}}) {
        auto& one = *answer.add_days();
        one.set_day(day);
        one.set_used_wh(wh);
    }
    scene.server.answer(method::list_daily_energy, answer);
    v1::ListDeliveriesResponse deliveries;
    *deliveries.add_deliveries() = delivery("delivered", 1'500'000);
    *deliveries.add_deliveries() = delivery("refused", 900'000);
    scene.server.answer(method::list_deliveries, deliveries);
    const auto& use = scene.page.days.screen();
    REQUIRE(use.bars.size() == 30);
    CHECK(use.bars[26].kwh == Approx(10));
    CHECK_FALSE(use.bars[27].kwh.has_value());
    CHECK(use.bars[29].so_far);
    CHECK(use.bars[29].title == "Thursday 26 Mar");
    CHECK(use.bars[29].label == "26 Mar");
    CHECK(use.bars[25].weekend);        // 22 March is a Sunday
    CHECK_FALSE(use.bars[26].weekend);  // and 23 March a Monday
    CHECK(use.average == Approx(11));
    CHECK(use.average_text == "Average 11.0");
    CHECK(use.bars[28].figure == "12.00 kWh  ·  ¥12.60");
    CHECK(use.bars[28].marker == "Recharge ¥150.00");  // not the refused one
    CHECK(scene.page.screen().today.figure == "1.00 kWh");
}

TEST_CASE("meter page: hours are differences of the register; one that went backwards is a gap",
          "[meter][days]") {
    MeterScene scene;
    scene.page.open(1);
    scene.page.days.choose(MeterDays::Span::day);
    const auto asked = scene.server.asked(method::get_reading_series).at(0);
    CHECK(asked.steps() == 25);
    v1::ReadingSeries series;
    const auto add = [&](int hour, std::int64_t wh) {
        auto& step = *series.add_steps();
        step.mutable_at()->set_seconds(asked.from().seconds() + hour * 3'600);
        step.set_energy_wh(wh);
    };
    add(0, 1'000);
    add(1, 1'500);
    add(2, 100);  // another meter was put in
    add(4, 900);  // hour 3 was not read
    scene.server.answer(method::get_reading_series, series);
    const auto& bars = scene.page.days.screen().bars;
    REQUIRE(bars.size() == 24);
    CHECK(bars[0].kwh == Approx(0.5));
    CHECK_FALSE(bars[1].kwh.has_value());
    CHECK_FALSE(bars[2].kwh.has_value());
    CHECK_FALSE(bars[3].kwh.has_value());
}

TEST_CASE("meter page: months add their days up", "[meter][days]") {
    MeterScene scene;
    scene.page.open(1);
    scene.page.days.choose(MeterDays::Span::year);
    v1::ListDailyEnergyResponse answer;
    for (const char* day : {"2026-02-01", "2026-02-28", "2026-03-01"}) {
        auto& one = *answer.add_days();
        one.set_day(day);
        one.set_used_wh(5'000);
    }
    scene.server.answer(method::list_daily_energy, answer);
    const auto& bars = scene.page.days.screen().bars;
    REQUIRE(bars.size() == 12);
    CHECK(bars[10].kwh == Approx(10));
    CHECK(bars[11].kwh == Approx(5));
    CHECK(bars[11].so_far);
    CHECK_FALSE(bars[9].kwh.has_value());
}

TEST_CASE("meter page: deliveries with before, after, outcome and time; evidence readable",
          "[meter][credit]") {
    MeterScene scene;
    scene.page.open(1);
    v1::ListDeliveriesResponse answer;
    *answer.add_deliveries() = delivery("delivered", 1'500'000);
    *answer.add_deliveries() = delivery("delivered", 1'000'000, 3);
    *answer.add_deliveries() = delivery("quarantined", 500'000);
    auto broken = delivery("queued", 500'000);
    broken.clear_before();
    broken.clear_after();
    broken.clear_finished_at();
    broken.set_evidence_json("{broken");
    *answer.add_deliveries() = broken;
    answer.set_next_page_token("more");
    scene.server.answer(method::list_deliveries, answer);
    const auto& s = scene.page.credit.screen();
    REQUIRE(s.rows.size() == 4);
    CHECK(s.rows[0][4].text == "¥150.00");
    CHECK(s.rows[0][5].text == "¥74.20 → ¥224.20");
    CHECK(s.rows[0][6].text == "Arrived");
    CHECK(s.rows[0][7].text == "3.4 s");
    CHECK(s.rows[1][6].text == "Arrived after 2 more tries");
    CHECK(s.rows[2][6].ink == Ink::warn);
    CHECK(s.rows[3][5].text == "— → —");
    CHECK(s.rows[3][7].text == "—");
    CHECK(s.unfinished == 1);
    CHECK_THAT(scene.page.screen().status_left, Catch::Contains("1 credit on the way"));
    CHECK_THAT(scene.page.credit.evidence(0).raw, Catch::Contains("\"frames\""));
    CHECK(scene.page.credit.evidence(3).raw == "{broken");
    CHECK(scene.page.credit.evidence(99).facts.empty());
    CHECK(s.more);
    scene.page.credit.more();
    CHECK(scene.server.asked(method::list_deliveries).back().page().token() == "more");
}

TEST_CASE("meter page: a period is checked as typed and asked as a whole", "[meter][readings]") {
    MeterScene scene;
    scene.page.open(1);
    scene.page.choose(MeterTab::readings);
    auto& readings = scene.page.readings;
    CHECK(readings.screen().from == "2026-03-25");
    CHECK(readings.screen().to == "2026-03-26");
    readings.choose_period("nonsense", "2026-03-26");
    CHECK_FALSE(readings.screen().from_error.empty());
    readings.choose_period("2026-03-26", "2026-03-01");
    CHECK_FALSE(readings.screen().to_error.empty());
    readings.choose_period("2020-01-01", "2026-03-01");
    CHECK_FALSE(readings.screen().to_error.empty());
    const auto before = scene.server.asked(method::get_reading_series).size();
    readings.choose_period("2026-03-01", "2026-03-07");
    CHECK(readings.screen().to_error.empty());
    const auto asked = scene.server.asked(method::get_reading_series);
    REQUIRE(asked.size() == before + 1);
    CHECK(asked.back().to().seconds() - asked.back().from().seconds() == 7 * 86'400);
}

TEST_CASE("meter page: readings page by page, a gap in the line, dashes for what is missing",
          "[meter][readings]") {
    MeterScene scene;
    scene.page.open(1);
    scene.server.fail(method::list_readings, unreachable());  // the one for the overview
    scene.page.choose(MeterTab::readings);
    v1::ReadingSeries series;
    series.set_width_s(600);
    auto& step = *series.add_steps();
    step.mutable_at()->set_seconds(1'000);
    step.set_power_avg_w(1'420);
    scene.server.answer(method::get_reading_series, series);
    CHECK(scene.page.readings.screen().power.at(0).kilowatts == Approx(1.42));
    CHECK(scene.page.readings.screen().gap_s == 1'500);
    v1::ListReadingsResponse page;
    auto& full = *page.add_readings();
    full.set_energy_wh(18'402'710);
    full.set_balance_e4(2'043'600);
    full.add_voltage_mv(231'400);
    full.add_voltage_mv(230'800);
    full.set_relay_closed(false);
    page.add_readings();
    page.set_next_page_token("next");
    scene.server.answer(method::list_readings, page);
    const auto& rows = scene.page.readings.screen().rows;
    REQUIRE(rows.size() == 2);
    CHECK(rows[0][4].text == "231.4 V / 230.8 V");
    CHECK(rows[0][7].ink == Ink::danger);
    for (std::size_t column = 1; column < 8; ++column) {
        CHECK(rows[1][column].text == "—");
    }
    CHECK(scene.page.readings.screen().more);
    scene.page.readings.more();
    scene.page.readings.more();  // one page at a time
    CHECK(scene.server.waiting(method::list_readings) == 1);
    CHECK(scene.page.readings.table().rows.size() == 2);
}

TEST_CASE("meter page: phases of the newest reading", "[meter]") {
    MeterScene scene;
    scene.page.open(1);
    v1::ListReadingsResponse newest;
    auto& reading = *newest.add_readings();
    reading.mutable_read_at()->set_seconds(HandClock::kStart.count() - 72);
    for (const std::int64_t mv : {231'400, 230'800, 232'100}) {
        reading.add_voltage_mv(mv);
        reading.add_current_ma(3'200);
    }
    reading.set_power_factor_e3(960);
    scene.server.answer(method::list_readings, newest);
    const auto& s = scene.page.screen();
    REQUIRE(s.phases.size() == 3);
    CHECK(s.phases[0].name == "L1");
    CHECK(s.phases[0].voltage == "231.4 V");
    CHECK(s.phases[0].power == "≈ 0.71 kW");
    CHECK(s.at_meter_note == "1 min 12 s ago");
    CHECK(s.at_meter.at(0) == Fact{"Power factor", "0.96"});
}

TEST_CASE("meter page: events in words", "[meter][events]") {
    const auto words = [](const char* what, const char* kind, const char* state = "") {
        v1::MeterEvent event;
        event.set_what(what);
        event.set_kind(kind);
        event.set_state(state);
        event.set_amount_e4(1'500'000);
        event.set_arguments_json(R"({"price_e4":10500})");
        return event_words(event).text;
    };
    CHECK(words("alarm_raised", "alarm_2") == "Alarm: Alarm 2");
    CHECK(words("command_finished", "set_price", "done") == "Set price ¥1.0500: done");
    CHECK(words("command_finished", "switch_off", "failed") == "Switch off: failed");
    CHECK(words("delivery_finished", "top_up", "delivered") == "Credit ¥150.00: on the meter");
    CHECK(words("delivery_finished", "top_up", "quarantined") == "Credit ¥150.00: waits for a decision");
    CHECK(words("account_linked", "100482") == "Linked to account 100482");
    CHECK(words("relay_opened", "") == "Power off, as read");
    CHECK(words("event_began", "cover_open") == "Noticed: Meter cover opened");
    CHECK(words("event_ended", "overload") == "Over: Overload");
    CHECK(words("something_new", "") == "something_new");
}

TEST_CASE("meter page: opening another meter forgets the one before", "[meter]") {
    MeterScene scene;
    scene.page.open(1);
    v1::ListDeliveriesResponse deliveries;
    *deliveries.add_deliveries() = delivery("delivered", 1'500'000);
    scene.server.answer(method::list_deliveries, deliveries);
    CHECK(scene.page.credit.screen().rows.size() == 1);
    scene.page.open(2);
    CHECK(scene.page.credit.screen().rows.empty());
    CHECK(scene.page.screen().code == "A-102");
}
