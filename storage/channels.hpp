#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"

/// Who may use a channel's bus, and how the bus is doing. A lease has an epoch that grows with each new
/// holder, so that results of a collector that lost it, and does not know yet, can be refused.
namespace wutong::storage {

class Transaction;

struct ChannelLease {
    core::PropertyId property;
    core::ChannelId channel;
    std::int64_t epoch = 0;
    friend bool operator==(const ChannelLease&, const ChannelLease&) = default;
};

/// Extends all leases of `holder` and gives up those of channels that were disabled. @return what it still
/// holds; a lease that ran out is among them as long as nobody else has taken it
[[nodiscard]] std::vector<ChannelLease> renew_leases(Transaction& tx, const std::string& holder,
                                                     std::chrono::seconds duration);

/// What `holder` holds now, without extending it.
[[nodiscard]] std::vector<ChannelLease> held_leases(Transaction& tx, const std::string& holder);

/// Other holders of leases whose process is not connected at the moment: nobody has the lock on their name
/// (NameLock). It was killed, or is just about to connect again.
[[nodiscard]] std::vector<std::string> absent_holders(Transaction& tx, const std::string& holder);

/// Takes enabled channels that nobody holds or whose lease ran out, `count_max` at most; rows that are being
/// taken by somebody else at this moment are skipped.
/// @param restarted the holder has just started: what is leased to its name from before is taken anew, with a
/// new epoch
/// @param gone holders whose leases are not waited for
[[nodiscard]] std::vector<ChannelLease> acquire_leases(Transaction& tx, const std::string& holder,
                                                       std::chrono::seconds duration, int count_max,
                                                       bool restarted,
                                                       const std::vector<std::string>& gone = {});

/// Clean stop: a standby need not wait for the leases to run out.
void release_leases(Transaction& tx, const std::string& holder);

/// How a bus has been doing, as its collector sees it.
struct ChannelHealth {
    core::PropertyId property;
    core::ChannelId channel;
    std::optional<core::Timestamp> answered_at;
    bool lost = false;
    std::optional<std::chrono::milliseconds> round;  ///< bus time of the last whole state round
    core::Timestamp at;                              ///< when this was so
    bool on_standby = false;                         ///< uses its second path
};

/// Writes the health down, raises and clears lost_channel; a gateway is lost when all its channels are, and
/// lost_gateway with it.
void put_channel_health(Transaction& tx, const ChannelHealth& health);

}  // namespace wutong::storage
