#include "simulator/control_api.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sim_fixture.hpp"

namespace wutong::simulator::test {
namespace {

using nlohmann::json;

/// A gateway without sockets.
class FakeGateway : public LineEnd {
public:
    explicit FakeGateway(LinePlan plan) : plan_{std::move(plan)} {}
    [[nodiscard]] const LinePlan& plan() const override { return plan_; }
    [[nodiscard]] std::string endpoint() const override { return "127.0.0.1:1"; }
    [[nodiscard]] LineStats stats() const override { return {}; }
    [[nodiscard]] bool dead() const override { return dead_; }
    void set_dead(bool dead) override { dead_ = dead; }
    void stop() override {}

private:
    LinePlan plan_;
    bool dead_ = false;
};

struct Rig {
    SimClock clock;
    Building building{small_plan(), curves(), clock.now()};
    ControlApi::Lines lines = [] {
        ControlApi::Lines all;
        all.push_back(std::make_unique<FakeGateway>(small_plan().lines[0]));
        return all;
    }();
    ControlApi api{building, lines, clock};

    json call(const std::string& method, const std::string& target, const std::string& body = {},
              int status = 200) {
        const auto answer = api.handle(method, target, body);
        INFO(method << " " << target << " " << body << " -> " << answer.body);
        CHECK(answer.status == status);
        return json::parse(answer.body);
    }
};

}  // namespace

TEST_CASE("control: the truth about a meter") {
    Rig rig;
    const auto list = rig.call("GET", "/v1/meters");
    CHECK(list["meters"].size() == 5);
    CHECK(list["meters"][0]["profile"] == "acrel-ddsy1352");
    const auto truth = rig.call("GET", "/v1/meters/202600000001");
    for (const char* key :
         {"serial", "balance_e10", "balance_e4", "purchase_number", "energy_mwh", "energy_wh", "cost_e10",
          "price_e4", "alarm_1_e4", "alarm_2_e4", "overdraft_e4", "overload_w", "prepaid_enabled",
          "relay_closed", "forced", "forced_open", "load_w", "clock", "writes"}) {
        INFO(key);
        CHECK(truth.contains(key));
    }
    CHECK(truth["relay_closed"] == true);
    CHECK(truth["prepaid_enabled"] == false);
    CHECK(truth["load_set_w"].is_null());
    CHECK(rig.call("GET", "/v1/meters/202600000101")["feeds"].size() == 4);
    rig.call("GET", "/v1/meters/404", {}, 404);
}

TEST_CASE("control: levers") {
    Rig rig;
    const std::string meter = "/v1/meters/202600000001";
    const auto patched =
        rig.call("PATCH", meter, R"({"load_w":5000,"balance_e4":123400,"purchase_number":9})");
    CHECK(patched["load_w"] == 5000);
    CHECK(patched["balance_e4"] == 123400);
    CHECK(patched["purchase_number"] == 9);
    CHECK(patched["writes"].back()["kind"] == "somebody_else");
    CHECK(rig.call("PATCH", meter, R"({"load_w":null})")["load_set_w"].is_null());
    CHECK(rig.call("PATCH", meter, R"({"dead":true})")["dead"] == true);
    CHECK(rig.call("PATCH", meter, R"({"powered":false})")["load_w"] == 0);
    CHECK(rig.call("PATCH", "/v1/gateways/bus1", R"({"dead":true})")["dead"] == true);
    CHECK(rig.call("GET", "/v1/gateways")["gateways"][0]["dead"] == true);
    CHECK(rig.call("GET", "/v1/buses")["buses"].empty());
    CHECK(rig.call("GET", "/v1/sums")["balance_e10"] == 123'400 * kE10PerE4);
    CHECK(rig.call("GET", "/v1/health")["status"] == "ok");
}

TEST_CASE("control: faults come, count and go") {
    Rig rig;
    const auto id =
        rig.call("POST", "/v1/faults",
                 R"({"target":"meter:202600000001","kind":"lost_answer","function":3,"count":2})", 201)["id"];
    const protocols::Bytes look{0x03, 0x02, 0x1F, 0x00, 0x03};
    CHECK_FALSE(rig.building.exchange("bus1", 1, look, rig.clock.now()).answered);
    const auto listed = rig.call("GET", "/v1/faults")["faults"];
    REQUIRE(listed.size() == 1);
    CHECK(listed[0]["hits"] == 1);
    CHECK(listed[0]["id"] == id);
    rig.call("DELETE", "/v1/faults/" + id.dump());
    rig.call("DELETE", "/v1/faults/" + id.dump(), {}, 404);
    CHECK(rig.building.exchange("bus1", 1, look, rig.clock.now()).answered);
    rig.call("POST", "/v1/faults", R"({"target":"bus:bus1","kind":"torn_answer"})", 201);
    rig.call("DELETE", "/v1/faults");
    CHECK(rig.call("GET", "/v1/faults")["faults"].empty());
}

TEST_CASE("control: bad input is told and changes nothing") {
    struct Row {
        const char* method;
        const char* target;
        const char* body;
        int status;
        const char* message;
    };
    const Row rows[] = {
        {"GET", "/", "", 404, "no such path"},
        {"GET", "/v1/walls", "", 404, "walls"},
        {"DELETE", "/v1/meters", "", 405, "only GET"},
        {"PATCH", "/v1/meters/202600000001", "{", 400, "not JSON"},
        {"PATCH", "/v1/meters/202600000001", "[1]", 400, "JSON object"},
        {"PATCH", "/v1/meters/202600000001", R"({"load_kw":1})", 400, "unknown key \"load_kw\""},
        {"PATCH", "/v1/meters/202600000001", R"({"load_w":-1})", 400, "from 0 to"},
        {"PATCH", "/v1/meters/202600000001", R"({"load_w":1.5})", 400, "whole number"},
        {"PATCH", "/v1/meters/202600000001", R"({"load_w":18446744073709551615})", 400, "whole number"},
        {"PATCH", "/v1/meters/202600000001", R"({"dead":1})", 400, "true or false"},
        {"PATCH", "/v1/meters/202600000001", R"({"balance_e4":5,"purchase_number":70000})", 400, "65535"},
        {"PATCH", "/v1/meters/202600000101", R"({"load_w":1})", 400, "only measures"},
        {"PATCH", "/v1/gateways/gw9", R"({"dead":true})", 404, "no gateway gw9"},
        {"PATCH", "/v1/gateways/bus1", "{}", 400, "\"dead\" is missing"},
        {"POST", "/v1/faults", R"({"kind":"lost_answer"})", 400, "\"target\" is missing"},
        {"POST", "/v1/faults", R"({"target":"meter:1","kind":"lost_answer"})", 400, "expected meter:SERIAL"},
        {"POST", "/v1/faults", R"({"target":"bus","kind":"lost_answer"})", 400, "expected meter:SERIAL"},
        {"POST", "/v1/faults", R"({"target":"bus:bus1","kind":"fire"})", 400, "\"kind\" is \"fire\""},
        {"POST", "/v1/faults", R"({"target":"bus:bus1","kind":"lost_answer","count":0})", 400, "from 1 to"},
        {"POST", "/v1/faults", R"({"target":"bus:bus1","kind":"lost_answer","probability":2})", 400,
         "at most 1"},
        {"POST", "/v1/faults", R"({"target":"bus:bus1","kind":"lost_answer","delay_ms":-5})", 400,
         "from 0 to"},
        {"DELETE", "/v1/faults/x", "", 404, "no fault x"},
    };
    Rig rig;
    for (const auto& row : rows) {
        const auto answer = rig.api.handle(row.method, row.target, row.body);
        INFO(row.method << " " << row.target << " " << row.body << " -> " << answer.body);
        CHECK(answer.status == row.status);
        CHECK_THAT(json::parse(answer.body)["error"].get<std::string>(), Catch::Contains(row.message));
    }
    const auto& meter = *rig.building.find("202600000001");
    CHECK(meter.prepaid()->registers().balance_e10 == 0);
    CHECK(meter.prepaid()->registers().purchase_number == 0);
    CHECK_FALSE(meter.load_w);
    CHECK(rig.building.faults().all().empty());
}

}  // namespace wutong::simulator::test
