#include "storage/meter_firmware.hpp"

#include <catch2/catch.hpp>
#include <cstdint>

#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;

TEST_CASE("a meter's firmware: the newest look, since when, and what it was before", "[firmware]") {
    TestDatabase database;
    const TestSite site{database, "P1", 2};
    const TestSite other{database, "P2", 1};
    const auto note = [&](const std::string& version, std::int64_t when) {
        return database.collector().transact(Scope::none(), "note", [&](Transaction& tx) {
            return note_firmware(tx, {site.property, site.meters[0], version, at(when)});
        });
    };
    const auto listed = [&](const TestSite& asks) {
        return database.server().transact(Scope::of({asks.property}), "list", [&](Transaction& tx) {
            return list_firmware(tx, site.property, {}, {}, 100);
        });
    };
    CHECK(listed(site).empty());
    CHECK(note("V1.0", 100));
    CHECK_FALSE(note("V1.0", 200));
    CHECK(note("V1.1", 300));
    CHECK_FALSE(note("V1.0", 250));  // an older look, told late
    CHECK_FALSE(note("V1.1", 400));
    const auto list = listed(site);
    REQUIRE(list.size() == 1);
    CHECK(list[0].meter == site.meters[0]);
    CHECK(list[0].version == "V1.1");
    CHECK(list[0].before == "V1.0");
    CHECK(list[0].since == at(300));
    CHECK(list[0].read_at == at(400));
    // Behind the wall of another property.
    CHECK(listed(other).empty());
    // A meter that is not there any more.
    CHECK_FALSE(database.collector().transact(Scope::none(), "note", [&](Transaction& tx) {
        return note_firmware(tx, {site.property, core::MeterId{999'999}, "V1", at(500)});
    }));
}
