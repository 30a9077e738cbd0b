#include "client-wx/controls/chip.hpp"

#include <wx/utils.h>

namespace wutong::client {
namespace {

constexpr int padding = 8, mark = 20, gap = 6;

}  // namespace

Chip::Chip(wxWindow* parent, const wxString& words, std::optional<MeterStatus> state)
    : DrawnControl{parent, Focus::by_tab}, words_{words}, state_{state} {}

void Chip::set_count(const wxString& count) {
    if (count != count_) {
        count_ = count;
        content_changed();
    }
}

void Chip::set_chosen(bool chosen) {
    if (chosen != chosen_) {
        chosen_ = chosen;
        Refresh();
    }
}

void Chip::set_folded(bool folded) {
    if (folded == folded_) {
        return;
    }
    folded_ = folded;
    if (folded_) {
        SetToolTip(words_);
    } else {
        UnsetToolTip();
    }
    content_changed();
}

void Chip::activate() {
    if (choose_) {
        const auto run = choose_;
        run(wxGetKeyState(WXK_CONTROL) || wxGetKeyState(WXK_SHIFT));
    }
}

void Chip::draw(Painter& painter) {
    using theme::colour;
    const auto rect = inner();
    const auto surface = colour(Token::surface);
    const auto hot = theme::mix(surface, colour(Token::accent), 0.06);
    painter.box(rect, {.fill = chosen_ ? colour(Token::accent_soft) : (hovered() ? hot : surface),
                       .edge = colour(chosen_ ? Token::accent : Token::line),
                       .edge_width = chosen_ ? 1.5 : 1.0});
    draw_ring(painter, measure::radius_control);

    const double side = dip(mark);
    const double middle = GetClientSize().y / 2.0;
    double x = dip(padding);
    if (state_) {
        painter.state_mark(*state_, x, std::round(middle - side / 2), side);
        x += side + dip(gap);
    } else if (!icon_.empty()) {
        painter.icon(icon_, measure::icon_m, colour(Token::ink_2), x, middle - side / 2);
        x += side + dip(gap);
    }
    const bool worded = !folded_ || (!state_ && icon_.empty());
    if (worded) {
        const double width = theme::text_width(Text::body, words_);
        painter.text(words_, Text::body, Token::ink, {x, 0, width + 1, middle * 2});
        x += width + (count_.empty() ? 0 : dip(gap));
    }
    painter.text(count_, Text::body_bold, Token::ink, {x, 0, 1.0 * GetClientSize().x - x, middle * 2});
}

int Chip::width(bool folded) const {
    int sum = 2 * dip(padding) + 1;
    const bool marked = state_ || !icon_.empty();
    const bool worded = !folded || !marked;
    if (marked) {
        sum += dip(mark) + (worded || !count_.empty() ? dip(gap) : 0);
    }
    if (worded) {
        sum += theme::text_width(Text::body, words_) + (count_.empty() ? 0 : dip(gap));
    }
    return sum + theme::text_width(Text::body_bold, count_);
}

wxSize Chip::DoGetBestClientSize() const {
    return {width(folded_), theme::control_height(this, Text::body, measure::control_min)};
}

}  // namespace wutong::client
