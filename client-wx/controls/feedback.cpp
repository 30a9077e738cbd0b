#include "client-wx/controls/feedback.hpp"

#include <wx/dcbuffer.h>
#include <wx/sizer.h>

#include <algorithm>

namespace wutong::client {
namespace {

constexpr int toast_ms = 5000, toast_with_undo_ms = 10000, toast_above_bottom = 44;
constexpr int turn_ms = 80, turns = 12, step_height = 32, picture_side = 64;

Token ink_of(CheckLine::State state) {
    switch (state) {
        case CheckLine::State::good:
            return Token::ok;
        case CheckLine::State::warning:
            return Token::warn;
        case CheckLine::State::bad:
            return Token::danger;
        case CheckLine::State::unknown:
            break;
    }
    return Token::ink_3;
}

const char* icon_of(CheckLine::State state) {
    switch (state) {
        case CheckLine::State::good:
            return "circle-check";
        case CheckLine::State::warning:
            return "alert-triangle";
        case CheckLine::State::bad:
            return "circle-x";
        case CheckLine::State::unknown:
            break;
    }
    return "circle-dashed";
}

}  // namespace

Banner::Banner(wxWindow* parent) : wxPanel{parent} {
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

void Banner::restyle() {
    SetMinSize(
        {-1, std::max(theme::space(this, 44), theme::control_height(this) + theme::space(this, space::s))});
    Layout();
    Refresh();
}

void Banner::paint() {
    wxAutoBufferedPaintDC dc{this};
    Painter painter{dc, *this};
    const auto alarm = theme::state_style(MeterStatus::alarm_1);
    const auto arrears = theme::state_style(MeterStatus::arrears);
    const auto info = theme::state_style(MeterStatus::delivering);
    const auto& style = kind_ == Kind::warning ? alarm : kind_ == Kind::danger ? arrears : info;
    painter.clear(style.fill);
    const auto size = GetClientSize();
    painter.line(0, size.y - 1, size.x, size.y - 1, style.edge);
    const double x = theme::space(this, space::page_margin);
    const double side = theme::space(this, measure::icon_m);
    painter.icon(icon_, measure::icon_m, style.ink, x, (size.y - side) / 2);
    const double left = x + side + theme::space(this, space::m);
    const double right =
        action_->IsShown() ? action_->GetPosition().x - theme::space(this, space::m) : size.x - x;
    painter.text(sentence_, Text::body_bold, style.ink, {left, 0, right - left, size.y * 1.0});
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
    size.x = std::min(size.x, room.x - dip(2 * space::page_margin));
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

Spinner::Spinner(wxWindow* parent, int size_dip, Token ink)
    : DrawnControl{parent, Focus::none}, size_{size_dip}, ink_{ink} {
    timer_.SetOwner(this);
    Bind(wxEVT_TIMER, [this](wxTimerEvent&) {
        turn_ = (turn_ + 1) % turns;
        if (IsShownOnScreen()) {
            Refresh();
        }
    });
    timer_.Start(turn_ms);
}

bool Spinner::Show(bool show) {
    if (show) {
        timer_.Start(turn_ms);
    } else {
        timer_.Stop();
    }
    return DrawnControl::Show(show);
}

void Spinner::draw(Painter& painter) {
    painter.spinner(0, 0, GetClientSize().x, turn_, theme::colour(ink_));
}

ProgressBar::ProgressBar(wxWindow* parent, int height_dip)
    : DrawnControl{parent, Focus::none}, height_{height_dip} {}

void ProgressBar::set(std::vector<Part> parts) {
    parts_ = std::move(parts);
    Refresh();
}

void ProgressBar::draw(Painter& painter) {
    const auto size = GetClientSize();
    const double radius = size.y / 2.0;
    const wxRect2DDouble whole{0, 0, size.x * 1.0, size.y * 1.0};
    painter.box(whole, {.fill = theme::colour(Token::line), .radius = radius});
    double before = 0;
    for (const auto& part : parts_) {
        before += std::clamp(part.share, 0.0, 1.0);
    }
    // From the last to the first, each from the left end on, so that only the outer ends are round.
    auto& context = painter.context();
    double end = std::min(before, 1.0);
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
        const double width = end * size.x;
        if (width >= 1) {
            context.PushState();
            context.Clip(0, 0, width, size.y);
            painter.box(whole, {.fill = theme::colour(part->colour), .radius = radius});
            context.PopState();
        }
        end -= std::clamp(part->share, 0.0, 1.0);
    }
}

wxSize ProgressBar::DoGetBestClientSize() const {
    return {dip(80), dip(height_)};
}

Steps::Steps(wxWindow* parent) : DrawnControl{parent, Focus::none} {
    timer_.SetOwner(this);
    Bind(wxEVT_TIMER, [this](wxTimerEvent&) {
        turn_ = (turn_ + 1) % turns;
        Refresh();
    });
}

void Steps::set(std::vector<Step> steps) {
    const bool resized = steps.size() != steps_.size();
    steps_ = std::move(steps);
    const bool busy =
        std::any_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.state == State::busy; });
    if (busy && !timer_.IsRunning()) {
        timer_.Start(turn_ms);
    } else if (!busy) {
        timer_.Stop();
    }
    resized ? content_changed() : Refresh();
}

void Steps::draw(Painter& painter) {
    using theme::colour;
    if (steps_.empty()) {
        return;
    }
    const auto size = GetClientSize();
    const double height = static_cast<double>(size.y) / static_cast<double>(steps_.size());
    const double side = dip(measure::icon_m);
    const double centre = side / 2 + 1;
    for (size_t i = 0; i < steps_.size(); ++i) {
        const auto& step = steps_[i];
        const double middle = height * (static_cast<double>(i) + 0.5);
        if (i + 1 < steps_.size()) {
            const bool reached = step.state == State::done;
            painter.line(std::floor(centre) - 1, middle + side / 2, std::floor(centre) - 1,
                         middle + height - side / 2, colour(reached ? Token::ok : Token::line),
                         measure::focus_line);
        }
        const double top = middle - side / 2;
        switch (step.state) {
            case State::done:
                painter.icon("circle-check-filled", measure::icon_m, colour(Token::ok), 0, top);
                break;
            case State::failed:
                painter.icon("circle-x-filled", measure::icon_m, colour(Token::danger), 0, top);
                break;
            case State::busy:
                painter.spinner(1, top + 1, side - 2, turn_, colour(Token::info));
                break;
            case State::skipped:
                painter.icon("circle-minus", measure::icon_m, colour(Token::ink_3), 0, top);
                break;
            case State::waiting:
                painter.icon("circle-dashed", measure::icon_m, colour(Token::ink_3), 0, top);
                break;
        }
        const double x = side + dip(space::m);
        const double time = theme::text_width(Text::small, step.time);
        const auto ink = step.state == State::failed    ? Token::danger
                         : step.state == State::waiting ? Token::ink_3
                                                        : Token::ink;
        painter.text(step.words, Text::body, ink,
                     {x, middle - height / 2, size.x - x - time - dip(space::s), height});
        painter.text(step.time, Text::small, Token::ink_3, {x, middle - height / 2, size.x - x, height},
                     Painter::Align::right);
    }
}

wxSize Steps::DoGetBestClientSize() const {
    return {dip(160), static_cast<int>(steps_.size()) * theme::control_height(this, Text::body, step_height)};
}

KeyHint::KeyHint(wxWindow* parent, const wxString& key) : DrawnControl{parent, Focus::none}, key_{key} {}

void KeyHint::draw(Painter& painter) {
    painter.key_hint(key_, theme::colour(Token::ink_2), theme::colour(Token::line_strong), 0,
                     GetClientSize().y / 2.0);
}

wxSize KeyHint::DoGetBestClientSize() const {
    const int height = theme::line_height(Text::caption) + dip(space::hair);
    return {std::max(height, theme::text_width(Text::caption, key_) + 2 * dip(6)), height};
}

CheckLine::CheckLine(wxWindow* parent, State state, const wxString& words)
    : DrawnControl{parent, Focus::none}, state_{state}, words_{words} {}

void CheckLine::set(State state, const wxString& words) {
    if (state != state_ || words != words_) {
        state_ = state;
        words_ = words;
        SetToolTip(words_);
        Refresh();
    }
}

void CheckLine::draw(Painter& painter) {
    const auto size = GetClientSize();
    const double side = dip(measure::icon_m);
    painter.icon(icon_of(state_), measure::icon_m, theme::colour(ink_of(state_)), 0, (size.y - side) / 2);
    const double x = side + dip(space::s);
    painter.text(words_, Text::body, state_ == State::bad ? Token::danger : Token::ink,
                 {x, 0, size.x - x, size.y * 1.0});
}

wxSize CheckLine::DoGetBestClientSize() const {
    return {dip(measure::icon_m + space::s + 80), theme::control_height(this, Text::body, 27)};
}

}  // namespace wutong::client
