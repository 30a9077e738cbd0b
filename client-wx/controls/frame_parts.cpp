#include "client-wx/controls/frame_parts.hpp"

#include <wx/dcbuffer.h>
#include <wx/sizer.h>

#include <algorithm>

#include "client-wx/controls/label.hpp"

namespace wutong::client {
namespace {

constexpr int dot_side = 8;

}  // namespace

/// Looks like the search field; the real one is in the popup that it opens.
class HeaderBar::SearchBox : public DrawnControl {
public:
    SearchBox(wxWindow* parent, const wxString& words, const wxString& key)
        : DrawnControl{parent, Focus::by_tab}, words_{words}, key_{key} {
        SetCursor(wxCursor{wxCURSOR_IBEAM});
    }
    void on_click(std::function<void()> run) { click_ = std::move(run); }

protected:
    void draw(Painter& painter) override {
        using theme::colour;
        const auto rect = inner();
        painter.box(rect, {.fill = colour(Token::surface),
                           .edge = colour(hovered() ? Token::accent : Token::line_strong)});
        draw_ring(painter, measure::radius_control);
        const auto size = GetClientSize();
        const double side = dip(measure::icon_m);
        const double x = dip(space::m);
        painter.icon("search", measure::icon_m, colour(Token::ink_2), x, (size.y - side) / 2);
        const double hint = painter.key_hint_width(key_);
        const double left = x + side + dip(space::s);
        const double hint_left = size.x - hint - dip(space::s);
        painter.text(words_, Text::body, Token::ink_3,
                     {left, 0, hint_left - left - dip(space::s), size.y * 1.0});
        painter.key_hint(key_, colour(Token::ink_3), colour(Token::line), hint_left, size.y / 2.0);
    }
    void activate() override {
        if (click_) {
            click_();
        }
    }
    wxSize DoGetBestClientSize() const override {
        return {dip(measure::search_box), theme::control_height(this)};
    }

private:
    wxString words_, key_;
    std::function<void()> click_;
};

/// ● Live
class HeaderBar::LiveDot : public DrawnControl {
public:
    explicit LiveDot(wxWindow* parent) : DrawnControl{parent, Focus::none} {}
    void set(Live live, const wxString& words) {
        if (live != live_ || words != words_) {
            live_ = live;
            words_ = words;
            content_changed();
        }
    }

protected:
    void draw(Painter& painter) override {
        const auto ink = theme::colour(live_ == Live::live      ? Token::ok
                                       : live_ == Live::waiting ? Token::ink_3
                                                                : Token::danger);
        const auto size = GetClientSize();
        const double radius = dip(dot_side) / 2.0;
        painter.circle(radius, size.y / 2.0, radius, ink);
        const double x = 2 * radius + dip(6);
        painter.text(words_, Text::body_bold, ink, {x, 0, size.x - x, size.y * 1.0});
    }
    wxSize DoGetBestClientSize() const override {
        return {dip(dot_side + 6) + theme::text_width(Text::body_bold, words_) + 1,
                theme::control_height(this)};
    }

private:
    Live live_{Live::waiting};
    wxString words_;
};

HeaderBar::HeaderBar(wxWindow* parent, const Words& words) : Panel{parent, Token::surface} {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    title_ = new Label{this, {}, Text::title};
    subtitle_ = new Label{this, {}, Text::body, Token::ink_2};
    back_ = new Button{this, {}, Button::Kind::quiet};
    search_ = new SearchBox{this, words.search, words.search_key};
    live_ = new LiveDot{this};
    theme_ = new IconButton{this, theme_icon(), words.theme};
    help_ = new IconButton{this, "help", words.help};
    subtitle_->Hide();
    back_->Hide();
    Bind(EVT_THEME_CHANGED, [this, words](ThemeEvent& event) {
        theme_->set_icon(theme_icon(), words.theme);
        SetMinSize({-1, std::max(theme::space(this, measure::header),
                                 theme::line_height(Text::title) + 2 * space::s)});
        event.Skip();
    });

    const auto gap = [this](int dip) { return theme::space(this, dip); };
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(title_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, gap(space::page_margin));
    row->Add(subtitle_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, gap(14));
    row->Add(back_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, gap(space::s));
    row->AddStretchSpacer();
    row->Add(search_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, gap(space::l));
    row->Add(live_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, gap(40));
    row->Add(theme_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, gap(space::l));
    row->Add(help_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT | wxRIGHT, gap(space::m));
    SetSizer(row);
    SetMinSize({-1, theme::space(this, measure::header)});
    Bind(wxEVT_PAINT, &HeaderBar::on_paint, this);
}

const char* HeaderBar::theme_icon() {
    return theme::mode() == theme::Mode::light ? "moon" : "sun";
}

void HeaderBar::set_title(const wxString& title, const wxString& subtitle) {
    if (title == title_->text() && subtitle == subtitle_->text()) {
        return;  // asked for with every change on the page
    }
    title_->set_text(title);
    subtitle_->Show(!subtitle.empty());
    subtitle_->set_text(subtitle);
    Layout();
}

void HeaderBar::set_back(const wxString& words) {
    if (back_->IsShown() == !words.empty() && back_->text() == words) {
        return;
    }
    back_->Show(!words.empty());
    back_->set_text(words);
    Layout();
}

void HeaderBar::set_live(Live live, const wxString& words) {
    live_->set(live, words);
}

void HeaderBar::on_back(std::function<void()> run) {
    back_->on_click(std::move(run));
}

void HeaderBar::on_search(std::function<void()> run) {
    search_->on_click(std::move(run));
}

void HeaderBar::on_theme(std::function<void()> run) {
    theme_->on_click(std::move(run));
}

void HeaderBar::on_help(std::function<void()> run) {
    help_->on_click(std::move(run));
}

wxRect HeaderBar::search_rect() const {
    return search_->GetScreenRect();
}

void HeaderBar::on_paint(wxPaintEvent&) {
    wxAutoBufferedPaintDC dc{this};
    Painter painter{dc, *this};
    painter.clear(Token::surface);
    const auto size = GetClientSize();
    painter.line(0, size.y - 1, size.x, size.y - 1, theme::colour(Token::line));
}

StatusLine::StatusLine(wxWindow* parent) : DrawnControl{parent, Focus::none} {}

void StatusLine::set(const wxString& left, const wxString& right) {
    if (left != left_ || right != right_) {
        left_ = left;
        right_ = right;
        Refresh();
    }
}

void StatusLine::draw(Painter& painter) {
    painter.clear(Token::surface);
    const auto size = GetClientSize();
    painter.line(0, 0, size.x, 0, theme::colour(Token::line));
    const double margin = dip(space::page_margin);
    // What is the matter comes first; keys give up the last ones, F1 tells them all.
    const double left = std::min<double>(theme::text_width(Text::small, left_) + 1, size.x * 0.5);
    const double room = std::max(0.0, size.x - 2 * margin - left - dip(space::xl));
    painter.text(left_, Text::small, Token::ink_2, {margin, 0, left, size.y * 1.0});
    painter.text(whole_parts(right_, Text::small, static_cast<int>(room)), Text::small, Token::ink_2,
                 {size.x - margin - room, 0, room, size.y * 1.0}, Painter::Align::right);
}

wxSize StatusLine::DoGetBestClientSize() const {
    return {dip(200), std::max(dip(measure::status_line), theme::line_height(Text::small) + dip(6))};
}

}  // namespace wutong::client
