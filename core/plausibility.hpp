#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/commodity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"

/// Can a meter show this register after what it showed before? What can't be is marked and kept apart: no
/// money is ever charged by it until a person has looked.
namespace wutong::core {

enum class Plausibility {
    good,
    rollover,   ///< probably the register began at zero again: it was nearly full
    reset,      ///< it stands near zero, and was far from full
    backwards,  ///< it went back otherwise
    jump,       ///< more than can have flowed in that time
    torn,       ///< read again at once it made sense: two halves of different moments, or a disturbed answer
    frozen,     ///< power flows, and it has not moved for long
    repeated,   ///< the meter's own clock stands: an old answer, as gateways repeat them
};
[[nodiscard]] const char* to_string(Plausibility plausibility);
/// @throws std::invalid_argument naming what is known
[[nodiscard]] Plausibility parse_plausibility(std::string_view text);

/// The register may be charged by. A frozen or repeated one is not wrong, only of no news.
[[nodiscard]] bool is_usable(Plausibility plausibility);

/// One look at a meter, as far as it matters here.
struct RegisterSample {
    Energy energy;
    Timestamp at;
    std::optional<std::int64_t> power_w;  ///< of either sign; the meter's own figure
    std::optional<std::int64_t> clock_s;  ///< the meter's own clock
    friend bool operator==(const RegisterSample&, const RegisterSample&) = default;
};

struct PlausibilityRules {
    Energy quantum{10};                            ///< the register's smallest step
    std::int64_t power_max_w = 100'000;            ///< no more can flow through this meter
    std::optional<Energy> rolls_over_at{};         ///< the first value that it can't show; empty: guessed
    Commodity commodity = Commodity::electricity;  ///< of water the power is a flow, in litres an hour
};

/// What is remembered of a meter between two looks.
struct RegisterHistory {
    std::optional<RegisterSample> good;  ///< the last one that may be charged by
    Timestamp still_since;               ///< the register shows the same since then
    std::int64_t flowed_ws = 0;          ///< meanwhile, by the power that was shown: watt-seconds
    std::optional<Energy> jumped_to;     ///< the lowest register that was more than can be
    Timestamp same_since;                ///< register, power and clock show the same since then
};

struct Judgement {
    Plausibility verdict = Plausibility::good;
    /// For people: "1 234.50 kWh after 987.60 kWh: …"; empty when good.
    std::string text;
    /// Rollover: the first value that the register can't show. What was used is that less the old value, and
    /// the new one.
    std::optional<Energy> capacity;
};

/// What is kept of a register that can't be, or that tells nothing, until a person has decided.
struct DoubtedRegister {
    Plausibility verdict = Plausibility::jump;
    Energy shown;
    Energy before;  ///< the last register that was believed
    Timestamp before_at;
    std::optional<Energy> capacity;  ///< of a rollover
    std::string text;
    friend bool operator==(const DoubtedRegister&, const DoubtedRegister&) = default;
};

/// Looks at `now` and remembers it. With nothing remembered everything is good.
/// What jumped stays doubted until it falls back or a person says what it is, although in time so much could
/// have flowed; and what went backwards likewise.
[[nodiscard]] Judgement judge(RegisterHistory& history, const RegisterSample& now,
                              const PlausibilityRules& rules);

/// Begins anew with what a person has accepted. Older than what is remembered: nothing happens.
void accept(RegisterHistory& history, const RegisterSample& accepted);

/// With so many of the register's steps flowed in so long a time and nothing counted it is frozen.
inline constexpr std::int64_t kFrozenQuanta = 50;
inline constexpr std::chrono::minutes kFrozenAfter{60};
/// Clocks are read to the second, and some meters show minutes only.
inline constexpr std::chrono::minutes kRepeatedAfter{5};

}  // namespace wutong::core
