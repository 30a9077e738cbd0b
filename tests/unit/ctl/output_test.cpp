#include "ctl/output.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "wutong/v1/device_service.pb.h"
#include "wutong/v1/sale_service.pb.h"

using namespace wutong;

TEST_CASE("json: numbers stay numbers, words lose their prefix, unknown is left out", "[ctl]") {
    v1::Meter meter;
    meter.set_meter_id(9'007'199'254'740'993);
    meter.set_code("1201");
    meter.mutable_state()->set_status(v1::METER_STATUS_ALARM_1);
    meter.mutable_state()->mutable_answered_at()->set_seconds(1'767'225'600);
    const auto json = ctl::to_json(meter);
    CHECK(json["meter_id"].get<std::int64_t>() == 9'007'199'254'740'993);
    CHECK(json["state"]["status"] == "alarm_1");
    CHECK(json["state"]["answered_at"] == "2026-01-01T00:00:00Z");
    CHECK_FALSE(json["state"].contains("balance_e4"));
    CHECK_FALSE(json["state"].contains("lost_since"));
    CHECK(json["enabled"] == false);
}

TEST_CASE("json: embedded json is json, damaged text stays text", "[ctl]") {
    v1::Delivery delivery;
    delivery.set_evidence_json(R"([{"sent":"0120"}])");
    CHECK(ctl::to_json(delivery)["evidence_json"][0]["sent"] == "0120");
    delivery.set_evidence_json("[{");
    CHECK(ctl::to_json(delivery)["evidence_json"] == "[{");
}

TEST_CASE("table: columns line up with Chinese names", "[ctl]") {
    ctl::Table table;
    table.column("name");
    table.column("amount", ctl::Table::Align::right);
    table.row({"城市药店", "100.00"});
    table.row({"Tea & Co.", "5.00"});
    std::ostringstream out;
    table.print(out);
    CHECK(out.str() ==
          "name       amount\n"
          "城市药店   100.00\n"
          "Tea & Co.    5.00\n");
}

TEST_CASE("energy: watt-hours below zero keep their sign", "[ctl]") {
    CHECK(ctl::energy_text(1'234'567) == "1234.567 kWh");
    CHECK(ctl::energy_text(-5) == "-0.005 kWh");
}
