#include "simulator/electrical.hpp"

#include <chrono>
#include <cmath>

namespace wutong::simulator {
namespace {

/// A number in [-1, 1) that depends on its arguments only (splitmix64's finaliser).
double wander(std::uint64_t seed, std::uint64_t minute, std::uint64_t what) {
    auto x = seed * 0x9E3779B97F4A7C15U + minute * 0xD1B54A32D192ED03U + what * 0x8CB92BA72F3D8DD7U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    x ^= x >> 31;
    return static_cast<double>(x >> 11) / 4503599627370496.0 - 1.0;
}

}  // namespace

Electrical electrical_of(std::int64_t load_w, int phases, std::uint64_t seed, core::Timestamp now,
                         bool unbalanced) {
    constexpr std::array<double, 3> kShare{0.36, 0.33, 0.31};
    const auto minute =
        static_cast<std::uint64_t>(std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count());
    Electrical all;
    all.frequency_hz = 50.0 + 0.02 * wander(0, minute, 9);
    for (int i = 0; i < phases; ++i) {
        const auto at = static_cast<std::size_t>(i);
        auto& phase = all.phase[at];
        phase.voltage_v = 230.0 + 4.0 * wander(seed, minute, at);
        if (unbalanced && i == 2) {
            phase.voltage_v *= 7.0 / 8.0;
        }
        phase.active_w = static_cast<double>(load_w) * (phases == 1 ? 1.0 : kShare[at]);
        phase.power_factor = load_w == 0 ? 1.0 : 0.96 + 0.03 * wander(seed, minute, 3 + at);
        phase.apparent_va = phase.active_w / phase.power_factor;
        phase.reactive_var = phase.apparent_va * std::sqrt(1.0 - phase.power_factor * phase.power_factor);
        phase.current_a = phase.apparent_va / phase.voltage_v;
        all.active_w += phase.active_w;
        all.reactive_var += phase.reactive_var;
        all.apparent_va += phase.apparent_va;
    }
    all.power_factor = all.apparent_va > 0 ? all.active_w / all.apparent_va : 1.0;
    return all;
}

}  // namespace wutong::simulator
