#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"

/// What is on each bus, and how it keeps up.
namespace wutong::storage {

class Transaction;

struct ChannelLoadRow {
    core::ChannelId channel;
    std::string code, transport;
    int baud = 9'600;
    int bits_per_character = 10;
    std::map<std::string, int> meters;               ///< that answer, by profile
    int lost = 0;                                    ///< enabled meters without an answer for long, or ever
    std::chrono::seconds reading_every{1'800};       ///< the shortest of its meters
    std::optional<std::chrono::milliseconds> round;  ///< as its collector measured the last one
    std::optional<core::Timestamp> oldest;           ///< state of a meter that is not lost
};
/// Enabled channels, by code. At most `most`. @param reading_default where nobody says how often
[[nodiscard]] std::vector<ChannelLoadRow> channel_loads(Transaction& tx, core::PropertyId property,
                                                        std::chrono::seconds reading_default, int most);

}  // namespace wutong::storage
