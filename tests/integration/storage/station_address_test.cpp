#include <catch2/catch.hpp>

#include "storage/errors.hpp"
#include "storage/meters.hpp"
#include "support/test_site.hpp"

/// Meters that are named by a station address instead of a bus address.
using namespace wutong;
using namespace wutong::storage;
using namespace wutong::tests;

namespace {

MeterRow named(const char* code, int bus_address, const char* station_address) {
    MeterRow row;
    row.property = {1};
    row.channel = {1};
    row.code = row.serial_number = code;
    row.profile = "p";
    row.role = "monitor";
    row.bus_address = bus_address;
    row.station_address = station_address;
    return row;
}

}  // namespace

TEST_CASE("station address: stored, changed, once on a channel, and one of both is needed", "[field]") {
    TestDatabase test;
    test.as_superuser(
        "INSERT INTO property (code, name, time_zone) VALUES ('T', 'Test', 'Asia/Shanghai');"
        "INSERT INTO gateway (property_id, code, kind) VALUES (1, 'G', 'rtu_over_tcp');"
        "INSERT INTO channel (property_id, gateway_id, code, transport, endpoint) "
        "VALUES (1, 1, 'C1', 'rtu_over_tcp', 'h:1')");
    const auto act = [&](auto body) {
        return test.server().transact(Scope::of({core::PropertyId{1}}), "test", body);
    };
    act([](Transaction& tx) {
        insert_meters(tx,
                      {named("M1", 7, ""), named("M2", 0, "201000000012"), named("M3", 0, "201000000013")});
        return insert_meter(tx, named("M4", 0, "201000000014"));
    });
    const auto found = act([](Transaction& tx) { return list_meters(tx, {1}, {}, {}, 10); });
    REQUIRE(found.size() == 4);
    CHECK(found[0].bus_address == 7);
    CHECK(found[0].station_address.empty());
    CHECK(found[1].bus_address == 0);
    CHECK(found[1].station_address == "201000000012");
    CHECK(found[3].station_address == "201000000014");

    MeterRow changed = found[3];
    changed.station_address = "201000000099";
    CHECK(act([&](Transaction& tx) { return update_meter(tx, changed); }));
    CHECK(act([&](Transaction& tx) { return find_meter(tx, {1}, changed.meter); })->station_address ==
          "201000000099");
    changed.station_address = "201000000013";
    CHECK_THROWS_AS(act([&](Transaction& tx) { return update_meter(tx, changed); }), StatementFailed);
    CHECK_THROWS_AS(act([](Transaction& tx) { return insert_meter(tx, named("M5", 0, "")); }),
                    StatementFailed);
    CHECK_THROWS_AS(act([](Transaction& tx) { return insert_meter(tx, named("M6", 0, "12 34")); }),
                    StatementFailed);
    // As in the topics of a meter that sends by itself, but nothing that matches the topics of others.
    CHECK_NOTHROW(act([](Transaction& tx) { return insert_meter(tx, named("M7", 0, "PLANT/GW1/M7")); }));
    CHECK_THROWS_AS(act([](Transaction& tx) { return insert_meter(tx, named("M8", 0, "PLANT/+")); }),
                    StatementFailed);
}
