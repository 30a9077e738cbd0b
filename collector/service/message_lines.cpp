#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "collector/service/service.hpp"
#ifndef _WIN32
#include "collector/transports/mqtt_line.hpp"
#endif

namespace wutong::collector {

#ifndef _WIN32

namespace {

core::BrokerName broker_of(const std::string& endpoint) {
    const auto parsed = core::parse_broker_name(endpoint);
    if (const auto* bad = std::get_if<core::BadName>(&parsed)) {
        throw std::invalid_argument("endpoint " + bad->why);
    }
    return std::get<core::BrokerName>(parsed);
}

}  // namespace

MessageLineFactory message_lines(boost::asio::thread_pool& workers, const Configuration::Mqtt& access,
                                 std::shared_ptr<PathBoard> paths) {
    return [&workers, access = BrokerAccess{access.authority, access.certificate, access.key, access.users},
            paths = std::move(paths)](const boost::asio::any_io_executor& executor,
                                      const storage::PolledChannel& channel, std::function<void()> changed) {
        MqttOptions options;
        options.brokers.push_back(broker_of(channel.endpoint));
        if (!channel.standby_endpoint.empty()) {
            options.brokers.push_back(broker_of(channel.standby_endpoint));
        }
        // The same wherever the channel is served: a broker lets nobody else in under this name, and keeps
        // for it what comes meanwhile.
        options.session = fmt::format("{}-{}-{}", options.brokers.front().installation,
                                      channel.property.value, channel.id.value);
        options.access = access;
        options.path_told = [paths, id = channel.id, code = channel.code](bool on_standby) {
            spdlog::warn("channel={} event=path_changed to={}", code, on_standby ? "standby" : "main");
            if (paths) {
                paths->set(id, on_standby);
            }
        };
        return make_mqtt_line(executor, workers, std::move(options), std::move(changed));
    };
}

#else

MessageLineFactory message_lines(boost::asio::thread_pool& /*workers*/, const Configuration::Mqtt& /*access*/,
                                 std::shared_ptr<PathBoard> /*paths*/) {
    return nullptr;
}

#endif

}  // namespace wutong::collector
