#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "core/bus_model.hpp"
#include "field_scene.hpp"
#include "simulator/recording.hpp"

/// What the collector does for a meter besides polling and commands, with the real process, a database and a
/// simulated DL/T 645 meter.
using namespace wutong::tests;
using namespace std::chrono_literals;

namespace {

constexpr int kDlt645 = FieldScene::kMeters + 1;

/// An hour between readings, so that six hours without the collector are six missing readings.
struct UpkeepScene {
    std::uint16_t port = free_port();
    FieldScene field{
        "state_interval_s = 1\nreading_interval_s = 3600\n", port,
        "[upkeep]\nfirst_within_s = 0\nevents_s = 1\nclock_s = 2\nhistory_s = 2\nfirmware_s = 2\n"};
    std::unique_ptr<Collector> collector;

    UpkeepScene() {
        field.run("UPDATE meter SET enabled = false WHERE meter_id > 2");
        field.run(
            fmt::format("INSERT INTO channel (property_id, code, transport, endpoint, parity, "
                        "answer_timeout_ms) VALUES (1, "
                        "'DL', 'rtu_over_tcp', '127.0.0.1:{}', 'E', 700)",
                        port));
        field.run(fmt::format(
            "INSERT INTO meter (property_id, channel_id, code, serial_number, profile, station_address, "
            "created_at) VALUES (1, 2, '10{0}', '{1}', 'dlt645-relay-1ph', '{1}', date_trunc('hour', now()) "
            "- "
            "interval '6 hours')",
            kDlt645, FieldScene::serial(kDlt645)));
    }
    bool comes(const std::string& sql, const std::string& value) {
        return field.eventually([&] { return field.value(sql) == value; });
    }
};

}  // namespace

TEST_CASE("field: events of meters are stored once, and alarmed", "[field][upkeep]") {
    UpkeepScene scene;
    scene.field.set(kDlt645, {{"cover_open", true}});
    scene.field.set(kDlt645, {{"voltage_lost", true}});
    scene.field.set(1, {{"fault", true}});
    auto collector = scene.field.start_collector("c1");
    const std::string standing =
        "SELECT string_agg(kind, ' ' ORDER BY kind) FROM meter_event WHERE ended_at IS NULL";
    REQUIRE(scene.comes(standing, "cover_open fault voltage_loss"));
    REQUIRE(scene.comes("SELECT string_agg(kind, ' ' ORDER BY kind) FROM alarm WHERE cleared_at IS NULL",
                        "cover_open fault voltage_loss"));
    // Another collector tells the same: nothing is stored twice.
    CHECK(collector->end(SIGTERM) == 0);
    collector = scene.field.start_collector("c2");
    scene.field.set(kDlt645, {{"voltage_lost", false}});
    REQUIRE(scene.comes(standing, "cover_open fault"));
    scene.field.set(kDlt645, {{"cover_open", false}});
    scene.field.set(1, {{"fault", false}});
    REQUIRE(scene.field.eventually([&] { return scene.field.value(standing).empty(); }));
    CHECK(scene.field.value("SELECT count(*) FROM meter_event") == "3");
    CHECK(scene.field.value("SELECT count(*) FROM meter_event WHERE recorded AND kind = 'cover_open'") ==
          "1");
    REQUIRE(scene.comes("SELECT count(*) FROM alarm WHERE cleared_at IS NULL AND kind <> 'lost_meter'", "0"));
}

TEST_CASE("field: what somebody wants recorded of a line comes as it went over it, and plays back",
          "[field][upkeep]") {
    UpkeepScene scene;
    auto collector = scene.field.start_collector("c1");
    REQUIRE(scene.comes("SELECT count(*) FROM meter_state WHERE answered_at IS NOT NULL", "3"));
    scene.field.run(
        "INSERT INTO line_recording (property_id, channel_id, operator_id, seconds, bytes_max) VALUES (1, 1, "
        "1, 4, 100000), (1, 2, 1, 3600, 1000)");
    // The second is over when it is full.
    REQUIRE(
        scene.comes("SELECT string_agg(state, ' ' ORDER BY recording_id) FROM line_recording", "done done"));
    CHECK(scene.field.value("SELECT note FROM line_recording WHERE channel_id = 2").find("full") !=
          std::string::npos);
    CHECK(scene.field.value(
              "SELECT octet_length(content) <= 1000 FROM line_recording WHERE channel_id = 2") == "t");
    const auto text =
        scene.field.value("SELECT convert_from(content, 'UTF8') FROM line_recording WHERE channel_id = 1");
    CHECK(text.find("# transport=serial") != std::string::npos);
    INFO(text);
    const wutong::simulator::Recording recording{text, "recorded"};
    CHECK(recording.questions() >= 1);
    // The bus goes on as before.
    const auto answered = scene.field.value("SELECT max(answered_at) FROM meter_state");
    REQUIRE(scene.field.eventually(
        [&] { return scene.field.value("SELECT max(answered_at) FROM meter_state") > answered; }));
}

TEST_CASE("field: missing readings come from the meter's own history, once", "[field][upkeep]") {
    UpkeepScene scene;
    const auto collector = scene.field.start_collector("c1");
    const std::string fetched =
        fmt::format("SELECT count(*) FROM reading WHERE source = 'catch_up' AND meter_id = {}", kDlt645);
    REQUIRE(scene.field.eventually([&] { return std::stoi(scene.field.value(fetched)) >= 5; }));
    // Each at a full hour, with the register that the meter froze then.
    CHECK(scene.field.value("SELECT bool_and(date_trunc('hour', read_at) = read_at AND energy_wh = 0) FROM "
                            "reading WHERE source "
                            "= 'catch_up'") == "t");
    CHECK(scene.field.value("SELECT count(*) FROM reading WHERE source = 'catch_up' AND meter_id <> " +
                            std::to_string(kDlt645)) == "0");
    // Not again: rounds later there is not one more, not even a duplicate.
    const auto count = scene.field.value(fetched);
    const auto polled = scene.field.value("SELECT max(answered_at) FROM meter_state");
    REQUIRE(scene.field.eventually([&] {
        return scene.field.value("SELECT max(answered_at) > '" + polled +
                                 "'::timestamptz + interval '4 s' FROM meter_state") == "t";
    }));
    CHECK(scene.field.value(fetched) == count);
    CHECK(std::stoi(count) <= 7);
    // Which firmware it runs was asked too; the meters of Modbus have no register for it.
    CHECK(scene.comes("SELECT string_agg(meter_id || ' ' || version, ',') FROM meter_firmware",
                      fmt::format("{} SIM645 3.2", kDlt645)));
}

TEST_CASE("field: a clock is measured and moved by a small step, or waits for a better moment",
          "[field][upkeep]") {
    UpkeepScene scene;
    scene.field.set(1, {{"clock_offset_s", -100}});
    scene.field.set(2, {{"clock_offset_s", 5'000}});
    const auto collector = scene.field.start_collector("c1");
    REQUIRE(scene.comes(
        "SELECT count(*) FROM alarm WHERE kind = 'clock_drift' AND meter_id = 2 AND cleared_at IS "
        "NULL",
        "1"));
    CHECK(scene.field.value(
              "SELECT abs(drift_s - 5000) <= 3 AND moved_s = 0 FROM meter_clock WHERE meter_id = 2") == "t");
    // Two steps of half a minute are a day's; near the end of a quarter of an hour there is none.
    REQUIRE(scene.field.eventually([&] {
        return scene.field.value(
                   "SELECT (moved_s = 60 AND abs(drift_s + 40) <= 4) OR note LIKE '%not moved across%' "
                   "FROM meter_clock WHERE meter_id = 1") == "t";
    }));
    CHECK(scene.field.value("SELECT moved_s <= 60 AND steps * 30 = moved_s FROM meter_clock WHERE meter_id = "
                            "1") == "t");
}

TEST_CASE("field: a round takes as long as the model computes", "[field][upkeep]") {
    FieldScene scene;
    const auto collector = scene.start_collector("c1");
    std::ifstream file{WUTONG_SOURCE_DIR "/profiles/acrel-ddsy1352.toml"};
    std::stringstream text;
    text << file.rdbuf();
    const auto profile = wutong::core::parse_meter_profile(text.str(), "acrel-ddsy1352");
    wutong::core::BusLine line;
    line.turnaround = 10ms;  // the simulator's
    const auto times = wutong::core::bus_times(
        line,
        {{FieldScene::kMeters, wutong::core::exchanges_of(profile, {wutong::core::Block::Group::state}), {}}},
        {});
    const auto computed = std::to_string(times.round.count());
    // Never faster than the wire; slower only while the machine has no time for us.
    REQUIRE(scene.eventually([&] {
        return scene.value("SELECT round_ms BETWEEN 0.97 * " + computed + " AND 1.3 * " + computed +
                           " FROM channel WHERE code = 'BUS1'") == "t";
    }));
}
