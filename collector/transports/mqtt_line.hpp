#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/transports/message_line.hpp"
#include "collector/transports/message_queue.hpp"
#include "collector/transports/mqtt_session.hpp"
#include "core/link_names.hpp"

namespace wutong::collector {

struct MqttOptions {
    std::vector<core::BrokerName> brokers;  ///< the main one, and perhaps a standby
    std::string session;                    ///< our name at the brokers: what is kept for us is kept under it
    BrokerAccess access;
    std::function<void(bool on_standby)> path_told;
    std::chrono::milliseconds connect_within{5'000};  ///< and again for the broker's own answer
    std::chrono::milliseconds retry_first{500};       ///< wait after a failure, doubled each time
    std::chrono::milliseconds retry_max{15'000};
    std::chrono::milliseconds return_first{15'000};  ///< on the standby, before the main one is tried again
    std::chrono::milliseconds return_max{600'000};
    std::chrono::seconds keep_alive{15};
    MessageQueue::Limits limits;
};

/// A session at a broker, by libmosquitto without a thread of its own. Subscriptions have quality of service
/// 1, and the session outlives the connection: what is published with quality 1 meanwhile comes later.
/// @param workers  for what the library can only do blocking: names, and opening the connection. Joined
/// before the context is destroyed
/// @param changed  on the executor: something can be taken, or up() has changed
[[nodiscard]] std::unique_ptr<MessageLine> make_mqtt_line(const boost::asio::any_io_executor& executor,
                                                          boost::asio::thread_pool& workers,
                                                          MqttOptions options, std::function<void()> changed);

}  // namespace wutong::collector
