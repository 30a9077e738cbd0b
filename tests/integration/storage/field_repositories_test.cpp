#include <catch2/catch.hpp>
#include <thread>

#include "storage/alarms.hpp"
#include "storage/channel_shares.hpp"
#include "storage/channels.hpp"
#include "storage/collectors.hpp"
#include "storage/meter_states.hpp"
#include "storage/name_lock.hpp"
#include "storage/polled_meters.hpp"
#include "storage/readings.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_database.hpp"

/// What the collector keeps: leases, states, readings, alarms. As the collector's own role, with the few
/// rights it has.
using namespace wutong;
using namespace wutong::storage;
using namespace std::chrono_literals;
using tests::Role;
using tests::TestDatabase;

namespace {

struct Site {
    TestDatabase test;
    Site() {
        test.as_superuser(
            "INSERT INTO property (code, name, time_zone) VALUES ('T', 'Test', 'Asia/Shanghai');"
            "INSERT INTO gateway (property_id, code, kind) VALUES (1, 'G', 'modbus_tcp');"
            "INSERT INTO channel (property_id, gateway_id, code, transport, endpoint, state_interval_s) "
            "VALUES (1, 1, 'C1', 'modbus_tcp', 'h:1', 20), "
            "(1, 1, 'C2', 'modbus_tcp', 'h:2', NULL);"
            "INSERT INTO meter (property_id, channel_id, code, serial_number, profile, bus_address, "
            "state_interval_s) VALUES "
            "(1, 1, 'M1', 'S1', 'p', 1, 10), (1, 1, 'M2', 'S2', 'p', 2, NULL), (1, 2, 'M3', 'S3', 'p', 1, "
            "NULL);"
            "INSERT INTO parameter (property_id, key, value) VALUES (1, 'state_interval_s', '45'), (1, "
            "'reading_interval_s', 'often'), "
            "(1, 'price_e4', '9500')");
    }
    template <class Body>
    auto act(Body body) {
        return test.collector().transact(Scope::none(), "test", body);
    }
    std::string value(const std::string& sql) {
        const auto rows = test.as_superuser(sql);
        return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].as<std::string>();
    }
};

core::Timestamp at(std::int64_t seconds) {
    return core::Timestamp{std::chrono::seconds{1'790'000'000 + seconds}};
}

ReadingRow reading(std::int64_t meter, core::Timestamp when, std::int64_t energy_wh) {
    ReadingRow row;
    row.property = {1};
    row.meter = {meter};
    row.read_at = when;
    row.energy_wh = energy_wh;
    row.voltage_mv = {230'000, 231'000, 229'000};
    row.relay_closed = true;
    return row;
}

}  // namespace

TEST_CASE("leases: one holder per channel, a new epoch with each, released and disabled channels go",
          "[field]") {
    Site site;
    const auto acquire = [&](const char* who, int most, bool restarted = false) {
        return site.act([&](Transaction& tx) { return acquire_leases(tx, who, 30s, most, restarted); });
    };
    const auto renew = [&](const char* who) {
        return site.act([&](Transaction& tx) { return renew_leases(tx, who, 30s); });
    };

    auto first = acquire("a", 1);
    REQUIRE(first.size() == 1);
    CHECK(first[0].epoch == 1);
    CHECK(acquire("b", 10).size() == 1);
    CHECK(acquire("a", 10).empty());
    CHECK(renew("a") == first);

    // Its time is over and nobody wanted it: still ours. Somebody took it: gone.
    site.test.as_superuser(
        "UPDATE channel SET lease_until = now() - interval '1 s' WHERE lease_holder = 'a'");
    CHECK(renew("a") == first);
    site.test.as_superuser(
        "UPDATE channel SET lease_until = now() - interval '1 s' WHERE lease_holder = 'a'");
    auto taken = acquire("b", 10);
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].epoch == 2);
    CHECK(renew("a").empty());

    // The same collector after a restart must not go on under its old epochs.
    auto again = acquire("b", 10, true);
    REQUIRE(again.size() == 2);
    CHECK(again[0].epoch + again[1].epoch == 2 + 3);

    site.test.as_superuser("UPDATE channel SET enabled = false WHERE code = 'C2'");
    CHECK(renew("b").size() == 1);
    site.act([&](Transaction& tx) { release_leases(tx, "b"); });
    CHECK(renew("b").empty());
    CHECK(acquire("a", 10).size() == 1);
}

TEST_CASE("leases: those of a process that is gone need not run out", "[field]") {
    Site site;
    NameLock alive{site.test.options(Role::collector), "alive"};
    auto killed = std::make_unique<NameLock>(site.test.options(Role::collector), "killed");
    CHECK((alive.hold() && killed->hold()));
    const auto take = [&](const char* who, int most, const std::vector<std::string>& gone = {}) {
        return site.act([&](Transaction& tx) { return acquire_leases(tx, who, 30s, most, false, gone); });
    };
    const auto absent = [&](const char* who) {
        return site.act([&](Transaction& tx) { return absent_holders(tx, who); });
    };
    CHECK(take("alive", 1).size() == 1);
    CHECK(take("killed", 1).size() == 1);
    CHECK(absent("third").empty());

    killed.reset();
    // Its session ends a moment after its connection.
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (absent("third").empty() && std::chrono::steady_clock::now() < give_up) {
        std::this_thread::sleep_for(20ms);
    }
    CHECK(absent("third") == std::vector<std::string>{"killed"});
    CHECK(absent("killed").empty());
    CHECK(take("third", 10).empty());
    const auto taken = take("third", 10, {"killed"});
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].epoch == 2);
    CHECK(site.act([](Transaction& tx) { return held_leases(tx, "third"); }) == taken);
    CHECK(site.act([](Transaction& tx) { return held_leases(tx, "alive"); }).size() == 1);
}

TEST_CASE("leases: a channel goes to another collector under a new epoch while both are there", "[field]") {
    Site site;
    NameLock a{site.test.options(Role::collector), "a"};
    auto b = std::make_unique<NameLock>(site.test.options(Role::collector), "b");
    REQUIRE((a.hold() && b->hold()));
    const auto give = [&](const ChannelLease& lease, const char* from, const char* to) {
        return site.act([&](Transaction& tx) { return hand_over_channel(tx, lease, from, to, 30s); });
    };
    const auto held = [&](const char* who) {
        return site.act([&](Transaction& tx) { return held_leases(tx, who); });
    };
    auto leases = site.act([](Transaction& tx) { return acquire_leases(tx, "a", 30s, 10, false); });
    REQUIRE(leases.size() == 2);
    // b is connected, but has not said a word; nor does it take more than none before it says so.
    CHECK_FALSE(give(leases[0], "a", "b"));
    site.act([](Transaction& tx) {
        beat(tx, "a", "1", at(0), 10);
        beat(tx, "b", "1", at(0), 0);
    });
    CHECK_FALSE(give(leases[0], "a", "b"));
    site.act([](Transaction& tx) { beat(tx, "b", "1", at(0), 10); });
    const auto present = site.act([](Transaction& tx) { return present_collectors(tx); });
    REQUIRE(present.size() == 2);
    CHECK(present[0].load.name == "a");
    CHECK(present[0].load.channels == 2);
    CHECK(present[1].load.channels == 0);
    CHECK(present[1].load.channels_max == 10);

    auto old = leases[0];
    --old.epoch;
    CHECK_FALSE(give(old, "a", "b"));
    CHECK_FALSE(give(leases[0], "b", "a"));
    REQUIRE(give(leases[0], "a", "b"));
    REQUIRE(held("b").size() == 1);
    CHECK(held("b")[0] == ChannelLease{leases[0].property, leases[0].channel, leases[0].epoch + 1});
    CHECK(held("a") == std::vector{leases[1]});
    CHECK_FALSE(give(leases[0], "a", "b"));  // an answer that was lost: asked again, nothing moves
    CHECK_FALSE(give(leases[1], "a", "b"));  // even by now

    // Silent for a while, or gone: it is given nothing.
    site.test.as_superuser("UPDATE channel SET lease_holder = 'a'");
    site.test.as_superuser(
        "UPDATE collector SET seen_at = now() - interval '1 minute' WHERE collector_id = 'b'");
    CHECK_FALSE(give(leases[1], "a", "b"));
    site.act([](Transaction& tx) { beat(tx, "b", "1", at(0), 10); });
    b.reset();
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (site.act([](Transaction& tx) { return present_collectors(tx); }).size() == 2 &&
           std::chrono::steady_clock::now() < give_up) {
        std::this_thread::sleep_for(20ms);
    }
    CHECK_FALSE(give(leases[1], "a", "b"));
}

TEST_CASE("name lock: one process per name", "[field]") {
    Site site;
    NameLock first{site.test.options(Role::collector), "c1"};
    NameLock second{site.test.options(Role::collector), "c1"};
    NameLock other{site.test.options(Role::collector), "c2"};
    CHECK(first.hold());
    CHECK(first.hold());
    CHECK_FALSE(second.hold());
    CHECK(other.hold());
    // The connection breaks: it is taken anew, or not, when somebody was quicker.
    site.test.as_superuser(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid "
        "<> pg_backend_pid()");
    std::this_thread::sleep_for(200ms);
    CHECK(second.hold());
    CHECK_FALSE(first.hold());
}

TEST_CASE("polled site: intervals and price from meter, channel, parameter, in this order", "[field]") {
    Site site;
    site.act([&](Transaction& tx) { return acquire_leases(tx, "a", 30s, 10, true); });
    const auto found = site.act([&](Transaction& tx) { return polled_site(tx, "a"); });
    REQUIRE(found.channels.size() == 2);
    REQUIRE(found.meters.size() == 3);
    CHECK(found.meters[0].state_interval == 10s);
    CHECK(found.meters[1].state_interval == 20s);
    CHECK(found.meters[2].state_interval == 45s);
    CHECK_FALSE(found.meters[0].reading_interval);  // "often" is no number
    CHECK(found.meters[0].price == core::Price{9'500});
    CHECK(found.meters[0].utc_offset == 8h);
    CHECK(site.act([&](Transaction& tx) { return polled_site(tx, "b"); }).meters.empty());
    CHECK(found.meters[0].station_address.empty());
    site.test.as_superuser(
        "UPDATE meter SET bus_address = NULL, station_address = '201000000012' WHERE code = 'M1'");
    const auto moved = site.act([&](Transaction& tx) { return polled_site(tx, "a"); });
    const auto named = std::find_if(moved.meters.begin(), moved.meters.end(),
                                    [](const auto& meter) { return meter.code == "M1"; });
    REQUIRE(named != moved.meters.end());
    CHECK(named->bus_address == 0);
    CHECK(named->station_address == "201000000012");
}

TEST_CASE("readings: copied, the same ones again are not doubled, months are made, days are the property's",
          "[field]") {
    Site site;
    auto& database = site.test.collector();
    // 2030-06-14 15:30 UTC is 23:30 in Shanghai, an hour later it is the next day there.
    const core::Timestamp evening = std::chrono::sys_days{std::chrono::year{2030} / 6 / 14} + 15h + 30min;
    const std::vector<ReadingRow> batch{reading(1, evening, 1'000), reading(1, evening + 20min, 1'100),
                                        reading(1, evening + 60min, 1'300), reading(2, evening, 50)};
    auto stored = put_readings(database, batch);
    CHECK(stored.added == 4);
    CHECK(stored.duplicates == 0);
    CHECK(site.value("SELECT voltage_mv::text FROM reading WHERE meter_id = 2") == "{230000,231000,229000}");

    auto more = batch;
    more.push_back(reading(1, evening - 10h, 400));
    more.push_back(reading(1, evening - 10h, 400));  // twice in one batch
    stored = put_readings(database, more);
    CHECK(stored.added == 1);
    CHECK(stored.duplicates == 5);
    CHECK(site.value("SELECT count(*) FROM reading") == "5");
    site.value("SELECT dues FROM roll_up_energy(1000)");
    CHECK(site.value("SELECT first_wh || '-' || last_wh FROM daily_energy WHERE meter_id = 1 AND day = "
                     "'2030-06-14'") == "400-1100");
    CHECK(site.value("SELECT first_wh || '-' || last_wh FROM daily_energy WHERE meter_id = 1 AND day = "
                     "'2030-06-15'") == "1300-1300");
    CHECK(put_readings(database, {}).added == 0);
}

TEST_CASE("states: newest wins, silence keeps the values, alarms are raised once and cleared", "[field]") {
    Site site;
    MeterStateRow row;
    row.property = {1};
    row.meter = {1};
    row.attempted_at = at(10);
    row.answered_at = at(10);
    row.balance_e4 = 15'000;
    row.relay_closed = true;
    row.alarm_level = 1;
    row.flags = R"({"power_a": 7})";
    row.alarms = std::vector<std::string>{"alarm_1"};
    const auto put = [&](const std::vector<MeterStateRow>& rows) {
        site.act([&](Transaction& tx) { put_meter_states(tx, rows); });
    };
    MeterStateRow unknown = row;
    unknown.meter = {999};
    unknown.alarms.reset();
    put({unknown, row});
    put({row});
    CHECK(site.value("SELECT count(*) FROM meter_state") == "1");
    CHECK(site.value("SELECT count(*) FROM alarm") == "1");
    CHECK(site.value("SELECT text FROM alarm") == "balance 1.50");

    MeterStateRow silent;
    silent.property = {1};
    silent.meter = {1};
    silent.attempted_at = at(20);
    silent.failures = 5;
    silent.lost = true;
    silent.lost_alarm = true;
    put({silent});
    CHECK(
        site.value("SELECT balance_e4 || ' ' || failures || ' ' || (flags ->> 'power_a') FROM meter_state") ==
        "15000 5 7");
    const auto lost_since = site.value("SELECT lost_since FROM meter_state");
    silent.attempted_at = at(30);
    put({silent});
    CHECK(site.value("SELECT lost_since FROM meter_state") == lost_since);
    CHECK(site.value("SELECT count(*) FROM alarm WHERE cleared_at IS NULL") == "2");

    put({row});  // older than what is there
    CHECK(site.value("SELECT failures FROM meter_state") == "5");
    row.attempted_at = at(40);
    row.answered_at = at(40);
    row.alarms = std::vector<std::string>{};
    row.lost_alarm = false;
    row.balance_e4 = 500'000;
    put({row});
    CHECK(site.value("SELECT lost_since IS NULL FROM meter_state") == "t");
    CHECK(site.value("SELECT count(*) FROM alarm WHERE cleared_at IS NULL") == "0");
    CHECK(site.value("SELECT count(*) FROM alarm") == "2");
}

TEST_CASE("channel health: a gateway is lost when all its channels are", "[field]") {
    Site site;
    const auto put = [&](std::int64_t channel, bool lost, std::int64_t when) {
        ChannelHealth health;
        health.property = {1};
        health.channel = {channel};
        health.lost = lost;
        health.at = at(when);
        if (!lost) {
            health.answered_at = at(when);
        }
        site.act([&](Transaction& tx) { put_channel_health(tx, health); });
    };
    put(1, false, 1);
    put(2, false, 1);
    put(1, true, 10);
    CHECK(site.value("SELECT string_agg(kind, ' ') FROM alarm WHERE cleared_at IS NULL") == "lost_channel");
    CHECK(site.value("SELECT lost_since IS NULL FROM gateway") == "t");
    put(2, true, 20);
    put(2, true, 30);
    CHECK(site.value("SELECT lost_since IS NOT NULL FROM gateway") == "t");
    CHECK(site.value(
              "SELECT string_agg(kind, ' ' ORDER BY kind, channel_id) FROM alarm WHERE cleared_at IS NULL") ==
          "lost_channel lost_channel lost_gateway");
    put(1, false, 40);
    CHECK(site.value("SELECT string_agg(kind, ' ') FROM alarm WHERE cleared_at IS NULL") == "lost_channel");
    CHECK(site.value("SELECT extract(epoch FROM answered_at)::bigint FROM gateway") ==
          std::to_string(1'790'000'040));
}
