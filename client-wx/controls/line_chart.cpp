#include "client-wx/controls/line_chart.hpp"

#include <fmt/format.h>
#include <wx/dcclient.h>
#include <wx/graphics.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "client-wx/controls/chart_scale.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/theme/paint.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

namespace {

constexpr int kLinesWanted = 4;
constexpr std::size_t kSeriesMax = 5;
constexpr std::size_t kPointsMax = 20'000;
constexpr std::array kInks{Token::chart_bar, Token::series_2, Token::series_3, Token::series_4,
                           Token::series_5};
// Where the time axis may have its marks.
constexpr std::array<std::int64_t, 14> kTimeSteps{60,    300,   900,   1800,   3600,   7200,    14400,
                                                  21600, 43200, 86400, 172800, 604800, 1209600, 2592000};

}  // namespace

struct LineChart::Layout {
    double left = 0, right = 0, top = 0, bottom = 0, labels_y = 0;
    double low = 0, high = 1;
    std::int64_t first_s = 0, span_s = 1;
    ChartScale scale{};

    [[nodiscard]] double x(std::int64_t at_s) const {
        return left + (right - left) * static_cast<double>(at_s - first_s) / static_cast<double>(span_s);
    }
    [[nodiscard]] double y(double value) const {
        return bottom - (value - low) / (high - low) * (bottom - top);
    }
};

LineChart::LineChart(wxWindow* parent) {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    Create(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxBORDER_NONE | wxWANTS_CHARS);
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    const auto refresh = [this](auto& event) {
        event.Skip();
        Refresh();
    };
    Bind(wxEVT_SIZE, [refresh](wxSizeEvent& event) { refresh(event); });
    Bind(EVT_THEME_CHANGED, [refresh](ThemeEvent& event) { refresh(event); });
    Bind(wxEVT_SET_FOCUS, [refresh](wxFocusEvent& event) { refresh(event); });
    Bind(wxEVT_KILL_FOCUS, [refresh](wxFocusEvent& event) { refresh(event); });
    Bind(wxEVT_MOTION, [this](wxMouseEvent& event) {
        const auto at = layout();
        chosen_s_.reset();
        if (event.GetX() >= at.left && event.GetX() <= at.right) {
            const double share = (event.GetX() - at.left) / std::max(1.0, at.right - at.left);
            chosen_s_ = at.first_s + static_cast<std::int64_t>(share * static_cast<double>(at.span_s));
        }
        Refresh();
    });
    Bind(wxEVT_LEAVE_WINDOW, [this](wxMouseEvent&) {
        chosen_s_.reset();
        Refresh();
    });
    Bind(wxEVT_LEFT_DOWN, [this](wxMouseEvent&) { SetFocus(); });
    Bind(wxEVT_KEY_DOWN, &LineChart::key, this);
}

void LineChart::set_data(LineChartData data) {
    data_ = std::move(data);
    if (data_.series.size() > kSeriesMax) {
        data_.series.resize(kSeriesMax);
    }
    first_s_ = std::numeric_limits<std::int64_t>::max();
    last_s_ = std::numeric_limits<std::int64_t>::min();
    lowest_ = 0;
    highest_ = 0;
    for (auto& series : data_.series) {
        if (series.points.size() > kPointsMax) {
            series.points.resize(kPointsMax);
        }
        for (const auto& point : series.points) {
            first_s_ = std::min(first_s_, point.at_s);
            last_s_ = std::max(last_s_, point.at_s);
            if (point.value && std::isfinite(*point.value)) {
                lowest_ = std::min(lowest_, *point.value);
                highest_ = std::max(highest_, *point.value);
            }
        }
    }
    chosen_s_.reset();
    Refresh();
}

wxSize LineChart::DoGetBestClientSize() const {
    return {theme::space(this, 240), theme::space(this, 160)};
}

LineChart::Layout LineChart::layout() const {
    Layout at;
    const auto size = GetClientSize();
    const double words = theme::line_height(Text::caption), gap = theme::space(this, space::s);
    at.scale = chart_scale(std::max(highest_ - lowest_, highest_), kLinesWanted);
    at.low = std::floor(lowest_ / at.scale.step) * at.scale.step;
    at.high = std::max(at.low + at.scale.step, std::ceil(highest_ / at.scale.step - 1e-9) * at.scale.step);
    double widest = 0;
    for (double value = at.low; value <= at.high + at.scale.step / 2; value += at.scale.step) {
        widest = std::max(widest, static_cast<double>(theme::text_width(
                                      Text::caption, wxs(fmt::format("{:.{}f}", value, at.scale.decimals)))));
    }
    at.left = widest + gap;
    double names = 0;
    if (data_.series.size() > 1) {
        for (const auto& series : data_.series) {
            names = std::max(names, static_cast<double>(theme::text_width(Text::caption, wxs(series.name))));
        }
    }
    at.right = std::max(at.left + 1, size.x - (names > 0 ? names + gap : gap));
    at.labels_y = size.y - words;
    at.bottom = at.labels_y - gap / 2;
    at.top = words * (data_.unit.empty() ? 0.5 : 1.5);
    at.first_s = first_s_;
    at.span_s = std::max<std::int64_t>(1, last_s_ - first_s_);
    return at;
}

void LineChart::key(wxKeyEvent& event) {
    const auto step = std::max<std::int64_t>(1, (last_s_ - first_s_) / 50);
    switch (event.GetKeyCode()) {
        case WXK_LEFT:
            chosen_s_ = std::max(first_s_, chosen_s_.value_or(last_s_ + step) - step);
            break;
        case WXK_RIGHT:
            chosen_s_ = std::min(last_s_, chosen_s_.value_or(first_s_ - step) + step);
            break;
        case WXK_HOME:
            chosen_s_ = first_s_;
            break;
        case WXK_END:
            chosen_s_ = last_s_;
            break;
        case WXK_TAB:
            HandleAsNavigationKey(event);
            return;
        default:
            event.Skip();
            return;
    }
    Refresh();
}

void LineChart::paint() {
    wxPaintDC dc{this};
    Painter painter{dc, *this};
    painter.clear(ground_under(*this));
    if (last_s_ < first_s_) {
        return;
    }
    const auto at = layout();
    if (at.bottom <= at.top) {
        return;
    }
    draw_ground(painter, at);
    draw_lines(painter, at);
    if (chosen_s_) {
        draw_tooltip(painter, at);
    }
    if (HasFocus()) {
        const int room = DrawnControl::ring_room;
        painter.focus_ring({at.left + room, at.top, at.right - at.left - 2 * room, at.bottom - at.top},
                           theme::space(this, measure::radius_chip));
    }
}

void LineChart::draw_ground(Painter& painter, const Layout& at) const {
    const double words = theme::line_height(Text::caption);
    if (!data_.unit.empty()) {
        painter.text_at(wxs(data_.unit), Text::caption, theme::colour(Token::ink_3), 0, 0);
    }
    for (double value = at.low; value <= at.high + at.scale.step / 2; value += at.scale.step) {
        const bool ground = std::abs(value) < at.scale.step / 2;
        painter.line(at.left, at.y(value), at.right, at.y(value),
                     theme::colour(ground ? Token::line_strong : Token::line));
        painter.text(wxs(fmt::format("{:.{}f}", value, at.scale.decimals)), Text::caption, Token::ink_3,
                     {0, at.y(value) - words / 2, at.left - theme::space(this, space::s), words},
                     Painter::Align::right);
    }
    if (!data_.label) {
        return;
    }
    const double room = theme::space(this, 90);
    const auto most = std::max<std::int64_t>(1, static_cast<std::int64_t>((at.right - at.left) / room));
    auto step = kTimeSteps.back();
    for (const auto candidate : kTimeSteps) {
        if (at.span_s / candidate <= most) {
            step = candidate;
            break;
        }
    }
    const auto offset = [&](std::int64_t when) { return data_.offset ? data_.offset(when) : 0; };
    double free_from = -1;
    for (auto clock = (at.first_s + offset(at.first_s) + step - 1) / step * step;; clock += step) {
        // Right but for the hour of a change of summer time, where two clock times are one moment.
        const auto t = clock - offset(clock - offset(clock));
        if (t > at.first_s + at.span_s) {
            break;
        }
        const auto text = wxs(data_.label(t, at.span_s));
        const double width = painter.width(text, Text::caption);
        const double x = std::clamp(at.x(t) - width / 2, at.left, std::max(at.left, at.right - width));
        if (x >= free_from) {
            painter.text_at(text, Text::caption, theme::colour(Token::ink_3), x, at.labels_y);
            free_from = x + width + theme::space(this, space::s);
        }
    }
}

void LineChart::draw_lines(Painter& painter, const Layout& at) const {
    auto& gc = painter.context();
    for (std::size_t s = 0; s < data_.series.size(); ++s) {
        const auto ink = theme::colour(kInks[s]);
        auto path = gc.CreatePath();
        std::optional<LinePoint> before;
        for (const auto& point : data_.series[s].points) {
            if (!point.value || !std::isfinite(*point.value)) {
                before.reset();
                continue;
            }
            if (!before || point.at_s - before->at_s > data_.gap_s) {
                path.MoveToPoint(at.x(point.at_s), at.y(*point.value));
                // A point between two gaps would be a line of no length.
                path.AddLineToPoint(at.x(point.at_s) + 0.5, at.y(*point.value));
            } else {
                path.AddLineToPoint(at.x(point.at_s), at.y(*point.value));
            }
            before = point;
        }
        gc.SetPen(gc.CreatePen(
            wxGraphicsPenInfo{ink, static_cast<double>(theme::space(this, measure::chart_line))}.Join(
                wxJOIN_ROUND)));
        gc.StrokePath(path);
        if (data_.series.size() > 1 && before && before->value) {
            painter.text_at(wxs(data_.series[s].name), Text::caption, ink,
                            at.right + theme::space(this, space::xs),
                            at.y(*before->value) - theme::line_height(Text::caption) / 2.0);
        }
    }
}

void LineChart::draw_tooltip(Painter& painter, const Layout& at) const {
    std::vector<wxString> lines;
    const double x = at.x(*chosen_s_);
    std::int64_t shown_s = *chosen_s_;
    for (std::size_t s = 0; s < data_.series.size(); ++s) {
        const auto& points = data_.series[s].points;
        const auto after = std::lower_bound(points.begin(), points.end(), *chosen_s_,
                                            [](const LinePoint& p, std::int64_t t) { return p.at_s < t; });
        auto nearest = after;
        if (after == points.end() ||
            (after != points.begin() && *chosen_s_ - (after - 1)->at_s < after->at_s - *chosen_s_)) {
            nearest = after == points.begin() ? after : after - 1;
        }
        if (nearest == points.end() || !nearest->value ||
            std::abs(nearest->at_s - *chosen_s_) > data_.gap_s) {
            continue;
        }
        shown_s = nearest->at_s;
        painter.circle(at.x(nearest->at_s), at.y(*nearest->value), theme::space(this, space::xs),
                       theme::colour(kInks[s]));
        const auto figure =
            data_.figure ? data_.figure(*nearest->value) : fmt::format("{:.2f}", *nearest->value);
        lines.push_back(wxs(data_.series.size() > 1 ? data_.series[s].name + "  " + figure : figure));
    }
    if (lines.empty()) {
        lines.push_back("?");
    }
    const auto when = wxs(data_.moment ? data_.moment(shown_s) : std::string{});
    const double padding = theme::space(this, space::s);
    double width = painter.width(when, Text::caption);
    for (const auto& line : lines) {
        width = std::max(width, painter.width(line, Text::small_bold));
    }
    width += 2 * padding;
    const double line_height = theme::line_height(Text::small_bold);
    const double height =
        static_cast<double>(lines.size()) * line_height + theme::line_height(Text::caption) + padding;
    painter.line(x, at.top, x, at.bottom, theme::colour(Token::ink_2));
    const double left = x + padding + width > at.right ? std::max(0.0, x - padding - width) : x + padding;
    Painter::Box box;
    box.fill = theme::colour(Token::tip);
    painter.box({left, at.top, width, height}, box);
    double y = at.top + padding / 2;
    for (const auto& line : lines) {
        painter.text_at(line, Text::small_bold, theme::colour(Token::on_tip), left + padding, y);
        y += line_height;
    }
    painter.text_at(when, Text::caption, theme::colour(Token::on_tip), left + padding, y);
}

}  // namespace wutong::client
