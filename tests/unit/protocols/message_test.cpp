#include <catch2/catch.hpp>
#include <cstring>

#include "collector/protocols/decimal_text.hpp"
#include "collector/protocols/json_text.hpp"
#include "collector/protocols/message_values.hpp"
#include "collector/protocols/sparkplug.hpp"
#include "core/link_names.hpp"
#include "core/station_address.hpp"

/// Payloads of meters that send by themselves.
using namespace wutong;
using namespace wutong::protocols;
using namespace std::chrono_literals;

TEST_CASE("messages: decimals are scaled without losing a digit", "[message]") {
    CHECK(scaled_decimal("123.456", 1000, 1) == 123'456);
    CHECK(scaled_decimal("-0.0005", 1000, 1) == -1);
    CHECK(scaled_decimal("0.0004", 1000, 1) == 0);
    CHECK(scaled_decimal("1.2e3", 1, 1) == 1'200);
    CHECK(scaled_decimal("1E+2", 1, 10) == 10);
    CHECK(scaled_decimal("15", 1, 10) == 2);
    CHECK(scaled_decimal("14", 1, 10) == 1);
    CHECK(scaled_decimal("5", -2, 1) == -10);
    // As a double this would be 90071992547409930.
    CHECK(scaled_decimal("90071992547409.931", 1000, 1) == 90'071'992'547'409'931);
    CHECK(scaled_decimal("00000000000000000000000000012", 1, 1) == 12);
    CHECK(scaled_decimal("9223372036854775807", 1, 1) == 9'223'372'036'854'775'800);  // 18 digits count
    CHECK(scaled_decimal("1e-400", 1, 1) == 0);
    for (const char* wrong : {"", "-", ".", "1.2.3", "1e", "e5", "0x10", "1 ", " 1", "nan", "inf", "1e400",
                              "99999999999999999999", "1,5"}) {
        CAPTURE(wrong);
        CHECK_FALSE(scaled_decimal(wrong, 1, 1));
    }
    CHECK_FALSE(scaled_decimal("9223372036854775807", 10, 1));
}

TEST_CASE("messages: JSON is found by path and by pointer, numbers as written", "[message]") {
    std::string why;
    const auto root = parse_json(
        R"({"params":{"ts":1700000000.25,"em:0":{"a.b":1.10}},"v":[230.1,null],"a/b":{"~":true},"t":"x"})",
        why);
    REQUIRE(root);
    CHECK(find(*root, "params.ts")->text == "1700000000.25");
    CHECK(find(*root, "/params/em:0/a.b")->text == "1.10");
    CHECK(find(*root, "v.0")->text == "230.1");
    CHECK(find(*root, "/v/1")->kind == JsonNode::Kind::null);
    CHECK(find(*root, "/a~1b/~0")->text == "true");
    CHECK(find(*root, "")->kind == JsonNode::Kind::object);
    for (const char* nothing : {"v.2", "v.-1", "v.x", "t.x", "params.em:0.a", "/", "params."}) {
        CAPTURE(nothing);
        CHECK(find(*root, nothing) == nullptr);
    }
}

TEST_CASE("messages: what is no JSON or too much of it is refused with a reason", "[message]") {
    std::string why;
    for (const auto& wrong :
         {std::string{}, std::string{"{"}, std::string{"{\"a\":1}x"}, std::string{"\xff\xfe"},
          std::string(100, '['), "[" + std::string(60'000, '0') + "]", std::string(300'000, ' ')}) {
        why.clear();
        CHECK_FALSE(parse_json(wrong, why));
        CHECK_FALSE(why.empty());
    }
    std::string many = "[0";
    for (int i = 0; i < 60'000; ++i) {
        many += ",0";
    }
    CHECK_FALSE(parse_json(many + "]", why));
    CHECK(why.find("50000") != std::string::npos);
}

TEST_CASE("messages: times with and without a zone", "[message]") {
    using core::TimeFormat;
    const core::Timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} + 12h};
    CHECK(message_time(TimeFormat::epoch_s, "1767268800", 8h) == noon);
    CHECK(message_time(TimeFormat::epoch_s, "1767268800.25", 8h) == noon + 250ms);
    CHECK(message_time(TimeFormat::epoch_ms, "1767268800000", 8h) == noon);
    CHECK(message_time(TimeFormat::iso8601, "2026-01-01T20:00:00", 8h) == noon);
    CHECK(message_time(TimeFormat::iso8601, "2026-01-01 12:00:00.5Z", 8h) == noon + 500ms);
    CHECK(message_time(TimeFormat::iso8601, "2026-01-01T08:30:00-03:30", 8h) == noon);
    CHECK(message_time(TimeFormat::digits, "20260101200000", 8h) == noon);
    CHECK(message_time(TimeFormat::digits, "20260101200000125", 8h) == noon + 125ms);
    for (const char* wrong : {"", "2026-01-01", "2026-13-01T00:00:00", "2026-01-01T25:00:00",
                              "1970-01-01T00:00:00", "2026-01-01T12:00:00+8", "2026-01-01T12:00:00x"}) {
        CAPTURE(wrong);
        CHECK_FALSE(message_time(TimeFormat::iso8601, wrong, 0s));
    }
    CHECK_FALSE(message_time(TimeFormat::epoch_s, "5", 0s));
    CHECK_FALSE(message_time(TimeFormat::digits, "2026010120000x", 0s));
}

TEST_CASE("messages: topics are filled in, and nothing else in braces is touched", "[message]") {
    CHECK(filled_in("tele/{address}/SENSOR", "plug/7", "K1") == "tele/plug/7/SENSOR");
    CHECK(filled_in("{2}/{1}/{3}/{code}", "GW/M7", "K1") == "M7/GW//K1");
    CHECK(filled_in(R"({"id":1,"src":"{address}"})", "s", "") == R"({"id":1,"src":"s"})");
}

TEST_CASE("sparkplug: a birth and data as protoc encodes them", "[sparkplug]") {
    // protoc --encode=wutong.sparkplug_b.Payload collector/protocols/sparkplug_b.proto
    const auto birth_bytes = from_hex(
        "08c09f8fb7b733121f0a0d456e657267792f496d706f7274100118c09f8fb7b733200458a2eec70112180a0c506f7765722f"
        "4163"
        "7469766510022003508cfcffff0f12190a0a566f6c746167652f4c311003200a693333333333c36c4012140a094672657175"
        "656e"
        "637910042009650000484212140a0c52656c61792f436c6f7365641005200b7001120d0a054d6f64656c200c7a024d33120d"
        "0a07"
        "4e6f7468696e67200a38011801");
    const auto birth = sparkplug::decode(birth_bytes);
    REQUIRE(birth);
    CHECK(birth->timestamp_ms == 1'767'226'200'000);
    CHECK(birth->sequence == 1);
    REQUIRE(birth->metrics.size() == 7);
    CHECK(birth->metrics[0].name == "Energy/Import");
    CHECK(birth->metrics[0].alias == 1);
    CHECK(sparkplug::to_text(birth->metrics[0].value) == "3274530");
    CHECK(sparkplug::to_text(birth->metrics[1].value) == "-500");
    CHECK(sparkplug::to_text(birth->metrics[2].value) == "230.1");
    CHECK(sparkplug::to_text(birth->metrics[3].value) == "50");
    CHECK(sparkplug::to_text(birth->metrics[4].value) == "true");
    CHECK(sparkplug::to_text(birth->metrics[5].value) == "M3");
    CHECK(sparkplug::to_text(birth->metrics[6].value).empty());
    CHECK(sparkplug::encode(*birth) == birth_bytes);

    const auto data = sparkplug::decode(
        from_hex("08a0f492b7b7331207100158e8eec7011205100250dc0b121010011880b1a1b6b733280158f0cac7011802"));
    REQUIRE(data);
    REQUIRE(data->metrics.size() == 3);
    CHECK(data->metrics[0].name.empty());
    CHECK(data->metrics[2].historical);
    CHECK(data->metrics[2].timestamp_ms == 1'767'224'400'000);
}

TEST_CASE("sparkplug: torn and foreign bytes are no payload", "[sparkplug]") {
    const auto whole = from_hex("08a0f492b7b7331207100158e8eec7011205100250dc0b1802");
    REQUIRE(sparkplug::decode(whole));
    for (const auto cut : {3, 8, 12, 20}) {
        CHECK_FALSE(sparkplug::decode(ByteView{whole}.first(static_cast<std::size_t>(cut))));
    }
    CHECK_FALSE(sparkplug::decode(from_hex("12ffffffff0f")));
    CHECK_FALSE(sparkplug::decode(from_hex("0b")));                          // a group
    CHECK_FALSE(sparkplug::decode(from_hex("08ffffffffffffffffffffff01")));  // no end
    CHECK(sparkplug::decode({})->metrics.empty());
    Bytes many;
    for (int i = 0; i < 6'000; ++i) {
        many.insert(many.end(), {0x12, 0x00});
    }
    CHECK_FALSE(sparkplug::decode(many));
}

TEST_CASE("sparkplug: topics", "[sparkplug]") {
    using sparkplug::MessageType;
    const auto device = sparkplug::parse_topic("spBv1.0/PLANT/DDATA/GW1/M7");
    REQUIRE(device);
    CHECK(device->type == MessageType::device_data);
    CHECK(device->device == "M7");
    CHECK(sparkplug::parse_topic("spBv1.0/PLANT/NDEATH/GW1")->type == MessageType::node_death);
    CHECK(sparkplug::parse_topic("spBv1.0/PLANT/NCMD/GW1")->type == MessageType::other);
    CHECK(sparkplug::parse_topic("spBv1.0/PLANT/DDATA/GW1")->type == MessageType::other);
    CHECK_FALSE(sparkplug::parse_topic("spBv1.0/STATE/host"));
    CHECK_FALSE(sparkplug::parse_topic("spAv1.0/PLANT/DDATA/GW1/M7"));
    CHECK_FALSE(sparkplug::parse_topic("spBv1.0/PLANT/DDATA/GW1/M7/x"));
    CHECK(sparkplug::topic_of("DCMD", "PLANT", "GW1", "M7") == "spBv1.0/PLANT/DCMD/GW1/M7");
}

TEST_CASE("messages: a channel names its broker, and a meter is named as in its topics", "[message]") {
    using core::BrokerName;
    const auto broker = [](const char* text) { return core::parse_broker_name(text); };
    CHECK(std::get<BrokerName>(broker("mqtts://broker.example")) ==
          BrokerName{true, "broker.example", 8883, "wutong"});
    CHECK(std::get<BrokerName>(broker("mqtt://10.0.0.5:11883/site-a")) ==
          BrokerName{false, "10.0.0.5", 11'883, "site-a"});
    for (const char* wrong :
         {"", "10.0.0.5:1883", "http://a", "mqtt://", "mqtt://:1883", "mqtt://a:0", "mqtt://a:65536",
          "mqtt://a/b c", "mqtt://user:pw@a", "mqtt://../a", "mqtt://a:1883/"}) {
        CAPTURE(wrong);
        CHECK(std::holds_alternative<core::BadName>(broker(wrong)));
    }
    using core::MeterProtocol;
    CHECK(core::station_address_fault(MeterProtocol::mqtt_json, "plug-12-01").empty());
    CHECK(core::station_address_fault(MeterProtocol::mqtt_json, "GW1/M7").empty());
    CHECK(core::station_address_fault(MeterProtocol::sparkplug_b, "PLANT/GW1/M7").empty());
    CHECK(core::station_address_fault(MeterProtocol::sparkplug_b, "PLANT/GW1").empty());
    for (const char* wrong : {"", "a b", "a/+", "#", "$SYS/x", "/a", "a/", "a//b", "\xc3\xa9"}) {
        CAPTURE(wrong);
        CHECK_FALSE(core::station_address_fault(MeterProtocol::mqtt_json, wrong).empty());
    }
    CHECK_FALSE(core::station_address_fault(MeterProtocol::sparkplug_b, "PLANT").empty());
    CHECK_FALSE(core::station_address_fault(MeterProtocol::sparkplug_b, "a/b/c/d").empty());
}
