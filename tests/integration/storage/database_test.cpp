#include "storage/database.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "storage/transaction.hpp"
#include "tests/support/test_database.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::Role;
using tests::TestDatabase;

namespace {

std::string setting(Transaction& tx, const char* name) {
    return get<std::string>(tx.exec1("SELECT current_setting($1) AS value", name), "value");
}

int backend(Transaction& tx) {
    return get<int>(tx.exec1("SELECT pg_backend_pid() AS pid"), "pid");
}

}  // namespace

TEST_CASE("database: settings travel with every connection, the ones made anew too", "[database]") {
    TestDatabase test;
    auto options = test.options(Role::server);
    options.connections_max = 1;
    options.statement_timeout = std::chrono::milliseconds{4321};
    std::vector<std::string> warnings;
    options.warn = [&](const std::string& line) { warnings.push_back(line); };
    Database database{options};

    const auto look = [&](Transaction& tx) {
        CHECK(setting(tx, "statement_timeout") == "4321ms");
        CHECK(setting(tx, "search_path") == "wutong,pg_temp");
        CHECK(setting(tx, "TimeZone") == "UTC");
        return backend(tx);
    };
    const int first = database.transact(Scope::none(), "look", look);
    CHECK(database.transact(Scope::none(), "look", look) == first);

    test.as_superuser("SELECT pg_terminate_backend(" + std::to_string(first) + ")");
    const int second = database.transact(Scope::all(), "look again", look);
    CHECK(second != first);
    CHECK(database.stats().replaced == 1);
    CHECK(database.stats().open == 1);
    CHECK(!warnings.empty());
}

TEST_CASE("database: a session killed in the middle of a transaction is retried as a whole", "[database]") {
    TestDatabase test;
    auto& database = test.server();
    int runs = 0;
    const auto id = database.transact(Scope::all(), "insert", [&](Transaction& tx) {
        const auto row =
            tx.exec1("SELECT new_property($1, 'x', 'Asia/Shanghai', 'CNY') AS property_id", "P1");
        if (++runs == 1) {
            test.as_superuser("SELECT pg_terminate_backend(" + std::to_string(backend(tx)) + ")");
        }
        tx.exec("SELECT 1");
        return get<core::PropertyId>(row, "property_id");
    });
    CHECK(runs == 2);
    CHECK(id.value > 0);
    CHECK(test.as_superuser("SELECT count(*) FROM property")[0][0].as<int>() == 1);
    CHECK(database.stats().retries == 1);
}

TEST_CASE("database: a session killed before COMMIT is reported as unknown, not retried", "[database]") {
    TestDatabase test;
    auto& database = test.server();
    int runs = 0;
    CHECK_THROWS_AS(database.transact(Scope::all(), "insert",
                                      [&](Transaction& tx) {
                                          ++runs;
                                          tx.exec("SELECT new_property('P1', 'x', 'Asia/Shanghai', 'CNY')");
                                          test.as_superuser("SELECT pg_terminate_backend(" +
                                                            std::to_string(backend(tx)) + ")");
                                          std::this_thread::sleep_for(std::chrono::milliseconds(50));
                                      }),
                    CommitUnknown);
    CHECK(runs == 1);
    CHECK(database.transact(Scope::none(), "after", [](Transaction& tx) { return backend(tx); }) > 0);
}

TEST_CASE("database: all sessions killed at once cost no more than one retry each", "[database]") {
    TestDatabase test;
    auto options = test.options(Role::server);
    options.connections_max = 6;
    Database database{options};
    const auto together = [&](const std::function<void(Transaction&)>& body) {
        std::atomic<int> failed{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 6; ++i) {
            threads.emplace_back([&] {
                try {
                    database.transact(Scope::none(), "together", body);
                } catch (const std::exception&) {
                    ++failed;
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        return failed.load();
    };
    CHECK(together([](Transaction& tx) { tx.exec("SELECT pg_sleep(0.1)"); }) == 0);
    CHECK(database.stats().open == 6);
    test.as_superuser(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'wutong_server' AND datname "
        "= '" +
        test.name() + "'");
    CHECK(together([](Transaction& tx) { tx.exec("SELECT pg_sleep(0.1)"); }) == 0);
    CHECK(database.stats().open <= 6);
}

TEST_CASE("database: the pool is bounded and waiting for it has an end", "[database]") {
    TestDatabase test;
    auto options = test.options(Role::server);
    options.connections_max = 1;
    options.acquire_timeout = std::chrono::milliseconds{150};
    Database database{options};
    database.transact(Scope::none(), "outer", [&](Transaction&) {
        CHECK_THROWS_AS(database.transact(Scope::none(), "inner", [](Transaction&) {}), PoolExhausted);
    });
    CHECK_NOTHROW(database.transact(Scope::none(), "later", [](Transaction& tx) { tx.exec("SELECT 1"); }));
    CHECK(database.stats().exhausted == 1);
}

TEST_CASE("database: serialization failures run the body again, up to the limit", "[database]") {
    TestDatabase test;
    auto& database = test.server();
    int runs = 0;
    database.transact(Scope::none(), "twice", [&](Transaction& tx) {
        if (++runs < 3) {
            tx.exec("DO $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = 'serialization_failure'; END $$");
        }
    });
    CHECK(runs == 3);
    runs = 0;
    CHECK_THROWS_AS(
        database.transact(
            Scope::none(), "never",
            [&](Transaction& tx) {
                ++runs;
                tx.exec("DO $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = 'deadlock_detected'; END $$");
            }),
        TransactionConflict);
    CHECK(runs == 4);
}

TEST_CASE("database: what a statement was refused for is told by type, state and constraint", "[database]") {
    TestDatabase test;
    auto& database = test.server();
    const auto insert = [&](const std::string& code) {
        database.transact(Scope::all(), "insert property", [&](Transaction& tx) {
            tx.exec("SELECT new_property($1, 'x', 'Asia/Shanghai', 'CNY')", code);
        });
    };
    insert("P1");
    try {
        insert("P1");
        FAIL("a second P1 was taken");
    } catch (const UniqueViolation& error) {
        CHECK(error.constraint() == "property_code_key");
        CHECK(error.sqlstate() == "23505");
        CHECK(std::string(error.what()).find("insert property") == 0);
    }
    CHECK_THROWS_AS(insert(std::string(33, 'x')), StatementFailed);
    CHECK_THROWS_AS(insert(std::string("a\0b", 3)), std::invalid_argument);
    CHECK_THROWS_AS(insert("\xff\xfe"), StatementFailed);
    CHECK(test.as_superuser("SELECT count(*) FROM property")[0][0].as<int>() == 1);

    auto options = test.options(Role::server);
    options.statement_timeout = std::chrono::milliseconds{50};
    Database hasty{options};
    CHECK_THROWS_AS(
        hasty.transact(Scope::none(), "sleep", [](Transaction& tx) { tx.exec("SELECT pg_sleep(5)"); }),
        StatementTimeout);
}

TEST_CASE("database: an exception of the body rolls back and passes", "[database]") {
    TestDatabase test;
    auto& database = test.server();
    CHECK_THROWS_AS(database.transact(Scope::all(), "insert",
                                      [](Transaction& tx) {
                                          tx.exec("SELECT new_property('P1', 'x', 'Asia/Shanghai', 'CNY')");
                                          throw std::out_of_range("ours");
                                      }),
                    std::out_of_range);
    CHECK(test.as_superuser("SELECT count(*) FROM property")[0][0].as<int>() == 0);
    CHECK(database.stats().idle == 1);
}

TEST_CASE("database: no message carries the password", "[database]") {
    const auto message = [](const std::string& url) -> std::string {
        DatabaseOptions options;
        options.url = url;
        options.attempts_max = 1;
        options.connect_timeout = std::chrono::milliseconds{2000};
        std::string all;
        options.warn = [&](const std::string& line) { all += line; };
        try {
            Database database{options};
            database.transact(Scope::none(), "connect", [](Transaction&) {});
        } catch (const DatabaseError& error) {
            return all + error.what();
        }
        return "connected";
    };
    for (const std::string url :
         {"postgresql://wutong_server:hunter2@127.0.0.1:1/none", "postgresql://u:hunter2@[bad/none",
          "host=127.0.0.1 password='hunter2", "host=127.0.0.1 password=a hunter2",
          "postgresql://u:hunter2@127.0.0.1:1/none?what=hunter2"}) {
        const auto text = message(url);
        INFO(text);
        CHECK(text != "connected");
        CHECK(text.find("hunter2") == std::string::npos);
    }
    TestDatabase test;
    auto options = test.options(Role::server);
    options.password = "wrong-hunter2";
    options.attempts_max = 1;
    Database database{options};
    try {
        database.transact(Scope::none(), "connect", [](Transaction&) {});
        FAIL("a wrong password was taken");
    } catch (const DatabaseUnavailable& error) {
        CHECK(std::string(error.what()).find("hunter2") == std::string::npos);
        CHECK(std::string(error.what()).find("password authentication failed") != std::string::npos);
    }
}

TEST_CASE("values: times, arrays and binary data come back as they went", "[database]") {
    TestDatabase test;
    auto& database = test.server();
    database.transact(Scope::none(), "values", [](Transaction& tx) {
        for (const std::int64_t micros :
             {std::int64_t{0}, std::int64_t{1}, std::int64_t{1'763'722'212'123'456}, std::int64_t{-1'000'001},
              std::int64_t{4'102'444'799'999'999}}) {
            const core::Timestamp time{std::chrono::microseconds{micros}};
            CHECK(get<core::Timestamp>(tx.exec1("SELECT $1::timestamptz AS t", time), "t") == time);
        }
        const std::vector<std::string> words{"", "a,b", "\"q\"", "back\\slash", "{}", "NULL", "电"};
        const auto back =
            tx.exec("SELECT u.word FROM unnest($1::text[]) WITH ORDINALITY AS u(word, n) ORDER BY n", words);
        REQUIRE(back.size() == words.size());
        for (std::size_t i = 0; i < words.size(); ++i) {
            CHECK(get<std::string>(back[static_cast<pqxx::result::size_type>(i)], "word") == words[i]);
        }
        const std::string bytes("\x00\xff\x10\\", 4);
        CHECK(get<Bytes>(tx.exec1("SELECT $1::bytea AS b", Bytes{bytes}), "b").data == bytes);
        CHECK(!get<std::optional<core::Money>>(
            tx.exec1("SELECT $1::bigint AS m", std::optional<core::Money>{}), "m"));
        CHECK(get<core::Money>(tx.exec1("SELECT $1::bigint AS m", core::Money{-5}), "m") == core::Money{-5});
    });
}
