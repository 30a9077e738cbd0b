#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Gateways and channels as operators set them up. What the collector needs of them, leases included, is
/// storage/channels.hpp.
namespace wutong::storage {

struct GatewayRow {
    core::GatewayId gateway;
    std::string code, name, kind, endpoint;
    std::optional<core::Timestamp> answered_at, lost_since;
};
/// By id, after `after`. @param limit at least 1
[[nodiscard]] std::vector<GatewayRow> list_gateways(Transaction& tx, core::PropertyId property,
                                                    core::GatewayId after, int limit);
/// @throws UniqueViolation
core::GatewayId insert_gateway(Transaction& tx, core::PropertyId property, const GatewayRow& gateway);

struct ChannelRow {
    core::ChannelId channel;
    core::GatewayId gateway;  ///< none for a serial port of the collector's machine
    std::string code, name, transport, endpoint;
    std::string standby_endpoint;  ///< empty: there is no second path
    int baud = 9600;
    std::string parity = "N";
    int stop_bits = 1;
    int answer_timeout_ms = 500;
    int retries = 1;
    std::optional<std::int32_t> reading_interval_s, state_interval_s;
    bool enabled = true;
    // As the collector tells.
    std::string collector;  ///< who holds the lease now; "" nobody
    std::optional<core::Timestamp> answered_at, lost_since;
    std::optional<core::Timestamp> standby_since;
    std::optional<std::int32_t> round_ms;
    int meter_count = 0;
};
[[nodiscard]] std::vector<ChannelRow> list_device_channels(Transaction& tx, core::PropertyId property,
                                                           core::ChannelId after, int limit);
[[nodiscard]] std::optional<ChannelRow> find_device_channel(Transaction& tx, core::PropertyId property,
                                                            core::ChannelId channel);
/// Settings only. @throws UniqueViolation, ReferenceViolation
core::ChannelId insert_channel(Transaction& tx, core::PropertyId property, const ChannelRow& channel);
/// @return false when there is no such channel. @throws as insert_channel
bool update_channel(Transaction& tx, core::PropertyId property, const ChannelRow& channel);

}  // namespace wutong::storage
