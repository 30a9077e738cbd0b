#include "client-wx/controls/field.hpp"

#include <wx/sizer.h>
#include <wx/toplevel.h>

#include <algorithm>

namespace wutong::client {
namespace {

constexpr int inside = 10, frame_width_min = 100, label_gap = 6, note_gap = 4;

void native_colours([[maybe_unused]] wxWindow& input) {
#ifdef __WXMSW__
    input.SetBackgroundColour(theme::colour(Token::surface));
    input.SetForegroundColour(theme::colour(Token::ink));
#endif
}

}  // namespace

/// The rounded edge around an input; strong in the accent when it has the focus, red when it is faulty.
class Field::Frame : public DrawnControl {
public:
    Frame(wxWindow* parent, Text style, int height_dip)
        : DrawnControl{parent, Focus::none}, style_{style}, height_dip_{height_dip} {
        Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
            place();
            event.Skip();
        });
        Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
            CallAfter([this] { place(); });
            event.Skip();
        });
        SetCursor(wxCursor{wxCURSOR_IBEAM});
    }

    void hold(wxWindow* input) {
        input_ = input;
        for (const auto& type : {wxEVT_SET_FOCUS, wxEVT_KILL_FOCUS}) {
            input_->Bind(type, [this](wxFocusEvent& event) {
                focused_ = event.GetEventType() == wxEVT_SET_FOCUS;
                Refresh();
                event.Skip();
            });
        }
    }
    void set_icon(const std::string& icon) {
        icon_ = icon;
        place();
    }
    void set_corner(wxWindow* corner) {
        corner_ = corner;
        place();
    }
    void set_faulty(bool faulty) {
        faulty_ = faulty;
        Refresh();
    }
    [[nodiscard]] int lines() const { return lines_; }
    void set_several_lines(int lines) {
        lines_ = lines;
        InvalidateBestSize();
    }

protected:
    void draw(Painter& painter) override {
        const auto size = GetClientSize();
        const bool off = input_ != nullptr && !input_->IsThisEnabled();
        const auto edge = faulty_    ? Token::danger
                          : focused_ ? Token::accent
                          : off      ? Token::line
                                     : Token::line_strong;
        painter.box({0, 0, size.x * 1.0, size.y * 1.0},
                    {.fill = theme::colour(off ? Token::surface_2 : Token::surface),
                     .edge = theme::colour(edge),
                     .edge_width = focused_ || faulty_ ? 2.0 : 1.0});
        if (!icon_.empty()) {
            painter.icon(icon_, measure::icon_m, theme::colour(Token::ink_2), dip(inside),
                         (size.y - dip(measure::icon_m)) / 2.0);
        }
    }
    void clicked_at(const wxPoint&) override {
        if (input_ != nullptr) {
            input_->SetFocus();
        }
    }
    wxSize DoGetBestClientSize() const override {
        if (lines_ > 1) {
            return {dip(frame_width_min), theme::line_height(style_) * lines_ + 2 * dip(space::s)};
        }
        return {dip(frame_width_min), theme::control_height(this, style_, height_dip_)};
    }

private:
    void place() {
        if (input_ == nullptr) {
            return;
        }
        const auto size = GetClientSize();
        const int left = dip(inside) + (icon_.empty() ? 0 : dip(measure::icon_m + space::s));
        int right = dip(inside);
        if (corner_ != nullptr) {
            const int side = std::max(size.y - 2 * dip(space::xs), 0);
            corner_->SetSize(size.x - side - dip(space::xs), dip(space::xs), side, side);
            right += side;
        }
        const int width = std::max(size.x - left - right, 10);
        if (lines_ > 1) {
            input_->SetSize(left, dip(space::s), width, std::max(size.y - 2 * dip(space::s), 10));
            return;
        }
        const int height = std::max(std::min(input_->GetBestSize().y, size.y - 4), 1);
        input_->SetSize(left, (size.y - height) / 2, width, height);
    }

    Text style_;
    int height_dip_;
    int lines_{1};
    wxWindow* input_{nullptr};
    wxWindow* corner_{nullptr};
    std::string icon_;
    bool focused_{false};
    bool faulty_{false};
};

/// Under the input: a hint, or what is wrong; as many lines as it takes.
class Field::Note : public DrawnControl {
public:
    explicit Note(wxWindow* parent) : DrawnControl{parent, Focus::none} {
        Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
            event.Skip();
            if (GetClientSize().y != best_height()) {  // another width, another number of lines
                CallAfter([this] { content_changed(); });
            }
        });
    }
    void set(const wxString& words, bool error) {
        words_ = words;
        error_ = error;
        content_changed();
    }

protected:
    void draw(Painter& painter) override {
        const auto ink = theme::colour(error_ ? Token::danger : Token::ink_3);
        const double line = theme::line_height(Text::small);
        if (error_) {
            painter.icon("alert-circle", measure::icon_xs, ink, 0, (line - dip(measure::icon_xs)) / 2.0);
        }
        double y = 0;
        for (const auto& words : wrapped(words_, Text::small, room())) {
            painter.text(words, Text::small, ink, {1.0 * indent(), y, 1.0 * room(), line});
            y += line;
        }
    }
    wxSize DoGetBestClientSize() const override { return {dip(frame_width_min), best_height()}; }

private:
    [[nodiscard]] int indent() const { return error_ ? dip(measure::icon_xs + space::xs) : 0; }
    [[nodiscard]] int room() const { return std::max(GetClientSize().x, dip(frame_width_min)) - indent(); }
    [[nodiscard]] int best_height() const {
        return theme::line_height(Text::small) *
               std::max(1, static_cast<int>(wrapped(words_, Text::small, room()).size()));
    }

    wxString words_;
    bool error_{false};
};

Field::Field(wxWindow* parent, const wxString& label) : wxPanel{parent} {
    SetBackgroundColour(ground_under(*this));
    label_ = new Label{this, label, Text::body, Token::ink_2};
    label_note_ = new Label{this, {}, Text::small, Token::ink_3, Painter::Align::right};
    note_ = new Note{this};
    label_->Show(!label.empty());
    label_note_->Hide();
    note_->Hide();
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        restyle();
        event.Skip();
    });
}

void Field::hold(wxWindow* input, Text style, int height_dip, const wxString& prefix) {
    input_ = input;
    SetCanFocus(false);
    input_->Bind(wxEVT_KEY_DOWN, &Field::leave_by_tab, this);
    style_ = style;
    auto* column = new wxBoxSizer{wxVERTICAL};
    auto* top = new wxBoxSizer{wxHORIZONTAL};
    top->Add(label_, 0, wxALIGN_BOTTOM);
    top->AddStretchSpacer();
    top->Add(label_note_, 0, wxALIGN_BOTTOM | wxLEFT, theme::space(this, space::s));
    const int gap = theme::space(this, label_gap);
    column->Add(top, 0, wxEXPAND | wxBOTTOM, label_->IsShown() ? gap : 0);
    if (auto* frame = dynamic_cast<Frame*>(input->GetParent())) {
        const bool several_lines = frame->lines() > 1;
        frame_ = frame;
        auto* row = new wxBoxSizer{wxHORIZONTAL};
        if (!prefix.empty()) {
            const auto sign = height_dip > measure::primary ? Text::title : Text::section;
            row->Add(new Label{this, prefix, sign, Token::ink_2}, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT,
                     theme::space(this, space::m));
        }
        row->Add(frame_, 1, wxEXPAND);
        column->Add(row, several_lines ? 1 : 0, wxEXPAND);
    } else {
        input_->SetMinSize(
            {theme::space(this, frame_width_min), theme::control_height(this, style, height_dip)});
        column->Add(input_, 0, wxEXPAND);
    }
    column->Add(note_, 0, wxEXPAND | wxTOP, theme::space(this, note_gap));
    SetSizer(column);
    restyle();
}

void Field::restyle() {
    SetBackgroundColour(ground_under(*this));
    if (input_ != nullptr) {
        input_->SetFont(theme::font(style_));
        native_colours(*input_);
        input_->InvalidateBestSize();
        if (frame_ == nullptr) {
            input_->SetMinSize({theme::space(this, frame_width_min), theme::control_height(this, style_)});
        }
    }
    InvalidateBestSize();
    Refresh();
}

void Field::set_error(const wxString& sentence) {
    if (sentence == error_) {
        return;
    }
    error_ = sentence;
    const auto& words = error_.empty() ? hint_ : error_;
    note_->Show(!words.empty());
    note_->set(words, !error_.empty());
    if (frame_ != nullptr) {
        frame_->set_faulty(!error_.empty());
    }
    lay_out_above(*note_);
}

void Field::set_hint(const wxString& hint) {
    if (hint == hint_) {
        return;
    }
    hint_ = hint;
    if (error_.empty()) {
        note_->Show(!hint_.empty());
        note_->set(hint_, false);
        lay_out_above(*note_);
    }
}

void Field::set_label(const wxString& label) {
    label_->Show(!label.empty());
    label_->set_text(label);
}

void Field::set_label_note(const wxString& note) {
    label_note_->Show(!note.empty());
    label_note_->set_text(note);
}

void Field::set_enabled(bool enabled, const wxString& why) {
    if (input_ != nullptr) {
        input_->Enable(enabled);
    }
    auto* tip = frame_ != nullptr ? static_cast<wxWindow*>(frame_) : this;
    if (why.empty()) {
        tip->UnsetToolTip();
    } else {
        tip->SetToolTip(why);
    }
    Refresh();
}

// The input stands in a drawn frame, which is no stop for wx on its way through the page: the field is, and
// it knows the next one.
bool Field::AcceptsFocusRecursively() const {
    return input_ != nullptr && input_->IsEnabled();
}

void Field::leave_by_tab(wxKeyEvent& event) {
    if (event.GetKeyCode() != WXK_TAB || event.ControlDown() || event.AltDown()) {
        event.Skip();
        return;
    }
    std::vector<wxWindow*> stops;
    add_tab_stops(*wxGetTopLevelParent(this), stops);
    const auto here = std::find(stops.begin(), stops.end(), this);
    if (here == stops.end() || stops.size() < 2) {
        return;
    }
    const auto count = stops.size();
    const auto at = static_cast<std::size_t>(here - stops.begin());
    stops[(at + (event.ShiftDown() ? count - 1 : 1)) % count]->SetFocusFromKbd();
}

void Field::add_tab_stops(wxWindow& from, std::vector<wxWindow*>& stops) {
    for (auto* child : from.GetChildren()) {
        if (child->IsTopLevel() || !child->IsShown() || !child->IsEnabled()) {
            continue;
        }
        const bool whole = dynamic_cast<Field*>(child) != nullptr ||
                           dynamic_cast<wxControl*>(child) != nullptr ||
                           dynamic_cast<DrawnControl*>(child) != nullptr;
        if (!whole) {
            add_tab_stops(*child, stops);
        } else if (child->AcceptsFocusFromKeyboard()) {
            stops.push_back(child);
        }
    }
}

void Field::SetFocus() {
    if (input_ != nullptr) {
        input_->SetFocus();
    }
}

wxWindow* Field::make_frame(Text style, int height_dip, int lines, const std::string& icon) {
    auto* frame = new Frame{this, style, height_dip};
    frame->set_several_lines(lines);
    frame->set_icon(icon);
    return frame;
}

void Field::frame_input(wxWindow* frame, wxWindow* input) {
    static_cast<Frame*>(frame)->hold(input);
}

void Field::set_frame_corner(wxWindow* corner) {
    if (frame_ != nullptr) {
        frame_->set_corner(corner);
    }
}

wxWindow* Field::frame() {
    return frame_;
}

}  // namespace wutong::client
