#include <catch2/catch.hpp>

#include "field_scene.hpp"

/// The collector's process between a real database and meters on a paced line.
using namespace wutong::tests;
using namespace std::chrono_literals;

TEST_CASE("field: meters are read, an account is opened, a top-up arrives once, commands are carried out",
          "[field]") {
    FieldScene scene;
    const auto collector = scene.start_collector("c1");
    REQUIRE(
        scene.eventually([&] { return scene.value("SELECT count(DISTINCT meter_id) FROM reading") == "6"; }));
    CHECK(scene.value("SELECT count(*) FROM meter_state WHERE answered_at IS NOT NULL AND failures = 0") ==
          "6");
    // The server's job, which is not running here.
    scene.run("SELECT dues FROM roll_up_energy(1000)");
    CHECK(scene.value("SELECT count(*) FROM daily_energy") >= "6");

    REQUIRE(scene.open(1));
    CHECK(scene.truth(1).at("purchase_number") == 1);
    CHECK(scene.truth(1).at("price_e4") == 9'500);
    const auto before = scene.truth(1).at("balance_e10").get<std::int64_t>() +
                        scene.truth(1).at("cost_e10").get<std::int64_t>();
    const auto sale = scene.deliver(1, "top_up", 1'000'000);
    REQUIRE(scene.eventually([&] { return scene.delivery_state(sale) == "delivered"; }));
    const auto after = scene.truth(1);
    CHECK(after.at("purchase_number") == 2);
    // Exact but for the meter's quantum (the register hides what is below a cent) and for what was used
    // between the look and the write, which an absolute write forgives.
    const auto gained =
        after.at("balance_e10").get<std::int64_t>() + after.at("cost_e10").get<std::int64_t>() - before;
    CHECK(gained > 1'000'000'000'000 - 100'000'000);
    CHECK(gained < 1'000'300'000'000);
    CHECK(scene.money_writes(1) == 2);
    CHECK(scene.value("SELECT purchase_number FROM account_meter WHERE meter_id = 1") == "2");
    CHECK(scene.value("SELECT sum(amount_e4) FROM posting WHERE account = 'prepaid_credit'") == "-1500000");
    CHECK(scene.value("SELECT jsonb_array_length(evidence) > 4 FROM credit_delivery WHERE delivery_id = " +
                      sale) == "t");
    // The wall moved with it.
    CHECK(scene.value("SELECT purchase_number FROM meter_state WHERE meter_id = 1") == "2");

    const auto off = scene.command(1, "switch_off");
    REQUIRE(scene.eventually([&] { return scene.command_state(off) == "done"; }));
    CHECK(scene.truth(1).at("relay_closed") == false);
    const auto restore = scene.command(1, "restore_prepaid");
    REQUIRE(scene.eventually([&] { return scene.command_state(restore) == "done"; }));
    CHECK(scene.truth(1).at("relay_closed") == true);

    // A second process under the same name is refused, says why, and takes nothing away from the first.
    const auto second = scene.start_collector("c1");
    CHECK(second->wait() == 1);
    CHECK(second->log().find("another wutong-collector works under the name") != std::string::npos);
    const auto read = scene.command(2, "read_now");
    CHECK(scene.eventually([&] { return scene.command_state(read) == "done"; }));

    const auto begin = std::chrono::steady_clock::now();
    CHECK(collector->end(SIGTERM) == 0);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK(scene.value("SELECT count(*) FROM channel WHERE lease_holder IS NOT NULL") == "0");
}

TEST_CASE("field: killed in the middle of a delivery, delivered exactly once after the restart", "[field]") {
    FieldScene scene;
    auto collector = scene.start_collector("c1");
    REQUIRE(scene.open(1));
    scene.fault(1, "lost_answer", 0x20);
    const auto sale = scene.deliver(1, "top_up", 1'000'000);
    // The meter has it, the collector does not know yet.
    REQUIRE(scene.eventually([&] { return scene.truth(1).at("purchase_number") == 2; }));
    collector->end(SIGKILL);
    const auto state = scene.delivery_state(sale);
    CHECK((state == "sending" || state == "unknown"));
    collector = scene.start_collector("c1");
    REQUIRE(scene.eventually([&] { return scene.delivery_state(sale) == "delivered"; }));
    CHECK(scene.truth(1).at("purchase_number") == 2);
    CHECK(scene.money_writes(1) == 2);
    CHECK(scene.value("SELECT count(*) FROM journal_entry WHERE kind = 'delivery'") == "2");
}

TEST_CASE("field: a standby takes over when the first dies, and finishes what it had begun", "[field]") {
    FieldScene scene;
    auto first = scene.start_collector("c1");
    REQUIRE(scene.open(1));
    const auto standby = scene.start_collector("c2");
    scene.set(1, {{"dead", true}});
    const auto sale = scene.deliver(1, "top_up", 1'000'000);
    std::this_thread::sleep_for(500ms);
    first->end(SIGKILL);
    scene.set(1, {{"dead", false}});
    REQUIRE(scene.eventually([&] { return scene.delivery_state(sale) == "delivered"; }, 30s));
    CHECK(scene.value("SELECT lease_holder FROM channel") == "c2");
    CHECK(scene.value("SELECT claimed_by FROM credit_delivery WHERE delivery_id = " + sale) == "c2");
    CHECK(scene.money_writes(1) == 2);
}

TEST_CASE("field: a dead meter is shown lost and the others are no later for it", "[field]") {
    FieldScene scene;
    const auto collector = scene.start_collector("c1");
    REQUIRE(scene.eventually([&] {
        return scene.value("SELECT count(*) FROM meter_state WHERE answered_at IS NOT NULL") == "6";
    }));
    scene.set(3, {{"dead", true}});
    double oldest = 0;
    REQUIRE(scene.eventually([&] {
        oldest = std::max(
            oldest,
            std::stod(scene.value(
                "SELECT extract(epoch FROM max(now() - answered_at)) FROM meter_state WHERE meter_id <> 3")));
        return scene.value("SELECT lost_since IS NOT NULL FROM meter_state WHERE meter_id = 3") == "t";
    }));
    CHECK(oldest < 5.0);  // interval 2 s
    CHECK(scene.value("SELECT count(*) FROM alarm WHERE kind = 'lost_meter' AND cleared_at IS NULL") == "1");
    // What it said last is still there, with its age.
    CHECK(scene.value("SELECT energy_wh IS NOT NULL FROM meter_state WHERE meter_id = 3") == "t");
    scene.set(3, {{"dead", false}});
    REQUIRE(scene.eventually(
        [&] { return scene.value("SELECT lost_since IS NULL FROM meter_state WHERE meter_id = 3") == "t"; }));
    CHECK(scene.eventually(
        [&] { return scene.value("SELECT count(*) FROM alarm WHERE cleared_at IS NULL") == "0"; }));
}

TEST_CASE("field: the database goes away and comes back: no reading is lost, a waiting top-up arrives once",
          "[field]") {
    FieldScene scene{"state_interval_s = 3\nreading_interval_s = 1\n"};
    const auto collector = scene.start_collector("c1");
    REQUIRE(scene.open(1));
    const auto sale = scene.deliver(1, "top_up", 1'000'000);
    scene.cut_database();
    REQUIRE(scene.eventually(
        [&] { return scene.metrics().find("wutong_collector_database_up 0") != std::string::npos; }));
    std::this_thread::sleep_for(6s);
    CHECK(scene.metrics().find("wutong_collector_spool_readings 0\n") == std::string::npos);
    scene.mend_database();
    if (!scene.eventually([&] { return scene.delivery_state(sale) == "delivered"; })) {
        FAIL(scene.delivery_state(sale) << '\n' << collector->log());
    }
    CHECK(scene.money_writes(1) == 2);
    REQUIRE(scene.eventually(
        [&] { return scene.metrics().find("wutong_collector_spool_readings 0\n") != std::string::npos; }));
    std::this_thread::sleep_for(1s);
    // One a second was asked for; a hole would be as long as the outage.
    const auto hole = scene.value(
        "SELECT extract(epoch FROM max(gap)) FROM (SELECT read_at - lag(read_at) OVER (PARTITION BY meter_id "
        "ORDER BY read_at) AS gap "
        "FROM reading WHERE source = 'scheduled') AS gaps");
    CHECK(std::stod(hole) < 4.0);
    CHECK(scene.value("SELECT count(DISTINCT meter_id) FROM reading") == "6");
}
