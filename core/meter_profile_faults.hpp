#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/meter_profile.hpp"

/// Inside of the profile parser; not for other folders.
namespace wutong::core::detail {

/// Collects what is wrong with one file, so that its author sees all of it at once.
class ProfileFaults {
public:
    explicit ProfileFaults(std::string file) : file_{std::move(file)} {}

    /// @param line counted from 1
    void add(std::size_t line, const std::string& what);
    [[nodiscard]] bool any() const { return !faults_.empty(); }
    [[noreturn]] void raise() const;

private:
    std::string file_;
    std::vector<std::string> faults_;
};

/// Where the parts of a profile stand in its file, in the same order as in the profile.
struct ProfileLines {
    struct BlockLines {
        std::size_t line = 1;
        std::vector<std::size_t> fields;
    };
    std::vector<BlockLines> blocks;
    std::size_t credit = 1;
    std::size_t commands = 1;
};

/// What can't be seen on one key alone: overlaps, lengths, what the kind of credit and the commands need.
void check_profile(const MeterProfile& profile, const ProfileLines& lines, ProfileFaults& faults);

}  // namespace wutong::core::detail
