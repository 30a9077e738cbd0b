#include "collector/service/service.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "collector/database/postgres_field_store.hpp"
#include "collector/transports/channel_link.hpp"
#include "collector/transports/gateway_stream.hpp"

namespace wutong::collector {

namespace {

constexpr std::chrono::seconds kTick{1};
/// Longest time that a part may stand still: the database's time-outs, several times over.
constexpr std::chrono::seconds kStandstillMax{180};
constexpr std::chrono::milliseconds kChannelsEndWithin{2'500};
/// For an orderly end after a standstill.
constexpr std::chrono::seconds kEndWithin{15};

core::Timestamp wall_clock() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace

ChannelRules channel_rules(const Configuration& configuration) {
    ChannelRules rules;
    rules.schedule.quarantine_after = configuration.polling.quarantine_after;
    rules.schedule.probe_first = configuration.polling.probe_first;
    rules.schedule.probe_max = configuration.polling.probe_max;
    rules.retry_first = configuration.work.retry_first;
    rules.retry_max = configuration.work.retry_max;
    rules.probe_timeout = configuration.polling.probe_timeout;
    rules.reopen_first = configuration.polling.reopen_first;
    rules.reopen_max = configuration.polling.reopen_max;
    rules.lost_after = configuration.polling.lost_after;
    rules.state_target = configuration.polling.state_target;
    rules.evidence_frames_max = configuration.work.evidence_frames_max;
    const auto& upkeep = configuration.upkeep;
    rules.upkeep.first_within = upkeep.first_within;
    rules.upkeep_intervals = {upkeep.events, upkeep.clock, upkeep.history, upkeep.firmware};
    rules.history_of = upkeep.history_of;
    rules.clock.calibrate = upkeep.calibrate;
    rules.clock.step_max = upkeep.step_max;
    rules.clock.day_max = upkeep.day_max;
    rules.clock.alarm_over = upkeep.drift_max;
    return rules;
}

std::shared_ptr<DialInHub> dial_in_hub(const Configuration& configuration, boost::asio::io_context& context) {
    const auto& wanted = configuration.dial_in;
    if (wanted.address.empty()) {
        return nullptr;
    }
    DialInOptions options;
    options.address = wanted.address;
    options.port = wanted.port;
    options.links_max = static_cast<std::size_t>(wanted.links_max);
    options.links_per_address_max = static_cast<std::size_t>(wanted.links_per_address_max);
    options.register_within = wanted.register_within;
    options.idle_max = wanted.idle_max;
    options.unclaimed_max = wanted.unclaimed_max;
    options.secrets = wanted.secrets;
    options.log = [](const std::string& line) { spdlog::info("{}", line); };
    return std::make_shared<DialInHub>(context, std::move(options));
}

ClientFactory modbus_clients(LineSources sources) {
    return [sources = std::move(sources)](const boost::asio::any_io_executor& executor,
                                          const storage::PolledChannel& channel, bool plain, Tap tap) {
        const auto transport = parse_transport(channel.transport);
        if (!transport) {
            throw std::invalid_argument{"transport " + channel.transport + " is not known"};
        }
        LinkSettings settings;
        settings.transport = *transport;
        settings.endpoint = channel.endpoint;
        settings.serial.baud = channel.baud;
        settings.serial.parity = channel.parity == 'E'   ? Parity::even
                                 : channel.parity == 'O' ? Parity::odd
                                                         : Parity::none;
        settings.serial.stop_bits = channel.stop_bits;
        settings.owner = fmt::format("{}/{}", channel.property.value, channel.id.value);
        settings.standby_endpoint = channel.standby_endpoint;
        settings.epoch = channel.epoch;
        settings.dial_in = sources.dial_in;
        settings.gateways = sources.gateways;
        settings.path_told = [paths = sources.paths, id = channel.id, code = channel.code](bool on_standby) {
            spdlog::warn("channel={} event=path_changed to={}", code, on_standby ? "standby" : "main");
            if (paths) {
                paths->set(id, on_standby);
            }
        };
        if (plain && sources.libmodbus_for_plain_meters && channel.standby_endpoint.empty() &&
            (*transport == Transport::serial || *transport == Transport::modbus_tcp)) {
            settings.driver = Driver::libmodbus;
            tap = {};
        }
        return make_modbus_client(executor, sources.workers, settings, std::move(tap));
    };
}

Service::Service(Configuration configuration, std::string version)
    : configuration_{std::move(configuration)}, version_{std::move(version)}, standstill_{kStandstillMax} {}

Service::~Service() = default;

void Service::request_stop() {
    {
        const std::lock_guard lock{mutex_};
        stop_requested_ = true;
    }
    changed_.notify_all();
}

void Service::give_up(const std::string& why) {
    {
        const std::lock_guard lock{mutex_};
        gave_up_ = why;
        stop_requested_ = true;
    }
    changed_.notify_all();
}

int Service::run(ServiceHost& host) {
    spdlog::info("event=starting name={} version={} database={}", configuration_.name, version_,
                 configuration_.database.url);
    try {
        metrics_.listen(configuration_.metrics.listen);
    } catch (const MetricsPortTaken& taken) {
        spdlog::critical("event=not_started reason=\"{}\"", taken.what());
        return kExitFailed;
    }
    const ProfileLibrary profiles = load_profiles(configuration_.profiles.directory);
    for (const auto& fault : profiles.faults) {
        spdlog::error("event=profile_refused reason=\"{}\"", fault);
    }
    spdlog::info("event=profiles_loaded count={} directory={}", profiles.profiles.size(),
                 configuration_.profiles.directory.string());

    PostgresFieldStore store{configuration_, version_, wall_clock};
    WorkBook book;
    boost::asio::thread_pool modbus_workers{4};
    Recorder recorder{store, metrics_, Recorder::Rules{},
                      configuration_.spool.directory / (configuration_.name + ".spool.sqlite"),
                      configuration_.spool.size_max_mb * 1'000'000};
    {
        // First, so that it outlives the threads that post to it.
        boost::asio::io_context context;
        const auto dial_in = dial_in_hub(configuration_, context);
        if (dial_in) {
            try {
                dial_in->listen();
            } catch (const std::runtime_error& error) {
                spdlog::critical("event=not_started reason=\"{}\"", error.what());
                return kExitFailed;
            }
            spdlog::info("event=listening for=dial_in address={} port={}", configuration_.dial_in.address,
                         dial_in->port());
        }
        auto gateways = std::make_shared<GatewayLinks>();
        gateways->tls = {configuration_.gateway_link.authority, configuration_.gateway_link.certificate,
                         configuration_.gateway_link.key};
        gateways->key_name = configuration_.gateway_link.key_name;
        gateways->secrets = configuration_.gateway_link.secrets;
        const auto paths = std::make_shared<PathBoard>();
        DatabaseWorker database{store, configuration_.database.workers, configuration_.database.queue_max};
        ChannelEnvironment environment{
            channel_rules(configuration_),
            database,
            recorder,
            book,
            metrics_,
            modbus_clients({modbus_workers, configuration_.polling.libmodbus_for_plain_meters, dial_in,
                            gateways, paths}),
            wall_clock,
            paths,
            configuration_.line_recording,
            message_lines(modbus_workers, configuration_.mqtt, paths)};
        auto work = boost::asio::make_work_guard(context);
        std::vector<std::thread> threads;
        {
            Keeper keeper{configuration_, store, profiles, context, environment};
            for (int i = 0; i < configuration_.polling.threads; ++i) {
                threads.emplace_back([&context] { context.run(); });
            }
            recorder.start();
            keeper.start([this](const std::string& why) { give_up(why); });
            host.ready(fmt::format("collector {} runs", configuration_.name));
            for (;;) {
                std::unique_lock lock{mutex_};
                if (changed_.wait_for(lock, kTick, [this] { return stop_requested_; })) {
                    break;
                }
                lock.unlock();
                if (dial_in) {
                    metrics_.dial_in(dial_in->counts());
                }
                boost::asio::post(context, [this] { loop_beats_.fetch_add(1, std::memory_order_relaxed); });
                const std::string still = standing_still(keeper, recorder);
                if (still.empty()) {
                    host.alive();
                } else {
                    // Whoever started us starts us again; a channel or a thread that hangs is not mended
                    // here.
                    end_process_after(kEndWithin, kExitFailed);
                    give_up(still + " has not moved for too long");
                    break;
                }
            }
            spdlog::info("event=stopping");
            host.stopping();
            keeper.stop(kChannelsEndWithin);
            if (dial_in) {
                dial_in->stop();
            }
        }
        work.reset();
        context.stop();
        for (auto& thread : threads) {
            thread.join();
        }
        modbus_workers.join();  // they post to the context
        if (dial_in) {
            dial_in->forget();
        }
    }
    recorder.stop();
    if (!gave_up_.empty()) {
        spdlog::critical("event=stopped reason=\"{}\"", gave_up_);
        return kExitFailed;
    }
    spdlog::info("event=stopped");
    return kExitOk;
}

std::string Service::standing_still(Keeper& keeper, Recorder& recorder) {
    const auto now = std::chrono::steady_clock::now();
    std::string who;
    const auto look = [&](const std::string& name, std::uint64_t beats) {
        if (!standstill_.moves(name, beats, now)) {
            who += (who.empty() ? "" : ", ") + name;
        }
    };
    look("loop", loop_beats_.load(std::memory_order_relaxed));
    look("keeper", keeper.beats());
    look("recorder", recorder.beats());
    for (const auto& channel : keeper.channels()) {
        look(fmt::format("channel {}", channel->id().value), channel->beats());
    }
    return who;
}

}  // namespace wutong::collector
