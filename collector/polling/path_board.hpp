#pragma once

#include <mutex>
#include <set>

#include "core/identity.hpp"

namespace wutong::collector {

/// Which channels are on their second path: told by the links, read by the channels. Safe from any thread.
class PathBoard {
public:
    void set(core::ChannelId channel, bool on_standby) {
        const std::lock_guard lock{mutex_};
        if (on_standby) {
            on_standby_.insert(channel);
        } else {
            on_standby_.erase(channel);
        }
    }
    [[nodiscard]] bool on_standby(core::ChannelId channel) const {
        const std::lock_guard lock{mutex_};
        return on_standby_.contains(channel);
    }

private:
    mutable std::mutex mutex_;
    std::set<core::ChannelId> on_standby_;
};

}  // namespace wutong::collector
