#include "storage/consumption.hpp"

#include <catch2/catch.hpp>

#include "storage/ledger.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;

namespace {

constexpr core::Money yuan(std::int64_t n) {
    return core::Money{n * 10'000};
}

BookingReport book(TestDatabase& test, const TestSite& site, core::MeterId after = {}, int limit = 1000) {
    return test.server().transact(site.scope(), "book", [&](Transaction& tx) {
        return book_consumption(tx, site.property, after, limit);
    });
}

core::Money consumed(TestDatabase& test, const TestSite& site, core::AccountId account) {
    return test.server().transact(site.scope(), "look", [&](Transaction& tx) {
        return account_balances(tx, site.property, account).consumed;
    });
}

}  // namespace

TEST_CASE("consumption: booked once, whatever the number of bookings, and exact to the last watt-hour",
          "[consumption]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    const auto account = site.account(site.meters);
    const auto meter = site.meters[0];
    site.opened(meter, core::Energy{10'000}, core::Price{5'283}, yuan(100));
    CHECK(book(test, site).meters == 0);
    // 0.5283 per kWh by single watt-hours: each is 0.5283 ten-thousandths; only carried remainders make the
    // sum right.
    for (int i = 1; i <= 60; ++i) {
        site.read(meter, core::Energy{10'000 + i}, yuan(100), at(i));
        const auto report = book(test, site);
        CHECK(report.meters == 1);
        CHECK(report.energy == core::Energy{1});
        CHECK(book(test, site).meters == 0);
    }
    site.read(meter, core::Energy{11'003}, yuan(99), at(100));
    book(test, site);
    // 1003 Wh x 5283 = 5 298 849 ten-millionths
    CHECK(consumed(test, site, account) == core::Money{5'298});
    CHECK(test.as_superuser("SELECT booked_remainder FROM account_meter")[0][0].as<int>() == 849);
    CHECK(test.as_superuser("SELECT booked_energy_wh FROM account_meter")[0][0].as<int>() == 11'003);
}

TEST_CASE("consumption: meters that went backwards are reported and never booked", "[consumption]") {
    TestDatabase test;
    TestSite site{test, "P1", 4};
    const auto account = site.account(site.meters);
    for (const auto meter : site.meters) {
        site.opened(meter, core::Energy{5'000}, core::Price{10'000}, yuan(100));
    }
    site.read(site.meters[0], core::Energy{4'999}, yuan(100), at(1));
    site.read(site.meters[1], core::Energy{6'000}, yuan(100), at(1));
    site.read(site.meters[2], core::Energy{INT64_MAX}, yuan(100), at(1));
    site.read(site.meters[3], core::Energy{7'000}, yuan(100), at(1));
    test.as_superuser("UPDATE account_meter SET booked_price_e4 = NULL WHERE meter_id = " +
                      std::to_string(site.meters[3].value));
    const auto report = book(test, site);
    CHECK(report.entries == 1);
    CHECK(report.amount == yuan(1));
    REQUIRE(report.skipped.size() == 3);
    CHECK(report.skipped[0].meter == site.meters[0]);
    CHECK(report.skipped[0].booked == core::Energy{5'000});
    CHECK(report.skipped[0].found == core::Energy{4'999});
    CHECK(report.skipped[0].reason == "the energy register went backwards");
    CHECK(report.skipped[1].meter == site.meters[2]);
    CHECK(report.skipped[2].reason == "no price is known for it");
    CHECK(consumed(test, site, account) == yuan(1));
    // It comes back to life where it was: only what lies above the mark is booked.
    site.read(site.meters[0], core::Energy{5'100}, yuan(100), at(2));
    CHECK(book(test, site).amount == core::Money{1'000});
}

TEST_CASE("consumption: goes through the meters in pages, and leaves locked ones to the next round",
          "[consumption]") {
    TestDatabase test;
    TestSite site{test, "P1", 5};
    site.account(site.meters);
    for (const auto meter : site.meters) {
        site.opened(meter, core::Energy{0}, core::Price{10'000}, yuan(100));
        site.read(meter, core::Energy{1'000}, yuan(99), at(1));
    }
    test.server().transact(site.scope(), "sale", [&](Transaction& tx) {
        tx.exec("SELECT 1 FROM account_meter WHERE meter_id = $1 FOR NO KEY UPDATE", site.meters[1]);
        const auto first = book(test, site, {}, 2);
        CHECK(first.entries == 2);
        CHECK(first.last == site.meters[2]);
        const auto second = book(test, site, first.last, 3);
        CHECK(second.entries == 2);
        CHECK(!second.last);
    });
    CHECK(book(test, site).entries == 1);
}

TEST_CASE("consumption: a new price counts from the register value at which it was confirmed",
          "[consumption]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    const auto account = site.account(site.meters);
    site.opened(site.meters[0], core::Energy{0}, core::Price{10'000}, yuan(100));
    site.read(site.meters[0], core::Energy{3'000}, yuan(90), at(5));
    test.collector().transact(Scope::none(), "price", [&](Transaction& tx) {
        change_booked_price(tx, site.property, site.meters[0], core::Price{20'000}, core::Energy{2'000},
                            at(4));
    });
    CHECK(consumed(test, site, account) == yuan(2));
    book(test, site);
    CHECK(consumed(test, site, account) == yuan(4));
    CHECK(test.as_superuser("SELECT count(*) FROM journal_entry")[0][0].as<int>() == 2);
}
