#include "collector/recording/spool.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
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

storage::MeterEventsRow events(std::int64_t number) {
    storage::MeterEventsRow row;
    row.property = {1};
    row.meter = {number};
    row.report.at = core::Timestamp{std::chrono::seconds{1'700'000'000 + number}};
    row.report.shown = {{core::MeterEventKind::cover_open, number % 2 == 0},
                        {core::MeterEventKind::fault, true}};
    row.report.records = {{core::MeterEventKind::overload, row.report.at - 10min, row.report.at - 5min},
                          {core::MeterEventKind::voltage_loss, row.report.at - 1min, std::nullopt}};
    return row;
}

bool same(const storage::MeterEventsRow& a, const storage::MeterEventsRow& b) {
    return to_spool_text(a) == to_spool_text(b) && a.report.at == b.report.at &&
           a.report.shown == b.report.shown && a.report.records == b.report.records;
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

TEST_CASE("spool: events come out as they went in, beside the readings", "[spool]") {
    const Folder folder;
    {
        Spool spool{folder.file(), 10'000'000};
        spool.add({reading(1)});
        spool.add_events({events(1), events(2), events(3)});
    }
    CHECK_THROWS(events_from_spool_text(
        R"({"property": 1, "meter": 1, "at_us": 1, "shown": {"flood": true}, "records": []})"));
    Spool spool{folder.file(), 10'000'000};
    CHECK(spool.depth() == 1);
    CHECK(spool.events_depth() == 3);
    const auto out = spool.peek_events(2);
    REQUIRE(out.size() == 2);
    CHECK(same(out[0].events, events(1)));
    CHECK(same(out[1].events, events(2)));
    spool.remove_events_through(out[1].sequence);
    REQUIRE(spool.peek_events(10).size() == 1);
    CHECK(same(spool.peek_events(10)[0].events, events(3)));
    CHECK(spool.depth() == 1);
}

TEST_CASE("spool: a full spool gives up readings before events", "[spool]") {
    const Folder folder;
    Spool spool{folder.file(), 200'000};
    spool.add_events({events(1), events(2)});
    for (std::int64_t i = 0; i < 3'000; i += 50) {
        std::vector<storage::ReadingRow> batch;
        for (std::int64_t j = i; j < i + 50; ++j) {
            batch.push_back(reading(j));
        }
        spool.add(batch);
    }
    CHECK(spool.dropped() > 0);
    CHECK(spool.events_depth() == 2);
    CHECK(spool.events_dropped() == 0);
    for (std::int64_t i = 0; i < 1'000; i += 10) {
        std::vector<storage::MeterEventsRow> batch;
        for (std::int64_t j = i; j < i + 10; ++j) {
            batch.push_back(events(j));
        }
        spool.add_events(batch);
    }
    CHECK(spool.events_dropped() > 0);
    CHECK(spool.events_depth() + spool.events_dropped() == 1'002);
    const auto left = spool.peek_events(10'000);
    CHECK(same(left.back().events, events(999)));
}

TEST_CASE("recorder: events outlive a kill -9 while the database is away, each told once and in order",
          "[spool]") {
    Stage stage;
    int pipe[2] = {};
    REQUIRE(::pipe(pipe) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        // Of the test's process this one only has the folder; it ends by the signal.
        stage.store.away(true);
        const auto recorder = stage.recorder();
        for (std::int64_t i = 1; i <= 40; ++i) {
            recorder->events(events(i));
        }
        for (std::int64_t i = 1; i <= 40; ++i) {
            recorder->reading(reading(i));
        }
        recorder->start();
        const bool told = eventually([&] { return stage.tells("wutong_collector_spool_readings 40"); }, 60s);
        static_cast<void>(::write(pipe[1], told ? "y" : "n", 1) == 1);
        for (;;) {
            ::pause();
        }
    }
    char told = 0;
    const bool spooled = ::read(pipe[0], &told, 1) == 1 && told == 'y';
    ::close(pipe[0]);
    ::close(pipe[1]);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(spooled);
    REQUIRE(WIFSIGNALED(status));
    const auto next = stage.recorder();
    next->events(events(41));
    next->start();
    REQUIRE(eventually([&] { return stage.store.look([](auto& s) { return s.events.size(); }) == 41; }));
    next->stop();
    REQUIRE(stage.store.events.size() == 41);
    for (std::int64_t i = 1; i <= 41; ++i) {
        CHECK(same(stage.store.events[static_cast<std::size_t>(i - 1)], events(i)));
    }
    CHECK(stage.store.readings.size() == 40);
    CHECK(Spool{stage.folder.file(), 10'000'000}.events_depth() == 0);
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
