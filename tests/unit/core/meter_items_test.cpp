#include "core/meter_items.hpp"

#include <catch2/catch.hpp>

#include "core/station_address.hpp"
#include "unit/core/profile_files.hpp"

/// Data items: the profile's part of DL/T 645.
using namespace wutong::core;

namespace {

// Line numbers are those of the table of faults below.
const char* const kGood = R"(vendor = "Example"
model = "E645"
description = "An example"
phases = 1
protocol = "dlt645_2007"
sources = ["a sheet"]
[credit]
kind = "server_held"
[commands]
dialect = "dlt645_relay"
[[block]]
name = "energy"
group = "state"
id = 0x0001FF00
fields = [
    { quantity = "energy_total", offset = 0, type = "bcd", digits = 8, scale = 10 },
    { quantity = "energy_sharp", offset = 4, type = "bcd", digits = 8, scale = 10 },
]
[[block]]
name = "status"
group = "state"
id = 0x04000503
fields = [ { quantity = "relay_closed", offset = 0, type = "bit", bit = 4, invert = true } ]
[[block]]
name = "power"
group = "reading"
id = 0x02030000
fields = [ { quantity = "power_total", offset = 0, type = "bcd_signed", digits = 6, scale = [1, 10] } ]
[[block]]
name = "date"
group = "reading"
id = 0x04000101
fields = [ { quantity = "clock", offset = 0, type = "date" } ]
[[block]]
name = "time"
group = "reading"
id = 0x04000102
fields = [ { quantity = "clock", offset = 0, type = "time" } ]
)";

std::vector<std::string> faults_of(const std::string& text) {
    try {
        (void)parse_meter_profile(text, "e645");
    } catch (const ProfileError& error) {
        return error.faults();
    }
    return {};
}

std::string with(const std::string& from, const std::string& to) {
    std::string text = kGood;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

Values read(const MeterProfile& profile, const std::map<std::uint32_t, std::vector<std::uint8_t>>& answers) {
    ItemDecoder decoder;
    for (const Block& block : profile.blocks) {
        if (const auto found = answers.find(block.id); found != answers.end()) {
            decoder.add(block, found->second);
        }
    }
    return decoder.values();
}

}  // namespace

TEST_CASE("items: a profile of another protocol is blocks of data items", "[profile][items]") {
    const auto profile = parse_meter_profile(kGood, "e645");
    CHECK(profile.protocol == MeterProtocol::dlt645_2007);
    CHECK(profile.needs_station_address());
    CHECK(profile.switchable());
    REQUIRE(profile.blocks.size() == 5);
    CHECK(profile.blocks[0].id == 0x0001FF00);
    CHECK(profile.has(Quantity::energy_sharp));
    CHECK_FALSE(settable(profile, Quantity::energy_total));
    const auto state = plan_items(profile, {Block::Group::state});
    REQUIRE(state.size() == 2);
    CHECK(state[1]->name == "status");
    CHECK(plan_items(profile, {Block::Group::state, Block::Group::reading}).size() == 5);
    CHECK(plan_items(profile, {Block::Group::settings}).empty());
}

TEST_CASE("items: answers of real meters", "[profile][items]") {
    const auto profile = parse_meter_profile(kGood, "e645");
    // Published frames of meter 201000000012, without the 33h: total 1.29 kWh, sharp 0.62; 21:53:55 on
    // 2016-01-11.
    const auto values = read(profile, {{0x0001FF00, {0x29, 0x01, 0x00, 0x00, 0x62, 0x00, 0x00, 0x00}},
                                       {0x04000101, {0x01, 0x11, 0x01, 0x16}},
                                       {0x04000102, {0x55, 0x53, 0x21}}});
    CHECK(values.at(Quantity::energy_total) == 1'290);
    CHECK(values.at(Quantity::energy_sharp) == 620);
    CHECK(values.at(Quantity::clock) == 1'452'549'235);  // date -u -d '2016-01-11 21:53:55' +%s
    CHECK(values.size() == 3);
}

TEST_CASE("items: signs, bits, and what is not available", "[profile][items]") {
    const auto profile = parse_meter_profile(kGood, "e645");
    CHECK(read(profile, {{0x02030000, {0x34, 0x12, 0x00}}}).at(Quantity::power_total) == 123);
    CHECK(read(profile, {{0x02030000, {0x50, 0x12, 0x80}}}).at(Quantity::power_total) == -125);
    CHECK(read(profile, {{0x04000503, {0x00, 0x00}}}).at(Quantity::relay_closed) == 1);
    CHECK(read(profile, {{0x04000503, {0x10, 0x00}}}).at(Quantity::relay_closed) == 0);
    const std::vector<std::map<std::uint32_t, std::vector<std::uint8_t>>> nothing{
        {{0x0001FF00, {0xFF, 0xFF, 0xFF, 0xFF}}},
        {{0x0001FF00, {0x29, 0x01, 0x00}}},
        {{0x0001FF00, {0x2A, 0x01, 0x00, 0x00}}},
        {{0x02030000, {0xFF, 0xFF, 0xFF}}},
        {{0x0001FF00, {}}},
        {{0x04000101, {0x01, 0x11, 0x01, 0x16}}},
        {{0x04000102, {0x55, 0x53, 0x21}}},
        {{0x04000503, {}}},
    };
    for (const auto& answers : nothing) {
        CHECK(read(profile, answers).empty());
    }
    SECTION("a date that does not exist, a time that does not, and the first minute of a day") {
        const std::vector<std::uint8_t> date{0x01, 0x30, 0x02, 0x16};
        const std::vector<std::uint8_t> time{0x55, 0x53, 0x21};
        CHECK(read(profile, {{0x04000101, date}, {0x04000102, time}}).empty());
        const std::vector<std::uint8_t> good{0x01, 0x11, 0x01, 0x16};
        CHECK(read(profile, {{0x04000101, good}, {0x04000102, {0x60, 0x00, 0x01}}}).empty());
        CHECK(read(profile, {{0x04000101, good}, {0x04000102, {0x59, 0x00, 0x00}}}).empty());
        CHECK(read(profile, {{0x04000101, good}, {0x04000102, {0x00, 0x01, 0x00}}}).size() == 1);
    }
}

TEST_CASE("items: every fault with its line", "[profile][items]") {
    struct Row {
        std::string text;
        std::string fault;
    };
    const std::vector<Row> rows{
        {with("dlt645_2007", "dlt646"),
         "e645.toml:5: unknown protocol \"dlt646\"; known are: modbus, dlt645_2007"},
        {with("[commands]", "[link]\nregisters_max = 5\n[commands]"),
         "e645.toml:10: unknown key \"registers_max\""},
        {with("dialect = \"dlt645_relay\"", "dialect = \"acrel_prepaid\""),
         "e645.toml:9: protocol \"dlt645_2007\""},
        {with("kind = \"server_held\"", "kind = \"uncounted\"\nbalance_max_e4 = 100"), "writes no money"},
        {with("id = 0x0001FF00", "address = 3"), "e645.toml:14: unknown key \"address\" in block"},
        {with("id = 0x0001FF00\n", ""), "e645.toml:11: block.id is missing"},
        {with("id = 0x0001FF00", "id = 0x100000000"), "e645.toml:14: block.id must be a whole number"},
        {with("offset = 4", "offset = 3"),
         "e645.toml:17: energy_sharp at bytes 3..6 overlaps energy_total at bytes 0..3 of line 16"},
        {with("offset = 4", "offset = 199"), "e645.toml:17: energy_sharp ends beyond byte 200"},
        {with("digits = 8, scale = 10 },\n    {", "digits = 7, scale = 10 },\n    {"),
         "e645.toml:16: digits must be an even number"},
        {with("type = \"bcd\", digits = 8", "type = \"u32\""),
         "e645.toml:16: unknown type \"u32\"; known are: bcd"},
        {with("type = \"bcd\", digits = 8", "type = \"bcd\""), "e645.toml:16: field.digits is missing"},
        {with("bit = 4", "bit = 8"), "e645.toml:23: field.bit must be a whole number from 0 to 7"},
        {with("bit = 4", "bit = 4, digits = 2"), "e645.toml:23: digits belong to"},
        {with("id = 0x02030000", "id = 0x04000503"),
         "e645.toml:24: block \"power\" asks for the same data as block \"status\" of line 19"},
        {with("name = \"power\"", "name = \"status\""),
         "e645.toml:24: the name \"status\" is taken by the block of line 19"},
        {with("quantity = \"clock\", offset = 0, type = \"time\"",
              "quantity = \"alarm_1\", offset = 0, type = \"bcd\", digits = 4"),
         "e645.toml:33: a clock needs its date and its time in the same group; the time is missing"},
        {with("type = \"date\"", "type = \"date\", scale = 2"),
         "e645.toml:33: only decimal digits have a scale"},
        {with("quantity = \"power_total\"", "quantity = \"clock\""), "e645.toml:28: a clock is told by"},
        {with("type = \"bit\", bit = 4, invert = true", "type = \"bcd\", digits = 2, invert = true"),
         "e645.toml:23: bit and invert belong"},
        {with("quantity = \"relay_closed\"", "quantity = \"forced_open\""),
         "needs relay_closed in a block of group \"state\""},
        {with("[[block]]", "[serial_number]\nfunction = 3\n[[block]]"),
         "e645.toml:11: serial_number is for Modbus"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.fault);
        const auto faults = faults_of(row.text);
        std::string all;
        for (const auto& fault : faults) {
            all += fault + "\n";
        }
        INFO(all);
        CHECK(all.find(row.fault) != std::string::npos);
    }
    CHECK(faults_of(kGood).empty());
}

TEST_CASE("items: 1997 has short identifiers and no orders", "[profile][items]") {
    std::string text = with("dlt645_2007", "dlt645_1997");
    std::string all;
    for (const auto& fault : faults_of(text)) {
        all += fault + "\n";
    }
    CHECK_THAT(all, Catch::Contains("e645.toml:14: block.id must be a whole number from 0 to 65535"));
    CHECK_THAT(all, Catch::Contains("e645.toml:9: protocol \"dlt645_1997\" has no such command dialect"));
}

TEST_CASE("items: a station address by protocol", "[profile][items]") {
    CHECK(station_address_fault(MeterProtocol::modbus, "").empty());
    CHECK_THAT(station_address_fault(MeterProtocol::modbus, "201000000012"),
               Catch::Contains("must be empty"));
    CHECK(station_address_fault(MeterProtocol::dlt645_2007, "000000000161").empty());
    for (const std::string bad :
         {"", "161", "0000000001610", "00000000016A", "999999999999", " 00000000161"}) {
        CHECK_FALSE(station_address_fault(MeterProtocol::dlt645_1997, bad).empty());
    }
}
