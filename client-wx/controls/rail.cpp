#include <algorithm>

#include "client-wx/controls/frame_parts.hpp"

namespace wutong::client {
namespace {

constexpr int rail_edge = 8, entry_top = 70, entry_height = 40, entry_pitch = 44, mark_width = 3;
constexpr int logo_side = 30, logo_x = 18, logo_y = 15, icon_x = 22, words_x = 54, right_room = 24;
constexpr int chip_height = 48, chip_bottom = 12, disc_side = 28, pill_padding = 7;

}  // namespace

Rail::Rail(wxWindow* parent, const wxString& product)
    : DrawnControl{parent, Focus::by_tab}, product_{product} {}

void Rail::set_entries(std::vector<Entry> entries) {
    entries_ = std::move(entries);
    Refresh();
}

void Rail::set_count(size_t index, int count, bool loud) {
    if (index < entries_.size() && (entries_[index].count != count || entries_[index].loud != loud)) {
        entries_[index].count = count;
        entries_[index].loud = loud;
        Refresh();
    }
}

void Rail::set_current(int index) {
    if (index != current_) {
        current_ = index;
        focused_part_ = std::max(index, 0);
        Refresh();
    }
}

void Rail::set_product(const wxString& name) {
    product_ = name;
    Refresh();
}

void Rail::set_operator(const wxString& initials, const wxString& name, const wxString& place) {
    initials_ = initials;
    name_ = name;
    place_ = place;
    Refresh();
}

void Rail::set_shift(const wxString& shift, const wxString& detail) {
    if (shift != shift_ || detail != shift_detail_) {
        shift_ = shift;
        shift_detail_ = detail;
        Refresh();
    }
}

void Rail::set_folded(bool folded) {
    if (folded != folded_) {
        folded_ = folded;
        content_changed();
    }
}

void Rail::open_operator_menu() {
    if (operator_click_) {
        const auto run = operator_click_;
        const auto chip = chip_rect();
        run(ClientToScreen(wxPoint{static_cast<int>(chip.m_x), static_cast<int>(chip.m_y)}));
    }
}

wxRect2DDouble Rail::entry_rect(size_t index) const {
    const int height = theme::control_height(this, Text::body, entry_height);
    const int pitch = height + dip(entry_pitch - entry_height);
    return {static_cast<double>(dip(rail_edge)),
            static_cast<double>(dip(entry_top) + static_cast<int>(index) * pitch),
            static_cast<double>(GetClientSize().x - 2 * dip(rail_edge)), static_cast<double>(height)};
}

wxRect2DDouble Rail::chip_rect() const {
    const int height = std::max(dip(chip_height), theme::line_height(Text::small_bold) +
                                                      theme::line_height(Text::caption) + dip(space::s));
    return {static_cast<double>(dip(rail_edge)),
            static_cast<double>(GetClientSize().y - dip(chip_bottom) - height),
            static_cast<double>(GetClientSize().x - 2 * dip(rail_edge)), static_cast<double>(height)};
}

wxRect2DDouble Rail::shift_rect() const {
    const auto chip = chip_rect();
    const int height = 2 * theme::line_height(Text::small_bold) + dip(space::s);
    return {chip.m_x, chip.m_y - height - dip(space::s), chip.m_width, static_cast<double>(height)};
}

int Rail::part_at(const wxPoint& point) const {
    const wxPoint2DDouble at{static_cast<double>(point.x), static_cast<double>(point.y)};
    for (size_t i = 0; i < entries_.size(); ++i) {
        if (entry_rect(i).Contains(at)) {
            return static_cast<int>(i);
        }
    }
    if (!shift_.empty() && shift_rect().Contains(at)) {
        return shift_lines;
    }
    return chip_rect().Contains(at) && !name_.empty() ? operator_chip : nothing;
}

void Rail::draw(Painter& painter) {
    using theme::colour;
    const auto size = GetClientSize();
    painter.clear(Token::rail);
    const double logo = dip(logo_side);
    const double logo_left = folded_ ? (size.x - logo) / 2 : dip(logo_x);
    painter.box({logo_left, dip(logo_y) + 0.0, logo, logo},
                {.fill = colour(Token::rail_mark), .radius = measure::radius_card - 1.0});
    painter.icon_centred("leaf", measure::icon_m, colour(Token::rail),
                         {logo_left, dip(logo_y) + 0.0, logo, logo});
    if (!folded_) {
        painter.text(product_, Text::title, Token::on_rail,
                     {logo_left + logo + dip(space::m), dip(logo_y) + 0.0,
                      size.x - logo_left - logo - dip(space::xl), logo});
    }

    for (size_t i = 0; i < entries_.size(); ++i) {
        draw_entry(painter, i);
    }
    if (!name_.empty()) {
        draw_chip(painter);
    }
    if (!shift_.empty()) {
        draw_shift(painter);
    }
    painter.line(size.x - 1, 0, size.x - 1, size.y, colour(Token::rail));
}

void Rail::draw_entry(Painter& painter, size_t index) {
    using theme::colour;
    const auto& entry = entries_[index];
    const auto rect = entry_rect(index);
    const int number = static_cast<int>(index);
    const bool on = number == current_;
    const double middle = rect.m_y + rect.m_height / 2;
    if (on || (hovered() && hover_ == number)) {
        const auto fill = colour(Token::rail_active);
        painter.box(rect, {.fill = on ? fill : theme::mix(colour(Token::rail), fill, 0.55)});
    }
    if (on) {
        painter.box({rect.m_x, middle - dip(space::m), 1.0 * dip(mark_width), 2.0 * dip(space::m)},
                    {.fill = colour(Token::rail_mark), .radius = 1});
    }
    if (shows_focus() && focused_part_ == number) {
        painter.box(rect, {.edge = colour(Token::rail_mark), .edge_width = measure::focus_line});
    }
    const auto ink = colour(on ? Token::on_rail : Token::rail_ink);
    const double side = dip(measure::icon_m);
    const double icon_left = folded_ ? (GetClientSize().x - side) / 2 : dip(icon_x);
    painter.icon(entry.icon, measure::icon_m, ink, icon_left, middle - side / 2);

    const double right = rect.m_x + rect.m_width - dip(space::s) - 1;
    double count_left = right;
    if (entry.count > 0) {
        const auto words = entry.count > 999 ? wxString{"999+"} : wxString::Format("%d", entry.count);
        const double height = theme::line_height(Text::small_bold) + 1;
        const double width =
            std::max(height, theme::text_width(Text::small_bold, words) + 2.0 * dip(pill_padding));
        const double top = folded_ ? rect.m_y : std::round(middle - height / 2);
        count_left = folded_ ? GetClientSize().x - width - 2 : right - width;
        const auto fill = entry.loud ? colour(Token::danger_fill)
                          : on       ? theme::mix(colour(Token::rail_active), colour(Token::rail), 0.5)
                                     : colour(Token::rail_active);
        painter.box({count_left, top, width, height}, {.fill = fill, .radius = height / 2});
        painter.text(words, Text::small_bold, Token::on_rail, {count_left, top, width, height},
                     Painter::Align::centre);
    } else if (!folded_ && !entry.key.empty()) {
        count_left = right - painter.key_hint_width(entry.key);
        const auto faint =
            theme::mix(colour(on ? Token::rail_active : Token::rail), colour(Token::rail_ink), 0.75);
        const auto edge =
            theme::mix(colour(on ? Token::rail_active : Token::rail), colour(Token::rail_ink), 0.3);
        painter.key_hint(entry.key, faint, edge, count_left, middle);
    }
    if (!folded_) {
        painter.text(entry.words, on ? Text::body_bold : Text::body, ink,
                     {1.0 * dip(words_x), rect.m_y, count_left - dip(words_x) - 2, rect.m_height});
    }
}

void Rail::draw_chip(Painter& painter) {
    using theme::colour;
    const auto rect = chip_rect();
    const bool hot = hovered() && hover_ == operator_chip;
    const auto fill = colour(Token::rail_active);
    painter.box(rect, {.fill = hot ? theme::mix(fill, colour(Token::rail_ink), 0.12) : fill});
    if (shows_focus() && focused_part_ == operator_chip) {
        painter.box(rect, {.edge = colour(Token::rail_mark), .edge_width = measure::focus_line});
    }
    const double disc = dip(disc_side);
    const double middle = rect.m_y + rect.m_height / 2;
    const double left = folded_ ? (GetClientSize().x - disc) / 2 : rect.m_x + dip(space::m);
    painter.circle(left + disc / 2, middle, disc / 2, colour(Token::rail_disc));
    painter.text(initials_, Text::small_bold, Token::on_rail, {left, middle - disc / 2, disc, disc},
                 Painter::Align::centre);
    if (folded_) {
        return;
    }
    const double x = left + disc + dip(space::s + 2);
    const double width = rect.m_x + rect.m_width - x - dip(space::s);
    const double name_height = theme::line_height(Text::small_bold);
    const double place_height = place_.empty() ? 0 : theme::line_height(Text::caption);
    const double top = middle - (name_height + place_height) / 2;
    painter.text(name_, Text::small_bold, Token::on_rail, {x, top, width, name_height});
    painter.text(place_, Text::caption, Token::rail_ink, {x, top + name_height, width, place_height});
}

void Rail::draw_shift(Painter& painter) {
    using theme::colour;
    const auto rect = shift_rect();
    if (hovered() && hover_ == shift_lines) {
        painter.box(rect, {.fill = theme::mix(colour(Token::rail), colour(Token::rail_active), 0.55)});
    }
    if (shows_focus() && focused_part_ == shift_lines) {
        painter.box(rect, {.edge = colour(Token::rail_mark), .edge_width = measure::focus_line});
    }
    painter.line(rect.m_x, rect.m_y - dip(space::xs), rect.m_x + rect.m_width, rect.m_y - dip(space::xs),
                 colour(Token::rail_line));
    const double line = theme::line_height(Text::small_bold);
    const double top = rect.m_y + dip(space::xs);
    const double side = dip(measure::icon_s);
    const double left = folded_ ? (GetClientSize().x - side) / 2 : 1.0 * dip(icon_x);
    painter.icon("clock", measure::icon_s, colour(Token::rail_ink), left, top + (line - side) / 2);
    if (folded_) {
        return;
    }
    const double x = left + side + dip(space::s);
    const double width = rect.m_x + rect.m_width - x - dip(space::xs);
    // What stands behind the first dot gives way where there is no room.
    const auto fitting = [width](const wxString& words, Text style) {
        return theme::text_width(style, words) <= width ? words : words.BeforeFirst(L'·').Trim();
    };
    painter.text(fitting(shift_, Text::small), Text::small, Token::rail_ink, {x, top, width, line});
    painter.text(fitting(shift_detail_, Text::small_bold), Text::small_bold, Token::on_rail,
                 {x, top + line, width, line});
}

void Rail::clicked_at(const wxPoint& point) {
    const int part = part_at(point);
    if (part == shift_lines) {
        if (shift_click_) {
            const auto run = shift_click_;
            run();
        }
    } else if (part == operator_chip) {
        open_operator_menu();
    } else if (part >= 0 && open_) {
        const auto run = open_;
        run(static_cast<size_t>(part));
    }
}

void Rail::pointer_at(const wxPoint& point) {
    const int part = part_at(point);
    if (part != hover_) {
        hover_ = part;
        const bool worded = folded_ && part >= 0 && part < operator_chip;
        if (folded_ && part == shift_lines) {
            SetToolTip(shift_ + "\n" + shift_detail_);
        } else if (worded) {
            SetToolTip(entries_[static_cast<size_t>(part)].words);
        } else {
            UnsetToolTip();
        }
        Refresh();
    }
}

void Rail::pointer_left() {
    hover_ = nothing;
}

bool Rail::key_pressed(wxKeyEvent& event) {
    if (event.HasAnyModifiers() || entries_.empty()) {
        return false;
    }
    const int last = static_cast<int>(entries_.size()) - 1;
    switch (event.GetKeyCode()) {
        case WXK_UP:
            focused_part_ = focused_part_ == operator_chip && !shift_.empty() ? shift_lines
                            : focused_part_ >= operator_chip                  ? last
                                                             : std::max(focused_part_ - 1, 0);
            break;
        case WXK_DOWN:
            focused_part_ = focused_part_ < last                       ? focused_part_ + 1
                            : focused_part_ == last && !shift_.empty() ? shift_lines
                                                                       : operator_chip;
            break;
        case WXK_RETURN:
        case WXK_NUMPAD_ENTER:
        case WXK_SPACE:
            if (focused_part_ == shift_lines) {
                if (shift_click_) {
                    const auto run = shift_click_;
                    run();
                }
            } else if (focused_part_ == operator_chip) {
                open_operator_menu();
            } else if (open_) {
                const auto run = open_;
                run(static_cast<size_t>(focused_part_));
            }
            return true;
        default:
            return false;
    }
    Refresh();
    return true;
}

wxSize Rail::DoGetBestClientSize() const {
    if (folded_) {
        return {dip(measure::rail_folded), dip(measure::control)};
    }
    const int hint = theme::line_height(Text::caption) + dip(space::hair);
    int widest = 0;
    for (const auto& entry : entries_) {
        widest = std::max(widest, theme::text_width(Text::body_bold, entry.words));
    }
    return {std::max(dip(measure::rail), dip(words_x) + widest + hint + dip(right_room)),
            dip(measure::control)};
}

}  // namespace wutong::client
