#include "client-wx/controls/guard_badge.hpp"

namespace wutong::client {

namespace {

constexpr int side = 8, gap = 5, above = 3;

}  // namespace

GuardBadge::GuardBadge(wxWindow* parent) : DrawnControl{parent, Focus::none} {
    Hide();
}

bool GuardBadge::set(const wxString& words, const wxString& note) {
    if (words != words_) {
        words_ = words;
        content_changed();
    }
    if (note.empty()) {
        UnsetToolTip();
    } else if (GetToolTipText() != note) {
        SetToolTip(note);
    }
    return Show(!words.empty());
}

void GuardBadge::draw(Painter& painter) {
    const auto size = GetClientSize();
    const auto ink = theme::colour(Token::warn);
    painter.box({0, 0, size.x * 1.0, size.y * 1.0},
                {.fill = theme::colour(Token::surface), .edge = ink, .radius = measure::radius_chip});
    painter.icon("shield", measure::icon_s, ink, dip(side), (size.y - dip(measure::icon_s)) / 2.0);
    const double x = dip(side + measure::icon_s + gap);
    painter.text(words_, Text::small_bold, ink, {x, 0, size.x - x - dip(side) / 2.0, size.y * 1.0});
}

wxSize GuardBadge::DoGetBestClientSize() const {
    return {theme::text_width(Text::small_bold, words_) + dip(2 * side + measure::icon_s + gap) + 1,
            theme::line_height(Text::small_bold) + dip(2 * above)};
}

}  // namespace wutong::client
