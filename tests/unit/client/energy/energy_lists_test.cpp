#include "client-wx/presenters/energy/energy_lists.hpp"

#include <wutong/v1/history_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/api/history_methods.hpp"
#include "client-wx/text/format.hpp"
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
    v1::ReportEnergyResponse answer;
    *answer.add_meters() = meter_energy("M1", "whole");
    *answer.add_meters() = meter_energy("M2", "ends_early");
    scene.server.answer(method::report_energy, answer);
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
    CHECK(list.screen().rows[2].cells[6].text.find("feeds") != std::string::npos);
}
