#include <algorithm>
#include <catch2/catch.hpp>

#include "server/importing/import_plan.hpp"

using namespace wutong::server;

namespace {

const std::string kHeader = "property,building,floor,unit,channel,address,profile,serial,code,role,feeds\n";

struct Read {
    ImportPlan plan;
    std::vector<ImportFault> faults;

    [[nodiscard]] bool has(int line, const std::string& column, const std::string& part) const {
        return std::any_of(faults.begin(), faults.end(), [&](const auto& fault) {
            return fault.line == line && fault.column == column && fault.text.find(part) != std::string::npos;
        });
    }
};

Read csv(const std::string& text) {
    Read read;
    read_meters_file(text, "meters.csv", read.plan, read.faults);
    return read;
}

Read site(const std::string& text) {
    Read read;
    read_site_file(text, "site.toml", read.plan, read.faults);
    return read;
}

}  // namespace

TEST_CASE("csv: quotation marks, line breaks, byte order mark, CRLF", "[import]") {
    std::vector<ImportFault> faults;
    const auto rows = parse_csv(
        "\xEF\xBB\xBF"
        "a,\"b \"\"x\"\", c\",d\r\n\r\n\"two\nlines\",,\xE6\xA5\xBC\n",
        "x.csv", faults);
    REQUIRE(faults.empty());
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].fields == std::vector<std::string>{"a", "b \"x\", c", "d"});
    CHECK(rows[1].line == 3);
    CHECK(rows[1].fields == std::vector<std::string>{"two\nlines", "", "\xE6\xA5\xBC"});
}

TEST_CASE("csv: what is not CSV is named with its line", "[import]") {
    std::vector<ImportFault> faults;
    const auto rows = parse_csv("a,b\n\"x\"y,1\ngood,2\nin\"side,3\n\"never closed,4\n", "x.csv", faults);
    REQUIRE(faults.size() == 3);
    CHECK(faults[0].line == 2);
    CHECK(faults[1].line == 4);
    CHECK(faults[2].line == 5);
    CHECK(faults[2].text.find("never closed") != std::string::npos);
    CHECK(rows.size() == 2);  // the header and the good one
}

TEST_CASE("csv: text that is not UTF-8 is refused where it begins", "[import]") {
    for (const std::string bad : {"\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE6\xA5", "\xC4\xE3"}) {
        std::vector<ImportFault> faults;
        CHECK(parse_csv("a,b\n1," + bad + "\n", "x.csv", faults).empty());
        REQUIRE(faults.size() == 1);
        CHECK(faults.front().line == 2);
        CHECK(faults.front().text.find("UTF-8") != std::string::npos);
    }
    CHECK(find_not_utf8("\xF0\x9F\x8F\xA2 \xE6\xA5\xBC ok") == std::string_view::npos);
}

TEST_CASE("meters file: a good row", "[import]") {
    const auto read = csv(kHeader +
                          "TOWER,A,12,1201,BUS1,7,acrel-ddsy1352,000000000017,1201,,\n"
                          "TOWER,A,12,,BUS1,8,eastron-sdm630,000000000018,F12,feeder,1201 1202\n");
    REQUIRE(read.faults.empty());
    REQUIRE(read.plan.meters.size() == 2);
    const auto& meter = read.plan.meters[0];
    CHECK(meter.place.line == 2);
    CHECK(meter.floor == 12);
    CHECK(meter.address == 7);
    CHECK(meter.role == "prepaid");
    CHECK(read.plan.meters[1].feeds == std::vector<std::string>{"1201", "1202"});
}

TEST_CASE("meters file: all rows are checked, each fault has line and column", "[import]") {
    const auto read = csv(kHeader +
                          "TOWER,A,12,1201,BUS1,0,acrel-ddsy1352,1,1201,prepaid,\n"    // 2: address
                          "TOWER,A,12,1202,BUS1,248,acrel-ddsy1352,2,1202,prepaid,\n"  // 3: address
                          "TOWER,A,12,1203,BUS1,5,acrel-ddsy1352,,1203,boss,\n"        // 4: serial, role
                          "TOWER,A,12,1204,BUS1,6,acrel-ddsy1352,4,1204,prepaid\n"     // 5: too few
                          "TOWER,A,x,1205,BUS1,7,acrel-ddsy1352,5,1205,prepaid,F1\n"  // 6: floor, unit, feeds
                          ",A,12,1206,,8,acrel-ddsy1352,6,1206,prepaid,\n");          // 7: property, channel
    CHECK(read.has(2, "address", "from 1 to 247"));
    CHECK(read.has(3, "address", "from 1 to 247"));
    CHECK(read.has(4, "serial", "is empty"));
    CHECK(read.has(4, "role", "prepaid, monitor or feeder"));
    CHECK(read.has(5, "", "10 fields"));
    CHECK(read.has(6, "floor", "\"x\""));
    CHECK(read.has(6, "feeds", "only a feeder"));
    CHECK(read.has(7, "property", "is empty"));
    CHECK(read.has(7, "channel", "is empty"));
}

TEST_CASE("meters file: the header decides", "[import]") {
    CHECK(csv("").has(1, "", "is empty"));
    const auto read = csv("property,channel,adress,profile,serial,code\nTOWER,BUS1,1,p,1,1\n");
    CHECK(read.has(1, "adress", "unknown column"));
    CHECK(read.has(1, "address", "is missing"));
    CHECK(read.plan.meters.empty());
    CHECK(csv("property,channel,address,profile,serial,code,code\n").has(1, "code", "twice"));
    // Optional columns may be left out, and the order is free.
    CHECK(csv("code,serial,profile,address,channel,property\n1,2,p,3,BUS1,TOWER\n")
              .plan.meters.front()
              .serial == "2");
}

TEST_CASE("meters file: a station address instead of a bus address", "[import]") {
    const auto read =
        csv("property,channel,address,station_address,profile,serial,code\n"
            "TOWER,BUS1,,201000000012,dlt645-relay-1ph,1,1\n"
            "TOWER,BUS1,3,,acrel-ddsy1352,2,2\n"
            "TOWER,BUS1,,,acrel-ddsy1352,3,3\n");
    REQUIRE(read.faults.size() == 1);
    CHECK(read.has(4, "address", "is empty"));
    CHECK(read.plan.meters[0].station_address == "201000000012");
    CHECK(read.plan.meters[0].address == 0);
    CHECK(read.plan.meters[1].address == 3);
    CHECK(
        csv("property,channel,station_address,profile,serial,code\nT,B,201000000012,p,1,1\n").faults.empty());
}

TEST_CASE("site file: good", "[import]") {
    const auto read = site(
        "[property]\ncode=\"TOWER\"\nname=\"Tower\"\n"
        "[[building]]\ncode=\"A\"\nfloors=3\n"
        "[[building]]\ncode=\"B\"\n[[building.floor]]\nnumber=-1\nname=\"Basement\"\n"
        "[[gateway]]\ncode=\"GW1\"\nkind=\"modbus_tcp\"\nendpoint=\"127.0.0.1:15021\"\n"
        "[[channel]]\ncode=\"BUS1\"\ntransport=\"serial\"\nendpoint=\"/tmp/bus1\"\nbaud=9600\nparity=\"E\"\n"
        "[[channel]]\ncode=\"GW1-1\"\ngateway=\"GW1\"\ntransport=\"modbus_tcp\"\nendpoint=\"127.0.0.1:"
        "15021\"\n");
    for (const auto& fault : read.faults) {
        UNSCOPED_INFO(fault.line << " " << fault.column << " " << fault.text);
    }
    REQUIRE(read.faults.empty());
    REQUIRE(read.plan.buildings.size() == 2);
    CHECK(read.plan.buildings[0].floors.size() == 3);
    CHECK(read.plan.buildings[1].floors[0].name == "Basement");
    REQUIRE(read.plan.channels.size() == 2);
    CHECK(read.plan.channels[0].row.parity == "E");
    CHECK(read.plan.channels[1].gateway == "GW1");
}

TEST_CASE("site file: faults with their lines", "[import]") {
    const auto read = site(
        "[property]\nname=\"no code\"\n"                                                          // 1
        "[[gateway]]\ncode=\"GW1\"\nkind=\"smoke\"\n"                                             // 5
        "[[channel]]\ncode=\"C1\"\ntransport=\"modbus_tcp\"\nendpoint=\"/dev/ttyS0\"\nbaud=10\n"  // 9, 10
        "speed=9600\n"                                                                            // 11
        "[[channel]]\ntransport=\"serial\"\nendpoint=\"relative/path\"\nparity=\"X\"\n");  // 12, 14, 15
    CHECK(read.has(1, "property.code", "is missing"));
    CHECK(read.has(5, "gateway.kind", "smoke"));
    CHECK(read.has(9, "channel.endpoint", "address with a port"));
    CHECK(read.has(10, "channel.baud", "from 300"));
    CHECK(read.has(11, "channel.speed", "unknown key"));
    CHECK(read.has(12, "channel.code", "is missing"));
    CHECK(read.has(14, "channel.endpoint", "absolute device path"));
    CHECK(read.has(15, "channel.parity", "N, E or O"));
    CHECK(site("[property\n").has(1, "", "not TOML"));
}
