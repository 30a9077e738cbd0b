#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace wutong::collector {

/// Knows who has stood still for too long. Everything that has to go on grows a counter as it does.
class Standstill {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// @param longest that a counter may stay the same
    explicit Standstill(std::chrono::seconds longest) : longest_{longest} {}

    /// @return false when `who` has not moved for longer than that
    [[nodiscard]] bool moves(const std::string& who, std::uint64_t beats, Time now);

private:
    struct Progress {
        std::uint64_t beats = 0;
        Time since;
    };
    std::chrono::seconds longest_;
    std::map<std::string, Progress> progress_;
};

/// Ends the process, with an exit status that says so, unless it has ended by itself within that time: what
/// stands still can't be waited for. Nothing is lost by it that a power cut would not lose too.
void end_process_after(std::chrono::seconds within, int exit_status);

}  // namespace wutong::collector
