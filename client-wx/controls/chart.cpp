#include "client-wx/controls/chart.hpp"

#include <fmt/format.h>
#include <wx/dcclient.h>

#include <algorithm>
#include <cmath>

#include "client-wx/controls/chart_layout.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/theme/paint.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

namespace {

constexpr int kLinesWanted = 4;
constexpr int kMarkerRoom = 22;
constexpr std::size_t kBarsMax = 400;

std::string scale_figure(double value, int decimals) {
    auto text = fmt::format("{:.{}f}", value, decimals);
    const auto point = std::min(text.find('.'), text.size());
    for (auto at = point; at > 3; at -= 3) {
        text.insert(at - 3, ",");
    }
    return text;
}

}  // namespace

Chart::Chart(wxWindow* parent, ChartOptions options) : options_{options} {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    Create(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxBORDER_NONE | wxWANTS_CHARS);
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        Refresh();
    });
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        event.Skip();
        InvalidateBestSize();
        Refresh();
    });
    if (!options_.interactive) {
        return;
    }
    Bind(wxEVT_MOTION, [this](wxMouseEvent& event) {
        by_keyboard_ = false;
        choose(bar_at(event.GetPosition()));
    });
    Bind(wxEVT_LEAVE_WINDOW, [this](wxMouseEvent&) {
        if (!by_keyboard_) {
            choose({});
        }
    });
    Bind(wxEVT_LEFT_DOWN, [this](wxMouseEvent& event) {
        SetFocus();
        event.Skip();
    });
    Bind(wxEVT_LEFT_DCLICK, [this](wxMouseEvent& event) {
        if (const auto bar = bar_at(event.GetPosition()); bar && on_activate) {
            on_activate(*bar);
        }
    });
    Bind(wxEVT_KEY_DOWN, &Chart::key, this);
    const auto focus_changed = [this](wxFocusEvent& event) {
        event.Skip();
        Refresh();
    };
    Bind(wxEVT_SET_FOCUS, focus_changed);
    Bind(wxEVT_KILL_FOCUS, focus_changed);
}

void Chart::set_data(ChartData data) {
    data_ = std::move(data);
    if (data_.bars.size() > kBarsMax) {
        data_.bars.resize(kBarsMax);
    }
    if (chosen_ && *chosen_ >= data_.bars.size()) {
        chosen_.reset();
    }
    Refresh();
}

void Chart::choose(std::optional<std::size_t> bar) {
    if (bar && *bar >= data_.bars.size()) {
        bar.reset();
    }
    if (bar != chosen_) {
        chosen_ = bar;
        Refresh();
    }
}

wxSize Chart::DoGetBestClientSize() const {
    const int words = theme::line_height(options_.large ? Text::kiosk_small : Text::caption);
    return {theme::space(this, 240), theme::space(this, 120) + words * (options_.legend ? 3 : 1)};
}

Chart::Layout Chart::layout() const {
    Layout at;
    const auto size = GetClientSize();
    at.small = options_.large ? Text::kiosk_small : Text::caption;
    const double words = theme::line_height(at.small);
    const double gap = theme::space(this, space::s);
    double highest = data_.average.value_or(0);
    bool markers = false;
    for (const auto& bar : data_.bars) {
        highest = std::max(highest, bar.value.value_or(0));
        markers = markers || !bar.marker.empty();
    }
    at.scale = chart_scale(highest, kLinesWanted);
    if (!options_.axis && highest > 0) {
        at.scale = {highest, 1, 0};
    }
    at.right = size.x;
    at.legend_y = size.y - words;
    at.labels_y = (options_.legend ? at.legend_y - gap : size.y) - words;
    at.bottom = at.labels_y - gap / 2;
    at.top = options_.figure_on_top ? words + gap / 2 : options_.axis ? words / 2 : 1;
    if (markers) {
        at.top = std::max(at.top, static_cast<double>(theme::space(this, kMarkerRoom)));
    }
    if (options_.axis) {
        double widest = 0;
        for (int line = 0; line <= at.scale.lines; ++line) {
            const auto figure = scale_figure(line * at.scale.step, at.scale.decimals);
            widest = std::max(widest, static_cast<double>(theme::text_width(at.small, wxs(figure))));
        }
        at.left = widest + gap;
    }
    const auto bars = std::max<std::size_t>(1, data_.bars.size());
    at.pitch = std::max(1.0, (at.right - at.left) / static_cast<double>(bars));
    at.bar = std::clamp(at.pitch * 0.7, 1.0, static_cast<double>(theme::space(this, 48)));
    return at;
}

std::optional<std::size_t> Chart::bar_at(wxPoint point) const {
    const auto at = layout();
    if (data_.bars.empty() || point.x < at.left || point.y > at.legend_y) {
        return std::nullopt;
    }
    const auto bar = static_cast<std::size_t>((point.x - at.left) / at.pitch);
    return bar < data_.bars.size() ? std::optional{bar} : std::nullopt;
}

void Chart::key(wxKeyEvent& event) {
    const auto bars = data_.bars.size();
    if (bars == 0 || event.ControlDown() || event.AltDown()) {
        event.Skip();
        return;
    }
    by_keyboard_ = true;
    switch (event.GetKeyCode()) {
        case WXK_LEFT:
            return choose(chosen_ ? (*chosen_ > 0 ? *chosen_ - 1 : 0) : bars - 1);
        case WXK_RIGHT:
            return choose(chosen_ ? std::min(bars - 1, *chosen_ + 1) : 0);
        case WXK_HOME:
            return choose(0);
        case WXK_END:
            return choose(bars - 1);
        case WXK_ESCAPE:
            if (chosen_) {
                return choose({});
            }
            break;
        case WXK_RETURN:
            if (chosen_ && on_activate) {
                return on_activate(*chosen_);
            }
            break;
        case WXK_TAB:
            HandleAsNavigationKey(event);
            return;
        default:
            break;
    }
    event.Skip();
}

void Chart::paint() {
    wxPaintDC dc{this};
    Painter painter{dc, *this};
    painter.clear(ground_under(*this));
    const auto at = layout();
    if (at.bottom <= at.top) {
        return;
    }
    draw_ground(painter, at);
    draw_bars(painter, at);
    draw_labels(painter, at);
    if (options_.legend) {
        draw_legend(painter, at);
    }
    if (options_.interactive && chosen_) {
        draw_tooltip(painter, at);
    }
    if (HasFocus()) {
        const int room = DrawnControl::ring_room;
        painter.focus_ring({at.left + room, at.top, at.right - at.left - 2 * room, at.bottom - at.top},
                           theme::space(this, measure::radius_chip));
    }
}

void Chart::draw_ground(Painter& painter, const Layout& at) const {
    const auto surface = ground_under(*this);
    for (std::size_t i = 0; i < data_.bars.size(); ++i) {
        if (data_.bars[i].weekend && options_.axis) {
            Painter::Box band;
            band.fill = theme::mix(surface, theme::colour(Token::ink_3), 0.10);
            band.radius = 0;
            painter.box({at.left + at.pitch * static_cast<double>(i), at.top, at.pitch, at.bottom - at.top},
                        band);
        }
    }
    if (options_.axis) {
        for (int line = 0; line <= at.scale.lines; ++line) {
            const double value = line * at.scale.step, y = at.y(value);
            if (line > 0) {
                painter.line(at.left, y, at.right, y, theme::colour(Token::line));
            }
            const double height = theme::line_height(at.small);
            painter.text(wxs(scale_figure(value, at.scale.decimals)), at.small, Token::ink_3,
                         {0, y - height / 2, at.left - theme::space(this, space::s), height},
                         Painter::Align::right);
        }
    }
    painter.line(at.left, at.bottom, at.right, at.bottom, theme::colour(Token::line_strong));
}

void Chart::draw_bars(Painter& painter, const Layout& at) const {
    const auto surface = ground_under(*this);
    const auto plain = theme::colour(Token::chart_bar), strong = theme::colour(Token::accent);
    std::optional<std::size_t> on_top = chosen_;
    if (options_.figure_on_top && !on_top) {
        for (std::size_t i = 0; i < data_.bars.size(); ++i) {
            if (data_.bars[i].value && (!on_top || *data_.bars[i].value > *data_.bars[*on_top].value)) {
                on_top = i;
            }
        }
    }
    for (std::size_t i = 0; i < data_.bars.size(); ++i) {
        const auto& bar = data_.bars[i];
        const double x = at.x(i);
        Painter::Box box;
        box.radius = std::min<double>(theme::space(this, 3), at.bar / 3);
        if (!bar.value) {
            const double side = std::min<double>(theme::space(this, 28), at.bottom - at.top);
            box.edge = theme::colour(Token::ink_3);
            box.dashed = true;
            const wxRect2DDouble rect{x, at.bottom - side, at.bar, side};
            painter.box(rect, box);
            painter.text("?", at.small, Token::ink_2, rect, Painter::Align::centre);
        } else {
            const double y = std::min(at.y(*bar.value), at.bottom - (*bar.value > 0 ? 1 : 0));
            const bool chosen = on_top == i;
            box.fill = chosen ? strong : plain;
            if (bar.so_far) {
                box.fill = theme::mix(surface, plain, 0.4);
                box.edge = plain;
                box.dashed = true;
            }
            painter.box({x, y, at.bar, at.bottom - y}, box);
            if (chosen && options_.figure_on_top) {
                const double height = theme::line_height(at.small);
                painter.text(wxs(bar.figure), at.small, Token::ink,
                             {x - at.pitch, y - height - 2, at.bar + 2 * at.pitch, height},
                             Painter::Align::centre);
            }
        }
        if (!bar.marker.empty()) {
            const auto style = theme::state_style(MeterStatus::delivering);
            const double radius = theme::space(this, 9), centre = x + at.bar / 2;
            painter.circle(centre, radius + 1, radius, style.fill);
            painter.icon_centred(style.icon, measure::icon_xs, style.ink,
                                 {centre - radius, 1, 2 * radius, 2 * radius});
        }
    }
    if (data_.average && options_.axis) {
        const double y = at.y(*data_.average), dash = theme::space(this, space::s);
        for (double x = at.left; x < at.right; x += 1.6 * dash) {
            painter.line(x, y, std::min(at.right, x + dash), y, theme::colour(Token::ink_2));
        }
    }
}

void Chart::draw_labels(Painter& painter, const Layout& at) const {
    double free_from = -1;
    for (std::size_t i = 0; i < data_.bars.size(); ++i) {
        const bool first = i == 0, last = i + 1 == data_.bars.size();
        const auto& label = data_.bars[i].label;
        if (label.empty() || (options_.ends_only && !first && !last)) {
            continue;
        }
        const double width = painter.width(wxs(label), at.small);
        const double x = options_.ends_only && first ? at.left
                                                     : std::clamp(at.x(i) + at.bar / 2 - width / 2, 0.0,
                                                                  std::max(0.0, at.right - width));
        if (x < free_from) {
            continue;
        }
        painter.text_at(wxs(label), at.small, theme::colour(Token::ink_3), x, at.labels_y);
        free_from = x + width + theme::space(this, space::s);
    }
}

}  // namespace wutong::client
