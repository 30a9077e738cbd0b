// Our contender of the bench `bus`: the collector's own channel - schedule, read plan, client, decoding -
// with a state interval that is always overdue, so it reads round after round. What it finds out goes to a
// sink that counts it; there is no database behind it.
//
//   bench_bus --port PORT --profile FILE [--meters N] [--seconds S] [--library]
//
// --library leaves the channel out: the same read plan in a loop over the same client. Tells the scheduler's
// share of the time from the transport's.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "collector/polling/channel.hpp"
#include "collector/service/service.hpp"

namespace {

using namespace wutong;

struct Options {
    std::string port;
    std::string profile;
    int meters = 30;
    int seconds = 20;
    bool library = false;
};

struct Counts {
    std::atomic<std::uint64_t> answered{0};
    std::atomic<std::uint64_t> failed{0};
};

class CountingSink final : public collector::FieldSink {
public:
    explicit CountingSink(Counts& counts) : counts_{counts} {}
    void state(storage::MeterStateRow row) override {
        ++(row.answered_at ? counts_.answered : counts_.failed);
    }
    void reading(storage::ReadingRow) override {}
    void health(storage::ChannelHealth) override {}
    void events(storage::MeterEventsRow) override {}

private:
    Counts& counts_;
};

/// Polling alone asks the database for nothing; whatever gets here is an error of the bench.
class NoStore final : public collector::FieldStore {
public:
    bool wait_for_work(std::chrono::milliseconds) override { return none(); }
    std::vector<storage::ChannelLease> keep_leases(bool) override { throw refused(); }
    void release_leases() override { throw refused(); }
    std::optional<core::Handover> wanted_handover() override { return std::nullopt; }
    bool hand_over(const storage::ChannelLease&, const std::string&) override { return false; }
    storage::PolledSite load_site() override { throw refused(); }
    void beat() override { throw refused(); }
    std::vector<collector::CommandWork> claim_commands() override { throw refused(); }
    std::vector<collector::DeliveryWork> claim_deliveries() override { throw refused(); }
    void expire_commands() override { throw refused(); }
    int put_back_forgotten(const collector::WorkInHand&) override { throw refused(); }
    std::vector<storage::RecordingOrder> claim_recordings(int) override { throw refused(); }
    void finish_recording(const storage::RecordingOrder&, const std::string&, const std::string&,
                          bool) override {
        throw refused();
    }
    collector::CommandGate::Answer may_send(const collector::CommandWork&) override { throw refused(); }
    bool finish_command(const collector::CommandWork&, const collector::CommandOutcome&) override {
        return none();
    }
    bool put_back_command(const collector::CommandWork&) override { return none(); }
    bool store_delivery(const collector::DeliveryWork&) override { return none(); }
    bool finish_delivery(const collector::DeliveryWork&) override { return none(); }
    bool put_back_delivery(const collector::DeliveryWork&, core::Timestamp) override { return none(); }
    bool tell_alarm(core::PropertyId, core::MeterId, const std::string&, bool, const std::string&) override {
        return none();
    }
    core::ClockDay clock_day(core::PropertyId, core::MeterId, core::Timestamp) override { throw refused(); }
    bool note_clock(const storage::ClockNote&, const core::ClockRules&) override { return none(); }
    bool note_firmware(const storage::FirmwareNote&) override { return none(); }
    storage::MeterReadings known_readings(core::PropertyId, core::MeterId, core::Timestamp, core::Timestamp,
                                          std::chrono::seconds) override {
        throw refused();
    }
    void put_states(const std::vector<storage::MeterStateRow>&) override { throw refused(); }
    void put_events(const std::vector<storage::MeterEventsRow>&) override { throw refused(); }
    void put_health(const std::vector<storage::ChannelHealth>&) override { throw refused(); }
    storage::ReadingsStored put_readings(const std::vector<storage::ReadingRow>&) override {
        throw refused();
    }

private:
    static std::logic_error refused() { return std::logic_error{"there is no database in this bench"}; }
    static bool none() { throw refused(); }
};

std::shared_ptr<const core::MeterProfile> load_profile(const std::string& path) {
    std::ifstream file{path};
    if (!file) {
        throw std::runtime_error("cannot read " + path);
    }
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    return std::make_shared<core::MeterProfile>(core::parse_meter_profile(text, path));
}

storage::PolledChannel channel_settings(const Options& options) {
    storage::PolledChannel settings;
    settings.property = core::PropertyId{1};
    settings.id = core::ChannelId{1};
    settings.code = "BENCH";
    settings.transport = "serial";
    settings.endpoint = options.port;
    settings.epoch = 1;
    return settings;
}

/// Nothing else on the bus than polls.
collector::ChannelRules polling_only() {
    auto rules = collector::channel_rules(collector::Configuration{});
    rules.upkeep_intervals = {std::chrono::seconds{0}, std::chrono::seconds{0}, std::chrono::seconds{0}};
    return rules;
}

void run_channel(const Options& options, Counts& counts) {
    const auto profile = load_profile(options.profile);
    const auto settings = channel_settings(options);
    std::vector<collector::ChannelMeter> meters;
    for (int unit = 1; unit <= options.meters; ++unit) {
        collector::ChannelMeter polled;
        polled.meter.property = settings.property;
        polled.meter.channel = settings.id;
        polled.meter.id = core::MeterId{unit};
        polled.meter.code = std::to_string(unit);
        polled.meter.bus_address = static_cast<std::uint8_t>(unit);
        polled.meter.profile = profile;
        polled.intervals.state = std::chrono::seconds{1};
        meters.push_back(std::move(polled));
    }
    NoStore store;
    CountingSink sink{counts};
    collector::WorkBook book;
    collector::Metrics metrics;
    boost::asio::thread_pool workers{1};
    {
        boost::asio::io_context context;
        collector::DatabaseWorker database{store, 1, 10};
        collector::ChannelEnvironment environment{
            polling_only(),
            database,
            sink,
            book,
            metrics,
            collector::modbus_clients({workers, false, nullptr, nullptr, nullptr}),
            [] { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }};
        const auto channel = std::make_shared<collector::Channel>(context, environment, settings);
        channel->start();
        channel->configure(settings, std::move(meters));
        auto work = boost::asio::make_work_guard(context);
        std::thread thread{[&context] { context.run(); }};
        std::this_thread::sleep_for(std::chrono::seconds{options.seconds});
        channel->stop();
        channel->done().wait();
        work.reset();
        thread.join();
    }
    workers.join();
}

void run_library(const Options& options, Counts& counts) {
    const auto profile = load_profile(options.profile);
    const auto settings = channel_settings(options);
    boost::asio::thread_pool workers{1};
    {
        boost::asio::io_context context;
        const auto client = collector::modbus_clients({workers, false, nullptr, nullptr, nullptr})(
            context.get_executor(), settings, false, {});
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{options.seconds};
        boost::asio::spawn(context, [&](collector::Yield yield) {
            for (int unit = 1; std::chrono::steady_clock::now() < end; unit = unit % options.meters + 1) {
                for (const auto& span : core::plan_reads(*profile, {core::Block::Group::state})) {
                    const auto outcome =
                        client->read_registers(static_cast<std::uint8_t>(unit), span.function, span.address,
                                               span.count, settings.answer_timeout, yield);
                    ++(std::holds_alternative<protocols::Words>(outcome) ? counts.answered : counts.failed);
                }
            }
        });
        context.run();
    }
    workers.join();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Reads the meters of one bus as the collector does"};
    Options options;
    app.add_option("--port", options.port)->required();
    app.add_option("--profile", options.profile, "of all the meters")->required();
    app.add_option("--meters", options.meters, "addresses 1 to this")->check(CLI::Range(1, 247));
    app.add_option("--seconds", options.seconds)->check(CLI::Range(1, 600));
    app.add_flag("--library", options.library, "without the channel");
    CLI11_PARSE(app, argc, argv);
    spdlog::set_level(spdlog::level::warn);
    Counts counts;
    try {
        options.library ? run_library(options, counts) : run_channel(options, counts);
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "bench_bus: %s\n", fault.what());
        return 1;
    }
    std::printf("answered %llu failed %llu\n", static_cast<unsigned long long>(counts.answered),
                static_cast<unsigned long long>(counts.failed));
    return 0;
}
