#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/phase_balance.hpp"
#include "core/plausibility.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"

/// What a collector has to poll: the channels it holds and their meters, with intervals and settings
/// resolved.
namespace wutong::storage {

class Transaction;

struct PolledChannel {
    core::PropertyId property;
    core::ChannelId id;
    core::GatewayId gateway;  ///< 0: none
    std::string code;
    std::string transport;         ///< as collector::parse_transport knows them
    std::string endpoint;          ///< device path, host:port, or a name of core/link_names.hpp
    std::string standby_endpoint;  ///< the second path; empty: none
    int baud = 9600;
    char parity = 'N';
    int stop_bits = 1;
    std::chrono::milliseconds answer_timeout{500};
    int retries = 1;
    std::int64_t epoch = 0;  ///< of the lease
    friend bool operator==(const PolledChannel&, const PolledChannel&) = default;
};

struct PolledMeter {
    core::PropertyId property;
    core::ChannelId channel;
    core::MeterId id;
    std::string code;
    std::string serial_number;
    std::string profile;
    int bus_address = 1;          ///< of Modbus; 0: none
    std::string station_address;  ///< of other protocols; "": none
    bool prepaid = true;          ///< role
    std::optional<std::chrono::seconds>
        state_interval;  ///< of the meter, else the channel, else the property's parameter
    std::optional<std::chrono::seconds> reading_interval;
    std::optional<std::chrono::seconds> lost_after;  ///< the property's parameter lost_after_s
    core::UnbalanceLimits unbalance;                 ///< the property's parameters
    std::optional<core::Price> price;                ///< of the meter, else the property's parameter price_e4
    std::chrono::seconds utc_offset{0};              ///< of the property's time zone, now
    std::optional<core::Timestamp> answered_at;      ///< as meter_state knows it
    bool lost = false;
    /// The last one that was believed, or that a person accepted.
    std::optional<core::RegisterSample> register_known;
    std::optional<core::Energy> jumped_to;               ///< a jump that nobody has accepted
    std::optional<core::Timestamp> register_decided_at;  ///< a person has said what it is
    friend bool operator==(const PolledMeter&, const PolledMeter&) = default;
};

struct PolledSite {
    std::vector<PolledChannel> channels;
    std::vector<PolledMeter> meters;  ///< enabled meters of these channels
};

[[nodiscard]] PolledSite polled_site(Transaction& tx, const std::string& holder);

}  // namespace wutong::storage
