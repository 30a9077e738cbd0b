#include "storage/history.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <random>
#include <thread>

#include "storage/energy_rollups.hpp"
#include "storage/reading_queries.hpp"
#include "storage/readings.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

/// Readings that move into the archive: each is there once, wherever it lies and whatever happens on the way.
using namespace wutong;
using namespace wutong::storage;
using namespace std::chrono_literals;
using tests::TestDatabase;
using tests::TestSite;

namespace {

/// Every reading of the property as text, of both places or of the copy that was made before.
const char* kBoth =
    "SELECT r.*::text FROM meter m CROSS JOIN LATERAL readings_between(m.property_id, m.meter_id, "
    "'2000-01-01', '2100-01-01') AS r";

struct Building {
    TestDatabase test;
    TestSite site{test, "P1", 3};

    std::string value(const std::string& sql) const {
        return test.as_superuser("SELECT " + sql)[0][0].c_str();
    }
    /// Readings of all kinds of columns, as profiles make them, over `months` months that ended three months
    /// ago.
    void plant(int months, const std::string& every) {
        test.as_superuser(
            "SELECT ensure_reading_partition((now() - make_interval(months => n))::date) FROM "
            "generate_series(3, " +
            std::to_string(months + 3) +
            ") n; INSERT INTO reading SELECT m.property_id, m.meter_id, t + m.meter_id * interval '17.123456 "
            "seconds', CASE WHEN n % 17 = 0 THEN NULL ELSE 1000 + n * 10 END, CASE WHEN m.meter_id % 2 = 0 "
            "THEN "
            "n * 4 END, CASE WHEN m.meter_id % 2 = 0 THEN n * 6 END, NULL, NULL, CASE WHEN n > 20 THEN 5 "
            "END, "
            "-n, n / 100, (n * 7919) % 5000, NULL, 900 + n % 100, 50000, CASE WHEN n % 5 > 0 THEN CASE "
            "m.meter_id % 3 WHEN 0 THEN ARRAY[230000] WHEN 1 THEN ARRAY[230000 + n, 231000, "
            "232000]::bigint[] "
            "END END, CASE WHEN m.meter_id % 3 = 1 THEN ARRAY[1, 2, n]::bigint[] END, n % 3 = 0, CASE WHEN n "
            "% "
            "9 = 0 THEN 'catch_up' ELSE 'scheduled' END FROM meter m CROSS JOIN LATERAL (SELECT t, "
            "row_number() OVER (ORDER BY t)::int AS n FROM generate_series(date_trunc('month', now()) - "
            "make_interval(months => " +
            std::to_string(months + 3) + "), date_trunc('month', now()) - interval '3 months', '" + every +
            "') AS t) AS times; CREATE TABLE before AS TABLE reading; ANALYZE");
    }
    /// Nothing lost, nothing twice, nothing changed.
    void same_as_planted() {
        CHECK(value("count(*) FROM (" + std::string(kBoth) + ") AS b") == value("count(*) FROM before"));
        CHECK(value("count(*) FROM (" + std::string(kBoth) +
                    " EXCEPT SELECT b.*::text FROM before b) AS x") == "0");
    }
    ArchiveStep step(Database& database, const std::string& month, core::MeterId after, int meters = 2) {
        return database.transact(site.scope(), "archive", [&](Transaction& tx) {
            return archive_readings(tx, site.property, month, after, meters);
        });
    }
    std::vector<std::string> hot() {
        return test.server().transact(site.scope(), "hot", [](Transaction& tx) { return hot_months(tx); });
    }
    std::vector<std::string> old_months() {
        const auto limit = value("(date_trunc('month', now()) - interval '3 months')::date::text");
        auto months = hot();
        months.erase(std::remove_if(months.begin(), months.end(), [&](const auto& m) { return m >= limit; }),
                     months.end());
        return months;
    }
    void move_all(Database& database) {
        for (const auto& month : old_months()) {
            for (ArchiveStep done = step(database, month, {}); done.last;
                 done = step(database, month, done.last)) {
            }
            database.transact(site.scope(), "drop",
                              [&](Transaction& tx) { return drop_empty_month(tx, month); });
        }
    }
    std::vector<StoredReading> read(const std::string& from, const std::string& to) {
        return test.server().transact(site.scope(), "read", [&](Transaction& tx) {
            return list_readings(tx, site.property, site.meters[0], parse_time_text(from + " 00:00:00+00"),
                                 parse_time_text(to + " 00:00:00+00"), std::nullopt, 1'000);
        });
    }
};

}  // namespace

TEST_CASE("history: a mover that is killed at any moment loses and doubles nothing", "[history]") {
    Building building;
    building.plant(3, "2 hours");
    std::mt19937 random{7};
    int killed = 0;
    for (int round = 0; round < 8; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            // Nothing of the parent's connections is touched here; the process ends without destructors.
            try {
                Database own{building.test.options(tests::Role::server)};
                building.move_all(own);
            } catch (...) {
                ::_exit(1);
            }
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{30 + random() % 90});
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        killed += WIFSIGNALED(status) ? 1 : 0;
        building.same_as_planted();
    }
    CHECK(killed > 0);
    const auto months_left = [&] {
        return building.value("count(DISTINCT date_trunc('month', read_at)) FROM reading");
    };
    // A step that is broken off before its end has done nothing.
    if (const auto months = building.old_months(); !months.empty()) {
        CHECK_THROWS(building.test.server().transact(building.site.scope(), "broken", [&](Transaction& tx) {
            archive_readings(tx, building.site.property, months[0], {}, 10);
            throw std::runtime_error("power cut");
        }));
    }
    // What a killed one left behind waits for nobody; the next goes on to the end.
    building.move_all(building.test.server());
    building.same_as_planted();
    CHECK(months_left() == "1");  // the last reading lies in a month that stays
    CHECK(building.value("sum(readings)::text FROM reading_month") ==
          building.value("sum(readings)::text FROM reading_archive"));
    CHECK(building.value("count(*) FROM reading_month WHERE finished_at IS NULL") == "0");
    const auto progress = building.test.server().transact(
        building.site.scope(), "progress", [](Transaction& tx) { return list_history_months(tx, 100); });
    REQUIRE(progress.size() == 3);
    CHECK(progress[0].meters == 3);
    CHECK(progress[0].bytes_before > 0);
}

TEST_CASE("history: readings that come late to an archived month join it, once", "[history]") {
    Building building;
    building.plant(1, "6 hours");
    building.move_all(building.test.server());
    const auto month = building.value("min(month)::text FROM reading_archive");
    ReadingRow late;
    late.property = building.site.property;
    late.meter = building.site.meters[0];
    late.read_at = parse_time_text(month + " 12:30:00+00");
    late.energy_wh = 1'035;
    auto known = late;
    known.read_at = parse_time_text(building.value("first_at::text FROM reading_archive WHERE meter_id = " +
                                                   std::to_string(late.meter.value)));
    const auto stored = put_readings(building.test.collector(), {late, known});
    CHECK(stored.added == 1);
    CHECK(stored.duplicates == 1);
    CHECK(building.value("count(*) FROM (" + std::string(kBoth) + ") AS b") ==
          building.value("count(*) + 1 FROM before"));
    // The days are told of both places, and only then does it move.
    CHECK(building.step(building.test.server(), month, {}).readings == 0);
    const auto told = building.test.server().transact(
        building.site.scope(), "roll up", [](Transaction& tx) { return roll_up_energy(tx, 1'000); });
    CHECK(told.dues == 1);
    CHECK(building.value("last_wh - first_wh > 15 FROM daily_energy WHERE day = (SELECT min(day) FROM "
                         "daily_energy)") == "t");
    CHECK(building.step(building.test.server(), month, {}).readings == 1);
    CHECK(building.value("count(*) FROM (" + std::string(kBoth) + ") AS b") ==
          building.value("count(*) + 1 FROM before"));
    // A register that waits for a person's word stays where everybody finds it.
    late.read_at += 1min;
    put_readings(building.test.collector(), {late});
    building.test.as_superuser(
        "DELETE FROM energy_due; INSERT INTO doubted_reading (property_id, meter_id, "
        "read_at, verdict, shown_wh, before_wh, before_at) SELECT property_id, "
        "meter_id, now(), 'jump', 9, 1, '" +
        month + "' FROM meter");
    CHECK(building.step(building.test.server(), month, {}).readings == 0);
    CHECK_THROWS_AS(building.step(building.test.server(), "2026-11-01", {}), StatementFailed);
}

TEST_CASE("history: eleven years are answered from the archive, months by one look each", "[history]") {
    Building building;
    building.plant(11 * 12, "12 hours");
    building.test.as_superuser(
        "INSERT INTO energy_due (property_id, from_at, to_at, meter_ids) SELECT "
        "property_id, min(read_at), max(read_at), ARRAY[meter_id] FROM reading GROUP BY "
        "property_id, meter_id");
    while (building.test.server()
               .transact(building.site.scope(), "roll up",
                         [](Transaction& tx) { return roll_up_energy(tx, 5'000); })
               .dues > 0) {
    }
    building.move_all(building.test.server());
    building.test.as_superuser("ANALYZE reading_archive");
    CHECK(building.old_months().empty());
    building.same_as_planted();
    const auto first = building.value("(min(first_at) AT TIME ZONE 'UTC')::date::text FROM reading_archive");
    const auto week_later = building.value("('" + first + "'::date + 7)::text");
    CHECK(building.read(first, week_later).size() == 14);
    const auto months =
        building.test.server().transact(building.site.scope(), "months", [&](Transaction& tx) {
            return list_monthly_energy(tx, building.site.property, building.site.meters[0], "2000-01",
                                       "2100-01");
        });
    CHECK(months.size() >= 11 * 12);
    std::int64_t used = 0;
    for (const auto& month : months) {
        used += month.used_wh;
    }
    CHECK(std::to_string(used) ==
          building.value("max(energy_wh) - min(energy_wh) FROM before WHERE meter_id = " +
                         std::to_string(building.site.meters[0].value)));
    // As the server asks it, behind its wall: by the key of the archive and no partition but those of the
    // time.
    std::string plan;
    building.test.server().transact(building.site.scope(), "explain", [&](Transaction& tx) {
        plan.clear();
        for (const auto& row : tx.work().exec(
                 "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM readings_between(" +
                 std::to_string(building.site.property.value) + ", " +
                 std::to_string(building.site.meters[0].value) + ", '" + first + "', '" + week_later +
                 "')")) {
            plan += row[0].c_str() + std::string("\n");
        }
    });
    INFO(plan);
    CHECK(plan.find("Index Scan using reading_archive_pkey") != std::string::npos);
    CHECK(plan.find("Seq Scan on reading") == std::string::npos);
    CHECK(plan.find("on reading_20") == std::string::npos);
    // Behind another wall nothing is seen, and nobody but the service changes the archive.
    const TestSite other{building.test, "P2", 1};
    CHECK(building.test.server().transact(other.scope(), "other", [&](Transaction& tx) {
        return tx.exec("SELECT count(*) AS n FROM reading_archive")[0]["n"].as<int>() +
               tx.exec("SELECT count(*) AS n FROM readings_between($1, $2, '2000-01-01', '2100-01-01')",
                       building.site.property, building.site.meters[0])[0]["n"]
                   .as<int>();
    }) == 0);
    CHECK_THROWS_AS(
        building.test.server().transact(building.site.scope(), "change",
                                        [](Transaction& tx) { tx.exec("DELETE FROM reading_archive"); }),
        StatementFailed);
}

TEST_CASE("history: what the policy names is forgotten, what is too young is not", "[history]") {
    Building building;
    building.plant(14, "1 day");
    building.move_all(building.test.server());
    building.test.as_superuser(
        "INSERT INTO request (property_id, request_id, method, content_hash, at) SELECT 1, "
        "gen_random_uuid(), 'x', "
        "decode(repeat('00', 32), 'hex'), now() - n * interval '10 days' FROM generate_series(1, 30) n; "
        "INSERT "
        "INTO alarm (property_id, kind, raised_at, cleared_at) SELECT 1, 'fault', now() - interval '900 "
        "days', "
        "now() - n * interval '100 days' FROM generate_series(1, 8) n; INSERT INTO alarm (property_id, kind, "
        "raised_at) VALUES (1, 'fault', now() - interval '900 days')");
    const auto now = parse_time_text(building.value("now()::text"));
    const auto forget = [&](HistoryClass what, std::chrono::days age) {
        return building.test.server().transact(building.site.scope(), "forget", [&](Transaction& tx) {
            return forget_history(tx, building.site.property, what, now - age, 1'000);
        });
    };
    using std::chrono::days;
    CHECK(forget(HistoryClass::request, days{95}) == 21);
    CHECK(forget(HistoryClass::alarm, days{400}) == 5);  // 400 days and older; the live one stays
    CHECK(building.value("count(*) FROM alarm") == "4");
    const auto energies =
        building.value("sum(r.energy_wh)::text FROM reading_archive a, unpack_readings(a) r");
    CHECK(forget(HistoryClass::instant, days{300}) > 3);
    CHECK(forget(HistoryClass::instant, days{300}) == 0);
    CHECK(building.value("sum(r.energy_wh)::text FROM reading_archive a, unpack_readings(a) r") == energies);
    CHECK(building.value("count(power_w) > 0 AND count(power_w) < count(*) FROM reading_archive") == "t");
    CHECK(forget(HistoryClass::reading, days{372}) > 3);
    CHECK(building.value("min(last_at) > now() - interval '372 days' FROM reading_archive") == "t");
    CHECK_THROWS_AS(forget(HistoryClass::request, days{1}), StatementFailed);
    CHECK_THROWS_AS(forget(HistoryClass::reading, days{100}), StatementFailed);
}

TEST_CASE("history: events that are over are forgotten, those that stand or are young stay", "[history]") {
    Building place;
    place.test.as_superuser(
        "INSERT INTO meter_event (property_id, meter_id, kind, began_at, ended_at, recorded) SELECT 1, "
        "meter_id, k, now() "
        "- make_interval(days => b), CASE WHEN e IS NOT NULL THEN now() - make_interval(days => e) END, r "
        "FROM meter, "
        "(VALUES ('overload', 900, 890, false), ('cover_open', 900, NULL, true), ('fault', 900, NULL, "
        "false), "
        "('voltage_loss', 900, 300, false), ('battery_low', 300, 290, true)) AS v(k, b, e, r) WHERE code = "
        "'M1'");
    const auto forget = [&](std::chrono::days kept) {
        return place.test.server().transact(place.site.scope(), "forget", [&](Transaction& tx) {
            return forget_history(
                tx, place.site.property, HistoryClass::event,
                std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()) - kept, 100);
        });
    };
    CHECK_THROWS_AS(forget(std::chrono::days{400}), StatementFailed);
    CHECK(forget(std::chrono::days{420}) == 2);
    CHECK(forget(std::chrono::days{420}) == 0);
    CHECK(place.value("string_agg(kind, ' ' ORDER BY kind) FROM meter_event") ==
          "battery_low fault voltage_loss");
}
