#pragma once

#include <array>
#include <cstdint>

#include "core/time.hpp"

namespace wutong::simulator {

/// What a meter shows of the present moment. Voltages wander a little from minute to minute, the same way
/// for the same seed; nothing of this is ever counted, so rounding here costs nobody anything.
struct Electrical {
    struct Phase {
        double voltage_v = 0;
        double current_a = 0;
        double active_w = 0;
        double reactive_var = 0;
        double apparent_va = 0;
        double power_factor = 1;
    };
    std::array<Phase, 3> phase;  ///< a single-phase meter uses the first
    double active_w = 0;
    double reactive_var = 0;
    double apparent_va = 0;
    double power_factor = 1;
    double frequency_hz = 50;
};

/// @param phases 1 or 3; three phases share the load 36 : 33 : 31
/// @param unbalanced the last of three phases has an eighth less voltage
[[nodiscard]] Electrical electrical_of(std::int64_t load_w, int phases, std::uint64_t seed,
                                       core::Timestamp now, bool unbalanced = false);

}  // namespace wutong::simulator
