#pragma once

#include <wx/window.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wutong::client {

class Painter;

struct LinePoint {
    std::int64_t at_s = 0;          ///< seconds since 1970
    std::optional<double> value{};  ///< no value: the line is broken here
};

struct LineSeries {
    std::string name;  ///< written at the end of its line
    std::vector<LinePoint> points;
};

struct LineChartData {
    std::vector<LineSeries> series;  ///< at most five; they share the scale
    std::string unit;                ///< "kW", over the scale
    /// A line is broken where two points lie further apart.
    std::int64_t gap_s = 3600;
    /// Where the time axis gets its words: second → "10:00" or "24 Mar", given the span shown.
    std::function<std::string(std::int64_t at_s, std::int64_t span_s)> label;
    /// Seconds east of UTC there and then: marks stand at round hours and midnights of the property's clock.
    std::function<int(std::int64_t at_s)> offset;
    std::function<std::string(std::int64_t at_s)> moment;  ///< for the tooltip
    std::function<std::string(double)> figure;
};

/// Values over time. Hover or ← → show the values of a moment.
class LineChart : public wxWindow {
public:
    explicit LineChart(wxWindow* parent);

    void set_data(LineChartData data);
    bool AcceptsFocus() const override { return true; }

protected:
    [[nodiscard]] wxSize DoGetBestClientSize() const override;

private:
    struct Layout;
    [[nodiscard]] Layout layout() const;
    void paint();
    void draw_ground(Painter& painter, const Layout& at) const;
    void draw_lines(Painter& painter, const Layout& at) const;
    void draw_tooltip(Painter& painter, const Layout& at) const;
    void key(wxKeyEvent& event);

    LineChartData data_;
    std::int64_t first_s_{0}, last_s_{0};
    double lowest_{0}, highest_{1};
    std::optional<std::int64_t> chosen_s_;
};

}  // namespace wutong::client
