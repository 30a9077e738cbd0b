#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/channel_share.hpp"
#include "core/time.hpp"
#include "storage/channels.hpp"

/// Channels that go from one collector to another while both are there, so that each has its share.
namespace wutong::storage {

struct PresentCollector {
    core::CollectorLoad load;  ///< `present_for` is left to whoever watches
    core::Timestamp started_at;
};

/// Collectors that are connected and gave a sign of life in the last seconds, with the channels they hold.
[[nodiscard]] std::vector<PresentCollector> present_collectors(Transaction& tx);

/// Gives a channel that `from` holds under the lease's epoch to `to`, under a new epoch: it is never free in
/// between, and `to` finds it with its next look. One hand-over at a time is decided in a database, by the
/// numbers of that moment.
/// @return false: it is not `from`'s any more, `to` is away, or the numbers are even by now
[[nodiscard]] bool hand_over_channel(Transaction& tx, const ChannelLease& lease, const std::string& from,
                                     const std::string& to, std::chrono::seconds duration);

}  // namespace wutong::storage
