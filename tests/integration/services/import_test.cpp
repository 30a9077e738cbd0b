#include <catch2/catch.hpp>

#include "tests/integration/services/base_stack.hpp"

using namespace wutong;
using namespace wutong::tests::base;

namespace {

const std::string kSite =
    "[property]\ncode = \"TOWER\"\nname = \"Tower\"\n"
    "[[building]]\ncode = \"A\"\nfloors = 3\n"
    "[[gateway]]\ncode = \"GW1\"\nkind = \"modbus_tcp\"\nendpoint = \"127.0.0.1:15021\"\n"
    "[[channel]]\ncode = \"BUS1\"\ntransport = \"serial\"\nendpoint = \"/tmp/bus1\"\n"
    "[[channel]]\ncode = \"GW1-1\"\ngateway = \"GW1\"\ntransport = \"modbus_tcp\"\nendpoint = "
    "\"127.0.0.1:15021\"\n";
const std::string kHeader = "property,building,floor,unit,channel,address,profile,serial,code,role,feeds\n";
const std::string kMeters = kHeader +
                            "TOWER,A,1,0101,BUS1,1,acrel-ddsy1352,000000000001,0101,prepaid,\n"
                            "TOWER,A,1,0102,BUS1,2,acrel-ddsy1352,000000000002,0102,prepaid,\n"
                            "TOWER,A,2,0201,GW1-1,1,acrel-dtsy1352,000000000003,0201,prepaid,\n"
                            "TOWER,A,1,,BUS1,100,eastron-sdm630,000000000004,F1,feeder,0101 0102\n";

v1::ImportRequest request_with(const std::string& site, const std::string& meters) {
    v1::ImportRequest request;
    request.set_request_id(request_id());
    const auto add = [&request](const char* name, const std::string& content) {
        if (!content.empty()) {
            auto* file = request.add_files();
            file->set_name(name);
            file->set_content(content);
        }
    };
    add("meters.csv", meters);
    add("site.toml", site);
    return request;
}

v1::ImportResponse import(Wire& wire, const v1::ImportRequest& request) {
    v1::ImportResponse response;
    const auto reply = wire.call<v1::DeviceService>(&v1::DeviceService::Stub::Import, request, response);
    INFO(reply.message);
    REQUIRE(reply.ok());
    return response;
}

bool has(const v1::ImportResponse& response, const std::string& file, int line, const std::string& column,
         const std::string& part) {
    for (const auto& fault : response.faults()) {
        if (fault.file() == file && fault.line() == line && fault.column() == column &&
            fault.text().find(part) != std::string::npos) {
            return true;
        }
    }
    for (const auto& fault : response.faults()) {
        UNSCOPED_INFO(fault.file() << ":" << fault.line() << " " << fault.column() << ": " << fault.text());
    }
    return false;
}

}  // namespace

TEST_CASE("import: a building, and the same again", "[services][import]") {
    Stack stack;
    auto wire = stack.signed_in();
    auto check = request_with(kSite, kMeters);
    check.set_check_only(true);
    const auto would = import(wire, check);
    CHECK(would.faults_size() == 0);
    CHECK(would.meters() == 4);
    CHECK(stack.count("property") == 0);

    const auto first = import(wire, request_with(kSite, kMeters));
    CHECK(first.faults_size() == 0);
    CHECK(first.buildings() == 1);
    CHECK(first.floors() == 3);
    CHECK(first.units() == 3);
    CHECK(first.gateways() == 1);
    CHECK(first.channels() == 2);
    CHECK(first.meters() == 4);
    CHECK(first.unchanged() == 0);
    CHECK(stack.count("meter") == 4);
    CHECK(stack.count("operation_log WHERE action = 'device.import'") == 1);

    const auto again = import(wire, request_with(kSite, kMeters));
    CHECK(again.faults_size() == 0);
    CHECK(again.meters() == 0);
    CHECK(again.unchanged() == 1 + 1 + 3 + 1 + 2 + 4);
    const auto more =
        import(wire, request_with("", kHeader + "TOWER,A,3,0301,BUS1,3,acrel-ddsy1352,5,0301,,\n"));
    CHECK(more.faults_size() == 0);
    CHECK(more.meters() == 1);
    CHECK(stack.count("meter") == 5);

    v1::SearchMetersRequest search;
    search.set_property_id(first.property_id());
    search.set_text("020");
    v1::ListMetersResponse found;
    REQUIRE(wire.call<v1::DeviceService>(&v1::DeviceService::Stub::SearchMeters, search, found).ok());
    REQUIRE(found.meters_size() == 1);
    CHECK(found.meters(0).code() == "0201");
    CHECK(found.meters(0).floor_number() == 2);
    CHECK(found.meters(0).state().status() == v1::METER_STATUS_NO_ACCOUNT);
    CHECK_FALSE(found.meters(0).state().has_balance_e4());
    search.set_text("%");
    REQUIRE(wire.call<v1::DeviceService>(&v1::DeviceService::Stub::SearchMeters, search, found).ok());
    CHECK(found.meters_size() == 0);
}

TEST_CASE("import: with one fault nothing is imported, and every fault is named", "[services][import]") {
    Stack stack;
    auto wire = stack.signed_in();
    import(wire, request_with(kSite,
                              kHeader + "TOWER,A,1,0101,BUS1,1,acrel-ddsy1352,000000000001,0101,prepaid,\n"));
    const auto bad = import(
        wire, request_with(
                  "", kHeader + "TOWER,A,1,0103,BUS1,3,acrel-ddsy1352,S3,0103,prepaid,\n"  // 2 good
                                "TOWER,A,1,0104,BUS1,1,acrel-ddsy1352,S4,0104,prepaid,\n"  // 3 address taken
                                "TOWER,A,1,0105,BUS1,4,acrel-unheard,S5,0105,prepaid,\n"   // 4 profile
                                "TOWER,A,9,0906,BUS1,5,acrel-ddsy1352,S6,0906,prepaid,\n"  // 5 floor
                                "TOWER,A,1,0107,BUS7,6,acrel-ddsy1352,S7,0107,prepaid,\n"  // 6 channel
                                "TOWER,A,1,0108,BUS1,300,acrel-ddsy1352,S8,0108,prepaid,\n"  // 7 range
                                "TOWER,A,1,0103,BUS1,3,acrel-ddsy1352,S3,0103,prepaid,\n"    // 8 twice
                                "TOWER,A,2,0101,BUS1,9,acrel-ddsy1352,S9,0101,prepaid,\n"    // 9 unit, code
                                "OTHER,A,1,0110,BUS1,10,acrel-ddsy1352,S10,0110,prepaid,\n"  // 10 property
                                "TOWER,A,1,0111,BUS1,11,eastron-sdm630,S11,0111,prepaid,\n"  // 11 role
                                "TOWER,A,1,,BUS1,12,eastron-sdm630,S12,F1,feeder,0101 9999\n"));  // 12 feeds
    CHECK(has(bad, "meters.csv", 3, "address", "000000000001"));
    CHECK(has(bad, "meters.csv", 4, "profile", "acrel-ddsy1352"));
    CHECK(has(bad, "meters.csv", 5, "floor", "no floor 9"));
    CHECK(has(bad, "meters.csv", 6, "channel", "BUS7"));
    CHECK(has(bad, "meters.csv", 7, "address", "from 1 to 247"));
    CHECK(has(bad, "meters.csv", 8, "serial", "meters.csv:2"));
    CHECK(has(bad, "meters.csv", 8, "address", "meters.csv:2"));
    CHECK(has(bad, "meters.csv", 9, "unit", "floor 1"));
    CHECK(has(bad, "meters.csv", 9, "code", "000000000001"));
    CHECK(has(bad, "meters.csv", 10, "property", "TOWER"));
    CHECK(has(bad, "meters.csv", 11, "role", "holds no credit"));
    CHECK(has(bad, "meters.csv", 12, "feeds", "9999"));
    CHECK(stack.count("meter") == 1);
    CHECK(stack.count("unit") == 1);
    CHECK(bad.meters() == 0);
    const auto moved = import(
        wire, request_with("", kHeader + "TOWER,A,1,0101,BUS1,2,acrel-ddsy1352,000000000001,0101,,\n"));
    CHECK(has(moved, "meters.csv", 2, "address", "changes nothing"));
}

TEST_CASE("import: the site must be there, whole and small enough", "[services][import]") {
    Stack stack;
    auto wire = stack.signed_in();
    CHECK(has(import(wire, request_with("", kMeters)), "meters.csv", 2, "property", "no property"));
    auto zone = kSite;
    zone.insert(zone.find("name = "), "time_zone = \"Mars/Olympus\"\n");
    CHECK(has(import(wire, request_with(zone, "")), "site.toml", 1, "property.time_zone", "Mars/Olympus"));
    CHECK(stack.count("property") == 0);

    v1::ImportResponse response;
    const auto large = wire.call<v1::DeviceService>(&v1::DeviceService::Stub::Import,
                                                    request_with(std::string(5'000'000, '#'), ""), response);
    CHECK(large.code == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(large.message.find("split") != std::string::npos);
}

TEST_CASE("parameters: defaults, ranges, field by field", "[services][import]") {
    Stack stack;
    auto wire = stack.signed_in();
    const auto site = import(wire, request_with(kSite, ""));
    v1::SetParametersRequest set;
    set.set_property_id(site.property_id());
    set.set_request_id(request_id());
    (*set.mutable_values())["price_e4"] = "-1";
    (*set.mutable_values())["colour"] = "green";
    (*set.mutable_values())["alarm_1_e4"] = "150000";
    v1::Parameters all;
    const auto refused = wire.call<v1::SiteService>(&v1::SiteService::Stub::SetParameters, set, all);
    CHECK(refused.fields == std::vector<std::string>{"values[colour]", "values[price_e4]"});
    CHECK(stack.count("parameter") == 0);
    set.mutable_values()->erase("colour");
    (*set.mutable_values())["price_e4"] = "8123";
    REQUIRE(wire.call<v1::SiteService>(&v1::SiteService::Stub::SetParameters, set, all).ok());
    CHECK(all.parameters_size() == 38);
    CHECK(all.parameters(0).key() == "price_e4");
    CHECK(all.parameters(0).value() == "8123");
    CHECK_FALSE(all.parameters(0).is_default());
    CHECK(all.parameters(3).is_default());

    v1::ListOperationLogRequest log;
    log.set_property_id(site.property_id());
    log.set_action("parameter.set");
    v1::ListOperationLogResponse entries;
    REQUIRE(wire.call<v1::OperatorService>(&v1::OperatorService::Stub::ListOperationLog, log, entries).ok());
    REQUIRE(entries.entries_size() == 1);
    CHECK(entries.entries(0).operator_() == "admin");
    CHECK(entries.entries(0).details_json().find("8123") != std::string::npos);
}

TEST_CASE("import: meters with a station address instead of a bus address", "[services][import]") {
    Stack stack;
    auto wire = stack.signed_in();
    const std::string header =
        "property,building,floor,unit,channel,address,station_address,profile,serial,code,role\n";
    const auto bad = import(
        wire,
        request_with(kSite, header +
                                "TOWER,A,1,0101,BUS1,,20100000001,dlt645-relay-1ph,S2,0101,\n"    // 2 digits
                                "TOWER,A,1,0102,BUS1,7,201000000012,dlt645-relay-1ph,S3,0102,\n"  // 3 both
                                "TOWER,A,1,0103,BUS1,7,,dlt645-relay-1ph,S4,0103,\n"  // 4 the other
                                "TOWER,A,1,0104,GW1-1,,201000000013,dlt645-relay-1ph,S5,0104,\n"  // 5 TCP
                                "TOWER,A,1,0105,BUS1,,201000000014,acrel-ddsy1352,S6,0105,\n"     // 6 Modbus
                                "TOWER,A,1,0106,BUS1,,201000000012,dlt645-relay-1ph,S7,0106,\n"));  // 7 twice
    CHECK(has(bad, "meters.csv", 2, "station_address", "12 digits"));
    CHECK(has(bad, "meters.csv", 3, "address", "must be left out"));
    CHECK(has(bad, "meters.csv", 4, "station_address", "12 digits"));
    CHECK(has(bad, "meters.csv", 5, "channel", "Modbus TCP"));
    CHECK(has(bad, "meters.csv", 6, "station_address", "must be empty"));
    CHECK(has(bad, "meters.csv", 7, "station_address", "meters.csv:3"));

    const auto file = request_with(kSite, header +
                                              "TOWER,A,1,0101,BUS1,,201000000012,dlt645-relay-1ph,S2,0101,\n"
                                              "TOWER,A,1,0102,BUS1,7,,acrel-ddsy1352,S3,0102,\n");
    CHECK(import(wire, file).meters() == 2);
    CHECK(stack.count("meter WHERE bus_address IS NULL AND station_address = '201000000012'") == 1);
    auto again = file;
    again.set_request_id(request_id());
    CHECK(import(wire, again).meters() == 0);

    // Other settings of such a meter are changed as ever; its address stays.
    v1::GetMeterRequest get;
    get.set_property_id(1);
    get.set_code("0101");
    v1::Meter meter;
    REQUIRE(wire.call<v1::DeviceService>(&v1::DeviceService::Stub::GetMeter, get, meter).ok());
    CHECK(meter.bus_address() == 0);
    v1::UpdateMeterRequest update;
    update.set_request_id(request_id());
    *update.mutable_meter() = meter;
    update.mutable_meter()->set_state_interval_s(30);
    const auto updated = wire.call<v1::DeviceService>(&v1::DeviceService::Stub::UpdateMeter, update, meter);
    INFO(updated.message);
    CHECK(updated.ok());
    CHECK(stack.count("meter WHERE state_interval_s = 30 AND station_address = '201000000012'") == 1);
}
