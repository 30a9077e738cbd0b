#include "collector/polling/channel.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <thread>
#include <utility>

#include "unit/collector/fake_meter.hpp"
#include "unit/collector/memory_store.hpp"

/// A whole channel against meters in memory: lanes, dead meters, a line that breaks, a database that is away.
using namespace wutong;
using namespace wutong::collector;
using namespace wutong::tests;
using namespace std::chrono_literals;

namespace {

/// The meters behind the line, and what went over it.
struct Line {
    std::mutex mutex;
    std::map<int, FakeMeter> meters;
    std::set<int> dead;
    bool unplugged = false;
    std::set<int> answer_lost_once;  ///< the next change is taken, and its answer lost
    std::vector<std::string> log;    ///< "3 read", "7 relay"
    std::chrono::milliseconds answer_takes{2};

    template <class Act>
    auto with(Act act) {
        const std::lock_guard lock{mutex};
        return act(*this);
    }
};

class FakeClient final : public ModbusClient {
public:
    FakeClient(boost::asio::any_io_executor executor, Line& line)
        : executor_{std::move(executor)}, line_{line} {}

    ReadOutcome read_registers(std::uint8_t unit, int function, std::uint16_t address, std::uint16_t count,
                               Milliseconds timeout, Yield yield) override {
        return ask(unit, protocols::ReadRequest{static_cast<std::uint8_t>(function), address, count}, timeout,
                   yield);
    }
    WriteOutcome write_registers(std::uint8_t unit, std::uint16_t address, const protocols::Words& words,
                                 Milliseconds timeout, Yield yield) override {
        return acknowledge(ask(unit, protocols::WriteRequest{address, words}, timeout, yield));
    }
    WriteOutcome vendor_write(std::uint8_t unit, const protocols::VendorWriteRequest& request,
                              Milliseconds timeout, Yield yield) override {
        return acknowledge(ask(unit, request, timeout, yield));
    }
    [[nodiscard]] Deadline clear_at(std::uint8_t unit, int) const override {
        const auto found = owed_.find(unit);
        return found == owed_.end() ? Deadline{} : found->second;
    }
    void close() override {}
    [[nodiscard]] const std::string& name() const override { return name_; }

private:
    static WriteOutcome acknowledge(const ReadOutcome& outcome) {
        if (const auto* fault = std::get_if<ModbusFault>(&outcome)) {
            return *fault;
        }
        return Acknowledged{};
    }
    void sleep(std::chrono::milliseconds duration, Yield yield) {
        boost::asio::steady_timer timer{executor_, duration};
        timer.async_wait(yield);
    }
    ReadOutcome ask(int unit, const protocols::Request& request, Milliseconds timeout, Yield yield) {
        const auto [gone, dead, takes] = line_.with([&](Line& l) {
            return std::tuple{l.unplugged, l.dead.contains(unit), l.answer_takes};
        });
        if (gone) {
            return ModbusFault{ModbusFault::Kind::closed, {}, false, "no such device"};
        }
        sleep(dead ? timeout : takes, yield);
        const bool read = std::holds_alternative<protocols::ReadRequest>(request);
        return line_.with([&](Line& l) -> ReadOutcome {
            const auto note = [&](const std::string& what) {
                l.log.push_back(std::to_string(unit) + ' ' + what);
            };
            if (dead) {
                note("silent");
                owed_[unit] = std::chrono::steady_clock::now() + 100ms;
                return ModbusFault{ModbusFault::Kind::timeout, {}, true, "no answer"};
            }
            auto words = l.meters[unit].take(request);
            note(l.meters[unit].log.back());
            if (!read && l.answer_lost_once.erase(unit) > 0) {
                return ModbusFault{ModbusFault::Kind::timeout, {}, true, "no answer"};
            }
            return words;
        });
    }

    boost::asio::any_io_executor executor_;
    Line& line_;
    std::string name_ = "fake";
    std::map<int, Deadline> owed_;
};

class Sink final : public FieldSink {
public:
    void state(storage::MeterStateRow row) override {
        const std::lock_guard lock{mutex};
        states.push_back(std::move(row));
    }
    void reading(storage::ReadingRow row) override {
        const std::lock_guard lock{mutex};
        readings.push_back(std::move(row));
    }
    void health(storage::ChannelHealth row) override {
        const std::lock_guard lock{mutex};
        healths.push_back(row);
    }
    std::mutex mutex;
    std::vector<storage::MeterStateRow> states;
    std::vector<storage::ReadingRow> readings;
    std::vector<storage::ChannelHealth> healths;
};

core::Timestamp wall() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

ChannelRules quick_rules() {
    ChannelRules rules;
    rules.schedule.probe_first = 1s;
    rules.schedule.probe_max = 1s;
    rules.schedule.retry_after = 1s;
    rules.schedule.quarantine_after = 2;
    rules.retry_first = 1s;
    rules.probe_timeout = 20ms;
    rules.reopen_first = 50ms;
    rules.reopen_max = 100ms;
    rules.lost_after = 2s;
    return rules;
}

/// One channel with meters 1…count, alive until the end of the test.
struct Scene {
    explicit Scene(int count) {
        settings.property = {1};
        settings.id = {1};
        settings.code = "BUS1";
        settings.transport = "serial";
        settings.endpoint = "fake";
        settings.answer_timeout = 60ms;
        settings.retries = 1;
        for (int i = 1; i <= count; ++i) {
            line.meters[i] = {};
            ChannelMeter meter;
            meter.meter = field_meter();
            meter.meter.id = {i};
            meter.meter.code = std::to_string(i);
            meter.meter.bus_address = static_cast<std::uint8_t>(i);
            meter.intervals = {1s, 3600s};
            meter.lost_after = 2s;
            meters.push_back(meter);
        }
    }
    ~Scene() {
        channel->stop();
        channel->done().wait_for(5s);
        work.reset();
        for (auto& thread : threads) {
            thread.join();
        }
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    void start() {
        channel = std::make_shared<Channel>(context, environment, settings);
        channel->configure(settings, meters);
        channel->start();
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([this] { context.run(); });
        }
    }
    void give(std::int64_t id, int meter, core::CommandKind kind, std::chrono::seconds expires = 60s) {
        CommandWork command;
        command.property = {1};
        command.id = {id};
        command.meter = {meter};
        command.kind = kind;
        command.expires_at = wall() + expires;
        REQUIRE(book.begin(command));
        channel->submit({command});
    }
    void top_up(std::int64_t id, int meter) {
        DeliveryWork delivery;
        delivery.property = {1};
        delivery.id = {id};
        delivery.meter = {meter};
        delivery.delivery.kind = core::DeliveryKind::top_up;
        delivery.delivery.amount = core::Money{1'000'000};
        delivery.delivery.number_before = 3;
        REQUIRE(book.begin(delivery));
        channel->submit({delivery});
    }
    std::optional<CommandOutcome> outcome(std::int64_t id) {
        return store.look([&](MemoryStore& s) -> std::optional<CommandOutcome> {
            for (const auto& [command, result] : s.commands) {
                if (command.id.value == id) {
                    return result;
                }
            }
            return std::nullopt;
        });
    }
    std::size_t delivered() {
        return store.look([](MemoryStore& s) { return s.deliveries.size(); });
    }
    std::size_t logged() {
        return line.with([](Line& l) { return l.log.size(); });
    }

    Line line;
    MemoryStore store;
    DatabaseWorker database{store, 2, 100};
    Sink sink;
    WorkBook book;
    Metrics metrics;
    ChannelEnvironment environment{
        quick_rules(),
        database,
        sink,
        book,
        metrics,
        [this](const boost::asio::any_io_executor& executor, const storage::PolledChannel&, bool, Tap) {
            return std::make_unique<FakeClient>(executor, line);
        },
        wall};
    boost::asio::io_context context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    storage::PolledChannel settings;
    std::vector<ChannelMeter> meters;
    std::shared_ptr<Channel> channel;
    std::vector<std::thread> threads;
};

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds within = 8'000ms) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

}  // namespace

TEST_CASE("channel: every meter is read, then its state is kept fresh", "[channel]") {
    Scene scene{5};
    scene.start();
    const auto count = [&](auto& list) {
        const std::lock_guard lock{scene.sink.mutex};
        return list.size();
    };
    REQUIRE(eventually([&] { return count(scene.sink.readings) == 5; }));
    REQUIRE(eventually([&] { return count(scene.sink.states) >= 15; }));
    const std::lock_guard lock{scene.sink.mutex};
    CHECK(scene.sink.states[0].balance_e4 == 500'000);
    CHECK(scene.sink.states[0].lost_alarm == false);
    CHECK(scene.sink.readings[0].energy_wh == 123'450);
}

TEST_CASE("channel: a control command waits for one exchange at most, dead meters included", "[channel]") {
    Scene scene{8};
    scene.line.dead = {2, 3, 4, 5};
    scene.start();
    REQUIRE(eventually([&] { return scene.logged() > 3; }));
    for (std::int64_t id = 1; id <= 20; ++id) {
        const auto before = scene.logged();
        scene.give(id, 8, id % 2 == 0 ? core::CommandKind::restore_prepaid : core::CommandKind::switch_off);
        REQUIRE(eventually([&] { return scene.outcome(id).has_value(); }));
        CHECK(scene.outcome(id)->state == core::CommandState::done);
        const auto between = scene.line.with([&](Line& l) {
            std::size_t i = before;
            while (l.log.at(i) != "8 relay") {
                ++i;
            }
            return i - before;
        });
        CHECK(between <= 1);
        std::this_thread::sleep_for(17ms);
    }
}

TEST_CASE("channel: work for a dead meter does not hold up a control command for another", "[channel]") {
    Scene scene{3};
    scene.line.dead = {2};
    scene.start();
    scene.top_up(1, 2);
    scene.give(2, 2, core::CommandKind::read_now);
    REQUIRE(eventually([&] { return scene.logged() > 2; }));
    const auto begin = std::chrono::steady_clock::now();
    scene.give(3, 3, core::CommandKind::switch_off);
    REQUIRE(eventually([&] { return scene.outcome(3).has_value(); }));
    CHECK(std::chrono::steady_clock::now() - begin < 400ms);
    REQUIRE(eventually([&] { return scene.outcome(2).has_value(); }));
    CHECK(scene.outcome(2)->state == core::CommandState::failed);
    // It comes back: found by a probe, and what waited for it is delivered at once.
    scene.line.with([](Line& l) { return l.dead.clear(), 0; });
    REQUIRE(eventually([&] { return scene.delivered() == 1; }));
    CHECK(scene.line.meters[2].balance == 15'000);
    CHECK(scene.line.meters[2].writes == 1);
}

TEST_CASE("channel: a top-up whose answer is lost arrives once", "[channel]") {
    Scene scene{2};
    scene.line.answer_lost_once = {1};
    scene.start();
    scene.top_up(1, 1);
    REQUIRE(eventually([&] { return scene.delivered() == 1; }));
    CHECK(scene.line.meters[1].writes == 1);
    CHECK(scene.line.meters[1].balance == 15'000);
    // The wall moves at once: the state after it is there without waiting for a poll.
    CHECK(eventually(
        [&] {
            const std::lock_guard lock{scene.sink.mutex};
            return std::any_of(scene.sink.states.begin(), scene.sink.states.end(),
                               [](const auto& row) { return row.balance_e4 == 1'500'000; });
        },
        500ms));
}

TEST_CASE("channel: without the database nothing is sent, and polling goes on", "[channel]") {
    Scene scene{2};
    scene.store.away(true);
    scene.start();
    scene.top_up(1, 1);
    scene.give(2, 2, core::CommandKind::switch_off);
    REQUIRE(eventually([&] { return scene.logged() > 8; }));
    scene.line.with([](Line& l) {
        CHECK(l.meters[1].writes == 0);
        CHECK_FALSE(l.meters[2].forced);
        return 0;
    });
    {
        const std::lock_guard lock{scene.sink.mutex};
        CHECK(scene.sink.readings.size() == 2);
    }
    scene.store.away(false);
    REQUIRE(eventually([&] { return scene.delivered() == 1 && scene.outcome(2).has_value(); }));
    CHECK(scene.line.meters[1].writes == 1);
    CHECK(scene.line.meters[2].forced_open);
}

TEST_CASE("channel: a line that breaks is opened again by itself; commands wait or expire", "[channel]") {
    Scene scene{2};
    scene.line.unplugged = true;
    scene.start();
    scene.give(1, 1, core::CommandKind::switch_off, 1s);
    scene.give(2, 2, core::CommandKind::switch_off, 60s);
    REQUIRE(eventually([&] { return scene.outcome(1).has_value(); }));
    CHECK(scene.outcome(1)->state == core::CommandState::expired);
    REQUIRE(eventually([&] {
        const std::lock_guard lock{scene.sink.mutex};
        return std::any_of(scene.sink.healths.begin(), scene.sink.healths.end(),
                           [](const auto& row) { return row.lost; });
    }));
    CHECK_FALSE(scene.outcome(2).has_value());
    scene.line.with([](Line& l) { return l.unplugged = false; });
    REQUIRE(eventually([&] { return scene.outcome(2).has_value(); }));
    CHECK(scene.outcome(2)->state == core::CommandState::done);
    REQUIRE(eventually([&] {
        const std::lock_guard lock{scene.sink.mutex};
        return !scene.sink.healths.empty() && !scene.sink.healths.back().lost;
    }));
}

TEST_CASE("channel: a silent meter is lost in time, with its alarm, and found again", "[channel]") {
    Scene scene{2};
    scene.start();
    REQUIRE(eventually([&] {
        const std::lock_guard lock{scene.sink.mutex};
        return scene.sink.readings.size() == 2;
    }));
    scene.line.with([](Line& l) { return l.dead.insert(2).second; });
    const auto last_lost_alarm = [&] {
        const std::lock_guard lock{scene.sink.mutex};
        std::optional<bool> last;
        for (const auto& row : scene.sink.states) {
            if (row.meter.value == 2 && row.lost_alarm) {
                last = row.lost_alarm;
            }
        }
        return last;
    };
    REQUIRE(eventually([&] { return last_lost_alarm() == true; }));
    scene.line.with([](Line& l) { return l.dead.clear(), 0; });
    REQUIRE(eventually([&] { return last_lost_alarm() == false; }));
}

TEST_CASE("channel: meters are added and taken away while it runs", "[channel]") {
    Scene scene{1};
    scene.start();
    REQUIRE(eventually([&] { return scene.logged() > 0; }));
    auto second = scene.meters[0];
    second.meter.id = {2};
    second.meter.bus_address = 2;
    scene.line.with([](Line& l) { return l.meters[2] = {}, 0; });
    scene.channel->configure(scene.settings, {second});
    REQUIRE(eventually([&] { return scene.line.with([](Line& l) { return l.log.back() == "2 read"; }); }));
    const auto asked_before =
        scene.line.with([](Line& l) { return std::count(l.log.begin(), l.log.end(), "1 read"); });
    std::this_thread::sleep_for(1'500ms);
    CHECK(scene.line.with([](Line& l) { return std::count(l.log.begin(), l.log.end(), "1 read"); }) <=
          asked_before + 1);
}

TEST_CASE("channel: it ends soon, whatever is under way", "[channel]") {
    Scene scene{4};
    scene.line.dead = {1, 2, 3, 4};
    scene.start();
    for (int i = 1; i <= 4; ++i) {
        scene.top_up(i, i);
    }
    std::this_thread::sleep_for(100ms);
    const auto begin = std::chrono::steady_clock::now();
    scene.channel->stop();
    CHECK(scene.channel->done().wait_for(3s) == std::future_status::ready);
    CHECK(std::chrono::steady_clock::now() - begin < 1s);
}
