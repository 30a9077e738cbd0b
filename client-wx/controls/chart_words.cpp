#include <algorithm>

#include "client-wx/controls/chart_layout.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/theme/icons.hpp"
#include "client-wx/theme/paint.hpp"

/// The words of a chart: its legend and its tooltip.
namespace wutong::client {

namespace {
constexpr int kTipPadding = 10;
}  // namespace

void Chart::draw_legend(Painter& painter, const Layout& at) const {
    bool gaps = false, markers = false, so_far = false;
    for (const auto& bar : data_.bars) {
        gaps = gaps || !bar.value;
        markers = markers || !bar.marker.empty();
        so_far = so_far || bar.so_far;
    }
    const double height = theme::line_height(at.small), side = theme::space(this, space::m);
    double x = at.left;
    const double y = at.legend_y + (height - side) / 2;
    const auto words = [&](const std::string& text) {
        x += painter.text_at(wxs(text), at.small, theme::colour(Token::ink_2), x, at.legend_y) +
             theme::space(this, space::l);
    };
    const auto swatch = [&](const Painter::Box& box) {
        painter.box({x, y, side, side}, box);
        x += side + theme::space(this, space::s);
    };
    const auto plain = theme::colour(Token::chart_bar);
    Painter::Box box;
    box.radius = theme::space(this, space::hair);
    if (!data_.used.empty()) {
        box.fill = plain;
        swatch(box);
        words(data_.used);
    }
    if (so_far && !data_.so_far.empty()) {
        box.fill = theme::mix(ground_under(*this), plain, 0.4);
        box.edge = plain;
        box.dashed = true;
        swatch(box);
        words(data_.so_far);
    }
    if (data_.average && !data_.average_text.empty()) {
        const double middle = y + side / 2, dash = side * 0.6;
        painter.line(x, middle, x + dash, middle, theme::colour(Token::ink_2));
        painter.line(x + 1.6 * dash, middle, x + 2.2 * dash, middle, theme::colour(Token::ink_2));
        x += 2.2 * dash + theme::space(this, space::s);
        words(data_.average_text);
    }
    if (markers && !data_.marker.empty()) {
        const auto style = theme::state_style(MeterStatus::delivering);
        painter.circle(x + side / 2, y + side / 2, side * 0.6, style.fill);
        painter.icon_centred(style.icon, measure::icon_xs - 2, style.ink, {x, y, side, side});
        x += side + theme::space(this, space::s);
        words(data_.marker);
    }
    if (gaps && !data_.gap.empty()) {
        box.fill = {};
        box.edge = theme::colour(Token::ink_3);
        box.dashed = true;
        const double left = x;
        swatch(box);
        painter.text("?", Text::caption, Token::ink_2, {left, y, side, side}, Painter::Align::centre);
        words(data_.gap);
    }
}

void Chart::draw_tooltip(Painter& painter, const Layout& at) const {
    const auto& bar = data_.bars[*chosen_];
    const auto figure = wxs(bar.value ? bar.figure : data_.gap), title = wxs(bar.title),
               marker = wxs(bar.marker);
    if (figure.empty() && title.empty()) {
        return;
    }
    const double padding = theme::space(this, kTipPadding);
    const double centre = at.x(*chosen_) + at.bar / 2;
    const double width =
        std::max({painter.width(figure, Text::small_bold), painter.width(title, Text::caption),
                  painter.width(marker, Text::caption)}) +
        2 * padding;
    const double line = theme::line_height(Text::small_bold), small = theme::line_height(Text::caption);
    const double height = line + small + (marker.empty() ? 0 : small) + padding;
    painter.line(centre, at.top, centre, at.bottom, theme::colour(Token::ink_2));
    double x = centre + theme::space(this, space::s);
    if (x + width > at.right) {
        x = std::max(0.0, centre - theme::space(this, space::s) - width);
    }
    const double y = at.top + theme::space(this, space::s);
    Painter::Box box;
    box.fill = theme::colour(Token::tip);
    painter.box({x, y, width, height}, box);
    const auto ink = theme::colour(Token::on_tip);
    painter.text_at(figure, Text::small_bold, ink, x + padding, y + padding / 2);
    painter.text_at(title, Text::caption, ink, x + padding, y + padding / 2 + line);
    if (!marker.empty()) {
        painter.text_at(marker, Text::caption, ink, x + padding, y + padding / 2 + line + small);
    }
}

}  // namespace wutong::client
