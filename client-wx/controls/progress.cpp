#include <algorithm>

#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/label.hpp"

namespace wutong::client {
namespace {

constexpr int turn_ms = 80, turns = 12, step_height = 32;

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
    : DrawnControl{parent, Focus::none}, state_{state}, words_{words} {
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        content_changed();  // another width may need another line
    });
}

wxArrayString CheckLine::lines() const {
    const int width = GetClientSize().x - dip(measure::icon_m + space::s);
    return width > dip(space::huge) ? wrapped(words_, Text::body, width) : wxArrayString{1, &words_};
}

void CheckLine::set(State state, const wxString& words) {
    if (state != state_ || words != words_) {
        state_ = state;
        words_ = words;
        SetToolTip(words_);
        content_changed();
    }
}

void CheckLine::draw(Painter& painter) {
    const auto size = GetClientSize();
    const double side = dip(measure::icon_m);
    const double x = side + dip(space::s);
    const double high = theme::line_height(Text::body);
    const auto words = lines();
    double y = std::floor((size.y - high * static_cast<double>(words.size())) / 2);
    painter.icon(icon_of(state_), measure::icon_m, theme::colour(ink_of(state_)), 0, y + (high - side) / 2);
    for (const auto& line : words) {
        painter.text(line, Text::body, state_ == State::bad ? Token::danger : Token::ink,
                     {x, y, size.x - x, high});
        y += high;
    }
}

wxSize CheckLine::DoGetBestClientSize() const {
    const int more = static_cast<int>(lines().size()) - 1;
    return {dip(measure::icon_m + space::s + 80),
            theme::control_height(this, Text::body, 27) + more * theme::line_height(Text::body)};
}

}  // namespace wutong::client
