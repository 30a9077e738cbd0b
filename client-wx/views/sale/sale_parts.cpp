#include "client-wx/views/sale/sale_parts.hpp"

#include <algorithm>

#include "client-wx/controls/label.hpp"
#include "client-wx/theme/icons.hpp"

namespace wutong::client {

namespace {

constexpr int step_side = 24, mark_side = 20, match_padding = 7, recent_padding = 6, bar_width = 3;

bool same(const std::vector<SaleScreen::Match>& a, const std::vector<SaleScreen::Match>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.meter_id == y.meter_id && x.unit == y.unit && x.shop == y.shop && x.balance == y.balance &&
               x.status == y.status;
    });
}

}  // namespace

StepTitle::StepTitle(wxWindow* parent, int number, const wxString& words)
    : DrawnControl{parent, Focus::none}, number_{wxString::Format("%d", number)}, words_{words} {}

void StepTitle::set_hint(const wxString& hint) {
    if (hint != hint_) {
        hint_ = hint;
        Refresh();
    }
}

void StepTitle::draw(Painter& painter) {
    const auto size = GetClientSize();
    const double side = std::min<double>(dip(step_side), size.y);
    painter.circle(side / 2, size.y / 2.0, side / 2, theme::colour(Token::accent_soft));
    painter.text(number_, Text::small_bold, Token::accent, {0, (size.y - side) / 2, side, side},
                 Painter::Align::centre);
    const double x = side + dip(space::s);
    painter.text(words_, Text::section, Token::ink, {x, 0, size.x - x, size.y * 1.0});
    const double used = x + theme::text_width(Text::section, words_) + dip(space::m);
    if (used < size.x) {
        painter.text(whole_parts(hint_, Text::small, static_cast<int>(size.x - used)), Text::small,
                     Token::ink_3, {used, 0, size.x - used, size.y * 1.0}, Painter::Align::right);
    }
}

wxSize StepTitle::DoGetBestClientSize() const {
    return {dip(step_side + space::s) + theme::text_width(Text::section, words_),
            std::max(dip(step_side), theme::line_height(Text::section))};
}

MatchList::MatchList(wxWindow* parent) : DrawnControl{parent, Focus::none} {}

void MatchList::set(const std::vector<SaleScreen::Match>& matches, int highlighted) {
    if (highlighted == highlighted_ && same(matches, matches_)) {
        return;
    }
    matches_ = matches;
    highlighted_ = highlighted;
    hover_ = std::min(hover_, static_cast<int>(matches_.size()) - 1);
    content_changed();
}

int MatchList::row_height() const {
    return theme::line_height(Text::body_bold) + std::max(theme::line_height(Text::small), dip(mark_side)) +
           2 * dip(match_padding);
}

int MatchList::row_at(const wxPoint& point) const {
    const int row = point.y / std::max(row_height(), 1);
    return row >= 0 && row < static_cast<int>(matches_.size()) ? row : -1;
}

void MatchList::draw(Painter& painter) {
    const auto size = GetClientSize();
    const double high = row_height();
    const double pad = dip(space::l);
    for (std::size_t i = 0; i < matches_.size(); ++i) {
        const auto& match = matches_[i];
        const double top = high * static_cast<double>(i);
        const bool chosen = static_cast<int>(i) == highlighted_;
        if (chosen || static_cast<int>(i) == hover_) {
            painter.box({0, top, size.x * 1.0, high},
                        {.fill = theme::colour(chosen ? Token::accent_soft : Token::surface_2)});
        }
        if (chosen) {
            painter.box({0, top + dip(space::s), dip(bar_width) * 1.0, high - 2 * dip(space::s)},
                        {.fill = theme::colour(Token::accent), .radius = bar_width / 2.0});
        }
        const double first = theme::line_height(Text::body_bold);
        const double second = high - first - 2 * dip(match_padding);
        const double y = top + dip(match_padding);
        const double width = size.x - 2 * pad;
        const auto balance = wxs(match.balance);
        const double figure = theme::text_width(Text::body_bold, balance) + 1;
        painter.text(balance, Text::body_bold, match.negative ? Token::danger : Token::ink,
                     {size.x - pad - figure, y, figure, first}, Painter::Align::right);
        painter.text(wxs(match.unit), Text::body_bold, Token::ink,
                     {pad, y, width - figure - dip(space::s), first});
        const bool marked = match.status != MeterStatus::normal;
        painter.text(wxs(match.shop), Text::small, Token::ink_2,
                     {pad, y + first, width - (marked ? dip(mark_side + space::s) : 0), second});
        if (marked) {
            painter.state_mark(match.status, size.x - pad - dip(mark_side),
                               y + first + (second - dip(mark_side)) / 2, dip(mark_side));
        }
    }
}

void MatchList::pointer_at(const wxPoint& point) {
    const int row = row_at(point);
    if (row != hover_) {
        hover_ = row;
        SetCursor(row >= 0 ? wxCursor{wxCURSOR_HAND} : wxNullCursor);
        Refresh();
    }
}

void MatchList::pointer_left() {
    hover_ = -1;
}

void MatchList::clicked_at(const wxPoint& point) {
    const int row = row_at(point);
    if (row >= 0 && choose_) {
        choose_(matches_[static_cast<std::size_t>(row)].meter_id);
    }
}

wxSize MatchList::DoGetBestClientSize() const {
    return {dip(space::huge), row_height() * static_cast<int>(matches_.size())};
}

RecentList::RecentList(wxWindow* parent) : DrawnControl{parent, Focus::none} {}

void RecentList::set(const std::vector<SaleScreen::Recent>& recent) {
    if (std::equal(recent.begin(), recent.end(), recent_.begin(), recent_.end(),
                   [](const auto& a, const auto& b) {
                       return a.meter_id == b.meter_id && a.balance == b.balance && a.shop == b.shop;
                   })) {
        return;
    }
    recent_ = recent;
    content_changed();
}

int RecentList::row_height() const {
    return theme::line_height(Text::body) + 2 * dip(recent_padding);
}

void RecentList::draw(Painter& painter) {
    const auto size = GetClientSize();
    const double high = row_height();
    const double pad = dip(space::xs);
    int unit_width = dip(space::huge);
    for (const auto& one : recent_) {
        unit_width = std::max(unit_width, theme::text_width(Text::body_bold, wxs(one.unit)));
    }
    unit_width = std::min(unit_width, size.x / 3) + dip(space::m);
    for (std::size_t i = 0; i < recent_.size(); ++i) {
        const double top = high * static_cast<double>(i);
        if (top + high > size.y) {
            break;  // half a line says nothing
        }
        const auto& one = recent_[i];
        if (static_cast<int>(i) == hover_) {
            painter.box({0, top, size.x * 1.0, high}, {.fill = theme::colour(Token::surface_2)});
        }
        const auto balance = wxs(one.balance);
        const double figure = theme::text_width(Text::body, balance) + 1;
        painter.text(wxs(one.unit), Text::body_bold, Token::ink, {pad, top, unit_width * 1.0, high});
        const double x = pad + unit_width;
        painter.text(wxs(one.shop), Text::small, Token::ink_2,
                     {x, top, size.x - x - figure - pad - dip(space::s), high});
        painter.text(balance, Text::body, Token::ink_2, {size.x - pad - figure, top, figure, high},
                     Painter::Align::right);
    }
}

void RecentList::pointer_at(const wxPoint& point) {
    const int row = point.y / std::max(row_height(), 1);
    const int now = row < static_cast<int>(recent_.size()) ? row : -1;
    if (now != hover_) {
        hover_ = now;
        SetCursor(now >= 0 ? wxCursor{wxCURSOR_HAND} : wxNullCursor);
        Refresh();
    }
}

void RecentList::pointer_left() {
    hover_ = -1;
}

void RecentList::clicked_at(const wxPoint& point) {
    const int row = point.y / std::max(row_height(), 1);
    if (choose_ && row >= 0 && row < static_cast<int>(recent_.size())) {
        choose_(recent_[static_cast<std::size_t>(row)].meter_id);
    }
}

wxSize RecentList::DoGetBestClientSize() const {
    // Takes what is left over; what does not fit is not drawn.
    return {dip(space::huge), row_height()};
}

BeforeAfterRow::BeforeAfterRow(wxWindow* parent, bool large)
    : DrawnControl{parent, Focus::none}, large_{large} {}

void BeforeAfterRow::set(const BeforeAfter& value) {
    const auto label = wxs(value.label);
    const auto before = wxs(value.before);
    const auto after = wxs(value.after);
    if (label != label_ || before != before_ || after != after_) {
        label_ = label;
        before_ = before;
        after_ = after;
        content_changed();
    }
}

void BeforeAfterRow::draw(Painter& painter) {
    const auto size = GetClientSize();
    const double first = theme::line_height(Text::small);
    const double high = size.y - first;
    painter.text(label_, Text::small, Token::ink_2, {0, 0, size.x * 1.0, first});
    const auto quiet = Text::section;
    const auto strong = large_ ? Text::figure : Text::title;
    const double before = theme::text_width(quiet, before_);
    painter.text(before_, after_.empty() ? strong : quiet, after_.empty() ? Token::ink : Token::ink_2,
                 {0, first, after_.empty() ? size.x * 1.0 : before + 1, high});
    if (after_.empty()) {
        return;
    }
    const double arrow = dip(measure::icon_m);
    const double x = before + dip(space::m);
    painter.icon("arrow-right", measure::icon_m, theme::colour(Token::ink_2), x, first + (high - arrow) / 2);
    const double at = x + arrow + dip(space::m);
    painter.text(after_, strong, Token::ink, {at, first, size.x - at, high});
}

wxSize BeforeAfterRow::DoGetBestClientSize() const {
    return {dip(space::huge) * 3,
            theme::line_height(Text::small) + theme::line_height(large_ ? Text::figure : Text::title)};
}

}  // namespace wutong::client
