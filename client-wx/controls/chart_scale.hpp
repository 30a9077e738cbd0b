#pragma once

#include <algorithm>
#include <cmath>

namespace wutong::client {

/// A scale in round numbers: `lines` steps of `step` (1, 2 or 5 times a power of ten) reach the highest
/// value.
struct ChartScale {
    double step = 1;
    int lines = 1;
    int decimals = 0;  ///< that a label needs
    [[nodiscard]] double top() const { return step * lines; }
};

/// @param highest anything; what is not a number or not above zero counts as 1
/// @param lines_most at least 1
[[nodiscard]] inline ChartScale chart_scale(double highest, int lines_most) {
    if (!std::isfinite(highest) || highest <= 0) {
        highest = 1;
    }
    lines_most = std::max(1, lines_most);
    const double least = highest / lines_most;
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    ChartScale scale;
    scale.step = power * 10;
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= least * (1 - 1e-9)) {
            scale.step = factor * power;
            break;
        }
    }
    scale.lines = std::max(1, static_cast<int>(std::ceil(highest / scale.step - 1e-9)));
    scale.decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(scale.step) - 1e-9)), 0, 4);
    return scale;
}

}  // namespace wutong::client
