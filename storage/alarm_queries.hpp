#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// What screens and scripts ask of the alarms. Raising and clearing them is the collector's.
namespace wutong::storage {

struct AlarmRow {
    core::AlarmId alarm;
    std::string kind;
    core::MeterId meter;
    core::ChannelId channel;
    core::GatewayId gateway;
    std::string text;
    core::Timestamp raised_at;
    std::optional<core::Timestamp> cleared_at;
    std::optional<core::Timestamp> acknowledged_at;
    std::string acknowledged_by;  ///< full name, else the name to sign in with
    std::string subject;          ///< code of the meter, channel or gateway; a meter's unit behind it
    /// Of an alarm about a meter; "" where there is none.
    std::string meter_code, unit_code, unit_name, customer, account_number;
};

struct AlarmFilter {
    core::PropertyId property;
    core::MeterId meter{};   ///< 0: any
    bool live_only = false;  ///< not cleared
    bool unacknowledged_only = false;
    std::string kind{};                     ///< "": any
    std::optional<core::Timestamp> from{};  ///< of raised_at; included
    std::optional<core::Timestamp> to{};    ///< excluded
};
/// Newest first. @param before alarms with this number and above are left out; none: from the newest
[[nodiscard]] std::vector<AlarmRow> list_alarms(Transaction& tx, const AlarmFilter& filter,
                                                core::AlarmId before, int limit);

/// The first operator's word stays: acknowledging again changes nothing. @throws NotFound
[[nodiscard]] AlarmRow acknowledge_alarm(Transaction& tx, core::PropertyId property, core::AlarmId alarm,
                                         core::OperatorId who);

}  // namespace wutong::storage
