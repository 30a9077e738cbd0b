#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/drivers/field_meter.hpp"
#include "collector/drivers/meter_bus.hpp"
#include "core/command.hpp"
#include "core/credit_delivery.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"

/// Work that was claimed from the database for a meter of a leased channel.
namespace wutong::collector {

struct CommandWork {
    core::PropertyId property;
    core::CommandId id;
    core::MeterId meter;
    core::ChannelId channel;
    core::CommandKind kind = core::CommandKind::read_now;
    int bus_address = 0;           ///< the meter's when it was claimed; 0: not told
    std::string arguments = "{}";  ///< JSON
    core::Timestamp expires_at;
    std::int64_t epoch = 0;  ///< of the lease under which it was claimed
    int rejections = 0;      ///< times that the database was there and would not have it, in a row
    bool sent = false;       ///< set_price: a frame has gone out under an earlier claim or run
    int looks_failed = 0;    ///< set_price: times in a row that the meter could not be read after it

    /// When it is given up whatever has become of it.
    [[nodiscard]] core::Timestamp given_up_at() const {
        return sent ? expires_at + core::kPriceFoundOutWithin : expires_at;
    }
};

struct CommandOutcome {
    core::CommandState state = core::CommandState::failed;  ///< done, failed or expired
    std::string reason;
    std::string result = "{}";           ///< JSON: what was read back, by quantity name
    std::optional<core::Energy> energy;  ///< set_price: the register when the new price came into force
    std::optional<core::Price> price;    ///< set_price: what the meter charges, read back after all was sent
    std::string doubt;                   ///< set_price: why that can't be told; for an alarm
};

struct DeliveryWork {
    core::PropertyId property;
    core::DeliveryId id;
    core::MeterId meter;
    core::ChannelId channel;
    int bus_address = 0;  ///< the meter's when it was claimed; 0: not told
    core::CreditDelivery delivery;
    std::string settings = "{}";  ///< JSON
    std::int64_t epoch = 0;
    int looks_failed = 0;               ///< in a row, for the back-off
    int rejections = 0;                 ///< times that the database would not have a step of it, in a row
    std::vector<EvidenceFrame> frames;  ///< not written down yet
};

}  // namespace wutong::collector
