#include "client-wx/controls/button.hpp"

#include <algorithm>

namespace wutong::client {
namespace {

constexpr int padding = 14, icon_gap = 8, hint_gap = 12, chevron_gap = 6;
constexpr int turn_ms = 80, turns = 12;

}  // namespace

Button::Button(wxWindow* parent, const wxString& words, Kind kind, std::string_view icon,
               const wxString& key_hint)
    : DrawnControl{parent, Focus::by_tab}, words_{words}, kind_{kind}, icon_{icon}, key_hint_{key_hint} {
    spin_.SetOwner(this);
    Bind(wxEVT_TIMER, [this](wxTimerEvent&) {
        turn_ = (turn_ + 1) % turns;
        Refresh();
    });
}

void Button::set_text(const wxString& words) {
    if (words != words_) {
        words_ = words;
        content_changed();
    }
}

void Button::set_icon(std::string_view name) {
    if (name != icon_) {
        icon_ = name;
        content_changed();
    }
}

void Button::set_kind(Kind kind) {
    if (kind != kind_) {
        kind_ = kind;
        content_changed();
    }
}

void Button::set_key_hint(const wxString& hint) {
    if (hint != key_hint_) {
        key_hint_ = hint;
        content_changed();
    }
}

void Button::set_busy(bool busy) {
    if (busy == busy_) {
        return;
    }
    busy_ = busy;
    if (busy_) {
        spin_.Start(turn_ms);
    } else {
        spin_.Stop();
    }
    content_changed();
}

void Button::disable(const wxString& reason) {
    Enable(false);
    SetToolTip(reason);
}

void Button::enable() {
    Enable(true);
    UnsetToolTip();
}

void Button::set_height(int dip) {
    height_dip_ = dip;
    content_changed();
}

void Button::set_chosen(bool chosen) {
    if (chosen != chosen_) {
        chosen_ = chosen;
        Refresh();
    }
}

void Button::press() {
    if (IsEnabled() && !busy_ && click_) {
        const auto run = click_;  // the click may destroy this button
        run();
    }
}

Text Button::text_style() const {
    if (height_dip_ >= measure::sale_button) {
        return Text::section;
    }
    if (kind_ == Kind::quiet) {
        return Text::body;
    }
    return Text::body_bold;
}

Button::Look Button::look() const {
    using theme::colour;
    using theme::mix;
    const auto ground = ground_under(*this);
    const auto surface = colour(Token::surface);
    const bool enabled = IsEnabled();
    const bool hot = enabled && hovered() && !busy_;
    Look look;
    switch (kind_) {
        case Kind::primary:
            look.fill = colour(hot ? Token::accent_hover : Token::accent);
            look.ink = colour(Token::on_accent);
            look.hint_edge = mix(look.fill, look.ink, 0.55);
            if (!enabled) {
                look.fill = mix(ground, colour(Token::ink_3), 0.22);
                look.ink = colour(Token::ink_3);
                look.hint_edge = mix(look.fill, look.ink, 0.4);
            }
            break;
        case Kind::danger_filled:
            look.fill = colour(Token::danger_fill);
            if (hot) {
                look.fill = mix(look.fill, colour(Token::ink), 0.18);
            }
            look.ink = colour(Token::on_danger);
            look.hint_edge = mix(look.fill, look.ink, 0.55);
            if (!enabled) {
                look.fill = mix(ground, colour(Token::ink_3), 0.22);
                look.ink = colour(Token::ink_3);
            }
            break;
        case Kind::secondary:
        case Kind::danger:
        case Kind::picker: {
            const auto ink = kind_ == Kind::danger ? Token::danger : Token::ink;
            look.fill = hot ? mix(surface, colour(Token::accent), 0.06) : surface;
            look.edge = kind_ == Kind::danger   ? colour(Token::danger)
                        : kind_ == Kind::picker ? colour(Token::line)
                                                : colour(Token::line_strong);
            look.ink = colour(ink);
            look.hint_edge = mix(look.fill, colour(Token::line_strong), 0.8);
            if (kind_ == Kind::danger && hot) {
                look.fill = mix(surface, colour(Token::danger), 0.08);
            }
            if (!enabled) {
                look.fill = surface;
                look.edge = mix(surface, colour(Token::line_strong), 0.45);
                look.ink = mix(surface, colour(Token::ink_3), 0.8);
            }
            break;
        }
        case Kind::ghost:
        case Kind::quiet:
            look.ink = colour(!enabled               ? Token::ink_3
                              : kind_ == Kind::quiet ? (hot ? Token::ink : Token::ink_2)
                                                     : (hot ? Token::accent_hover : Token::accent));
            if (hot) {
                look.fill = mix(ground, colour(Token::accent), 0.1);
            }
            look.hint_edge = colour(Token::line_strong);
            break;
    }
    if (chosen_ && enabled && kind_ != Kind::primary) {
        look.fill = colour(Token::accent_soft);
        look.edge = look.ink = colour(Token::accent);
    }
    if (pressed() && enabled && look.fill.IsOk()) {
        look.fill = mix(look.fill, colour(Token::ink), 0.08);
    }
    return look;
}

void Button::draw(Painter& painter) {
    const auto rect = inner();
    const auto shades = look();
    const double edge = chosen_ ? 1.5 : measure::line;
    painter.box(rect, {.fill = shades.fill, .edge = shades.edge, .edge_width = edge});
    draw_ring(painter, measure::radius_control);

    const auto style = text_style();
    const int side = dip(measure::icon_m);
    const double hint = key_hint_.empty() ? 0 : dip(hint_gap) + painter.key_hint_width(key_hint_);
    const double chevron = kind_ == Kind::picker ? dip(chevron_gap + measure::icon_s) : 0;
    const double margin = dip(space::s);
    // Where both have no room, the words say more than the picture.
    const bool pictured =
        busy_ || (!icon_.empty() && (words_.empty() || theme::text_width(style, words_) + side +
                                                               dip(icon_gap) + hint + chevron <=
                                                           GetClientSize().x - 2 * margin));
    const double picture = pictured ? side + (words_.empty() ? 0 : dip(icon_gap)) : 0;
    const double room = std::max(0.0, GetClientSize().x - 2 * margin - picture - hint - chevron);
    const double words = std::min<double>(theme::text_width(style, words_), room);
    const double whole = picture + words + hint + chevron;
    double x = std::floor((GetClientSize().x - whole) / 2);
    const double middle = rect.m_y + rect.m_height / 2;
    if (busy_) {
        painter.spinner(x, middle - side / 2.0, side, turn_, shades.ink);
    } else if (pictured) {
        painter.icon(icon_, measure::icon_m, shades.ink, x, middle - side / 2.0);
    }
    x += picture;
    painter.text(words_, style, shades.ink, {x, rect.m_y, words + 1, rect.m_height});
    x += words;
    if (hint > 0) {
        painter.key_hint(key_hint_, shades.ink, shades.hint_edge, x + dip(hint_gap), middle);
    }
    if (chevron > 0) {
        painter.icon("chevron-down", measure::icon_s, shades.ink, x + dip(chevron_gap),
                     middle - dip(measure::icon_s) / 2.0);
    }
}

wxSize Button::DoGetBestClientSize() const {
    const auto style = text_style();
    int width = theme::text_width(style, words_) +
                2 * dip(kind_ == Kind::ghost || kind_ == Kind::quiet ? space::s : padding) + 1;
    if (!icon_.empty() || busy_) {
        width += dip(measure::icon_m) + (words_.empty() ? 0 : dip(icon_gap));
    }
    if (!key_hint_.empty()) {
        width += dip(hint_gap) + std::max(theme::line_height(Text::caption) + dip(space::hair),
                                          theme::text_width(Text::caption, key_hint_) + 2 * dip(6));
    }
    if (kind_ == Kind::picker) {
        width += dip(chevron_gap + measure::icon_s);
    }
    return {width, theme::control_height(this, style, height_dip_)};
}

IconButton::IconButton(wxWindow* parent, std::string_view icon, const wxString& words)
    : DrawnControl{parent, Focus::by_tab}, icon_{icon} {
    SetToolTip(words);
}

void IconButton::set_icon(std::string_view icon, const wxString& words) {
    icon_ = icon;
    SetToolTip(words);
    Refresh();
}

void IconButton::draw(Painter& painter) {
    const auto rect = inner();
    if (hovered() && IsEnabled()) {
        painter.box(rect, {.fill = theme::mix(ground_under(*this), theme::colour(Token::ink),
                                              pressed() ? .14 : .07)});
    }
    draw_ring(painter, measure::radius_control);
    painter.icon_centred(icon_, measure::icon_m,
                         theme::colour(IsEnabled() ? Token::ink_2 : Token::line_strong), rect);
}

void IconButton::activate() {
    if (IsEnabled() && click_) {
        const auto run = click_;
        run();
    }
}

wxSize IconButton::DoGetBestClientSize() const {
    return {dip(measure::control), dip(measure::control)};
}

}  // namespace wutong::client
