#include <catch2/catch.hpp>

#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/presenters/devices/field_lists.hpp"
#include "client-wx/presenters/devices/site_presenter.hpp"
#include "tests/support/client_scene.hpp"
#include "tests/support/form_and_list.hpp"
#include "wutong/v1/device_service.pb.h"
#include "wutong/v1/site_service.pb.h"
#include "wutong/v1/upkeep_service.pb.h"

using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;

namespace {

void type(Form& form, const std::string& key, const std::string& text) {
    form.set(field(form, key), text);
}

Fault invalid_field(const std::string& name, const std::string& text) {
    Fault fault;
    fault.kind = Fault::Kind::invalid;
    fault.fields.push_back({name, text});
    return fault;
}

v1::ListMetersResponse three_meters() {
    v1::ListMetersResponse list;
    for (int i = 1; i <= 3; ++i) {
        auto* meter = list.add_meters();
        meter->set_meter_id(i);
        meter->set_code("10" + std::to_string(i));
        meter->set_unit_code("A-10" + std::to_string(i));
        meter->set_channel_code(i == 3 ? "BUS2" : "BUS1");
        meter->set_role(i == 3 ? "feeder" : "prepaid");
        meter->set_customer(i == 1 ? "Noodle House" : "");
        meter->set_enabled(true);
        meter->set_bus_address(i);
    }
    return list;
}

}  // namespace

TEST_CASE("channels: refused fields are marked where they are typed", "[client][devices]") {
    ClientScene scene;
    scene.sign_in({"device.write"});
    const auto form = channel_form(scene.context, nullptr);
    std::string said;
    form->on_saved = [&](const std::string& text) { said = text; };
    form->submit();
    CHECK(form->screen().fields[field(*form, "code")].error == "Fill this in.");
    CHECK(form->screen().first_fault == 0);
    CHECK(scene.server.asked(method::create_channel).empty());
    type(*form, "code", " BUS5 ");
    type(*form, "endpoint", "10.0.0.7:502");
    type(*form, "answer_timeout_ms", "5");
    CHECK(form->screen().submit == "Add channel BUS5");
    form->submit();
    CHECK(form->screen().fields[field(*form, "answer_timeout_ms")].error ==
          "Write a whole number from 20 to 60,000.");
    type(*form, "answer_timeout_ms", "５００");
    form->submit();
    REQUIRE(form->screen().busy);
    form->submit();
    const auto asked = scene.server.asked(method::create_channel);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].channel().code() == "BUS5");
    CHECK(asked[0].channel().answer_timeout_ms() == 500);
    scene.server.fail(method::create_channel,
                      invalid_field("channel.code", "a channel with this code is there already"));
    CHECK_FALSE(form->screen().busy);
    CHECK_FALSE(form->screen().fields[field(*form, "code")].error.empty());
    CHECK(form->screen().fields[field(*form, "endpoint")].value == "10.0.0.7:502");
    type(*form, "code", "BUS6");
    CHECK(form->screen().fields[field(*form, "code")].error.empty());
    form->submit();
    v1::Channel made;
    made.set_code("BUS6");
    scene.server.answer(method::create_channel, made);
    CHECK(said == "Channel BUS6 added.");
}

TEST_CASE("channels: speed and parity belong to serial ports", "[client][devices]") {
    ClientScene scene;
    scene.sign_in({"device.write"});
    const auto form = channel_form(scene.context, nullptr);
    CHECK_FALSE(form->screen().fields[field(*form, "baud")].enabled);
    type(*form, "transport", "serial");
    CHECK(form->screen().fields[field(*form, "baud")].enabled);
    CHECK(form->screen().fields[field(*form, "endpoint")].hint.find("/dev/ttyUSB0") != std::string::npos);
}

TEST_CASE("forms: a lost link keeps what was typed and asks the same again", "[client][devices]") {
    ClientScene scene;
    scene.sign_in({"site.write"});
    const auto form = building_form(scene.context);
    type(*form, "code", "B");
    form->submit();
    scene.server.fail(method::create_building, outcome_unknown());
    CHECK(form->screen().busy);
    CHECK_FALSE(form->screen().note.empty());
    scene.clock.advance(std::chrono::seconds{1});
    scene.server.answer(method::create_building, v1::Building{});
    const auto asked = scene.server.asked(method::create_building);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].request_id() == asked[1].request_id());
    CHECK(asked[0].floors() == 1);
}

TEST_CASE("meters: filters by text, channel and role", "[client][devices]") {
    ClientScene scene;
    scene.sign_in({"device.read"});
    MetersPresenter presenter{scene.context};
    presenter.open();
    scene.server.answer(method::list_meters, three_meters());
    CHECK(presenter.screen().rows.size() == 3);
    CHECK(presenter.extra().channels.size() == 3);
    presenter.search("noodle");
    CHECK(presenter.screen().rows.size() == 1);
    presenter.search("");
    presenter.choose_channel("BUS1");
    CHECK(presenter.screen().rows.size() == 2);
    presenter.choose_role("feeder");
    CHECK(presenter.screen().rows.empty());
    CHECK(presenter.screen().empty == "None of 3 meters match.");
    presenter.clear_filter();
    CHECK(presenter.screen().rows.size() == 3);
    // A meter that the live stream does not know is not shown as empty or zero.
    CHECK(presenter.screen().rows[0].cells[4].text == "—");
}

TEST_CASE("meters: the form takes a unit by its code and leaves out what is empty", "[client][devices]") {
    ClientScene scene;
    scene.sign_in({"device.write"});
    v1::Meter meter;
    meter.set_meter_id(5);
    meter.set_code("105");
    meter.set_serial_number("2026");
    meter.set_profile("acrel-dtsy1352");
    meter.set_role("prepaid");
    meter.set_channel_id(2);
    meter.set_bus_address(5);
    meter.set_unit_id(50);
    meter.set_unit_code("A-105");
    meter.set_enabled(true);
    meter.set_price_e4(10'500);
    meter.set_alarm_1_e4(200'000);
    const auto form = meter_form(scene.context, &meter);
    CHECK(form->screen().fields[field(*form, "price_e4")].value == "1.05");
    form->submit();
    CHECK(scene.server.asked(method::update_meter).empty());  // channels and models are not there yet
    scene.server.answer(method::list_channels, v1::ListChannelsResponse{});
    scene.server.answer(method::list_profiles, v1::ListProfilesResponse{});
    v1::ListUnitsResponse units;
    units.add_units()->set_unit_id(61);
    units.mutable_units(0)->set_code("A-106");
    scene.server.answer(method::list_units, units);
    type(*form, "unit_code", "A-999");
    form->submit();
    CHECK(form->screen().fields[field(*form, "unit_code")].error.find("There is no unit A-999") == 0);
    type(*form, "unit_code", "A-106");
    type(*form, "alarm_1_e4", "");
    type(*form, "overdraft_e4", "12,5");
    form->submit();
    const auto asked = scene.server.asked(method::update_meter);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].meter().unit_id() == 61);
    CHECK(asked[0].meter().price_e4() == 10'500);
    CHECK_FALSE(asked[0].meter().has_alarm_1_e4());
    CHECK(asked[0].meter().overdraft_e4() == 125'000);
}

TEST_CASE("site: a tree of rows that opens, searches and knows its meters", "[client][devices]") {
    ClientScene scene;
    scene.sign_in({"site.read"});
    SitePresenter presenter{scene.context};
    presenter.open();
    v1::GetSiteResponse site;
    auto* building = site.add_buildings();
    building->set_building_id(1);
    building->set_code("A");
    building->set_name("Tower A");
    for (int number : {2, 1}) {
        auto* floor = building->add_floors();
        floor->set_floor_id(10 + number);
        floor->set_number(number);
        floor->set_name(std::to_string(number) + "F");
    }
    scene.server.answer(method::get_site, site);
    v1::ListUnitsResponse units;
    units.add_units()->set_unit_id(5);
    units.mutable_units(0)->set_floor_id(11);
    units.mutable_units(0)->set_code("A-101");
    scene.server.answer(method::list_units, units);
    REQUIRE(presenter.screen().rows.size() == 3);  // the only building is open, its floors are not
    CHECK(presenter.screen().rows[1].cells[0].text.find("1F") != std::string::npos);
    const auto floor = presenter.screen().rows[1].id;
    CHECK(presenter.set_open(floor, true));
    CHECK_FALSE(presenter.set_open(floor, true));
    CHECK(presenter.screen().rows.size() == 4);
    presenter.select(floor);
    CHECK(presenter.chosen().kind == SitePresenter::Kind::floor);
    CHECK(presenter.new_unit_form() != nullptr);
    CHECK(presenter.new_floor_form()->screen().fields[0].value == "3");
    presenter.search("a-10");
    CHECK(presenter.screen().rows.size() == 3);
    presenter.search("zz");
    CHECK(presenter.screen().rows.empty());
    CHECK(presenter.screen().empty == "None of 1 units match.");
}

TEST_CASE("channels: how large, how fast, how fresh, how protected, and who reads them",
          "[client][devices]") {
    ClientScene scene;
    ChannelsPresenter presenter{scene.context};
    presenter.open();
    v1::ListChannelsResponse list;
    const auto add = [&list](int id, const char* code, const char* transport, const char* endpoint) {
        auto& one = *list.add_channels();
        one.set_channel_id(id);
        one.set_code(code);
        one.set_transport(transport);
        one.set_endpoint(endpoint);
        one.set_enabled(true);
        one.set_meter_count(30);
        one.set_baud(9'600);
        one.set_parity("N");
        one.set_stop_bits(1);
    };
    add(1, "BUS1", "serial", "/dev/ttyS1");
    add(2, "GW1", "modbus_tcp", "10.0.0.9:502");
    add(3, "GW2", "gateway_tls", "10.0.0.9:7610/bus1");
    add(4, "GW3", "gateway_plain", "10.0.0.9:7611/bus1");
    add(5, "MQ1", "mqtt", "mqtts://broker");
    add(6, "MQ2", "mqtt", "mqtt://broker");
    add(7, "AG1", "dial_in", "acrel-gateway:GW001/2");
    list.mutable_channels(0)->set_round_ms(4'200);
    list.mutable_channels(0)->set_collector("c1");
    scene.server.answer(method::list_channels, list);
    v1::ListChannelLoadsResponse loads;
    auto& bus = *loads.add_channels();
    bus.set_channel_id(1);
    bus.set_computed_round_ms(3'900);
    bus.set_oldest_s(200);
    bus.set_meters_max(148);
    auto& full = *loads.add_channels();
    full.set_channel_id(2);
    full.set_computed_round_ms(200'000);
    full.set_meters_max(20);
    scene.server.answer(method::list_channel_loads, loads);
    const auto& screen = presenter.screen();
    REQUIRE(screen.rows.size() == 7);
    const auto cell = [&](std::size_t row, const char* title) {
        for (std::size_t i = 0; i < screen.columns.size(); ++i) {
            if (screen.columns[i].title == title) {
                return screen.rows[row].cells.at(i);
            }
        }
        throw std::logic_error(title);
    };
    CHECK(cell(0, "Meters / room").text == "30 / 148");
    CHECK(cell(0, "Meters / room").tone == Tone::normal);
    CHECK(cell(0, "Round, computed").text == "3.9 s");
    CHECK(cell(0, "Round, measured").text == "4.2 s");
    CHECK(cell(0, "Oldest value").order == 200'000);
    CHECK(cell(0, "Oldest value").tone == Tone::warn);
    CHECK(cell(0, "Link").text == "Serial port 9600 8N1");
    CHECK(cell(0, "Collector").text == "c1");
    CHECK(cell(0, "Protection").text == "Cable");
    CHECK(cell(1, "Meters / room").tone == Tone::warn);
    CHECK(cell(1, "Round, computed").tone == Tone::warn);
    CHECK(cell(1, "Round, measured").text == cell(2, "Round, measured").text);
    CHECK(cell(1, "Protection").text == "Plain text");
    CHECK(cell(1, "Protection").tone == Tone::warn);
    CHECK(cell(2, "Protection").tone == Tone::ok);
    CHECK(cell(2, "Meters / room").text == "30");
    CHECK(cell(3, "Protection").tone == Tone::danger);
    CHECK(cell(4, "Protection").text == "TLS");
    CHECK(cell(5, "Protection").text == "Plain text");
    CHECK(cell(6, "Protection").text == "Gateway's AES");
    CHECK(cell(6, "Collector").text == "none");
}
