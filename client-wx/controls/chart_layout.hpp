#pragma once

#include <algorithm>
#include <cstddef>

#include "client-wx/controls/chart.hpp"
#include "client-wx/controls/chart_scale.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

/// Where the parts of a Chart are at its present size.
struct Chart::Layout {
    double left = 0, right = 0, top = 0, bottom = 0;  // of the plot
    double labels_y = 0, legend_y = 0;
    double pitch = 0, bar = 0;
    ChartScale scale{};
    Text small{Text::caption};

    [[nodiscard]] double x(std::size_t bar_index) const {
        return left + pitch * static_cast<double>(bar_index) + (pitch - bar) / 2;
    }
    [[nodiscard]] double y(double value) const {
        return bottom - std::clamp(value / scale.top(), 0.0, 1.0) * (bottom - top);
    }
};

}  // namespace wutong::client
