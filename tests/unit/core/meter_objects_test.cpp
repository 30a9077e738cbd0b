#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "core/meter_items.hpp"
#include "core/meter_profile.hpp"
#include "core/station_address.hpp"
#include "unit/core/profile_files.hpp"

/// Profiles of meters that are asked for objects (DLMS), and of water meters with items of their own.
using namespace wutong::core;

namespace {

const std::string kGood = R"(vendor = "V"
model = "M"
description = "D"
phases = 1
protocol = "dlms"
sources = ["S"]
[dlms]
envelope = "hdlc"
proof = "low"
client = 1
load_profile = "1.0.99.1.0"
[credit]
kind = "server_held"
[commands]
dialect = "dlms_disconnect"
[[block]]
name = "now"
group = "state"
fields = [
    { quantity = "energy_total", obis = "1.0.1.8.0.255" },
    { quantity = "relay_closed", obis = "0.0.96.3.10.255", class = 70 },
    { quantity = "clock", obis = "0.0.1.0.0", class = 8, type = "object_time" },
    { quantity = "fault_flag", obis = "0.0.97.97.0", class = 1, type = "bit", bit = 3 },
    { quantity = "battery_flag", obis = "0.0.97.97.0", class = 1, type = "bit", bit = 4 },
]
)";

std::string with(const std::string& what, const std::string& instead) {
    std::string text = kGood;
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), instead);
}

std::string faults_of(const std::string& text) {
    try {
        static_cast<void>(parse_meter_profile(text, "d"));
        return {};
    } catch (const ProfileError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("objects: what a profile says of them", "[profile][objects]") {
    const auto profile = parse_meter_profile(kGood, "d");
    CHECK(profile.dlms.proof == DlmsLink::Proof::low);
    CHECK(profile.dlms.load_profile == std::array<std::uint8_t, 6>{1, 0, 99, 1, 0, 255});
    const auto& fields = profile.blocks.front().fields;
    REQUIRE(fields.size() == 5);
    CHECK(fields[0].own_scaler);
    CHECK(fields[0].object.class_id == 3);
    CHECK(obis_text(fields[0].object.obis) == "1.0.1.8.0.255");
    CHECK_FALSE(fields[1].own_scaler);
    CHECK_FALSE(parse_meter_profile(with("\"1.0.1.8.0.255\"", "\"1.0.1.8.0.255\", scale = 10"), "d")
                    .blocks.front()
                    .fields[0]
                    .own_scaler);
    CHECK(profile.needs_station_address());
    CHECK(profile.commodity() == Commodity::electricity);
}

TEST_CASE("objects: every fault with its line", "[profile][objects]") {
    struct Row {
        std::string text;
        std::string fault;
    };
    for (const auto& row : std::vector<Row>{
             {with("1.0.1.8.0.255", "1.0.1.8"), "d.toml:20: \"1.0.1.8\" is no object"},
             {with("1.0.1.8.0.255", "1.0.1.8.0.256"), "is no object"},
             {with("1.0.1.8.0.255", "1.0.1.8.0.255.1"), "is no object"},
             {with("class = 70", "class = 70, bit = 1"), "d.toml:21: bit belongs to"},
             {with("type = \"object_time\"", "type = \"number\""), "d.toml:22: a clock is told by"},
             {with("bit = 4", "bit = 3"), "d.toml:24: attribute 2 of 0.0.97.97.0.255 is read for two"},
             {with("bit = 4", "bit = 32"), "d.toml:24: field.bit must be a whole number from 0 to 31"},
             {with("envelope = \"hdlc\"", "envelope = \"udp\""), "d.toml:8: unknown envelope \"udp\""},
             {with("envelope = \"hdlc\"", "envelope = \"wrapper\"\naddress_bytes = 4"), "are for HDLC"},
             {with("proof = \"low\"", "proof = \"none\"\nciphered = true"), "needs a proof"},
             {with("protocol = \"dlms\"", "protocol = \"dlt645_2007\""),
              "[dlms] is for the protocol \"dlms\""},
             {with("dialect = \"dlms_disconnect\"", "dialect = \"cjt188_valve\""),
              "d.toml:14: protocol \"dlms\" has no such command dialect"},
             {with("kind = \"server_held\"", "kind = \"uncounted\"\nbalance_max_e4 = 100"),
              "writes no money"},
             {with("group = \"state\"", "group = \"state\"\nid = 3"), "unknown key \"id\" in block"},
             {with("[credit]", "[serial_number]\nfunction = 3\n[credit]"), "serial_number is for Modbus"},
         }) {
        CAPTURE(row.fault);
        const auto faults = faults_of(row.text);
        INFO(faults);
        CHECK(faults.find(row.fault) != std::string::npos);
    }
    CHECK(faults_of(kGood).empty());
}

TEST_CASE("water: litres, clock and valve of the shipped profile", "[profile][objects]") {
    const auto profile = test::shipped_profile("cjt188-valve-water");
    CHECK(profile.commodity() == Commodity::water);
    REQUIRE(profile.blocks.size() == 1);
    const Block& block = profile.blocks.front();
    CHECK(block.bytes == 19);
    CHECK(block.expects == std::vector<std::pair<int, std::uint8_t>>{{4, 0x2C}, {9, 0x2C}});
    // 556677.00 m3 on 2015-05-11 22:01:31, as the published frame has it; then the status.
    const std::vector<std::uint8_t> head{0x00, 0x77, 0x66, 0x55, 0x2C, 0x00, 0x77, 0x66, 0x55,
                                         0x2C, 0x31, 0x01, 0x22, 0x11, 0x05, 0x15, 0x20};
    struct Row {
        std::uint8_t status;
        std::optional<std::int64_t> flows, stuck, battery;
    };
    for (const auto& row :
         std::vector<Row>{{0x00, 1, 0, 0}, {0x01, 0, 0, 0}, {0x03, std::nullopt, 1, 0}, {0x05, 0, 0, 1}}) {
        CAPTURE(int{row.status});
        auto data = head;
        data.push_back(row.status);
        data.push_back(0);
        ItemDecoder decoder;
        decoder.add(block, data);
        const auto values = decoder.values();
        const auto value = [&](Quantity quantity) {
            const auto found = values.find(quantity);
            return found == values.end() ? std::nullopt : std::optional{found->second};
        };
        CHECK(value(Quantity::volume_total) == 556'677'000);
        CHECK(value(Quantity::clock) == 1'431'381'691);
        CHECK(value(Quantity::relay_closed) == row.flows);
        CHECK(value(Quantity::relay_fault_flag) == row.stuck);
        CHECK(value(Quantity::battery_flag) == row.battery);
    }
}

TEST_CASE("objects: a station address by protocol", "[profile][objects]") {
    for (const std::string good : {"1", "17", "16381"}) {
        CHECK(station_address_fault(MeterProtocol::dlms, good).empty());
    }
    for (const std::string bad : {"", "0", "017", "16382", "99999", "123456", "1/17", "A"}) {
        CHECK_FALSE(station_address_fault(MeterProtocol::dlms, bad).empty());
    }
    CHECK(station_address_fault(MeterProtocol::cjt188, "78330011223344").empty());
    for (const std::string bad : {"", "0011223344", "783300112233440", "7833001122334A"}) {
        CHECK_FALSE(station_address_fault(MeterProtocol::cjt188, bad).empty());
    }
}
