#pragma once

#include <cstdint>
#include <string>

#include "core/identity.hpp"

namespace wutong::storage {

/// The lease of a channel, as the collector that writes believes to hold it. Each write of a command's or a
/// delivery's outcome carries it; when the channel says otherwise the write changes nothing and LeaseLost is
/// thrown. Whoever takes a channel, be it the same collector after a restart, must get a new epoch: rows
/// claimed under an older one are then handed out again.
struct Fence {
    core::PropertyId property;
    core::ChannelId channel;
    std::string holder;
    std::int64_t epoch = 0;
};

}  // namespace wutong::storage
