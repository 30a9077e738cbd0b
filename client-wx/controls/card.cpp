#include "client-wx/controls/card.hpp"

#include <wx/dcbuffer.h>

#include <algorithm>

namespace wutong::client {
namespace {

constexpr int badge_padding = 10, badge_gap = 6, fact_height = 26, step_side = 24;
constexpr int around_lines = 14;  // above and below those of a figure card

/// The first of the two in which the words fit; else the second.
Text fitting(const wxString& words, Text first, Text second, double width) {
    return theme::text_width(first, words) <= width ? first : second;
}

/// The number of a step in a soft circle.
class StepNumber : public DrawnControl {
public:
    StepNumber(wxWindow* parent, int number) : DrawnControl{parent, Focus::none}, number_{number} {}

protected:
    void draw(Painter& painter) override {
        const auto size = GetClientSize();
        painter.circle(size.x / 2.0, size.y / 2.0, size.x / 2.0, theme::colour(Token::accent_soft));
        painter.text(wxString::Format("%d", number_), Text::small_bold, Token::accent,
                     {0, 0, size.x * 1.0, size.y * 1.0}, Painter::Align::centre);
    }
    wxSize DoGetBestClientSize() const override {
        const int side = std::max(dip(step_side), theme::line_height(Text::small_bold) + dip(space::hair));
        return {side, side};
    }

private:
    int number_;
};

}  // namespace

Card::Card(wxWindow* parent, const wxString& title, Token ground) : Panel{parent, ground} {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    outer_ = new wxBoxSizer{wxVERTICAL};
    body_ = new wxBoxSizer{wxVERTICAL};
    outer_->Add(body_, 1, wxEXPAND | wxALL, theme::space(this, space::card_padding));
    SetSizer(outer_);
    if (!title.empty()) {
        set_title(title);
    }
    Bind(wxEVT_PAINT, &Card::on_paint, this);
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        Refresh();
        event.Skip();
    });
}

void Card::build_title_row() {
    if (title_row_ != nullptr) {
        return;
    }
    title_row_ = new wxBoxSizer{wxHORIZONTAL};
    title_ = new Label{this, {}, Text::section};
    subtitle_ = new Label{this, {}, Text::small, Token::ink_2};
    note_ = new Label{this, {}, Text::small, Token::ink_3, Painter::Align::right};
    title_row_->Add(title_, 0, wxALIGN_CENTRE_VERTICAL);
    title_row_->Add(subtitle_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::m));
    title_row_->AddStretchSpacer();
    title_row_->Add(note_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::m));
    outer_->Detach(body_);
    const int padding = theme::space(this, space::card_padding);
    outer_->Add(title_row_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, padding);
    outer_->AddSpacer(theme::space(this, space::m));
    outer_->Add(body_, 1, wxEXPAND | wxLEFT | wxRIGHT | wxBOTTOM, padding);
    subtitle_->Hide();
    note_->Hide();
}

void Card::set_title(const wxString& title) {
    build_title_row();
    title_->set_text(title);
}

void Card::set_subtitle(const wxString& words) {
    build_title_row();
    subtitle_->Show(!words.empty());
    subtitle_->set_text(words);
}

void Card::set_note(const wxString& words) {
    build_title_row();
    note_->Show(!words.empty());
    note_->set_text(words);
}

void Card::set_step(int number) {
    build_title_row();
    if (step_ != nullptr) {
        title_row_->Detach(step_);
        step_->Destroy();
    }
    step_ = new StepNumber{this, number};
    title_row_->Insert(0, step_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, theme::space(this, space::s));
}

void Card::set_corner(wxWindow* window) {
    build_title_row();
    title_row_->Add(window, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::m));
}

void Card::on_paint(wxPaintEvent&) {
    wxAutoBufferedPaintDC dc{this};
    Painter painter{dc, *this};
    painter.clear(ground_under(*this));
    const auto size = GetClientSize();
    painter.box({0, 0, size.x * 1.0, size.y * 1.0}, {.fill = theme::colour(ground()),
                                                     .edge = theme::colour(Token::line),
                                                     .radius = measure::radius_card});
}

FigureCard::FigureCard(wxWindow* parent, const wxString& label, Size size, std::string_view icon)
    : DrawnControl{parent, Focus::none}, label_{label}, size_{size}, icon_{icon} {
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        content_changed();  // its detail may need another line, or one less
    });
}

wxArrayString FigureCard::detail_lines() const {
    if (detail_.empty()) {
        return {};
    }
    const int pad = dip(size_ == Size::small ? space::m : space::card_padding);
    const int width = GetClientSize().x - 2 * pad;
    return width > 1 ? wrapped(detail_, Text::small, width) : wxArrayString{1, &detail_};
}

void FigureCard::set_figure(const wxString& figure, Token ink) {
    if (figure != figure_ || ink != figure_ink_) {
        figure_ = figure;
        figure_ink_ = ink;
        content_changed();
    }
}

void FigureCard::set_detail(const wxString& detail, Token ink) {
    if (detail != detail_ || ink != detail_ink_) {
        detail_ = detail;
        detail_ink_ = ink;
        content_changed();
    }
}

void FigureCard::set_label(const wxString& label) {
    if (label != label_) {
        label_ = label;
        content_changed();
    }
}

void FigureCard::set_folded(bool folded) {
    if (folded != folded_) {
        folded_ = folded;
        content_changed();
    }
}

void FigureCard::on_click(std::function<void()> run) {
    click_ = std::move(run);
    set_focusable(click_ != nullptr);
    SetCursor(wxCursor{wxCURSOR_HAND});
}

void FigureCard::activate() {
    if (click_) {
        const auto run = click_;
        run();
    }
}

void FigureCard::draw(Painter& painter) {
    using theme::colour;
    const auto rect = inner();
    const bool small = size_ == Size::small;
    auto fill = colour(small ? Token::surface_2 : Token::surface);
    if (click_ && hovered()) {
        fill = theme::mix(fill, colour(Token::accent), 0.05);
    }
    painter.box(rect, {.fill = fill, .edge = colour(Token::line), .radius = measure::radius_card});
    draw_ring(painter, measure::radius_card);

    const auto size = GetClientSize();
    const double pad = dip(small ? space::m : space::card_padding);
    const double width = size.x - 2 * pad;
    const auto figure_style = folded_ || small ? Text::figure_small : Text::figure;
    const auto label_style = small ? Text::small : Text::body;
    if (folded_) {
        const double figure = std::min<double>(theme::text_width(figure_style, figure_) + 1, width);
        const double room = std::max(0.0, width - figure - dip(space::s));
        painter.text(label_, fitting(label_, label_style, Text::caption, room), Token::ink_2,
                     {pad, 0, room, size.y * 1.0});
        painter.text(figure_, figure_style, colour(figure_ink_),
                     {pad + width - figure, 0, figure, size.y * 1.0}, Painter::Align::right);
        return;
    }
    const double label_height = theme::line_height(label_style);
    const double figure_height = theme::line_height(figure_style);
    const double detail_height = theme::line_height(Text::small);
    const auto details = detail_lines();
    const double own = label_height + figure_height;
    double lines = detail_height * static_cast<double>(details.size());
    if (!small && details.empty() && size.y >= own + detail_height + 2 * dip(around_lines)) {
        lines = detail_height;  // as high as the card beside it that has a detail: the figures stand in a row
    }
    double y = std::floor((size.y - own - lines) / 2);
    const double icon_room = icon_.empty() ? 0 : dip(measure::icon_m + space::s);
    painter.text(label_, label_style, Token::ink_2, {pad, y, width - icon_room, label_height});
    if (!icon_.empty()) {
        painter.icon(icon_, measure::icon_m, colour(Token::ink_3), size.x - pad - dip(measure::icon_m), y);
    }
    y += label_height;
    painter.text(figure_, figure_style, figure_ink_, {pad, y, width, figure_height});
    y += figure_height;
    for (const auto& line : details) {
        painter.text(line, Text::small, detail_ink_, {pad, y, width, detail_height});
        y += detail_height;
    }
}

wxSize FigureCard::DoGetBestClientSize() const {
    const bool small = size_ == Size::small;
    const auto figure_style = folded_ || small ? Text::figure_small : Text::figure;
    const auto label_style = small ? Text::small : Text::body;
    const int pad = dip(small ? space::m : space::card_padding);
    const int label = theme::text_width(label_style, label_);
    const int figure = theme::text_width(figure_style, figure_);
    if (folded_) {
        return {label + figure + dip(space::m) + 2 * pad,
                theme::line_height(figure_style) + 2 * dip(space::s)};
    }
    const int lines = theme::line_height(label_style) + theme::line_height(figure_style) +
                      static_cast<int>(detail_lines().size()) * theme::line_height(Text::small);
    return {std::max(label + (icon_.empty() ? 0 : dip(measure::icon_m + space::s)), figure) + 2 * pad,
            lines + 2 * dip(small ? space::s : around_lines)};
}

StateBadge::StateBadge(wxWindow* parent, MeterStatus status, const wxString& words)
    : DrawnControl{parent, Focus::none}, status_{status}, words_{words} {}

void StateBadge::set(MeterStatus status, const wxString& words) {
    if (status != status_ || words != words_) {
        status_ = status;
        words_ = words;
        content_changed();
    }
}

void StateBadge::draw(Painter& painter) {
    const auto style = theme::state_style(status_);
    const auto size = GetClientSize();
    painter.box(
        {0, 0, size.x * 1.0, size.y * 1.0},
        {.fill = style.fill, .edge = style.edge, .radius = measure::radius_chip, .dashed = style.dashed});
    const double pad = dip(badge_padding);
    painter.icon(style.icon, measure::icon_s, style.ink, pad, (size.y - dip(measure::icon_s)) / 2.0);
    const double x = pad + dip(measure::icon_s + badge_gap);
    painter.text(words_, Text::body_bold, style.ink, {x, 0, size.x - x - 1, size.y * 1.0});
}

wxSize StateBadge::DoGetBestClientSize() const {
    return {theme::text_width(Text::body_bold, words_) + 2 * dip(badge_padding) +
                dip(measure::icon_s + badge_gap) + 1,
            theme::line_height(Text::body_bold) + dip(6)};
}

FactRow::FactRow(wxWindow* parent, const wxString& label, const wxString& value)
    : DrawnControl{parent, Focus::none}, label_{label}, value_{value} {}

void FactRow::set_value(const wxString& value, Token ink) {
    if (value != value_ || ink != ink_) {
        value_ = value;
        ink_ = ink;
        Refresh();
    }
}

void FactRow::set_label(const wxString& label) {
    if (label != label_) {
        label_ = label;
        content_changed();
    }
}

void FactRow::draw(Painter& painter) {
    const auto size = GetClientSize();
    const double gap = dip(space::m);
    const double label = std::min<double>(theme::text_width(Text::body, label_), size.x * 0.6);
    painter.text(label_, Text::body, Token::ink_2, {0, 0, label + 1, size.y * 1.0});
    const double room = size.x - label - gap;
    painter.text(value_, Text::body_bold, ink_, {label + gap, 0, room, size.y * 1.0}, Painter::Align::right);
    const bool cut = theme::text_width(Text::body_bold, value_) > room;
    if (cut && GetToolTipText() != value_) {
        SetToolTip(value_);
    } else if (!cut && GetToolTip() != nullptr) {
        UnsetToolTip();
    }
}

wxSize FactRow::DoGetBestClientSize() const {
    return {theme::text_width(Text::body, label_) + dip(space::m + 60),
            theme::control_height(this, Text::body, fact_height)};
}

}  // namespace wutong::client
