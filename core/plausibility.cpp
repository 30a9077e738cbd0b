#include "core/plausibility.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/names.hpp"

namespace wutong::core {

namespace {

using detail::Name;

constexpr auto kNames = std::to_array<Name<Plausibility>>({
    {Plausibility::good, "good"},
    {Plausibility::rollover, "rollover"},
    {Plausibility::reset, "reset"},
    {Plausibility::backwards, "backwards"},
    {Plausibility::jump, "jump"},
    {Plausibility::torn, "torn"},
    {Plausibility::frozen, "frozen"},
    {Plausibility::repeated, "repeated"},
});

// Two looks are never closer than this for us: clocks are set, and what was read may have waited.
constexpr std::int64_t kSlackSeconds = 60;
constexpr std::int64_t kElapsedMax = 86'400LL * 366 * 10;
constexpr std::int64_t kPowerMax = 10'000'000'000;
// Registers that went back to less than this part of what they showed were set to zero.
constexpr std::int64_t kResetPart = 10;
// Registers that roll over show at least this many percent of what they can.
constexpr std::int64_t kNearlyFullPercent = 90;

std::int64_t seconds_between(Timestamp from, Timestamp to) {
    return std::clamp<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(to - from).count(), 0,
                                    kElapsedMax);
}

std::int64_t shown_power(const RegisterSample& sample) {
    const auto power = sample.power_w.value_or(0);
    return power <= -kPowerMax ? kPowerMax : std::min(std::llabs(power), static_cast<long long>(kPowerMax));
}

/// The most that can have flowed between two looks. A meter that shows more power than its model should carry
/// is believed: it measures through transformers that nobody told us of.
Energy most_between(const RegisterSample& before, const RegisterSample& now, const PlausibilityRules& rules) {
    const auto shown = std::max(shown_power(before), shown_power(now));
    const auto power = std::clamp<std::int64_t>(std::max(rules.power_max_w, shown + shown / 2), 1, kPowerMax);
    const auto seconds = seconds_between(before.at, now.at) + kSlackSeconds;
    return Energy{power / 3'600 * seconds + power % 3'600 * seconds / 3'600 + 1 +
                  2 * rules.quantum.watt_hours()};
}

/// The capacity at which the register must have begun anew, if that explains what is seen.
std::optional<Energy> rolled_over_at(const RegisterSample& before, const RegisterSample& now, Energy most,
                                     const PlausibilityRules& rules) {
    const auto explains = [&](std::int64_t capacity) {
        return before.energy.watt_hours() < capacity && now.energy >= Energy{0} &&
               before.energy.watt_hours() >= capacity / 100 * kNearlyFullPercent &&
               Energy{capacity} - before.energy + now.energy <= most;
    };
    if (rules.rolls_over_at) {
        return explains(rules.rolls_over_at->watt_hours()) ? rules.rolls_over_at : std::nullopt;
    }
    // 10 000 kWh to 1 000 000 000 kWh as displays have digits, and 32 bits of the register's steps.
    for (std::int64_t capacity = 10'000'000; capacity <= 1'000'000'000'000; capacity *= 10) {
        if (explains(capacity)) {
            return Energy{capacity};
        }
    }
    constexpr std::int64_t kSteps = std::int64_t{1} << 32;
    const auto quantum = rules.quantum.watt_hours();
    return quantum > 0 && quantum <= 10'000 && explains(quantum * kSteps)
               ? std::optional{Energy{quantum * kSteps}}
               : std::nullopt;
}

Judgement went_back(const RegisterSample& before, const RegisterSample& now, Energy most,
                    const PlausibilityRules& rules) {
    const auto from_to = quantity_text(now.energy, rules.commodity) + " after " +
                         quantity_text(before.energy, rules.commodity) + ": ";
    if (const auto capacity = rolled_over_at(before, now, most, rules)) {
        return {Plausibility::rollover,
                from_to + "it probably began anew at " + quantity_text(*capacity, rules.commodity), capacity};
    }
    if (now.energy.watt_hours() <= before.energy.watt_hours() / kResetPart) {
        return {
            Plausibility::reset, from_to + "the register was set back, or another meter is in its place", {}};
    }
    return {Plausibility::backwards, from_to + "a register can't go back", {}};
}

/// Remembers a look that may be charged by.
void remember(RegisterHistory& history, const RegisterSample& now) {
    const auto& before = history.good;
    const bool still = before && before->energy == now.energy;
    const bool same =
        still && now.clock_s && before->clock_s == now.clock_s && before->power_w == now.power_w;
    if (still && now.at > before->at) {
        // The lesser of the two, so that a load that came a moment ago does not count for the whole time.
        const auto power = std::min({before->power_w.value_or(0), now.power_w.value_or(0), kPowerMax});
        history.flowed_ws += std::max<std::int64_t>(power, 0) *
                             std::min<std::int64_t>(seconds_between(before->at, now.at), 86'400);
        history.flowed_ws = std::min(history.flowed_ws, kPowerMax * 86'400);
    }
    if (!still) {
        history.still_since = now.at;
        history.flowed_ws = 0;
    }
    if (!same) {
        history.same_since = now.at;
    }
    history.good = now;
    history.jumped_to.reset();
}

}  // namespace

const char* to_string(Plausibility plausibility) {
    return detail::name_of(kNames, plausibility, "plausibility");
}

Plausibility parse_plausibility(std::string_view text) {
    return detail::value_of(kNames, text, "plausibility");
}

bool is_usable(Plausibility plausibility) {
    return plausibility == Plausibility::good || plausibility == Plausibility::frozen ||
           plausibility == Plausibility::repeated;
}

Judgement judge(RegisterHistory& history, const RegisterSample& now, const PlausibilityRules& rules) {
    const auto words = [&rules](Energy shown) { return quantity_text(shown, rules.commodity); };
    if (!history.good) {
        if (now.energy < Energy{0}) {
            return {Plausibility::backwards, words(now.energy) + ": a register is never below zero", {}};
        }
        remember(history, now);
        return {};
    }
    const auto& before = *history.good;
    const auto most = most_between(before, now, rules);
    if (now.energy < before.energy) {
        // Registers that are kept as floating point numbers waver by their last digit.
        if (before.energy - now.energy <= rules.quantum && now.energy >= Energy{0}) {
            return {};
        }
        return went_back(before, now, most, rules);
    }
    const bool jumped_before = history.jumped_to && now.energy >= *history.jumped_to;
    if (now.energy - before.energy > most || jumped_before) {
        history.jumped_to = history.jumped_to ? std::min(*history.jumped_to, now.energy) : now.energy;
        if (jumped_before && now.energy - before.energy <= most) {
            return {Plausibility::jump,
                    words(now.energy) + " after " + words(before.energy) +
                        ": it came there faster than can be, and nobody has said yet what it is",
                    {}};
        }
        return {Plausibility::jump,
                words(now.energy) + " after " + words(before.energy) + ": not more than " + words(most) +
                    " can have flowed since",
                {}};
    }
    remember(history, now);
    if (history.flowed_ws / 3'600 >= kFrozenQuanta * rules.quantum.watt_hours() &&
        now.at - history.still_since >= kFrozenAfter) {
        return {Plausibility::frozen,
                words(now.energy) + " for " +
                    std::to_string(seconds_between(history.still_since, now.at) / 60) +
                    " minutes, while its own power says that " + words(Energy{history.flowed_ws / 3'600}) +
                    " flowed",
                {}};
    }
    if (now.clock_s && now.at - history.same_since >= kRepeatedAfter) {
        return {Plausibility::repeated,
                "its clock, power and register stand since " +
                    std::to_string(seconds_between(history.same_since, now.at) / 60) +
                    " minutes: an old answer is repeated, or the meter is stuck",
                {}};
    }
    return {};
}

void accept(RegisterHistory& history, const RegisterSample& accepted) {
    if (history.good && accepted.at <= history.good->at) {
        return;
    }
    history = {};
    remember(history, accepted);
}

}  // namespace wutong::core
