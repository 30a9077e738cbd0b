#pragma once

#include <array>
#include <cstdint>
#include <optional>

/// How unequal three phases are, from their magnitudes alone. What that can't tell: in which order the phases
/// follow one another; only a meter that looks at their angles knows.
namespace wutong::core {

using PhaseValues = std::array<std::int64_t, 3>;

/// In percent of the mean of the three phases: how far the phase that is farthest from it may be. 0: it is
/// not looked at.
///
/// Voltage: GB/T 15543-2008 allows a negative-sequence unbalance of 2 % in normal operation and 4 % for a
/// short time at the point of common coupling. Magnitudes of phase voltages show negative and zero sequence
/// together, so this is a little stricter. Current: no standard limits it at a customer (meters of DL/T 645
/// leave the factory with 30 %), and one-phase loads are normal, so nobody is told unless a property asks.
struct UnbalanceLimits {
    int voltage_percent = 4;
    int current_percent = 0;
    std::int64_t current_min_ma = 5'000;  ///< mean of the phases; below, a single lamp would count
    friend bool operator==(const UnbalanceLimits&, const UnbalanceLimits&) = default;
};

/// True above the limit, false at half of it and below. Nothing in between, so that what stands goes on and
/// what doesn't stand does not begin.
/// @return nothing as well when there is no limit, or the mean is not above 0
[[nodiscard]] std::optional<bool> unbalanced(const PhaseValues& phases, int limit_percent);

}  // namespace wutong::core
