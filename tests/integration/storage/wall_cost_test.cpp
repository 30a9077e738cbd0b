#include <catch2/catch.hpp>

#include "storage/live_figures.hpp"
#include "storage/meters.hpp"
#include "tests/support/rows_read.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::TestDatabase;
using tests::TestSite;

TEST_CASE("wall: what has changed is asked for by its keys, however large the building", "[wall]") {
    TestDatabase test;
    TestSite site{test, "P1", 3};
    const auto p = std::to_string(site.property.value);
    test.as_superuser(
        "INSERT INTO channel (property_id, code, transport, endpoint) SELECT " + p +
        ", 'C' || n, 'serial', '/dev/x' || n FROM generate_series(1, 20) AS n; "
        "INSERT INTO meter (property_id, channel_id, unit_id, code, serial_number, profile, bus_address) "
        "SELECT "
        "c.property_id, c.channel_id, (SELECT min(unit_id) FROM unit), c.code || '-' || n, c.code || '-' || "
        "n, "
        "'acrel-ddsy1352', n FROM channel c, generate_series(1, 200) AS n WHERE c.code LIKE 'C%'; "
        "INSERT INTO meter_state (property_id, meter_id, answered_at, energy_wh, balance_e4) SELECT "
        "property_id, "
        "meter_id, now(), 1000, 500000 FROM meter; "
        "INSERT INTO customer (property_id, name) SELECT property_id, 'Customer ' || meter_id FROM meter; "
        "INSERT INTO account (property_id, number, customer_id) SELECT property_id, 'A' || customer_id, "
        "customer_id FROM customer; "
        "INSERT INTO account_meter (property_id, account_id, meter_id) SELECT m.property_id, a.account_id, "
        "m.meter_id FROM meter m JOIN account a ON a.number = 'A' || m.meter_id; "
        "INSERT INTO daily_energy SELECT property_id, meter_id, current_date - n, 1000 * n, 1000 * n, now(), "
        "now() "
        "FROM meter, generate_series(0, 99) AS n");
    // As vacuum does it in time: until then the planner thinks little of a fresh trigram index.
    test.as_superuser(
        "SELECT gin_clean_pending_list(indexrelid) FROM pg_index JOIN pg_class ON oid = indexrelid "
        "WHERE relam = (SELECT oid FROM pg_am WHERE amname = 'gin')");
    test.as_superuser("ANALYZE");
    tests::RowsRead rows{test};
    const std::vector<MeterKey> keys{
        {site.property, site.meters[0]}, {site.property, site.meters[1]}, {site.property, site.meters[2]}};
    CHECK(rows.by(Scope::all(), [&](Transaction& tx) { CHECK(wall_meters(tx, keys).size() == 3); }) < 300);
    CHECK(rows.by(site.scope(), [&](Transaction& tx) {
        CHECK(find_meters(tx, site.property, site.meters).size() == 3);
    }) < 300);
    // So few names may be read one by one where that is cheaper; what belongs to them may not.
    CHECK(rows.by(site.scope(), [&](Transaction& tx) {
        CHECK(search_meters(tx, site.property, "C17-123", 20).size() == 1);
    }) < 3 * 4'003);
    CHECK(rows.by(Scope::all(), [&](Transaction& tx) { (void)property_figures(tx); }) < 100);
    // The average looks at two of a meter's days, not at all of them.
    CHECK(rows.by(site.scope(), [&](Transaction& tx) {
        CHECK(register_spans(tx, site.property,
                             std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()))
                  .size() == 4'003);
    }) < 3 * 4'003 + 100);
}
