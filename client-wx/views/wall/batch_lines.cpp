#include "client-wx/views/wall/batch_lines.hpp"

#include <wx/dcclient.h>

#include <algorithm>

#include "client-wx/theme/theme.hpp"

namespace wutong::client {

void draw_outcome(Painter& painter, WallBadge badge, double x, double y, int size) {
    const auto draw = [&](const char* icon, Token token) {
        painter.icon(icon, size, theme::colour(token), x, y);
    };
    switch (badge) {
        case WallBadge::done:
            return draw("circle-check-filled", Token::ok);
        case WallBadge::failed:
            return draw("circle-x-filled", Token::danger);
        case WallBadge::under_way:
            return draw("loader-2", Token::info);
        case WallBadge::waiting:
            return draw("clock", Token::info);
        case WallBadge::skipped:
            return draw("player-skip-forward", Token::ink_2);
        case WallBadge::none:
            return;
    }
}

void BatchCounts::set(std::vector<BulkScreen::Count> counts) {
    const bool other_size = counts.size() != counts_.size();
    counts_ = std::move(counts);
    if (other_size) {
        content_changed();
    }
    Refresh();
}

wxSize BatchCounts::DoGetBestClientSize() const {
    const auto rows = static_cast<int>((counts_.size() + 1) / 2);
    return {dip(200), rows * (theme::line_height(Text::body) + dip(space::s))};
}

void BatchCounts::draw(Painter& painter) {
    const auto size = GetClientSize();
    const int row = theme::line_height(Text::body) + dip(space::s), icon = measure::icon_s + 2;
    double figures = 0;
    for (const auto& item : counts_) {
        figures = std::max(figures, painter.width(wxs(item.figure), Text::body_bold));
    }
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        const double x = i % 2 == 0 ? 0 : size.x / 2.0, y = static_cast<double>(i / 2) * row;
        draw_outcome(painter, counts_[i].badge, x, y + (row - dip(icon)) / 2.0, icon);
        const double after_icon = x + dip(icon) + dip(space::s);
        const double top = y + (row - theme::line_height(Text::body)) / 2.0;
        painter.text_at(wxs(counts_[i].figure), Text::body_bold, theme::colour(Token::ink), after_icon, top);
        const double words_x =
            after_icon + painter.width(wxs(counts_[i].figure), Text::body_bold) + dip(space::s);
        painter.text(
            wxs(counts_[i].word), Text::small, Token::ink_2,
            {words_x, y, std::max(0.0, (i % 2 == 0 ? size.x / 2.0 : size.x * 1.0) - words_x), row * 1.0});
    }
}

BatchLines::BatchLines(wxWindow* parent) {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    Create(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxBORDER_NONE);
    SetScrollRate(0, theme::space(this, space::l));
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        Refresh();
    });
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        event.Skip();
        set(lines_);
    });
    Bind(wxEVT_LEFT_UP, [this](wxMouseEvent& event) {
        const auto index = static_cast<std::size_t>(
            std::max(0, CalcUnscrolledPosition(event.GetPosition()).y) / std::max(1, line_height()));
        if (index < lines_.size() && on_line) {
            on_line(lines_[index].meter_id);
        }
    });
}

int BatchLines::line_height() const {
    return theme::line_height(Text::body) + theme::line_height(Text::small) + theme::space(this, space::m);
}

int BatchLines::code_width() const {
    int width = theme::space(this, space::huge);
    for (const auto& line : lines_) {
        width = std::max(width, theme::text_width(Text::body_bold, wxs(line.code)));
    }
    return std::min(width, GetClientSize().x / 3);
}

void BatchLines::set(std::vector<BulkScreen::Line> lines) {
    lines_ = std::move(lines);
    SetVirtualSize(-1, line_height() * static_cast<int>(lines_.size()));
    Refresh();
}

void BatchLines::paint() {
    wxPaintDC dc{this};
    Painter painter{dc, *this};
    painter.clear(ground_under(*this));
    const int top = CalcUnscrolledPosition(wxPoint{0, 0}).y, height = line_height();
    const auto size = GetClientSize();
    const int icon = theme::space(this, measure::icon_s), gap = theme::space(this, space::m);
    const double code_x = icon + gap, text_x = code_x + code_width() + gap;
    const int body = theme::line_height(Text::body), small = theme::line_height(Text::small);
    for (auto i = static_cast<std::size_t>(std::max(0, top / height)); i < lines_.size(); ++i) {
        const double y = static_cast<double>(i) * height - top;
        if (y > size.y) {
            break;
        }
        const auto& line = lines_[i];
        const double first = y + theme::space(this, space::xs);
        draw_outcome(painter, line.badge, 0, first + (body - icon) / 2.0, measure::icon_s);
        painter.text(wxs(line.code), Text::body_bold, Token::ink,
                     {code_x, first, text_x - code_x - gap, body * 1.0});
        const double room = std::max(0.0, size.x - text_x);
        painter.text(wxs(line.text), Text::body, Token::ink, {text_x, first, room, body * 1.0});
        painter.text(wxs(line.detail), Text::small, Token::ink_3, {text_x, first + body, room, small * 1.0});
        painter.line(code_x, y + height - 1, size.x, y + height - 1, theme::colour(Token::line));
    }
}

}  // namespace wutong::client
