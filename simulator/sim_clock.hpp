#pragma once

#include <chrono>

#include "core/time.hpp"

namespace wutong::simulator {

/// Wall time that starts from the real clock and then runs with the steady one: a correction of the
/// machine's clock must not make the meters jump, lines and meters must agree on what "now" is.
class SimClock {
public:
    using Steady = std::chrono::steady_clock;

    SimClock()
        : wall_{std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())},
          steady_{Steady::now()} {}

    [[nodiscard]] core::Timestamp at(Steady::time_point time) const {
        return wall_ + std::chrono::duration_cast<std::chrono::microseconds>(time - steady_);
    }
    [[nodiscard]] core::Timestamp now() const { return at(Steady::now()); }

private:
    core::Timestamp wall_;
    Steady::time_point steady_;
};

}  // namespace wutong::simulator
