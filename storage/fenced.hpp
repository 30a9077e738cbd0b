#pragma once

#include <string>
#include <vector>

#include "storage/fence.hpp"
#include "storage/transaction.hpp"

/// Fencing as SQL, for the repositories whose rows a collector claims.
namespace wutong::storage::detail {

/// Fences as the columns of an unnest().
struct FenceColumns {
    explicit FenceColumns(const std::vector<Fence>& fences) {
        for (const auto& fence : fences) {
            properties.push_back(fence.property);
            channels.push_back(fence.channel);
            holders.push_back(fence.holder);
            epochs.push_back(fence.epoch);
        }
    }
    std::vector<core::PropertyId> properties;
    std::vector<core::ChannelId> channels;
    std::vector<std::string> holders;
    std::vector<std::int64_t> epochs;
};

inline std::string describe(const Fence& fence) {
    return "channel " + std::to_string(fence.channel.value) + " of property " +
           std::to_string(fence.property.value) + " is no longer leased to " + fence.holder +
           " under epoch " + std::to_string(fence.epoch);
}

/// Holds the channel's lease still until the transaction ends: nobody can take it between this check and the
/// commit.
/// @throws LeaseLost
inline void require_lease(Transaction& tx, const Fence& fence) {
    if (tx.exec("SELECT 1 FROM channel WHERE property_id = $1 AND channel_id = $2 AND lease_holder = $3 AND "
                "lease_epoch = $4 "
                "FOR SHARE",
                fence.property, fence.channel, fence.holder, fence.epoch)
            .empty()) {
        throw LeaseLost(describe(fence));
    }
}

}  // namespace wutong::storage::detail
