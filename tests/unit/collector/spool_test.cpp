#include "collector/recording/spool.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <thread>

#include "collector/recording/recorder.hpp"
#include "unit/collector/eventually.hpp"
#include "unit/collector/memory_store.hpp"

/// Readings that wait for the database: in order, once, within bounds.
using namespace wutong;
using namespace wutong::collector;
using namespace wutong::tests;
using namespace std::chrono_literals;

namespace {

struct Folder {
    Folder() : path{std::filesystem::temp_directory_path() / ("wutong-spool-" + std::to_string(::getpid()))} {
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::filesystem::path file() const { return path / "spool.sqlite"; }
    std::filesystem::path path;
};

storage::ReadingRow reading(std::int64_t number) {
    storage::ReadingRow row;
    row.property = {1};
    row.meter = {number % 10 + 1};
    row.read_at = core::Timestamp{std::chrono::seconds{1'700'000'000 + number}};
    row.energy_wh = number * 10;
    row.balance_e4 = -number;
    row.voltage_mv = {230'100, 229'900, 231'000};
    row.relay_closed = number % 2 == 0;
    row.source = "scheduled";
    if (number % 3 == 0) {
        row.doubted = core::DoubtedRegister{core::Plausibility::rollover, core::Energy{5},
                                            core::Energy{999'990},        row.read_at - 1min,
                                            core::Energy{1'000'000},      "began anew"};
    }
    return row;
}

/// A recorder over a folder of its own and a database in memory.
struct Stage {
    explicit Stage(std::chrono::milliseconds flush_every = 5ms,
                   std::chrono::milliseconds retry_after = 20ms) {
        rules.flush_every = flush_every;
        rules.retry_after = retry_after;
    }
    [[nodiscard]] std::unique_ptr<Recorder> recorder() {
        return std::make_unique<Recorder>(store, metrics, rules, folder.file(), 10'000'000);
    }
    [[nodiscard]] std::size_t arrived() {
        return store.look([](auto& s) { return s.readings.size(); });
    }
    [[nodiscard]] bool tells(const std::string& metric) {
        return metrics.text().find(metric) != std::string::npos;
    }

    const Folder folder;
    MemoryStore store;
    Metrics metrics;
    Recorder::Rules rules;
};

}  // namespace

TEST_CASE("spool: a reading comes out as it went in, also after a restart", "[spool]") {
    const Folder folder;
    std::vector<storage::ReadingRow> in{reading(1), reading(2), reading(3)};
    in[1] = {};
    in[1].property = {9};
    in[1].source = "read_now";
    {
        Spool spool{folder.file(), 10'000'000};
        spool.add(in);
    }
    Spool spool{folder.file(), 10'000'000};
    CHECK(spool.depth() == 3);
    const auto out = spool.peek(10);
    REQUIRE(out.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(out[i].reading == in[i]);
    }
    spool.remove_through(out[1].sequence);
    CHECK(spool.depth() == 1);
    CHECK(spool.peek(10).at(0).reading == in[2]);
}

TEST_CASE("spool: a full spool gives up the oldest and counts them", "[spool]") {
    const Folder folder;
    Spool spool{folder.file(), 200'000};
    constexpr std::int64_t kCount = 5'000;
    for (std::int64_t i = 0; i < kCount; i += 50) {
        std::vector<storage::ReadingRow> batch;
        for (std::int64_t j = i; j < i + 50; ++j) {
            batch.push_back(reading(j));
        }
        spool.add(batch);
    }
    CHECK(spool.dropped() > 0);
    CHECK(spool.depth() + spool.dropped() == kCount);
    CHECK(spool.depth() > 300);
    CHECK(std::filesystem::file_size(folder.file()) <= 250'000);
    const auto left = spool.peek(kCount);
    REQUIRE(static_cast<std::int64_t>(left.size()) == spool.depth());
    CHECK(left.back().reading == reading(kCount - 1));
    CHECK(left.front().reading == reading(spool.dropped()));
}

TEST_CASE("spool: a record that can't be read is skipped, not stuck on", "[spool]") {
    const Folder folder;
    CHECK_THROWS(from_spool_text("{\"meter\": 1}"));
    CHECK_THROWS(from_spool_text("nonsense"));
    CHECK_THROWS_AS((Spool{folder.path, 1'000'000}), SpoolError);
}

TEST_CASE("recorder: the database goes away and comes back, nothing is lost, doubled or out of order",
          "[spool]") {
    Stage stage{5ms, 50ms};
    stage.rules.batch_max = 7;
    const auto recorder = stage.recorder();
    recorder->start();
    std::int64_t sent = 0;
    const auto send = [&](int count) {
        for (int i = 0; i < count; ++i) {
            recorder->reading(reading(sent++));
        }
    };
    send(20);
    REQUIRE(eventually([&] { return stage.arrived() == 20; }));
    stage.store.away(true);
    send(30);
    REQUIRE(eventually([&] { return stage.tells("wutong_collector_spool_readings 30"); }));
    CHECK(stage.arrived() == 20);
    stage.store.look([](auto& s) {
        s.forget_answer = true;
        return 0;
    });
    stage.store.away(false);
    send(5);
    REQUIRE(eventually([&] { return stage.arrived() == 55; }));
    recorder->stop();
    std::int64_t expected = 0;
    for (const auto& row : stage.store.readings) {
        CHECK(row == reading(expected++));
    }
}

TEST_CASE("recorder: stopped while the database is away, the readings are in the spool for the next start",
          "[spool]") {
    Stage stage;
    stage.store.away(true);
    {
        const auto recorder = stage.recorder();
        recorder->start();
        for (int i = 0; i < 12; ++i) {
            recorder->reading(reading(i));
        }
        recorder->stop();
    }
    stage.store.away(false);
    const auto next = stage.recorder();
    next->start();
    CHECK(eventually([&] { return stage.arrived() == 12; }));
}

TEST_CASE("recorder: with neither database nor disk it says so, keeps what it can, and goes on", "[spool]") {
    Stage stage;
    // A directory where the file should be: as unwritable as a full disk, for root too.
    std::filesystem::create_directories(stage.folder.file());
    stage.rules.memory_max = 10;
    stage.store.away(true);
    const auto recorder = stage.recorder();
    recorder->start();
    for (int i = 0; i < 25; ++i) {
        recorder->reading(reading(i));
    }
    REQUIRE(eventually([&] { return stage.tells("outcome=\"dropped\"} 15"); }));
    CHECK_FALSE(stage.tells("wutong_collector_spool_failures_total 0"));
    stage.store.away(false);
    REQUIRE(eventually([&] { return stage.arrived() == 10; }));
    CHECK(stage.store.readings.back() == reading(24));
}

TEST_CASE("recorder: of states only the newest waits, but no alarm is forgotten with the older ones",
          "[spool]") {
    Stage stage{30ms};
    stage.store.away(true);
    const auto recorder = stage.recorder();
    storage::MeterStateRow row;
    row.property = {1};
    row.meter = {1};
    row.attempted_at = core::Timestamp{1s};
    row.answered_at = core::Timestamp{1s};
    row.balance_e4 = 100;
    row.alarms = std::vector<std::string>{"alarm_1"};
    recorder->state(row);
    storage::MeterStateRow silent;
    silent.property = {1};
    silent.meter = {1};
    silent.attempted_at = core::Timestamp{2s};
    silent.failures = 3;
    silent.lost = true;
    silent.lost_alarm = true;
    recorder->state(silent);
    recorder->start();
    std::this_thread::sleep_for(100ms);
    stage.store.away(false);
    REQUIRE(eventually([&] { return stage.store.look([](auto& s) { return s.states.size(); }) == 1; }));
    const auto& kept = stage.store.states[0];
    CHECK(kept.balance_e4 == 100);
    CHECK(kept.answered_at == core::Timestamp{1s});
    CHECK(kept.attempted_at == core::Timestamp{2s});
    CHECK(kept.lost);
    CHECK(kept.alarms == std::vector<std::string>{"alarm_1"});
    CHECK(kept.lost_alarm == true);
}
