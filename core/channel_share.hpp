#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// How several collectors come to have about as many channels each: whoever has too many hands some over, a
/// few at a time, to the one that has the fewest. Who takes what is free, or was a dead one's, is not decided
/// here: that is taken at once by whoever sees it first.
namespace wutong::core {

struct CollectorLoad {
    std::string name;
    int channels = 0;
    int channels_max = 0;  ///< it takes no more than these
    /// Without interruption. One that starts over and over is given nothing.
    std::chrono::seconds present_for{0};
};

struct ShareRules {
    std::chrono::seconds present_for{10};
    int at_once = 4;
};

struct Handover {
    std::string to;
    int channels = 0;
    friend bool operator==(const Handover&, const Handover&) = default;
};

/// What `name` should hand over now. Where everybody decides so, one after the other, each move brings the
/// numbers closer to each other, no channel goes back to where it came from, and with numbers that differ by
/// one at most, or as far as `channels_max` lets them, nothing moves any more.
/// @param loads of all that are present, `name` among them
[[nodiscard]] std::optional<Handover> next_handover(const std::string& name,
                                                    const std::vector<CollectorLoad>& loads,
                                                    const ShareRules& rules = {});

}  // namespace wutong::core
