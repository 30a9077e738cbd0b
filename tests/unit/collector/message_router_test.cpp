#include "collector/drivers/message_router.hpp"

#include <catch2/catch.hpp>

#include "collector/drivers/message_driver.hpp"
#include "unit/core/profile_files.hpp"

/// The shipped profiles of meters that send by themselves, each with messages as their sources have them.
using namespace wutong;
using namespace wutong::collector;
using namespace std::chrono_literals;
using core::Quantity;

namespace {

constexpr core::Timestamp kNow{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} + 12h};

FieldMeter meter(std::int64_t id, const std::string& profile, const std::string& address) {
    FieldMeter made;
    made.id = {id};
    made.code = "K" + std::to_string(id);
    made.station_address = address;
    made.utc_offset = 8h;
    made.profile = std::make_shared<core::MeterProfile>(core::test::shipped_profile(profile));
    return made;
}

RoutedMessage route(MessageRouter& router, const std::string& topic, const std::string& payload) {
    return router.route({topic, payload, false}, kNow);
}

std::string payload_of(const protocols::sparkplug::Payload& payload) {
    const auto bytes = protocols::sparkplug::encode(payload);
    return {bytes.begin(), bytes.end()};
}

protocols::sparkplug::Metric metric(const std::string& name, std::optional<std::uint64_t> alias,
                                    std::optional<protocols::sparkplug::DataType> type,
                                    protocols::sparkplug::Value value) {
    protocols::sparkplug::Metric made;
    made.name = name;
    made.alias = alias;
    made.type = type;
    made.value = std::move(value);
    return made;
}

}  // namespace

TEST_CASE("router: Tasmota", "[mqtt]") {
    MessageRouter router{{meter(1, "tasmota-energy", "plug1"), meter(2, "tasmota-energy", "plug2")}};
    CHECK(router.topics().size() == 12);
    const auto told = route(
        router, "tele/plug2/SENSOR",
        R"({"Time":"2026-01-01T00:00:00","ENERGY":{"TotalStartTime":"2025-01-01T00:00:00","Total":123.456,"Yesterday":1.2,"Today":0.4,"Power":150,"ApparentPower":160,"ReactivePower":20,"Factor":0.94,"Voltage":230,"Current":0.7}})");
    REQUIRE(told.news.size() == 1);
    CHECK(told.news[0].meter == core::MeterId{2});
    CHECK_FALSE(told.news[0].told_at);
    CHECK(told.news[0].values == core::Values{{Quantity::energy_total, 123'456},
                                              {Quantity::power_total, 150},
                                              {Quantity::reactive_power_total, 20},
                                              {Quantity::power_factor, 940},
                                              {Quantity::voltage_a, 230'000},
                                              {Quantity::current_a, 700}});
    CHECK(route(router, "stat/plug1/POWER", "OFF").news.at(0).values ==
          core::Values{{Quantity::relay_closed, 0}});
    CHECK(route(router, "stat/plug1/POWER", "maybe").news.empty());
    CHECK(route(router, "tele/plug1/LWT", "Offline").news.at(0).online == false);
    CHECK(route(router, "tele/plug1/LWT", "Online").news.at(0).online == true);
    CHECK_FALSE(route(router, "tele/plug3/SENSOR", "{}").known);
    const auto broken = route(router, "tele/plug1/SENSOR", "{\"ENERGY\":");
    CHECK(broken.known);
    CHECK_FALSE(broken.fault.empty());
    const auto order = relay_message(meter(1, "tasmota-energy", "plug1"), false, kNow);
    CHECK(order.topic == "cmnd/plug1/POWER");
    CHECK(order.payload == "OFF");
}

TEST_CASE("router: Shelly Pro 3EM", "[mqtt]") {
    MessageRouter router{{meter(1, "shelly-pro-3em", "shellypro3em-08f9e0")}};
    const auto event = route(
        router, "shellypro3em-08f9e0/events/rpc",
        R"({"src":"shellypro3em-08f9e0","dst":"shellypro3em-08f9e0/events","method":"NotifyStatus","params":{"ts":1767268790.50,"em:0":{"id":0,"a_voltage":230.1,"a_current":2.15,"total_act_power":-481.7}}})");
    REQUIRE(event.news.size() == 1);
    CHECK(event.news[0].told_at == kNow - 9'500ms);
    CHECK(event.news[0].values == core::Values{{Quantity::power_total, -482},
                                               {Quantity::voltage_a, 230'100},
                                               {Quantity::current_a, 2'150}});
    CHECK(route(router, "shellypro3em-08f9e0/events/rpc",
                R"({"method":"NotifyEvent","params":{"ts":1767268790}})")
              .news.empty());
    CHECK(route(router, "shellypro3em-08f9e0/status/emdata:0",
                R"({"id":0,"total_act":6644.90,"total_act_ret":2595.26})")
              .news.at(0)
              .values == core::Values{{Quantity::energy_total, 6'645}, {Quantity::energy_reverse, 2'595}});
    const auto asks = asking_message(meter(1, "shelly-pro-3em", "shellypro3em-08f9e0"), kNow);
    REQUIRE(asks);
    CHECK(asks->payload == R"({"id":1,"src":"shellypro3em-08f9e0/wutong","method":"Shelly.GetStatus"})");
}

TEST_CASE("router: many meters in one message", "[mqtt]") {
    MessageRouter router{{meter(1, "mqtt-json-gateway", "GW1/M7"), meter(2, "mqtt-json-gateway", "GW1/M8"),
                          meter(3, "mqtt-json-gateway", "GW1/M9"), meter(4, "mqtt-json-gateway", "GW2/M7")}};
    CHECK(router.topics().size() == 2);
    const auto told = route(
        router, "site/GW1/up",
        R"({"batch":[{"id":"M7","status":"ok","timestamp":"20260101200000","wh":3274530,"wh_export":120,"v":[230.1,229.8],"relay":1},)"
        R"({"id":"M8","status":"missing","timestamp":"20260101200000","wh":0},)"
        R"({"id":"M9","status":"ok","timestamp":"garbage","wh":"17.6","w":null}]})");
    REQUIRE(told.news.size() == 2);
    CHECK(told.news[0].meter == core::MeterId{1});
    CHECK(told.news[0].told_at == kNow);
    CHECK(told.news[0].values.at(Quantity::energy_reverse) == 120);
    CHECK(told.news[0].values.at(Quantity::voltage_b) == 229'800);
    CHECK_FALSE(told.news[0].values.contains(Quantity::voltage_c));
    CHECK(told.news[1].values == core::Values{{Quantity::energy_total, 18}});
    CHECK_FALSE(told.news[1].told_at);
    for (const char* hostile :
         {"[]", "{\"batch\":7}", "{\"batch\":[7,null,{}]}", "{\"batch\":{\"id\":\"M7\"}}", "\"\""}) {
        CAPTURE(hostile);
        CHECK(route(router, "site/GW1/up", hostile).news.empty());
    }
}

TEST_CASE("router: Sparkplug births, aliases, deaths", "[mqtt][sparkplug]") {
    using protocols::sparkplug::DataType;
    using protocols::sparkplug::Payload;
    MessageRouter router{
        {meter(1, "sparkplug-meter", "PLANT/GW1/M7"), meter(2, "sparkplug-meter", "PLANT/GW1/M8")}};
    CHECK(router.topics() == std::vector<std::string>{"spBv1.0/PLANT/+/GW1/#"});
    const auto at = static_cast<std::uint64_t>(1'767'268'800'000);

    // Data before any birth: nobody knows what alias 1 is, and the node is asked, once in a while.
    const auto data = [&](std::uint64_t sequence, std::vector<protocols::sparkplug::Metric> metrics) {
        return payload_of(Payload{at, sequence, std::move(metrics)});
    };
    auto told = route(router, "spBv1.0/PLANT/DDATA/GW1/M7", data(7, {metric("", 1, {}, std::uint64_t{5})}));
    REQUIRE(told.answers.size() == 1);
    CHECK(told.answers[0].topic == "spBv1.0/PLANT/NCMD/GW1");
    CHECK(told.news.at(0).values.empty());
    CHECK(route(router, "spBv1.0/PLANT/DDATA/GW1/M7", data(8, {})).answers.empty());

    route(router, "spBv1.0/PLANT/NBIRTH/GW1",
          data(0, {metric("bdSeq", {}, DataType::int64, std::int64_t{3})}));
    told = route(router, "spBv1.0/PLANT/DBIRTH/GW1/M7",
                 data(1, {metric("Energy/Import", 1, DataType::int64, std::int64_t{3'274'530}),
                          metric("Power/Active", 2, DataType::int32, std::int64_t{-500}),
                          metric("Relay/Closed", 3, DataType::boolean, true)}));
    REQUIRE(told.news.size() == 1);
    CHECK(told.news[0].online == true);
    CHECK(told.news[0].told_at == kNow);
    CHECK(told.news[0].values == core::Values{{Quantity::energy_total, 3'274'530},
                                              {Quantity::power_total, -500},
                                              {Quantity::relay_closed, 1}});
    // By alias, the type from the birth: 2^32 - 300 is -300.
    auto late = metric("", 1, {}, std::uint64_t{3'270'000});
    late.historical = true;
    late.timestamp_ms = at - 1'800'000;
    told = route(router, "spBv1.0/PLANT/DDATA/GW1/M7",
                 data(2, {metric("", 2, {}, std::uint64_t{4'294'966'996}), late}));
    CHECK(told.answers.empty());
    REQUIRE(told.news.size() == 2);
    CHECK(told.news[0].historical);
    CHECK(told.news[0].told_at == kNow - 30min);
    CHECK(told.news[1].values == core::Values{{Quantity::power_total, -300}});
    // Messages of other devices count in the sequence; a gap means that something was lost.
    CHECK(route(router, "spBv1.0/PLANT/DDATA/GW1/M9", data(3, {})).answers.empty());
    CHECK(router.route({"spBv1.0/PLANT/DDATA/GW1/M7", data(5, {}), false}, kNow + 31s).answers.size() == 1);
    // The will of the connection before this one does not end it; the right one ends all devices.
    const auto death = [&](std::int64_t number) {
        return payload_of(Payload{at, {}, {metric("bdSeq", {}, DataType::int64, number)}});
    };
    told = route(router, "spBv1.0/PLANT/NDEATH/GW1", death(2));
    CHECK(std::all_of(told.news.begin(), told.news.end(), [](const auto& news) { return !news.online; }));
    told = route(router, "spBv1.0/PLANT/NDEATH/GW1", death(3));
    REQUIRE(told.news.size() == 2);
    CHECK(told.news[0].online == false);
    CHECK(told.news[1].online == false);
    CHECK_FALSE(route(router, "spBv1.0/PLANT/DDATA/GW1/M7", "\xff\xff").fault.empty());

    const auto order = relay_message(meter(1, "sparkplug-meter", "PLANT/GW1/M7"), true, kNow);
    CHECK(order.topic == "spBv1.0/PLANT/DCMD/GW1/M7");
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(order.payload.data());
    const auto command = protocols::sparkplug::decode({bytes, order.payload.size()});
    REQUIRE(command);
    CHECK(command->metrics.at(0).name == "Relay/Closed");
    CHECK(command->metrics.at(0).value == protocols::sparkplug::Value{true});
}
