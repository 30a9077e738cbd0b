#include "client-wx/presenters/energy/energy_lists.hpp"

#include <wutong/v1/history_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/api/history_methods.hpp"
#include "client-wx/presenters/energy/archive_list.hpp"
#include "client-wx/presenters/energy/feeds_form.hpp"
#include "client-wx/text/format.hpp"
#include "tests/support/form_and_list.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

v1::MeterEnergy meter_energy(const std::string& code, const std::string& coverage) {
    v1::MeterEnergy one;
    one.set_meter_id(33);
    one.set_meter_code(code);
    one.set_used_wh(12'340'000);
    one.mutable_rates()->set_reverse_wh(1'000'000);
    one.set_coverage(coverage);
    return one;
}

}  // namespace

TEST_CASE("energy: periods are days of the calendar", "[energy]") {
    using Days = std::pair<std::string, std::string>;
    CHECK(days_of(EnergyPeriod::week, "2026-03-03") == Days{"2026-02-25", "2026-03-03"});
    CHECK(days_of(EnergyPeriod::this_month, "2026-03-03") == Days{"2026-03-01", "2026-03-03"});
    CHECK(days_of(EnergyPeriod::last_month, "2026-03-31") == Days{"2026-02-01", "2026-02-28"});
    CHECK(days_of(EnergyPeriod::last_month, "2026-01-05") == Days{"2025-12-01", "2025-12-31"});
    CHECK(days_of(EnergyPeriod::year, "2026-01-05") == Days{"2025-02-01", "2026-01-05"});
}

TEST_CASE("energy: of each meter, per rate, and what was not read", "[energy]") {
    SaleScene scene{{"reading.read"}};
    EnergyPresenter list{scene.context};
    list.open();
    const auto say = [&](const std::vector<v1::MeterEnergy>& meters) {
        say_items(scene.server, method::report_energy, &v1::ReportEnergyResponse::add_meters, meters);
    };
    say({meter_energy("M1", "whole"), meter_energy("M2", "ends_early")});
    REQUIRE(list.screen().rows.size() == 2);
    const auto& cells = list.screen().rows[0].cells;
    REQUIRE(cells.size() == list.screen().columns.size());
    CHECK(cells[1].text == "M1");
    CHECK(cells[2].text + " kWh" == energy(12'340'000));
    CHECK(cells[3].text == kDash);
    CHECK(cells[7].text + " kWh" == energy(1'000'000));
    CHECK(cells[8].text.empty());
    CHECK(list.screen().rows[1].cells[8].text == "not read at the end");
    list.search("M2");
    CHECK(list.screen().rows.size() == 1);
    CHECK(list.screen().filtered);
    list.show_period(EnergyPeriod::last_month);
    CHECK(scene.server.asked(method::report_energy)
              .back()
              .to_day()
              .ends_with(
                  days_of(EnergyPeriod::last_month, scene.server.asked(method::report_energy)[0].to_day())
                      .second));
    // Of water there is one register, in cubic metres; the two are never in one list.
    list.search("");
    list.show_commodity(Commodity::water);
    say({meter_energy("W1", "whole")});
    CHECK(scene.server.asked(method::report_energy).back().commodity() == "water");
    REQUIRE(list.screen().columns.size() == 4);
    CHECK(list.screen().columns[2].title == "Used m³");
    CHECK(list.screen().rows[0].cells[2].text + " m³" == quantity(12'340'000, Commodity::water));
}

TEST_CASE("losses: what is lost, and why the figure is not whole", "[energy]") {
    SaleScene scene{{"reading.read"}};
    LossesPresenter list{scene.context};
    list.open();
    v1::ReportLossesResponse answer;
    auto& whole = *answer.add_feeders();
    *whole.mutable_feeder() = meter_energy("F1", "whole");
    whole.set_meters(2);
    whole.set_in_wh(10'000'000);
    whole.set_out_wh(9'875'000);
    whole.set_lost_wh(125'000);
    whole.set_lost_share_e4(125);
    whole.set_complete(true);
    auto& part = *answer.add_feeders();
    part = whole;
    part.set_complete(false);
    part.set_incomplete(5);
    for (const char* code : {"M1", "M2", "M3", "M4", "M5"}) {
        *part.add_named() = meter_energy(code, "nothing");
    }
    auto& nobody = *answer.add_feeders();
    *nobody.mutable_feeder() = meter_energy("F3", "whole");
    scene.server.answer(method::report_losses, answer);
    REQUIRE(list.screen().rows.size() == 3);
    const auto& cells = list.screen().rows[0].cells;
    REQUIRE(cells.size() == list.screen().columns.size());
    CHECK(cells[4].text == energy(125'000));
    CHECK(cells[5].text == "1.25 %");
    CHECK(cells[6].text == "All were read over the whole period.");
    CHECK(list.screen().rows[1].cells[6].text == "Not read over the whole period: M1, M2, M3 and 2 more");
    CHECK(list.screen().rows[2].cells[4].text == kDash);
    CHECK(list.screen().rows[2].cells[6].text == "No meter is known behind it: say which.");
    CHECK(list.feeder_code(33) == "F1");
}

TEST_CASE("feeds: what is behind a feeder is fetched, typed by code, unit or building, and sent once",
          "[energy]") {
    SaleScene scene{{"device.write", "device.read"}};
    const auto form = feeds_form(scene.context, 90, "F1");
    CHECK_FALSE(form->screen().off_reason.empty());
    v1::Feeds feeds;
    feeds.add_meters()->set_meter_id(77);  // disabled, so not on the wall
    feeds.mutable_meters(0)->set_meter_code("M77");
    scene.server.answer(method::get_feeds, feeds);
    CHECK(form->screen().off_reason.empty());
    const auto meters = field(*form, "meter_ids");
    const auto typed = [&] { return form->screen().fields[meters].value; };
    CHECK(typed() == "M77 ");  // more can be typed at once
    form->set(meters, "M77 nobody");
    form->submit();
    CHECK(form->screen().fields[meters].error == "No meter or unit is called nobody.");
    form->set(meters, "M77, C-312");
    form->set(field(*form, "building"), "A");
    CHECK(typed() == "M77, C-312 M31 M35");
    CHECK(form->screen().submit == "F1 feeds 4 meters");
    form->submit();
    form->submit();
    const auto asked = scene.server.asked(method::set_feeds);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].feeder_id() == 90);
    CHECK(std::vector<std::int64_t>{asked[0].meter_ids().begin(), asked[0].meter_ids().end()} ==
          std::vector<std::int64_t>{31, 33, 35, 77});

    SaleScene looks{{"device.read"}};
    const auto closed = feeds_form(looks.context, 90, "F1");
    looks.server.answer(method::get_feeds, feeds);
    CHECK(closed->screen().off_reason == "Your role does not allow it.");
}

TEST_CASE("archive: months, the last round in words, held and begun by those who may", "[energy]") {
    SaleScene scene{{"parameter.read", "parameter.write"}};
    ArchivePresenter archive{scene.context};
    archive.open();
    v1::Archive answer;
    auto* month = answer.add_months();
    month->set_month("2026-02");
    month->set_hot(true);
    month->set_hot_readings(1'000);
    month->set_hot_bytes(2'500'000);
    month->set_moved_readings(9'000);
    answer.set_hot_months(13);
    answer.set_archive_bytes(12'300'000);
    answer.set_held(true);
    answer.mutable_begun_at()->set_seconds(1'774'000'000);
    answer.set_error("no room");
    scene.server.answer(method::get_archive, answer);
    REQUIRE(archive.screen().rows.size() == 1);
    const auto& cells = archive.screen().rows[0].cells;
    REQUIRE(cells.size() == archive.screen().columns.size());
    CHECK(cells[1].text == "Partly archived");
    CHECK(cells[2].text == "~1,000");
    CHECK(cells[3].text == "2.5 MB");
    CHECK(archive.held());
    CHECK(archive.in_trouble());
    for (const char* said : {"12.3 MB", "13 months", "A round goes on since", "It is held", "No room"}) {
        CHECK_THAT(archive.summary(), Catch::Contains(said));
    }
    archive.hold(false);
    archive.start();  // one at a time
    CHECK(scene.server.asked(method::run_archive).empty());
    CHECK(scene.server.asked(method::set_parameters).back().values().at("history_hold") == "0");
    scene.server.answer(method::set_parameters, {});
    archive.start();
    CHECK(scene.server.asked(method::run_archive).size() == 1);

    SaleScene looks{{"parameter.read"}};
    ArchivePresenter other{looks.context};
    other.start();
    other.hold(true);
    CHECK(looks.server.asked(method::run_archive).empty());
    CHECK(looks.server.asked(method::set_parameters).empty());
}
