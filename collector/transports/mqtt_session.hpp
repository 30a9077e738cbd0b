#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "core/link_names.hpp"

struct mosquitto;

namespace wutong::collector {

/// What brokers want to see of us.
struct BrokerAccess {
    std::filesystem::path authority;         ///< that signed the brokers' certificates (mqtts)
    std::filesystem::path certificate, key;  ///< our own, for brokers that want one; empty: none
    /// A folder with a file for each broker that wants a user, named as its host: the user in its first line,
    /// the password in its second. Not to be read by others.
    std::filesystem::path users;
    bool keeps_session = true;  ///< what is published while we are away waits for us
};

struct EndMosquitto {
    void operator()(mosquitto* session) const;
};
using MqttSession = std::unique_ptr<mosquitto, EndMosquitto>;

/// A session of libmosquitto that outlives its connections at the broker, with what this broker wants to see.
/// @param self given to its callbacks
/// @throws std::runtime_error when a certificate or the file with the user can't be used
[[nodiscard]] MqttSession make_mqtt_session(const core::BrokerName& broker, const BrokerAccess& access,
                                            const std::string& name, void* self);

/// Does somebody answer there? Blocks, until `given_up`. @return empty, or why not
[[nodiscard]] std::string reach(const core::BrokerName& broker, std::chrono::milliseconds within,
                                const std::atomic<bool>& given_up);

}  // namespace wutong::collector
