#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "sim_fixture.hpp"
#include "simulator/import_files.hpp"
#include "simulator/plan_file.hpp"
#include "simulator/state_file.hpp"

namespace wutong::simulator::test {

TEST_CASE("plan: the tower") {
    const auto plan = demo_plan("/tmp/tower", curves(), {});
    CHECK_NOTHROW(check_plan(plan, curves()));
    std::map<Model, int> models;
    std::map<std::string, int> lines;
    for (const auto& meter : plan.meters) {
        ++models[meter.model];
        ++lines[meter.line];
    }
    CHECK(plan.floors == 40);
    CHECK(models[Model::ddsy1352] + models[Model::dtsy1352] + models[Model::adf300] == 160);
    CHECK(models[Model::adf300] == 24);
    CHECK(models[Model::dtsy1352] == 56);
    CHECK(models[Model::sdm630] == 40);
    CHECK(lines == std::map<std::string, int>{
                       {"bus1", 35}, {"bus2", 35}, {"bus3", 35}, {"bus4", 35}, {"gw1", 30}, {"gw2", 30}});
}

TEST_CASE("plan: an ADF300 box has its addresses in one run, boxes begin at n x 12 + 1") {
    const auto plan = demo_plan("/tmp/tower", curves(), {});
    std::map<std::pair<std::string, int>, std::vector<int>> boxes;
    for (const auto& meter : plan.meters) {
        if (meter.model == Model::adf300) {
            boxes[{meter.line, meter.box}].push_back(meter.address);
        }
    }
    for (const auto& [key, addresses] : boxes) {
        for (std::size_t i = 0; i < addresses.size(); ++i) {
            CHECK(addresses[i] == key.second * 12 + 1 + static_cast<int>(i));
        }
    }
    CHECK(boxes.size() == 2);
}

TEST_CASE("plan: no two units move in step") {
    const auto plan = demo_plan("/tmp/tower", curves(), {});
    std::map<std::pair<std::string, int>, int> played;
    for (const auto& meter : plan.meters) {
        if (is_prepaid(meter.model)) {
            CHECK(++played[{meter.premises_id, meter.shift_weeks % 52}] == 1);
        }
    }
}

TEST_CASE("plan: import files have a row for every meter and a channel for every line") {
    const auto plan = demo_plan("/tmp/tower", curves(), {});
    std::istringstream csv{meters_csv(plan)};
    std::string line;
    std::getline(csv, line);
    CHECK(line ==
          "property,building,floor,unit,channel,address,station_address,profile,serial,code,role,feeds");
    int rows = 0;
    bool unit_1201 = false, feeder_12 = false;
    while (std::getline(csv, line)) {
        ++rows;
        unit_1201 = unit_1201 || line == "TOWER,A,12,1201,BUS2,17,,acrel-dtsy1352,202601001201,1201,prepaid,";
        feeder_12 =
            feeder_12 ||
            line == "TOWER,A,12,,BUS2,105,,eastron-sdm630,202601901200,F12,feeder,1201 1202 1203 1204";
    }
    CHECK(rows == 200);
    CHECK(unit_1201);
    CHECK(feeder_12);
    const auto toml = import_toml(plan);
    CHECK_THAT(toml, Catch::Contains("endpoint = \"/tmp/tower/bus3\""));
    CHECK_THAT(toml,
               Catch::Contains("code = \"GW1-1\"\ngateway = \"GW1\"\ntransport = \"modbus_tcp\"\nendpoint = "
                               "\"127.0.0.1:15021\""));
}

TEST_CASE("plan: faults are told all at once") {
    auto plan = small_plan();
    plan.meters[1].serial = plan.meters[0].serial;
    plan.meters[1].address = plan.meters[0].address;
    plan.meters[2].line = "bus9";
    plan.meters[3].premises_id = "X9";
    plan.meters[4].feeds.push_back("999");
    try {
        check_plan(plan, curves());
        FAIL("accepted");
    } catch (const std::runtime_error& fault) {
        const std::string text = fault.what();
        for (const char* part : {"serial number used twice", "address 1 on bus1 used twice",
                                 "there is no line bus9", "load curve of premises 'X9'", "feeds 999"}) {
            CHECK_THAT(text, Catch::Contains(part));
        }
    }
}

TEST_CASE("config: what is wrong is told with its line") {
    struct Row {
        const char* toml;
        const char* message;
    };
    const Row rows[] = {
        {"seed = 1\nsped = 2\n", "sim.toml:2: unknown key sped"},
        {"seed = -1\n", "sim.toml:1: seed must be a whole number"},
        {"\nload_scale = \"fast\"\n", "sim.toml:2: load_scale must be a number"},
        {"load_scale = 0.0\n", "expected a number from 0.001"},
        {"demo = \"x\"\n[[line]]\nname = \"a\"\nkind = \"modbus_tcp\"\n", "demo brings its own"},
        {"[[line]]\nname = \"a\"\nkind = \"usb\"\n", "sim.toml:3: line.kind is \"usb\""},
        {"[[line]]\nname = \"a\"\nkind = \"serial\"\n", "line.link is missing"},
        {"[[meter]]\nserial = \"1\"\nprofile = \"x\"\n", "sim.toml:3: meter.profile is \"x\""},
        {"[line]\n", "must be written as [[line]]"},
        {"seed = = 1\n", "sim.toml:1:"},
    };
    for (const auto& row : rows) {
        INFO(row.toml);
        CHECK_THROWS_WITH(parse_config(row.toml, "sim.toml"), Catch::Contains(row.message));
    }
}

TEST_CASE("config: a bench bus of its own") {
    const auto config = parse_config(R"(
control_port = 0
load_scale = 2.5
[[line]]
name = "bench"
kind = "serial"
link = "/tmp/x/bench"
turnaround_ms = 5
[[meter]]
serial = "000000000001"
profile = "acrel-ddsy1352"
line = "bench"
address = 1
premises = "R002"
)",
                                     "sim.toml");
    CHECK(config.load_scale == Scale{2'500});
    REQUIRE(config.lines.size() == 1);
    CHECK(config.lines[0].turnaround_ms == 5);
    REQUIRE(config.meters.size() == 1);
    CHECK(config.meters[0].unit == "000000000001");
}

TEST_CASE("state: every register comes back, garbage changes nothing") {
    Building before{small_plan(), curves(), noon()};
    auto& meter = *before.find("202600000001")->prepaid();
    meter.edit().price_e4 = {1, 2, 9'500, 4};
    meter.edit().alarm_1_cents = 11;
    meter.edit().purchase_number = 7;
    meter.edit().overload_w = 5'000;
    meter.set_load_control(true);
    meter.set_prepaid(true);
    meter.set_balance_cents(1'234);
    before.advance(noon() + std::chrono::minutes{61});
    const auto text = snapshot(before);

    Building after{small_plan(), curves(), noon() + std::chrono::hours{2}};
    CHECK(restore(after, text) == 4);
    CHECK(snapshot(after) == text);
    CHECK(after.find("202600000001")->prepaid()->registers().balance_e10 == meter.registers().balance_e10);

    for (const std::string& broken :
         {std::string{}, std::string{"{}"}, std::string{R"({"format":2,"meters":{}})"},
          text.substr(0, text.size() / 2),
          std::string{R"({"format":1,"meters":{"202600000001":{"powered":true}}})"}}) {
        CHECK_THROWS_AS(restore(after, broken), std::runtime_error);
        CHECK(snapshot(after) == text);
    }
}

}  // namespace wutong::simulator::test
