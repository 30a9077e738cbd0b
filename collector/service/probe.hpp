#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "collector/drivers/field_meter.hpp"
#include "collector/transports/channel_link.hpp"
#include "collector/transports/mqtt_session.hpp"

namespace wutong::collector {

/// One look at one meter from the command line, without database or service.
struct ProbeOptions {
    std::filesystem::path profile;
    LinkSettings link;
    bool over_mqtt = false;                  ///< the link's endpoint is a broker
    int bus_address = 0;                     ///< Modbus
    std::string station_address;             ///< all others
    std::filesystem::path secrets;           ///< of DLMS: the file with passwords and keys
    std::string serial_number;               ///< of DLMS: whose; empty: the default ones
    BrokerAccess broker_access;              ///< of MQTT
    std::chrono::milliseconds listen_for{};  ///< of MQTT: for what the meter tells by itself
    std::chrono::milliseconds answer_timeout{1'000};
    int tries = 2;  ///< of each question
};

/// Reads everything that the profile names and prints each value with what the meter sent and what it means,
/// then the frames. Changes nothing on the meter.
/// @return kExitOk; kExitUsage when the options or the profile are wrong; kExitFailed when the meter did not
/// answer
int run_probe(const ProbeOptions& options, std::FILE* out, std::FILE* faults);

}  // namespace wutong::collector
