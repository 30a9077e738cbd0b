#include "core/phase_balance.hpp"

#include <algorithm>
#include <cstdlib>

namespace wutong::core {

std::optional<bool> unbalanced(const PhaseValues& phases, int limit_percent) {
    /// More than any meter measures, and small enough to be multiplied.
    constexpr std::int64_t kMost = 1'000'000'000'000;
    std::int64_t sum = 0;
    for (const auto phase : phases) {
        if (phase < -kMost || phase > kMost) {
            return std::nullopt;
        }
        sum += phase;
    }
    if (limit_percent <= 0 || sum <= 0) {
        return std::nullopt;
    }
    // Three times as far, so that the mean need not be rounded.
    std::int64_t farthest = 0;
    for (const auto phase : phases) {
        farthest = std::max(farthest, std::abs(3 * phase - sum));
    }
    if (farthest * 100 > sum * limit_percent) {
        return true;
    }
    return farthest * 200 > sum * limit_percent ? std::nullopt : std::optional{false};
}

}  // namespace wutong::core
