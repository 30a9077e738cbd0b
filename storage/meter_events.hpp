#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Everything that happened to one meter: alarms, commands, deliveries, its accounts, its relay.
namespace wutong::storage {

struct MeterEvent {
    core::Timestamp at;
    std::string what;           ///< as MeterEvent.what of the API
    std::string kind;           ///< of the alarm, command or delivery; the account's number
    std::string state;          ///< how a command or delivery ended
    std::string text;           ///< the alarm's text, the reason
    std::string operator_name;  ///< "" for the system
    std::optional<core::Money> amount;
    core::AlarmId alarm;
    core::CommandId command;
    core::DeliveryId delivery;
    core::AccountId account;
    std::string arguments;  ///< JSON of a command

    std::int64_t subject = 0;  ///< with `at` and `what`: where the next page begins
};

/// Where a page ended.
struct MeterEventKey {
    core::Timestamp at;
    std::string what;
    std::int64_t subject = 0;
};

/// Newest first. Relay changes come from the readings of the time, so bound it.
/// @param before the last event of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<MeterEvent> list_meter_events(Transaction& tx, core::PropertyId property,
                                                        core::MeterId meter, core::Timestamp from,
                                                        core::Timestamp to,
                                                        const std::optional<MeterEventKey>& before,
                                                        int limit);

}  // namespace wutong::storage
