#include "client-wx/controls/segmented.hpp"

#include <algorithm>
#include <numeric>

namespace wutong::client {
namespace {

constexpr int padding = 14, frame = 2, tab_padding = 10, underline = 3;

}  // namespace

Segmented::Segmented(wxWindow* parent, std::vector<wxString> choices, int chosen)
    : DrawnControl{parent, Focus::by_tab}, choices_{std::move(choices)}, chosen_{chosen} {}

void Segmented::set_choices(std::vector<wxString> choices, int chosen) {
    choices_ = std::move(choices);
    chosen_ = chosen;
    content_changed();
}

void Segmented::choose(int index) {
    if (index != chosen_) {
        chosen_ = index;
        Refresh();
    }
}

void Segmented::choose_and_tell(int index) {
    if (index < 0 || index >= static_cast<int>(choices_.size()) || index == chosen_) {
        return;
    }
    choose(index);
    if (change_) {
        const auto run = change_;
        run(index);
    }
}

int Segmented::width_of(size_t index) const {
    return std::max(theme::text_width(Text::body_bold, choices_[index]) + 2 * dip(padding),
                    dip(measure::control));
}

int Segmented::index_at(int x) const {
    int right = dip(frame);
    for (size_t i = 0; i < choices_.size(); ++i) {
        right += width_of(i);
        if (x < right) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

void Segmented::draw(Painter& painter) {
    using theme::colour;
    const auto rect = inner();
    const auto surface = colour(Token::surface);
    painter.box(rect, {.fill = surface, .edge = colour(Token::line)});
    draw_ring(painter, measure::radius_control);
    double x = dip(frame);
    const double height = GetClientSize().y;
    for (size_t i = 0; i < choices_.size(); ++i) {
        const double width = width_of(i);
        const bool on = static_cast<int>(i) == chosen_;
        const wxRect2DDouble part{x + 1, dip(frame) + 2.0, width - 2, height - 2 * dip(frame) - 4};
        if (on) {
            painter.box(part, {.fill = colour(Token::accent_soft), .radius = measure::radius_chip});
        } else if (hovered() && static_cast<int>(i) == hover_) {
            painter.box(part, {.fill = theme::mix(surface, colour(Token::ink), 0.05),
                               .radius = measure::radius_chip});
        }
        painter.text(choices_[i], on ? Text::body_bold : Text::body,
                     colour(!IsEnabled() ? Token::ink_3
                            : on         ? Token::accent
                                         : Token::ink_2),
                     {x, 0, width, height}, Painter::Align::centre);
        x += width;
    }
}

void Segmented::clicked_at(const wxPoint& point) {
    choose_and_tell(index_at(point.x));
}

void Segmented::pointer_at(const wxPoint& point) {
    const int now = index_at(point.x);
    if (now != hover_) {
        hover_ = now;
        Refresh();
    }
}

void Segmented::pointer_left() {
    hover_ = -1;
}

bool Segmented::key_pressed(wxKeyEvent& event) {
    const auto key = event.GetKeyCode();
    if (event.HasAnyModifiers() || (key != WXK_LEFT && key != WXK_RIGHT)) {
        return false;
    }
    choose_and_tell(
        std::clamp(chosen_ + (key == WXK_RIGHT ? 1 : -1), 0, static_cast<int>(choices_.size()) - 1));
    return true;
}

wxSize Segmented::DoGetBestClientSize() const {
    int width = 2 * dip(frame);
    for (size_t i = 0; i < choices_.size(); ++i) {
        width += width_of(i);
    }
    return {width, theme::control_height(this, Text::body, measure::control_min)};
}

TabBar::TabBar(wxWindow* parent, std::vector<wxString> tabs, int chosen)
    : DrawnControl{parent, Focus::by_tab}, tabs_{std::move(tabs)}, chosen_{chosen} {}

void TabBar::choose(int index) {
    if (index >= 0 && index < static_cast<int>(tabs_.size()) && index != chosen_) {
        chosen_ = index;
        Refresh();
    }
}

void TabBar::step(int by) {
    const int count = static_cast<int>(tabs_.size());
    if (count == 0) {
        return;
    }
    choose(((chosen_ + by) % count + count) % count);
    if (change_) {
        const auto run = change_;
        run(chosen_);
    }
}

int TabBar::width_of(size_t index) const {
    return theme::text_width(Text::body_bold, tabs_[index]) + 2 * dip(tab_padding);
}

int TabBar::index_at(int x) const {
    int left = 0;
    for (size_t i = 0; i < tabs_.size(); ++i) {
        const int width = width_of(i);
        if (x >= left && x < left + width) {
            return static_cast<int>(i);
        }
        left += width + dip(space::s);
    }
    return -1;
}

void TabBar::draw(Painter& painter) {
    using theme::colour;
    const auto size = GetClientSize();
    painter.line(0, size.y - 1, size.x, size.y - 1, colour(Token::line));
    double x = 0;
    for (size_t i = 0; i < tabs_.size(); ++i) {
        const double width = width_of(i);
        const bool on = static_cast<int>(i) == chosen_;
        const bool hot = hovered() && static_cast<int>(i) == hover_;
        painter.text(tabs_[i], on ? Text::body_bold : Text::body,
                     on ? Token::accent : (hot ? Token::ink : Token::ink_2), {x, 0, width, size.y - 4.0},
                     Painter::Align::centre);
        if (on) {
            painter.box({x, 1.0 * size.y - dip(underline), width, 1.0 * dip(underline)},
                        {.fill = colour(Token::accent), .radius = 1});
            if (shows_focus()) {
                painter.focus_ring({x + 3, 3, width - 6, size.y - 12.0}, measure::radius_chip);
            }
        }
        x += width + dip(space::s);
    }
}

void TabBar::clicked_at(const wxPoint& point) {
    const int index = index_at(point.x);
    if (index >= 0 && index != chosen_) {
        step(index - chosen_);
    }
}

void TabBar::pointer_at(const wxPoint& point) {
    const int now = index_at(point.x);
    if (now != hover_) {
        hover_ = now;
        Refresh();
    }
}

void TabBar::pointer_left() {
    hover_ = -1;
}

bool TabBar::key_pressed(wxKeyEvent& event) {
    const auto key = event.GetKeyCode();
    if (event.HasAnyModifiers() || (key != WXK_LEFT && key != WXK_RIGHT)) {
        return false;
    }
    step(key == WXK_RIGHT ? 1 : -1);
    return true;
}

wxSize TabBar::DoGetBestClientSize() const {
    int width = 0;
    for (size_t i = 0; i < tabs_.size(); ++i) {
        width += width_of(i) + dip(space::s);
    }
    return {width, theme::line_height(Text::body) + dip(18)};
}

}  // namespace wutong::client
