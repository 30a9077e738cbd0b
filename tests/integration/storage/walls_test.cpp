#include <catch2/catch.hpp>
#include <set>

#include "storage/accounts.hpp"
#include "storage/ledger.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::TestDatabase;
using tests::TestSite;

namespace {

int count(Database& database, const Scope& scope, const std::string& table) {
    return database.transact(scope, "count", [&](Transaction& tx) {
        return tx.work().exec("SELECT count(*) FROM " + table)[0][0].as<int>();
    });
}

std::string state_of_refusal(Database& database, const Scope& scope, const std::string& sql) {
    try {
        database.transact(scope, "try", [&](Transaction& tx) { tx.work().exec(sql); });
    } catch (const StatementFailed& error) {
        return error.sqlstate();
    }
    return "";
}

constexpr const char* kDenied = "42501";

}  // namespace

TEST_CASE("walls: the server sees nothing by default and only the properties it names", "[walls]") {
    TestDatabase test;
    TestSite one{test, "P1", 3};
    TestSite two{test, "P2", 5};
    auto& server = test.server();
    const auto account = one.account({one.meters[0]});
    for (const std::string table :
         {"property", "meter", "channel", "building", "customer", "account", "account_meter"}) {
        INFO(table);
        CHECK(count(server, Scope::none(), table) == 0);
        CHECK(count(server, Scope::of({core::PropertyId{9999}}), table) == 0);
    }
    CHECK(count(server, one.scope(), "meter") == 3);
    CHECK(count(server, two.scope(), "meter") == 5);
    CHECK(count(server, Scope::of({one.property, two.property}), "meter") == 8);
    CHECK(count(server, Scope::all(), "meter") == 8);
    // The setting dies with its transaction: the same connection begins with nothing again.
    CHECK(count(server, Scope::none(), "meter") == 0);
    CHECK(server.stats().open == 1);

    CHECK(!server.transact(two.scope(), "peek",
                           [&](Transaction& tx) { return find_account(tx, one.property, account); }));
    server.transact(two.scope(), "poke", [&](Transaction& tx) {
        CHECK(tx.exec("UPDATE meter SET code = 'x' WHERE property_id = $1", one.property).affected_rows() ==
              0);
        CHECK(tx.exec("DELETE FROM unit WHERE property_id = $1", one.property).affected_rows() == 0);
    });
    CHECK(state_of_refusal(server, two.scope(),
                           "INSERT INTO customer (property_id, name) VALUES (" +
                               std::to_string(one.property.value) + ", 'x')") == kDenied);
    // A row can't be carried over the wall either.
    CHECK(state_of_refusal(server, two.scope(),
                           "UPDATE building SET property_id = " + std::to_string(one.property.value)) != "");
}

TEST_CASE("walls: every table that holds a property's rows has its wall", "[walls]") {
    TestDatabase test;
    std::set<std::string> open;
    for (const auto& row : test.as_superuser("SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid "
                                             "= c.relnamespace WHERE n.nspname = 'wutong' "
                                             "AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT "
                                             "(c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p "
                                             "WHERE p.polrelid = c.oid)) ORDER BY 1")) {
        open.insert(row[0].as<std::string>());
    }
    CHECK(open == std::set<std::string>{"collector", "history_round", "operator", "operator_role",
                                        "reading_month", "role", "schema_migration", "session"});
}

TEST_CASE("walls: COPY is refused to the server's role, which is why the collector bypasses them",
          "[walls]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    test.as_superuser("GRANT INSERT ON wutong.reading TO wutong_server");
    const auto copy = [&](Database& database) {
        return database.transact(site.scope(), "copy", [&](Transaction& tx) {
            pqxx::stream_to stream{
                tx.work(), "reading",
                std::vector<std::string>{"property_id", "meter_id", "read_at", "energy_wh"}};
            stream << std::make_tuple(site.property.value, site.meters[0].value, std::string("now"), 5);
            stream.complete();
        });
    };
    try {
        copy(test.server());
        FAIL("COPY went through a wall");
    } catch (const StatementFailed& error) {
        CHECK(std::string(error.what()).find("COPY FROM not supported with row-level security") !=
              std::string::npos);
    }
    copy(test.collector());
    CHECK(test.as_superuser("SELECT count(*) FROM reading")[0][0].as<int>() == 1);
}

TEST_CASE("walls: the least privileges of each role", "[walls]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    site.account(site.meters);
    for (const std::string sql : {"UPDATE posting SET amount_e4 = 1",
                                  "DELETE FROM journal_entry",
                                  "UPDATE journal_chain SET position = 9",
                                  "UPDATE customer SET name = 'x'",
                                  "SELECT * FROM customer",
                                  "SELECT * FROM operator",
                                  "SELECT * FROM session",
                                  "UPDATE account SET number = 'x'",
                                  "UPDATE account_meter SET account_id = 1",
                                  "UPDATE meter SET price_e4 = 1",
                                  "INSERT INTO sale DEFAULT VALUES",
                                  "UPDATE channel SET endpoint = 'x'",
                                  "UPDATE reading SET energy_wh = 1",
                                  "DELETE FROM reading",
                                  "UPDATE property SET name = 'x'",
                                  "UPDATE parameter SET value = '1'",
                                  "CREATE TABLE wutong.x (y int)",
                                  "CREATE TABLE public.x (y int)",
                                  "SET ROLE wutong_owner",
                                  "SELECT new_property('A', 'A', 'UTC', 'CNY')",
                                  "UPDATE schema_migration SET name = 'x'",
                                  "DELETE FROM journal_unsealed"}) {
        INFO("collector: " << sql);
        CHECK(state_of_refusal(test.collector(), site.scope(), sql) == kDenied);
    }
    for (const std::string sql :
         {"INSERT INTO reading DEFAULT VALUES", "UPDATE reading SET energy_wh = 1", "DELETE FROM reading",
          "UPDATE posting SET amount_e4 = 1", "DELETE FROM posting", "UPDATE operation_log SET action = 'x'",
          "DELETE FROM sale", "DELETE FROM account", "UPDATE daily_energy SET last_wh = 1",
          "CREATE TABLE wutong.x (y int)", "SET ROLE wutong_owner", "SET ROLE wutong_collector",
          "ALTER TABLE meter DISABLE ROW LEVEL SECURITY", "ALTER TABLE posting DISABLE TRIGGER ALL",
          "SET session_replication_role = replica", "UPDATE schema_migration SET name = 'x'"}) {
        INFO("server: " << sql);
        CHECK(state_of_refusal(test.server(), site.scope(), sql) == kDenied);
    }
}

TEST_CASE("walls: a new property joins the transaction that made it", "[walls]") {
    TestDatabase test;
    test.server().transact(Scope::none(), "new", [](Transaction& tx) {
        const auto row = tx.exec1("SELECT new_property('N1', 'New', 'Asia/Shanghai', 'CNY') AS id");
        CHECK(tx.exec1("SELECT count(*) AS n FROM property WHERE property_id = $1",
                       get<core::PropertyId>(row, "id"))["n"]
                  .as<int>() == 1);
        tx.exec("INSERT INTO building (property_id, code, name) VALUES ($1, 'A', 'A')",
                get<core::PropertyId>(row, "id"));
    });
    CHECK(count(test.server(), Scope::none(), "property") == 0);
}

TEST_CASE("search: goes through its function, uses the trigram indexes, and keeps to the wall", "[search]") {
    TestDatabase test;
    TestSite one{test, "P1", 1};
    TestSite two{test, "P2", 1};
    for (const auto* site : {&one, &two}) {
        test.as_superuser(
            "INSERT INTO meter (property_id, channel_id, unit_id, code, serial_number, profile, bus_address) "
            "SELECT c.property_id, c.channel_id, u.unit_id, 'B' || n, to_char(c.property_id * 100000000 + n, "
            "'FM000000000000'), 'p', 1 + n % 240 "
            "FROM (SELECT property_id, channel_id FROM channel WHERE property_id = " +
            std::to_string(site->property.value) +
            ") c JOIN unit u USING (property_id), generate_series(1, 240) AS n ON CONFLICT DO NOTHING");
    }
    // Many meters: each bus takes 247, so they get buses of their own.
    test.as_superuser(
        "INSERT INTO channel (property_id, code, transport, endpoint) SELECT property_id, 'X' || n, "
        "'serial', '/dev/x' || n "
        "FROM property, generate_series(1, 300) AS n");
    test.as_superuser(
        "INSERT INTO meter (property_id, channel_id, code, serial_number, profile, bus_address) SELECT "
        "c.property_id, c.channel_id, "
        "c.code || '-' || n, to_char(c.channel_id * 1000 + n, 'FM000000000000'), 'p', n FROM channel c, "
        "generate_series(1, 200) AS n "
        "WHERE c.code LIKE 'X%'");
    test.as_superuser("ANALYZE meter");
    REQUIRE(test.as_superuser("SELECT count(*) FROM meter")[0][0].as<int>() > 100'000);

    const auto wanted = test.as_superuser(
        "SELECT meter_id, serial_number FROM meter WHERE code = 'X7-33' AND property_id = " +
        std::to_string(one.property.value));
    const auto serial = wanted[0]["serial_number"].as<std::string>();
    const auto hits = test.server().transact(one.scope(), "search", [&](Transaction& tx) {
        return search_meters(tx, {one.property}, serial.substr(2), 10);
    });
    REQUIRE(hits.size() == 1);
    CHECK(hits[0].meter.value == wanted[0]["meter_id"].as<std::int64_t>());
    CHECK(hits[0].property == one.property);
    test.server().transact(one.scope(), "search", [&](Transaction& tx) {
        CHECK(search_meters(tx, {one.property}, "x7-33", 10).size() == 1);
        // Asking for more than the transaction may see brings no more.
        CHECK(search_meters(tx, {one.property, two.property}, "X7-33", 10).size() == 1);
        CHECK(search_meters(tx, {one.property}, "%", 10).empty());
        CHECK(search_meters(tx, {one.property}, "X_-33", 10).empty());
        CHECK(search_meters(tx, {one.property}, "-1", 10).size() == 10);
    });

    // The function's own text under EXPLAIN, as its owner runs it; and what the server would get without it.
    const auto plan = [&](Database& database, const std::string& sql) {
        return database.transact(one.scope(), "explain", [&](Transaction& tx) {
            std::string text;
            for (const auto& row : tx.work().exec("EXPLAIN " + sql)) {
                text += row[0].as<std::string>() + "\n";
            }
            return text;
        });
    };
    const std::string query = "SELECT meter_id FROM meter WHERE property_id = ANY (ARRAY[" +
                              std::to_string(one.property.value) + "]::bigint[]) AND serial_number ILIKE '%" +
                              serial.substr(2) + "%'";
    CHECK(plan(test.owner(), query).find("meter_serial_trgm") != std::string::npos);
    CHECK(plan(test.server(), query).find("meter_serial_trgm") == std::string::npos);
}
