#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "collector/configuration/configuration.hpp"
#include "collector/platform/service_host.hpp"
#include "collector/polling/channel.hpp"
#include "collector/recording/recorder.hpp"
#include "collector/service/keeper.hpp"
#include "collector/service/standstill.hpp"
#include "collector/transports/dial_in_hub.hpp"

namespace wutong::collector {

/// Exit status of the process.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  ///< for example: another process has our name or our metrics' port
inline constexpr int kExitUsage = 2;

/// The daemon, put together. Threads: those of the channels, those that wait for the database for them, one
/// keeper, one recorder, one for metrics; the caller's thread waits and feeds the watchdog.
class Service {
public:
    Service(Configuration configuration, std::string version);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// Until request_stop, or until it can't go on.
    int run(ServiceHost& host);
    /// From any thread.
    void request_stop();

    [[nodiscard]] const Metrics& metrics() const { return metrics_; }

private:
    void give_up(const std::string& why);
    /// @return who stands still; "" when nobody does
    [[nodiscard]] std::string standing_still(Keeper& keeper, Recorder& recorder);

    Configuration configuration_;
    std::string version_;
    Metrics metrics_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stop_requested_ = false;
    std::string gave_up_;
    Standstill standstill_;
    std::atomic<std::uint64_t> loop_beats_{0};
};

struct GatewayLinks;

/// What lines need beside their channel's settings.
struct LineSources {
    boost::asio::thread_pool& workers;  ///< for libmodbus
    bool libmodbus_for_plain_meters = false;
    std::shared_ptr<DialInHub> dial_in;  ///< none: this collector does not listen
    std::shared_ptr<const GatewayLinks> gateways;
    std::shared_ptr<PathBoard> paths;
};
/// Makes the clients of real lines.
[[nodiscard]] ClientFactory modbus_clients(LineSources sources);
/// Sessions at MQTT brokers.
[[nodiscard]] MessageLineFactory message_lines(boost::asio::thread_pool& workers,
                                               const Configuration::Mqtt& access,
                                               std::shared_ptr<PathBoard> paths);
/// @return null when the configuration says no address
[[nodiscard]] std::shared_ptr<DialInHub> dial_in_hub(const Configuration& configuration,
                                                     boost::asio::io_context& context);
[[nodiscard]] ChannelRules channel_rules(const Configuration& configuration);

}  // namespace wutong::collector
