#pragma once

#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"

/// Alarms are live from when they are raised until they are cleared; one of a kind is live per meter, channel
/// or gateway.
namespace wutong::storage {

class Transaction;

/// What an alarm is about; 0 where it is not about one.
struct AlarmSubject {
    core::PropertyId property;
    core::MeterId meter;
    core::ChannelId channel;
    core::GatewayId gateway;
};

/// @return false when it is live already
bool raise_alarm(Transaction& tx, const AlarmSubject& subject, const std::string& kind,
                 const std::string& text, core::Timestamp at);
/// @return false when there was none
bool clear_alarm(Transaction& tx, const AlarmSubject& subject, const std::string& kind, core::Timestamp at);

}  // namespace wutong::storage
