#include "client-wx/controls/feedback.hpp"

#include <wx/dcbuffer.h>
#include <wx/sizer.h>

#include <algorithm>

namespace wutong::client {
namespace {

constexpr int toast_ms = 5000, toast_with_undo_ms = 10000, toast_above_bottom = 44;
constexpr int picture_side = 64;

}  // namespace

Banner::Banner(wxWindow* parent) : Panel{parent} {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->AddStretchSpacer();
    action_ = new Button{this, {}, Button::Kind::secondary};
    action_->set_height(measure::control_min);
    const int margin = theme::space(this, space::page_margin);
    row->Add(action_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, margin);
    SetSizer(row);
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        Refresh();
        event.Skip();
    });
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        restyle();
        event.Skip();
    });
    Hide();
}

void Banner::show(Kind kind, std::string_view icon, const wxString& sentence, const wxString& action) {
    const bool placed = IsShown();
    kind_ = kind;
    icon_ = icon;
    sentence_ = sentence;
    action_->Show(!action.empty());
    action_->set_text(action);
    Show();
    restyle();
    if (!placed) {
        lay_out_above(*this);
    }
}

void Banner::set_action(const wxString& action) {
    action_->Show(!action.empty());
    action_->set_text(action);
    Layout();
}

void Banner::hide() {
    if (IsShown()) {
        Hide();
        lay_out_above(*this);
    }
}

void Banner::on_action(std::function<void()> run) {
    action_->on_click(std::move(run));
}

StateStyle Banner::style() const {
    switch (kind_) {
        case Kind::warning:
            return theme::state_style(MeterStatus::alarm_1);
        case Kind::danger:
            return theme::state_style(MeterStatus::arrears);
        case Kind::info:
            break;
    }
    return theme::state_style(MeterStatus::delivering);
}

wxColour Banner::ground_colour() const {
    return style().fill;
}

void Banner::restyle() {
    SetMinSize(
        {-1, std::max(theme::space(this, 44), theme::control_height(this) + theme::space(this, space::s))});
    Layout();
    Refresh();
}

void Banner::paint() {
    wxAutoBufferedPaintDC dc{this};
    Painter painter{dc, *this};
    const auto look = style();
    painter.clear(look.fill);
    const auto size = GetClientSize();
    painter.line(0, size.y - 1, size.x, size.y - 1, look.edge);
    const double x = theme::space(this, space::page_margin);
    const double side = theme::space(this, measure::icon_m);
    painter.icon(icon_, measure::icon_m, look.ink, x, (size.y - side) / 2);
    const double left = x + side + theme::space(this, space::m);
    const double right =
        action_->IsShown() ? action_->GetPosition().x - theme::space(this, space::m) : size.x - x;
    painter.text(sentence_, Text::body_bold, look.ink, {left, 0, right - left, size.y * 1.0});
}

Toast::Toast(wxWindow* parent) : DrawnControl{parent, Focus::none} {
    timer_.SetOwner(this);
    Bind(wxEVT_TIMER, [this](wxTimerEvent&) { hide(); });
    Hide();
}

void Toast::show(const wxString& sentence, const wxString& undo_label, std::function<void()> undo) {
    sentence_ = sentence;
    undo_label_ = undo ? undo_label : wxString{};
    undo_ = std::move(undo);
    InvalidateBestSize();
    place();
    Show();
    Raise();
    Refresh();
    timer_.StartOnce(undo_ ? toast_with_undo_ms : toast_ms);
}

void Toast::hide() {
    timer_.Stop();
    undo_ = nullptr;
    Hide();
}

bool Toast::undo() {
    if (!IsShown() || !undo_) {
        return false;
    }
    const auto run = std::exchange(undo_, nullptr);
    hide();
    run();
    return true;
}

void Toast::place() {
    const auto room = GetParent()->GetClientSize();
    auto size = GetBestSize();
    size.x = std::max(std::min(size.x, room.x - dip(2 * space::page_margin)), 1);
    SetSize((room.x - size.x) / 2, room.y - size.y - dip(toast_above_bottom), size.x, size.y);
}

void Toast::draw(Painter& painter) {
    const auto size = GetClientSize();
    painter.box({0, 0, size.x * 1.0, size.y * 1.0},
                {.fill = theme::colour(Token::tip), .radius = measure::radius_card});
    const double pad = dip(space::l);
    const double undo =
        undo_label_.empty() ? 0 : theme::text_width(Text::body_bold, undo_label_) + dip(space::xxl);
    painter.text(sentence_, Text::body, Token::on_tip, {pad, 0, size.x - 2 * pad - undo, size.y * 1.0});
    painter.text(undo_label_, Text::body_bold, Token::tip_action, {pad, 0, size.x - 2 * pad, size.y * 1.0},
                 Painter::Align::right);
}

void Toast::clicked_at(const wxPoint& point) {
    const int undo_width = theme::text_width(Text::body_bold, undo_label_) + dip(space::xxxl);
    if (undo_ && point.x > GetClientSize().x - undo_width) {
        undo();
    } else {
        hide();
    }
}

wxSize Toast::DoGetBestClientSize() const {
    int width = theme::text_width(Text::body, sentence_) + 2 * dip(space::l) + 1;
    if (!undo_label_.empty()) {
        width += theme::text_width(Text::body_bold, undo_label_) + dip(space::xxl);
    }
    return {width, theme::control_height(this, Text::body, 44)};
}

/// The icon of an empty page in a soft disc.
class EmptyState::Picture : public DrawnControl {
public:
    explicit Picture(wxWindow* parent) : DrawnControl{parent, Focus::none} {}
    void set(std::string_view icon) {
        icon_ = icon;
        Refresh();
    }

protected:
    void draw(Painter& painter) override {
        const double side = GetClientSize().x;
        painter.circle(side / 2, side / 2, side / 2, theme::colour(Token::accent_soft));
        painter.icon_centred(icon_, measure::icon_kiosk, theme::colour(Token::accent), {0, 0, side, side});
    }
    wxSize DoGetBestClientSize() const override { return {dip(picture_side), dip(picture_side)}; }

private:
    std::string icon_;
};

EmptyState::EmptyState(wxWindow* parent, std::string_view icon, const wxString& sentence,
                       const wxString& detail, const wxString& action, Token ground)
    : Panel{parent, ground} {
    picture_ = new Picture{this};
    sentence_ = new Label{this, {}, Text::section, Token::ink, Painter::Align::centre};
    sentence_->wrap(480);
    detail_ = new Label{this, {}, Text::body, Token::ink_2, Painter::Align::centre};
    detail_->wrap(480);
    action_ = new Button{this, {}, Button::Kind::primary};
    auto* column = new wxBoxSizer{wxVERTICAL};
    column->AddStretchSpacer(2);
    column->Add(picture_, 0, wxALIGN_CENTRE_HORIZONTAL);
    column->Add(sentence_, 0, wxALIGN_CENTRE_HORIZONTAL | wxTOP, theme::space(this, space::l));
    column->Add(detail_, 0, wxALIGN_CENTRE_HORIZONTAL | wxTOP, theme::space(this, space::s));
    column->Add(action_, 0, wxALIGN_CENTRE_HORIZONTAL | wxTOP, theme::space(this, space::xl));
    column->AddStretchSpacer(3);
    SetSizer(column);
    set(icon, sentence, detail, action);
}

void EmptyState::set(std::string_view icon, const wxString& sentence, const wxString& detail,
                     const wxString& action) {
    picture_->set(icon);
    sentence_->set_text(sentence);
    detail_->Show(!detail.empty());
    detail_->set_text(detail);
    action_->Show(!action.empty());
    action_->set_text(action);
    Layout();
}

void EmptyState::on_action(std::function<void()> run) {
    action_->on_click(std::move(run));
}

}  // namespace wutong::client
