#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/commands/meter_bus.hpp"
#include "core/command.hpp"
#include "core/credit_delivery.hpp"
#include "core/identity.hpp"
#include "core/meter_profile.hpp"
#include "core/time.hpp"

/// Work that was claimed from the database for a meter of a leased channel.
namespace wutong::collector {

/// A meter as polling and commands need it.
struct FieldMeter {
    core::PropertyId property;
    core::ChannelId channel;
    core::MeterId id;
    std::string code;
    std::string serial_number;
    std::uint8_t bus_address = 1;
    bool prepaid = true;  ///< role
    std::shared_ptr<const core::MeterProfile> profile;
    core::Price price;                   ///< what the operator wants on the meter, as far as it is known
    std::chrono::seconds utc_offset{0};  ///< of the property's time zone, now
};

struct CommandWork {
    core::PropertyId property;
    core::CommandId id;
    core::MeterId meter;
    core::ChannelId channel;
    core::CommandKind kind = core::CommandKind::read_now;
    std::string arguments = "{}";  ///< JSON
    core::Timestamp expires_at;
    std::int64_t epoch = 0;  ///< of the lease under which it was claimed
    int rejections = 0;      ///< times that the database was there and would not have it, in a row
};

struct CommandOutcome {
    core::CommandState state = core::CommandState::failed;  ///< done, failed or expired
    std::string reason;
    std::string result = "{}";           ///< JSON: what was read back, by quantity name
    std::optional<core::Energy> energy;  ///< set_price: the register when the new price came into force
};

struct DeliveryWork {
    core::PropertyId property;
    core::DeliveryId id;
    core::MeterId meter;
    core::ChannelId channel;
    core::CreditDelivery delivery;
    std::string settings = "{}";  ///< JSON
    std::int64_t epoch = 0;
    int looks_failed = 0;               ///< in a row, for the back-off
    int rejections = 0;                 ///< times that the database would not have a step of it, in a row
    std::vector<EvidenceFrame> frames;  ///< not written down yet
};

}  // namespace wutong::collector
