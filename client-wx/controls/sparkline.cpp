#include "client-wx/controls/sparkline.hpp"

#include <wx/dcclient.h>

#include <algorithm>

#include "client-wx/controls/drawn.hpp"
#include "client-wx/theme/paint.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

Sparkline::Sparkline(wxWindow* parent) {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    Create(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxBORDER_NONE);
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        event.Skip();
        InvalidateBestSize();
        Refresh();
    });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        Refresh();
    });
}

void Sparkline::set(std::vector<std::optional<double>> values, std::string first_label,
                    std::string last_label, bool last_so_far) {
    values_ = std::move(values);
    first_label_ = std::move(first_label);
    last_label_ = std::move(last_label);
    last_so_far_ = last_so_far;
    Refresh();
}

wxSize Sparkline::DoGetBestClientSize() const {
    return {theme::space(this, 200), theme::space(this, 56) + theme::line_height(Text::caption)};
}

void Sparkline::paint() {
    wxPaintDC dc{this};
    Painter painter{dc, *this};
    painter.clear(ground_under(*this));
    const auto size = GetClientSize();
    const double words = theme::line_height(Text::caption);
    const double bottom = size.y - words - theme::space(this, space::xs);
    double highest = 0;
    for (const auto& value : values_) {
        highest = std::max(highest, value.value_or(0));
    }
    const double pitch =
        values_.empty() ? 0 : static_cast<double>(size.x) / static_cast<double>(values_.size());
    const double gap = std::clamp(pitch / 6, 1.0, 4.0 * theme::space(this, 1));
    for (std::size_t i = 0; i < values_.size(); ++i) {
        const double x = pitch * static_cast<double>(i);
        const bool pale = last_so_far_ && i + 1 == values_.size();
        Painter::Box box;
        box.radius = theme::space(this, space::hair);
        if (!values_[i]) {
            const double side = std::min(pitch - gap, bottom);
            box.edge = theme::colour(Token::ink_3);
            box.dashed = true;
            painter.box({x, bottom - side, pitch - gap, side}, box);
            painter.text("?", Text::caption, Token::ink_3, {x, bottom - side, pitch - gap, side},
                         Painter::Align::centre);
            continue;
        }
        const double height = highest > 0 ? std::max(1.0, *values_[i] / highest * (bottom - 1)) : 1.0;
        const auto bar = theme::colour(Token::accent);
        box.fill = pale ? theme::mix(ground_under(*this), bar, 0.45) : bar;
        painter.box({x, bottom - height, pitch - gap, height}, box);
    }
    painter.line(0, bottom, size.x, bottom, theme::colour(Token::line_strong));
    const wxRect2DDouble under{0, size.y - words, static_cast<double>(size.x), words};
    painter.text(wxs(first_label_), Text::caption, Token::ink_3, under);
    painter.text(wxs(last_label_), Text::caption, Token::ink_3, under, Painter::Align::right);
}

}  // namespace wutong::client
