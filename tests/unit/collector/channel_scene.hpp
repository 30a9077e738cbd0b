#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <thread>
#include <utility>

#include "collector/polling/channel.hpp"
#include "unit/collector/eventually.hpp"
#include "unit/collector/fake_meter.hpp"
#include "unit/collector/memory_store.hpp"

/// A channel on a line in memory, with meters that can be dead and a line that can be unplugged.
namespace wutong::tests {

using namespace wutong::collector;
using namespace std::chrono_literals;

/// The meters behind the line, and what went over it.
struct Line {
    std::mutex mutex;
    std::map<int, FakeMeter> meters;
    std::set<int> dead;
    bool unplugged = false;
    std::set<int> words_missing;      ///< their answers are a word short of what was asked for
    std::set<int> dies_after_change;  ///< takes the next change, and is dead from then on
    std::set<int> answer_lost_once;   ///< the next change is taken, and its answer lost
    std::vector<std::string> log;     ///< "3 read", "7 relay"
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
            if (!read && l.dies_after_change.erase(unit) > 0) {
                l.dead.insert(unit);
                return ModbusFault{ModbusFault::Kind::timeout, {}, true, "no answer"};
            }
            if (!read && l.answer_lost_once.erase(unit) > 0) {
                return ModbusFault{ModbusFault::Kind::timeout, {}, true, "no answer"};
            }
            if (read && l.words_missing.contains(unit)) {
                words.pop_back();
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
    void events(storage::MeterEventsRow row) override {
        const std::lock_guard lock{mutex};
        happened.push_back(std::move(row));
    }
    std::mutex mutex;
    std::vector<storage::MeterEventsRow> happened;
    std::vector<storage::MeterStateRow> states;
    std::vector<storage::ReadingRow> readings;
    std::vector<storage::ChannelHealth> healths;
};

inline core::Timestamp wall() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

inline ChannelRules quick_rules() {
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
    rules.upkeep_intervals = {0s, 0s, 0s};
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
    void give(std::int64_t id, int meter, core::CommandKind kind, std::chrono::seconds expires = 60s,
              const std::string& arguments = "{}") {
        CommandWork command;
        command.property = {1};
        command.id = {id};
        command.meter = {meter};
        command.kind = kind;
        command.arguments = arguments;
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

}  // namespace wutong::tests
