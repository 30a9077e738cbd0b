#include "simulator/mqtt_devices.hpp"

#include <catch2/catch.hpp>

#include "collector/protocols/message_values.hpp"
#include "collector/protocols/sparkplug.hpp"
#include "simulator/import_files.hpp"
#include "unit/simulator/sim_fixture.hpp"

/// What simulated MQTT devices say; that the collector understands them is shown by the collector's tests.
using namespace wutong;
using namespace wutong::simulator;
using namespace wutong::simulator::test;
using namespace std::chrono_literals;

namespace {

BuildingPlan plan_of(MqttTongue tongue) {
    auto plan = small_plan();
    plan.lines[0].kind = LineKind::mqtt;
    plan.lines[0].broker = "mqtt://127.0.0.1:1883";
    plan.lines[0].tongue = tongue;
    plan.meters.resize(1);
    return plan;
}

std::string leaf(const std::string& json, const char* path) {
    std::string why;
    const auto root = protocols::parse_json(json, why);
    const auto* found = root ? protocols::find(*root, path) : nullptr;
    return found == nullptr ? "" : found->text;
}

}  // namespace

TEST_CASE("mqtt devices: a plug tells its register and obeys its relay") {
    const auto plan = plan_of(MqttTongue::tasmota);
    Building building{plan, curves(), noon()};
    auto& meter = *building.meters().front();
    meter.prepaid()->edit().energy_mwh = 12'345'000;
    MqttDevices devices{plan.lines[0], building};
    const auto address = MqttDevices::address_of(plan.lines[0], meter.plan);
    CHECK(devices.births(noon()).at(0).topic == "tele/" + address + "/LWT");
    CHECK(leaf(devices.telemetry(noon()).at(1).payload, "ENERGY.Total") == "12.345");
    const auto said = devices.obey({"cmnd/" + address + "/POWER", "OFF", false}, noon());
    REQUIRE(said.size() == 1);
    CHECK(said[0].topic == "stat/" + address + "/POWER");
    CHECK(said[0].payload == "OFF");
    CHECK_FALSE(meter.prepaid()->relay_closed());
    CHECK(devices.obey({"cmnd/" + address + "/POWER", "ON", false}, noon()).at(0).payload == "ON");
    CHECK(devices.obey({"cmnd/other/POWER", "OFF", false}, noon()).empty());
    meter.dead = true;
    CHECK(devices.telemetry(noon()).empty());
}

TEST_CASE("mqtt devices: a Sparkplug node repeats in its birth what its will says, and counts its messages") {
    namespace spb = protocols::sparkplug;
    const auto plan = plan_of(MqttTongue::sparkplug);
    Building building{plan, curves(), noon()};
    MqttDevices devices{plan.lines[0], building};
    const auto decoded = [](const MqttMessage& message) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(message.payload.data());
        return spb::decode({bytes, message.payload.size()}).value();
    };
    const auto will = decoded(devices.will());
    const auto births = devices.births(noon());
    REQUIRE(births.size() == 2);
    CHECK(decoded(births[0]).metrics.at(0).value == will.metrics.at(0).value);
    CHECK(decoded(births[0]).sequence == 0);
    CHECK(decoded(births[1]).sequence == 1);
    const auto data = decoded(devices.telemetry(noon()).at(0));
    CHECK(data.sequence == 2);
    CHECK(data.metrics.at(0).name.empty());
    CHECK(data.metrics.at(0).alias == decoded(births[1]).metrics.at(0).alias);
}

TEST_CASE("mqtt devices: they can be imported") {
    const auto plan = plan_of(MqttTongue::json);
    const auto csv = meters_csv(plan);
    CHECK(csv.find(",," + MqttDevices::address_of(plan.lines[0], plan.meters[0]) + ",mqtt-json-gateway,") !=
          std::string::npos);
    CHECK(import_toml(plan).find("endpoint = \"mqtt://127.0.0.1:1883\"") != std::string::npos);
}
