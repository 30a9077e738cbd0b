#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/time.hpp"

/// How a meter's clock is brought back to the right time: in small steps that no interval of its load
/// profile, no demand period, no rate and no day notices, and not at all when a person has to look first.
namespace wutong::core {

struct ClockRules {
    bool calibrate = true;         ///< false: measured only
    std::chrono::seconds good{3};  ///< clocks are read to the second
    std::chrono::seconds step_max{30};
    std::chrono::seconds day_max{60};  ///< of all steps of a day, without their signs
    int steps_per_day_max = 4;
    std::chrono::seconds alarm_over{300};  ///< more than this is not walked back
    /// A step stays within one of these, counted from midnight; a divisor of a day.
    std::chrono::seconds interval{900};
    std::chrono::seconds margin{15};      ///< kept from its ends: an order takes its time
    std::chrono::seconds answer_max{10};  ///< what came later says nothing about the time
};

struct ClockLook {
    Timestamp asked_at;
    Timestamp answered_at;
    std::int64_t shown_s = 0;            ///< the meter's wall clock, counted as if it were UTC
    std::chrono::seconds utc_offset{0};  ///< of the wall clock that it should show
};

/// What was done on the day so far, and what may not be crossed.
struct ClockDay {
    std::chrono::seconds moved{0};
    int steps = 0;
    std::vector<int> rate_changes;  ///< minutes of the day, of all tariffs that may apply
};

enum class ClockVerdict {
    good,
    step,      ///< by `by`, now
    wait,      ///< it is off, but this is no moment for a step; see `again_in`
    used_up,   ///< the day's steps are
    too_far,   ///< an alarm instead of a jump
    unclear,   ///< the answer took too long
    measured,  ///< off, and steps are not wanted
};
[[nodiscard]] const char* to_string(ClockVerdict verdict);

struct ClockDecision {
    ClockVerdict verdict = ClockVerdict::good;
    std::chrono::seconds drift{0};     ///< the meter's clock less ours, to the nearest second
    std::chrono::seconds by{0};        ///< of a step
    std::chrono::seconds again_in{0};  ///< of `wait`: until then nothing changes
    std::string text;                  ///< for people
};

[[nodiscard]] ClockDecision decide_clock(const ClockLook& look, const ClockDay& day, const ClockRules& rules);

}  // namespace wutong::core
