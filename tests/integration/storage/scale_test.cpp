#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <map>

#include "storage/accounts.hpp"
#include "storage/commands.hpp"
#include "storage/consumption.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/meters.hpp"
#include "storage/operation_log.hpp"
#include "storage/sales.hpp"
#include "storage/seal.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

/// Hidden from ordinary runs (minutes): a million meters with some history, and then how many rows the hot
/// queries touch. Rows are what is counted, not time and not the text of plans: a number that must not grow
/// with the tables.

using namespace wutong;
using namespace wutong::storage;
using tests::at;
using tests::Role;
using tests::TestDatabase;

namespace {

constexpr int kProperties = 10;
constexpr int kChannels = 500;  // per property
constexpr int kMeters = 200;    // per channel: a million in all
constexpr std::int64_t kRowsMax = 5'000;
constexpr std::int64_t kDigitSearchMax = 500'000;

void fill(const TestDatabase& test) {
    // Foreign keys and triggers are off while loading: these rows are consistent as they are made.
    const std::string begin = "SET session_replication_role = replica; ";
    const std::string channels = std::to_string(kChannels);
    const std::string meters = std::to_string(kMeters);
    test.as_superuser(
        begin + "INSERT INTO property (code, name) SELECT 'P' || n, 'Tower ' || n FROM generate_series(1, " +
        std::to_string(kProperties) + ") AS n");
    test.as_superuser(
        begin +
        "INSERT INTO channel (property_id, code, transport, endpoint, lease_holder, lease_epoch) SELECT "
        "property_id, 'BUS' || n, "
        "'serial', '/dev/x' || n, 'collector-' || n % 20, 1 FROM property, generate_series(1, " +
        channels + ") AS n ORDER BY property_id, n");
    test.as_superuser(begin +
                      "INSERT INTO meter (property_id, channel_id, code, serial_number, profile, "
                      "bus_address) SELECT property_id, channel_id, "
                      "'M' || channel_id || '-' || n, to_char(channel_id * 1000 + n, 'FM000000000000'), 'p', "
                      "n FROM channel, generate_series(1, " +
                      meters + ") AS n ORDER BY property_id, channel_id, n");
    test.as_superuser(begin +
                      "INSERT INTO meter_state (property_id, meter_id, answered_at, energy_wh, balance_e4, "
                      "purchase_number) "
                      "SELECT property_id, meter_id, now(), 1000, 500000, 1 FROM meter");
    test.as_superuser(begin +
                      "INSERT INTO customer (property_id, name, phone) SELECT property_id, 'Customer ' || "
                      "meter_id, to_char(13000000000 + meter_id, "
                      "'FM00000000000') FROM meter WHERE meter_id % 4 = 0 ORDER BY meter_id");
    test.as_superuser(begin +
                      "INSERT INTO account (property_id, number, customer_id) SELECT property_id, 'A' || "
                      "customer_id, customer_id FROM customer ORDER BY customer_id");
    test.as_superuser(begin +
                      "INSERT INTO account_meter (property_id, account_id, meter_id, opened_on_meter_at, "
                      "purchase_number, booked_energy_wh, "
                      "booked_price_e4) SELECT m.property_id, a.account_id, m.meter_id, now(), 1, 1000, 9500 "
                      "FROM meter m JOIN account a "
                      "ON a.property_id = m.property_id AND a.account_id = m.meter_id / 4");
    test.as_superuser(
        begin +
        "INSERT INTO credit_delivery (property_id, meter_id, account_id, kind, amount_e4, state) SELECT "
        "property_id, meter_id, "
        "account_id, 'top_up', 500000, CASE WHEN meter_id % 5000 = n THEN 'queued' ELSE 'delivered' END "
        "FROM account_meter, generate_series(1, 2) AS n");
    test.as_superuser(begin +
                      "INSERT INTO sale (property_id, kind, account_id, meter_id, amount_e4, method, "
                      "operator_id, request_id, delivery_id) "
                      "SELECT property_id, 'sale', account_id, meter_id, amount_e4, 'cash', 1, "
                      "lpad(to_hex(delivery_id), 32, '0')::uuid, delivery_id FROM credit_delivery WHERE "
                      "delivery_id % 2 = 0");
    test.as_superuser(begin +
                      "INSERT INTO command (property_id, meter_id, kind, state, expires_at) SELECT "
                      "property_id, meter_id, 'read_now', "
                      "CASE WHEN meter_id % 5000 = n THEN 'queued' ELSE 'done' END, '2027-01-01' FROM meter, "
                      "generate_series(1, 1) AS n");
    test.as_superuser(begin +
                      "INSERT INTO journal_entry (property_id, kind, account_id, meter_id) SELECT "
                      "property_id, 'sale', account_id, meter_id "
                      "FROM account_meter");
    test.as_superuser(
        begin +
        "INSERT INTO posting (property_id, entry_id, line, account, owner_id, amount_e4) SELECT property_id, "
        "entry_id, n, "
        "CASE n WHEN 1 THEN 'tender' ELSE 'credit_in_flight' END, CASE n WHEN 1 THEN 1 ELSE account_id END, "
        "CASE n WHEN 1 THEN 500000 ELSE -500000 END FROM journal_entry, generate_series(1, 2) AS n");
    test.as_superuser(begin +
                      "INSERT INTO journal_unsealed SELECT property_id, entry_id FROM journal_entry WHERE "
                      "entry_id % 100 = 0");
    test.as_superuser(begin +
                      "INSERT INTO operation_log (property_id, action) SELECT property_id, 'x' FROM meter");
    test.as_superuser("ANALYZE");
}

std::int64_t rows_touched(const TestDatabase& test) {
    return test
        .as_superuser(
            "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE schemaname = 'wutong') "
            "+ (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = 'wutong')")[0][0]
        .as<std::int64_t>();
}

/// Rows that `body` reads, counted by the database itself.
std::int64_t cost(TestDatabase& test, Database& database, const Scope& scope,
                  const std::function<void(Transaction&)>& body) {
    // Twice before: prepared, and the catalogue's caches filled.
    std::int64_t before = 0;
    for (int run = 0; run < 3; ++run) {
        database.transact(scope, "hot query",
                          [&](Transaction& tx) { tx.exec("SELECT pg_stat_force_next_flush()"); });
        before = rows_touched(test);
        database.transact(scope, "hot query", [&](Transaction& tx) {
            body(tx);
            tx.exec("SELECT pg_stat_force_next_flush()");
        });
    }
    return rows_touched(test) - before;
}

}  // namespace

TEST_CASE("scale: the hot queries don't grow with a million meters", "[.nightly][scale]") {
    TestDatabase test;
    fill(test);
    auto slow = test.options(Role::server);
    slow.connections_max = 1;  // counters are flushed by the session that ran the query
    Database server{slow};
    auto options = test.options(Role::collector);
    options.connections_max = 1;
    Database collector{options};

    const core::PropertyId property{
        test.as_superuser("SELECT min(property_id) FROM property")[0][0].as<std::int64_t>()};
    const auto scope = Scope::of({property});
    const auto link =
        test.as_superuser("SELECT account_id, meter_id FROM account_meter WHERE property_id = " +
                          std::to_string(property.value) + " ORDER BY meter_id DESC LIMIT 1");
    REQUIRE(!link.empty());
    const core::AccountId account{link[0]["account_id"].as<std::int64_t>()};
    const core::MeterId meter{link[0]["meter_id"].as<std::int64_t>()};
    std::vector<Fence> fences;  // what one of twenty collectors holds
    for (const auto& row : test.as_superuser(
             "SELECT property_id, channel_id FROM channel WHERE lease_holder = 'collector-3'")) {
        fences.push_back({core::PropertyId{row[0].as<std::int64_t>()},
                          core::ChannelId{row[1].as<std::int64_t>()}, "collector-3", 1});
    }
    REQUIRE(fences.size() == 250);
    const auto horizon = server.transact(Scope::none(), "horizon", [](Transaction& tx) {
        return get<std::int64_t>(
            tx.exec1("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS x"), "x");
    });

    std::map<std::string, std::int64_t> costs;
    costs["claim deliveries"] = cost(test, collector, Scope::none(), [&](Transaction& tx) {
        (void)claim_deliveries(tx, fences, at(10), 500);
    });
    costs["claim commands"] = cost(test, collector, Scope::none(),
                                   [&](Transaction& tx) { (void)claim_commands(tx, fences, at(10), 500); });
    costs["expire commands"] =
        cost(test, server, Scope::all(), [&](Transaction& tx) { (void)expire_commands(tx, at(10), 1000); });
    costs["sale facts"] = cost(test, server, scope,
                               [&](Transaction& tx) { (void)lock_sale_facts(tx, property, account, meter); });
    costs["sale"] = cost(test, server, scope, [&](Transaction& tx) {
        static int request = 0;
        NewSale sale;
        sale.account = account;
        sale.meter = meter;
        sale.amount = core::Money{10'000};
        sale.operator_id = core::OperatorId{1};
        sale.request_id = tests::uuid(++request);
        insert_sale(tx, property, sale);
    });
    costs["live changes"] =
        cost(test, server, Scope::all(), [&](Transaction& tx) { (void)meter_changes(tx, horizon); });
    costs["search by serial number"] = cost(
        test, server, scope, [&](Transaction& tx) { (void)search_meters(tx, {property}, "00123045", 20); });
    costs["search by phone"] = cost(test, server, scope, [&](Transaction& tx) {
        (void)search_meters(tx, {property}, "13000012344", 20);
    });
    costs["account search"] = cost(test, server, scope, [&](Transaction& tx) {
        (void)list_accounts(tx, {property, {}, "customer 12344"}, {}, 20);
    });
    costs["page of accounts"] = cost(test, server, scope, [&](Transaction& tx) {
        (void)list_accounts(tx, {property, {}, ""}, {}, 50);
    });
    costs["page of sales"] = cost(test, server, scope, [&](Transaction& tx) {
        (void)list_sales(tx, {property, {}, {}, {}}, {}, 50);
    });
    costs["sales of an account"] = cost(test, server, scope, [&](Transaction& tx) {
        (void)list_sales(tx, {property, account, {}, {}}, {}, 50);
    });
    costs["deliveries of a meter"] = cost(test, server, scope, [&](Transaction& tx) {
        (void)list_deliveries(tx, {property, meter, {}, false}, {}, 50);
    });
    costs["commands of a meter"] = cost(test, server, scope, [&](Transaction& tx) {
        (void)list_commands(tx, {property, meter, "", false}, {}, 50);
    });
    costs["page of the log"] = cost(test, server, scope, [&](Transaction& tx) {
        (void)list_operation_log(tx, {.property = property}, 0, 50);
    });
    costs["seal a hundred"] =
        cost(test, server, scope, [&](Transaction& tx) { (void)seal_entries(tx, property, 100); });
    costs["what to seal"] =
        cost(test, server, Scope::all(), [&](Transaction& tx) { (void)properties_to_seal(tx); });
    for (const auto& [what, rows] : costs) {
        std::cout << "scale: " << what << " reads " << rows << " rows\n";
        INFO(what);
        // Long numbers share most of their trigrams: there the planner may rather read one property's rows,
        // never all.
        const bool digits = what == "search by phone" || what == "search by serial number";
        CHECK(rows < (digits ? kDigitSearchMax : kRowsMax));
    }
}
