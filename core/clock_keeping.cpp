#include "core/clock_keeping.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "core/names.hpp"

namespace wutong::core {

namespace {

using std::chrono::seconds;

constexpr auto kVerdicts = std::to_array<detail::Name<ClockVerdict>>({
    {ClockVerdict::good, "good"},
    {ClockVerdict::step, "step"},
    {ClockVerdict::wait, "wait"},
    {ClockVerdict::used_up, "used_up"},
    {ClockVerdict::too_far, "too_far"},
    {ClockVerdict::unclear, "unclear"},
    {ClockVerdict::measured, "measured"},
});

constexpr std::int64_t kDay = 86'400;

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
    const auto quotient = value / by;
    return value % by < 0 ? quotient - 1 : quotient;
}

/// The clock's way, with what is kept from the ends of an interval.
struct Way {
    std::int64_t low = 0;
    std::int64_t high = 0;
};

bool crosses(const Way& way, const ClockDay& day, std::int64_t interval) {
    if (floor_div(way.low, interval) != floor_div(way.high, interval)) {
        return true;
    }
    // Within one interval, hence within one day.
    const auto midnight = floor_div(way.low, kDay) * kDay;
    return std::any_of(day.rate_changes.begin(), day.rate_changes.end(), [&](int minute) {
        const auto at = midnight + std::int64_t{minute} * 60;
        return at >= way.low && at <= way.high;
    });
}

std::string seconds_text(seconds value) {
    return std::to_string(std::llabs(value.count())) + " s";
}

}  // namespace

const char* to_string(ClockVerdict verdict) {
    return detail::name_of(kVerdicts, verdict, "clock verdict");
}

ClockDecision decide_clock(const ClockLook& look, const ClockDay& day, const ClockRules& rules) {
    ClockDecision decision;
    const auto took = look.answered_at - look.asked_at;
    // A clock that shows whole seconds is half of one further on the average.
    const auto ours = look.asked_at + took / 2 + look.utc_offset;
    const auto ours_ms = std::chrono::floor<std::chrono::milliseconds>(ours).time_since_epoch().count();
    const auto off_ms = look.shown_s * 1'000 + 500 - ours_ms;
    decision.drift = seconds{floor_div(off_ms + 500, 1'000)};
    if (took < seconds{0} || took > rules.answer_max) {
        decision.verdict = ClockVerdict::unclear;
        decision.text = "the answer took too long to say anything about the time";
        return decision;
    }
    const auto off = seconds{std::llabs(decision.drift.count())};
    const std::string where =
        seconds_text(decision.drift) + (decision.drift.count() > 0 ? " ahead" : " behind");
    if (off <= rules.good + std::chrono::ceil<seconds>(took / 2)) {
        decision.verdict = ClockVerdict::good;
        decision.text = "right";
        return decision;
    }
    if (off > rules.alarm_over) {
        decision.verdict = ClockVerdict::too_far;
        decision.text = where + ": too far for steps; set it by hand when nothing depends on it";
        return decision;
    }
    if (!rules.calibrate) {
        decision.verdict = ClockVerdict::measured;
        decision.text = where + "; steps are switched off";
        return decision;
    }
    const auto left = rules.day_max - day.moved;
    if (left < seconds{1} || day.steps >= rules.steps_per_day_max) {
        decision.verdict = ClockVerdict::used_up;
        decision.text = where + "; the day's steps are used up";
        return decision;
    }
    const auto size = std::min({off, rules.step_max, left});
    decision.by = decision.drift.count() > 0 ? -size : size;
    const auto interval = rules.interval.count() > 0 && kDay % rules.interval.count() == 0
                              ? std::int64_t{rules.interval.count()}
                              : kDay;
    const auto from = look.shown_s;
    const auto to = from + decision.by.count();
    const Way way{std::min(from, to) - rules.margin.count(), std::max(from, to) + rules.margin.count()};
    if (!crosses(way, day, interval)) {
        decision.verdict = ClockVerdict::step;
        decision.text = where + "; moved by " + seconds_text(decision.by) +
                        (decision.by.count() > 0 ? " forward" : " back");
        return decision;
    }
    decision.verdict = ClockVerdict::wait;
    decision.text = where + "; not moved across the end of an interval";
    // Just behind what is in the way; looked at again then.
    auto behind = (floor_div(way.high, interval)) * interval;
    if (floor_div(way.low, interval) == floor_div(way.high, interval)) {
        const auto midnight = floor_div(way.low, kDay) * kDay;
        for (const int minute : day.rate_changes) {
            const auto at = midnight + std::int64_t{minute} * 60;
            behind = at >= way.low && at <= way.high ? std::max(behind, at) : behind;
        }
    }
    const auto clear = behind + rules.margin.count() + size.count() + 1;
    decision.again_in = seconds{std::max<std::int64_t>(1, clear - from)};
    decision.by = seconds{0};
    return decision;
}

}  // namespace wutong::core
