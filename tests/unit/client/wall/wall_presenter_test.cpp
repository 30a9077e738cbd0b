#include "client-wx/presenters/wall/wall_presenter.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/client/wall/wall_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

std::vector<std::string> codes(const WallPresenter& wall) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < wall.cells(); ++i) {
        all.push_back(wall.cell(i).code);
    }
    return all;
}

const WallScreen::Chip& chip(const WallPresenter& wall, std::optional<MeterStatus> status) {
    for (const auto& chip : wall.screen().chips) {
        if (chip.status == status) {
            return chip;
        }
    }
    throw std::logic_error("no such chip");
}

}  // namespace

TEST_CASE("wall: floors with titles and counts, cells with balance and days", "[wall]") {
    WallScene scene;
    const WallPresenter wall{scene.context};
    REQUIRE(wall.section_count() == 3);
    CHECK(wall.section(0).title == "Building A · Floor 1");
    CHECK(wall.section(2).title == "Building B · Floor 1");
    CHECK(wall.section(1).amount == "4 meters");
    CHECK(wall.section(0).exceptions.empty());
    REQUIRE(wall.cells() == 12);
    const auto cell = wall.cell(0);
    CHECK(cell.code == "A-101");
    CHECK(cell.balance == "¥200.00");
    CHECK(cell.note == "20d");
    CHECK(cell.name == "Tenant 1");
    CHECK(chip(wall, std::nullopt).count == "12");
    CHECK(chip(wall, MeterStatus::normal).count == "12");
}

TEST_CASE("wall: a change reaches its cell, the counts of chips and header, and nothing else", "[wall]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    std::vector<std::size_t> told;
    int resets = 0;
    wall.on_cells = [&](const std::vector<std::size_t>& positions) { told = positions; };
    wall.on_cells_reset = [&] { ++resets; };
    scene.change(6, [](v1::LiveMeter& meter) {
        meter.mutable_state()->set_status(v1::METER_STATUS_ALARM_2);
        meter.mutable_state()->set_balance_e4(-21'000);
        meter.set_days_left(0);
    });
    CHECK(told == std::vector<std::size_t>{5});
    CHECK(resets == 0);
    CHECK(wall.cell(5).status == MeterStatus::alarm_2);
    CHECK(wall.cell(5).balance == "−¥2.10");
    CHECK(wall.cell(5).note == "<1d");
    CHECK(chip(wall, MeterStatus::alarm_2).count == "1");
    CHECK(chip(wall, MeterStatus::normal).count == "11");
    REQUIRE(wall.section(1).exceptions.size() == 1);
    CHECK(wall.section(1).exceptions[0] == std::pair{MeterStatus::alarm_2, std::string{"1"}});
}

TEST_CASE("wall: unknown is not zero", "[wall]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    scene.change(1, [](v1::LiveMeter& meter) {
        meter.mutable_state()->clear_balance_e4();
        meter.clear_days_left();
    });
    CHECK(wall.cell(0).balance == "—");
    CHECK(wall.cell(0).note.empty());
}

TEST_CASE("wall: a lost meter shows how old its value is, one in arrears no days", "[wall]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    scene.change(1, [&](v1::LiveMeter& meter) {
        meter.mutable_state()->set_status(v1::METER_STATUS_LOST);
        meter.mutable_state()->mutable_answered_at()->set_seconds(HandClock::kStart.count() - 3700);
    });
    scene.change(2, [](v1::LiveMeter& meter) {
        meter.mutable_state()->set_status(v1::METER_STATUS_ARREARS);
        meter.set_days_left(0);
    });
    CHECK(wall.cell(0).note == "1h");
    CHECK(wall.cell(1).note.empty());
}

TEST_CASE("wall: a chip filters, a second adds, the same again lets go", "[wall][filter]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    scene.change(2, [](v1::LiveMeter& m) { m.mutable_state()->set_status(v1::METER_STATUS_ALARM_1); });
    scene.change(7, [](v1::LiveMeter& m) { m.mutable_state()->set_status(v1::METER_STATUS_LOST); });
    wall.choose_chip(MeterStatus::alarm_1, false);
    CHECK(codes(wall) == std::vector<std::string>{"A-102"});
    CHECK(chip(wall, MeterStatus::normal).count == "10");  // chips count all, whatever is filtered
    wall.choose_chip(MeterStatus::lost, false);
    CHECK(codes(wall) == std::vector<std::string>{"A-102", "A-203"});
    CHECK(wall.section_count() == 2);
    wall.choose_chip(MeterStatus::alarm_1, true);
    CHECK(codes(wall) == std::vector<std::string>{"A-203"});
    wall.choose_chip(MeterStatus::lost, false);
    CHECK(wall.cells() == 12);
}

TEST_CASE("wall: a meter that changes its state enters and leaves a filtered wall", "[wall][filter]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    int resets = 0;
    wall.on_cells_reset = [&] { ++resets; };
    wall.choose_chip(MeterStatus::alarm_1, false);
    CHECK(wall.cells() == 0);
    CHECK(wall.screen().empty == WallScreen::Empty::nothing_fits);
    CHECK(wall.screen().empty_text == "None of 12 meters match.");
    CHECK(wall.screen().empty_action == "Clear filter");
    resets = 0;
    scene.change(4, [](v1::LiveMeter& m) { m.mutable_state()->set_status(v1::METER_STATUS_ALARM_1); });
    CHECK(resets == 1);
    CHECK(codes(wall) == std::vector<std::string>{"A-104"});
    scene.change(4, [](v1::LiveMeter& m) { m.mutable_state()->set_status(v1::METER_STATUS_NORMAL); });
    CHECK(wall.cells() == 0);
}

TEST_CASE("wall: building and search narrow what the chips count", "[wall][filter]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    CHECK(wall.screen().buildings == std::vector<std::string>{"All", "A", "B"});
    wall.choose_building(2);
    CHECK(codes(wall) == std::vector<std::string>{"B-101", "B-102", "B-103", "B-104"});
    CHECK(chip(wall, std::nullopt).count == "4");
    wall.choose_building(0);
    wall.search("noodle");
    CHECK(codes(wall) == std::vector<std::string>{"A-103"});
    wall.search("a2 02");
    CHECK(codes(wall) == std::vector<std::string>{"A-202"});
    wall.search("0002 4187 3012");  // the serial number as it is printed on the meter
    CHECK(codes(wall) == std::vector<std::string>{"A-102"});
    wall.search(std::string(5000, 'x'));
    CHECK(wall.cells() == 0);
    wall.clear_filter();
    CHECK(wall.cells() == 12);
}

TEST_CASE("wall: typing jumps to the unit, with or without the hyphen", "[wall]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    CHECK(wall.typed("a20") == 4);
    CHECK(wall.typed("A-203") == 6);
    CHECK(wall.typed("b101") == 8);
    CHECK(wall.typed("103") == 2);  // in the middle, when none begins so
    CHECK_FALSE(wall.typed("zz").has_value());
    CHECK_FALSE(wall.typed("-").has_value());
}

TEST_CASE("wall: one selected shows the inspector, several the bar, Escape goes back", "[wall][selection]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    CHECK(wall.screen().panel == WallScreen::Panel::nothing);
    wall.pick(2, WallPick::only);
    CHECK(wall.screen().panel == WallScreen::Panel::inspector);
    CHECK(wall.inspector().screen().code == "A-103");
    CHECK(wall.cell(2).selected);
    wall.pick(4, WallPick::toggle);
    CHECK(wall.screen().panel == WallScreen::Panel::several);
    CHECK(wall.several().title == "2 meters selected");
    CHECK(wall.several().places == "Building A · Floor 1, Building A · Floor 2");
    CHECK(wall.several().facts.at(0) == Fact{"Load now", "2.84 kW"});
    CHECK(wall.several().facts.at(1) == Fact{"Balances together", "¥400.00"});
    CHECK(wall.leave_one());
    CHECK(wall.screen().panel == WallScreen::Panel::inspector);
    CHECK(wall.leave_one());
    CHECK(wall.screen().panel == WallScreen::Panel::nothing);
    wall.search("noodle");
    CHECK(wall.leave_one());
    CHECK(wall.cells() == 12);
    CHECK_FALSE(wall.leave_one());
}

TEST_CASE("wall: selected meters that the filter hides are named, and still selected", "[wall][selection]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    wall.pick(0, WallPick::only);
    wall.pick(8, WallPick::toggle);
    wall.choose_building(2);
    const auto facts = wall.several().facts;
    CHECK(std::find(facts.begin(), facts.end(), Fact{"Hidden by the filter", "1 meter", Ink::warn}) !=
          facts.end());
    CHECK(wall.selection().size() == 2);
}

TEST_CASE("wall: selecting all takes what is shown", "[wall][selection]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    wall.choose_building(2);
    wall.select_all();
    CHECK(wall.selection().size() == 4);
    CHECK(wall.selection().contains(9));
}

TEST_CASE("wall: going to a meter clears a filter that hides it", "[wall]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    std::optional<std::size_t> went;
    wall.on_goto = [&](std::optional<std::size_t> position) { went = position; };
    wall.choose_building(2);
    wall.go_to(2);
    CHECK(went == 1);
    CHECK(wall.cells() == 12);
    CHECK(wall.inspector().screen().meter_id == 2);
    wall.go_to(999);
    CHECK(wall.inspector().screen().meter_id == 2);
}

TEST_CASE("wall: a meter that is removed leaves wall and selection", "[wall]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    wall.pick(3, WallPick::only);
    v1::LiveUpdate update;
    scene.stamp(update);
    update.add_removed_meter_ids(4);
    scene.server.push(method::watch_live, update);
    scene.clock.advance(LiveMeters::kTellEvery);
    CHECK(wall.cells() == 11);
    CHECK(wall.selection().size() == 0);
    CHECK(wall.screen().panel == WallScreen::Panel::nothing);
}

TEST_CASE("wall: the list sorts by any column, what was never read last", "[wall][list]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    scene.change(5, [](v1::LiveMeter& m) { m.mutable_state()->set_balance_e4(10'000); });
    scene.change(6, [](v1::LiveMeter& m) { m.mutable_state()->clear_balance_e4(); });
    scene.change(7, [](v1::LiveMeter& m) { m.mutable_state()->set_balance_e4(90'000'000); });
    const auto column = static_cast<std::size_t>(WallPresenter::Column::balance);
    wall.sort_list(WallPresenter::Column::balance, true);
    CHECK(wall.list_cell(0, column).text == "¥1.00");
    CHECK(wall.list_cell(10, column).text == "¥9,000.00");
    CHECK(wall.list_cell(11, column).text == "—");
    wall.sort_list(WallPresenter::Column::balance, false);
    CHECK(wall.list_cell(0, column).text == "¥9,000.00");
    CHECK(wall.list_cell(11, column).text == "—");
    CHECK(wall.list_row(5) == 10);
    CHECK(wall.list_cell(99, 0).text.empty());
    for (std::size_t c = 0; c < WallPresenter::kColumns; ++c) {
        wall.sort_list(static_cast<WallPresenter::Column>(c), true);
        CHECK(wall.list_cell(0, c).text != "");
    }
}

TEST_CASE("wall: list or wall is remembered at this seat", "[wall][list]") {
    WallScene scene;
    {
        WallPresenter wall{scene.context};
        CHECK_FALSE(wall.screen().list);
        wall.show_list(true);
    }
    const WallPresenter again{scene.context};
    CHECK(again.screen().list);
}

TEST_CASE("wall: without the right to control nothing can be sent", "[wall][rights]") {
    WallScene scene{{"device.read"}};
    WallPresenter wall{scene.context};
    wall.pick(0, WallPick::only);
    wall.pick(1, WallPick::toggle);
    CHECK_FALSE(wall.several().can_send);
    wall.cut();
    scene.server.deliver();
    CHECK(scene.server.asked(method::send_command).empty());
    wall.leave_one();
    CHECK_FALSE(wall.inspector().screen().actions.cut.shown);
    wall.inspector().cut();
    CHECK(scene.server.asked(method::send_command).empty());
}

TEST_CASE("wall: the status line says how old, how many, what is on its way", "[wall]") {
    WallScene scene;
    WallPresenter wall{scene.context};
    v1::LiveUpdate update;
    scene.stamp(update);
    auto& summary = *update.mutable_summary();
    summary.set_meter_count(12);
    summary.set_answered_count(11);
    summary.set_deliveries_under_way(6);
    summary.mutable_oldest_answer_at()->set_seconds(update.at().seconds() - 161);
    scene.server.push(method::watch_live, update);
    scene.clock.advance(LiveMeters::kTellEvery);
    const auto line = wall.screen().status_left;
    CHECK_THAT(line, Catch::Contains("Oldest answering meter 2 min 41 s ago"));
    CHECK_THAT(line, Catch::Contains("last round 11 of 12"));
    CHECK_THAT(line, Catch::Contains("6 credits on the way"));
}
