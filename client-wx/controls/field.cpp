#include "client-wx/controls/field.hpp"

#include <wx/sizer.h>

#include <algorithm>

#include "client-wx/controls/button.hpp"

namespace wutong::client {
namespace {

constexpr int inside = 10, frame_width_min = 120, label_gap = 6, note_gap = 4;

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
        const int height = std::min(input_->GetBestSize().y, size.y - 4);
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

/// Under the input: a hint, or what is wrong.
class Field::Note : public DrawnControl {
public:
    explicit Note(wxWindow* parent) : DrawnControl{parent, Focus::none} {}
    void set(const wxString& words, bool error) {
        words_ = words;
        error_ = error;
        SetToolTip(words);
        content_changed();
    }

protected:
    void draw(Painter& painter) override {
        const auto size = GetClientSize();
        const auto ink = theme::colour(error_ ? Token::danger : Token::ink_3);
        double x = 0;
        if (error_) {
            painter.icon("alert-circle", measure::icon_xs, ink, 0, (size.y - dip(measure::icon_xs)) / 2.0);
            x = dip(measure::icon_xs + space::xs);
        }
        painter.text(words_, Text::small, ink, {x, 0, size.x - x, size.y * 1.0});
    }
    wxSize DoGetBestClientSize() const override {
        return {dip(frame_width_min), theme::line_height(Text::small)};
    }

private:
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
    style_ = style;
    auto* column = new wxBoxSizer{wxVERTICAL};
    auto* top = new wxBoxSizer{wxHORIZONTAL};
    top->Add(label_, 0, wxALIGN_BOTTOM);
    top->AddStretchSpacer();
    top->Add(label_note_, 0, wxALIGN_BOTTOM | wxLEFT, theme::space(this, space::s));
    const int gap = theme::space(this, label_gap);
    column->Add(top, 0, wxEXPAND | wxBOTTOM, label_->IsShown() ? gap : 0);
    if (auto* frame = dynamic_cast<Frame*>(input->GetParent())) {
        frame_ = frame;
        auto* row = new wxBoxSizer{wxHORIZONTAL};
        if (!prefix.empty()) {
            const auto sign = height_dip > measure::primary ? Text::title : Text::section;
            row->Add(new Label{this, prefix, sign, Token::ink_2}, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT,
                     theme::space(this, space::m));
        }
        row->Add(frame_, 1, wxEXPAND);
        column->Add(row, 1, wxEXPAND);
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

TextField::TextField(wxWindow* parent, const wxString& label) : TextField{parent, label, Style{}} {}

TextField::TextField(wxWindow* parent, const wxString& label, const Style& style) : Field{parent, label} {
    long flags = wxBORDER_NONE;
    flags |= style.lines > 1 ? wxTE_MULTILINE : wxTE_PROCESS_ENTER;
    if (style.right_aligned) {
        flags |= wxTE_RIGHT;
    }
    if (style.password) {
        flags |= wxTE_PASSWORD;
    }
    auto* frame = make_frame(style.text, style.height_dip, style.lines, style.icon);
    input_ = new wxTextCtrl{frame, wxID_ANY, wxEmptyString, wxDefaultPosition, wxDefaultSize, flags};
    if (style.lines <= 1) {
        input_->SetMaxLength(static_cast<unsigned long>(style.length_max));
    }
    if (!style.placeholder.empty()) {
        input_->SetHint(style.placeholder);
    }
    frame_input(frame, input_);
    hold(input_, style.text, style.height_dip, style.prefix);

    input_->Bind(wxEVT_TEXT, [this](wxCommandEvent&) {
        if (change_) {
            change_(text());
        }
    });
    input_->Bind(wxEVT_TEXT_ENTER, [this](wxCommandEvent& event) {
        if (enter_) {
            const auto run = enter_;
            run();
        } else {
            event.Skip();
        }
    });
    input_->Bind(wxEVT_KEY_DOWN, [this](wxKeyEvent& event) {
        const auto key = event.GetKeyCode();
        const bool for_list = key == WXK_UP || key == WXK_DOWN || key == WXK_PAGEUP || key == WXK_PAGEDOWN;
        if (!(for_list && !event.HasAnyModifiers() && list_key_ && list_key_(key))) {
            event.Skip();
        }
    });
    input_->Bind(wxEVT_SET_FOCUS, [this](wxFocusEvent& event) {
        event.Skip();
        if (focus_) {
            focus_();
        }
    });
}

std::string TextField::text() const {
    return utf8(input_->GetValue());
}

void TextField::set_text(std::string_view utf8_text) {
    const auto words = wxs(utf8_text);
    if (input_->GetValue() != words) {
        input_->ChangeValue(words);
    }
}

void TextField::select_all() {
    input_->SelectAll();
}

namespace {

TextField::Style money_style(const wxString& sign, bool big) {
    TextField::Style style;
    style.text = big ? Text::amount_input : Text::title_plain;
    style.height_dip = big ? 64 : 48;
    style.right_aligned = true;
    style.length_max = 20;
    style.prefix = sign;
    return style;
}

bool belongs_to_amount(wxChar letter) {
    const auto code = static_cast<unsigned>(letter);
    const bool digit = (code >= '0' && code <= '9') || (code >= 0xFF10 && code <= 0xFF19);
    // . , and their full-width forms, the Chinese full stop that an input method makes of the key
    return digit || code == '.' || code == ',' || code == 0xFF0E || code == 0xFF0C || code == 0x3002;
}

TextField::Style password_style() {
    TextField::Style style;
    style.password = true;
    return style;
}

}  // namespace

MoneyField::MoneyField(wxWindow* parent, const wxString& label, const wxString& currency_sign, bool big)
    : TextField{parent, label, money_style(currency_sign, big)} {
    input()->Bind(wxEVT_CHAR, [](wxKeyEvent& event) {
        const auto letter = event.GetUnicodeKey();
        const bool control =
            letter == WXK_NONE || letter < WXK_SPACE || letter == WXK_DELETE || event.ControlDown();
        event.Skip(control || belongs_to_amount(letter));
    });
    on_focus([this] { CallAfter([this] { select_all(); }); });
}

PasswordField::PasswordField(wxWindow* parent, const wxString& label)
    : TextField{parent, label, password_style()} {
    auto* eye = new IconButton{frame(), "eye", {}};
    eye->on_click([this, eye] {
        shown_ = !shown_;
        const auto style = input()->GetWindowStyleFlag();
        input()->SetWindowStyleFlag(shown_ ? style & ~wxTE_PASSWORD : style | wxTE_PASSWORD);
        eye->set_icon(shown_ ? "eye-off" : "eye", {});
        input()->SetFocus();
        input()->SetInsertionPointEnd();
    });
    eye->without_tab();
    set_frame_corner(eye);
}

ChoiceField::ChoiceField(wxWindow* parent, const wxString& label, const std::vector<wxString>& choices,
                         int chosen)
    : Field{parent, label} {
    input_ = new wxChoice{this, wxID_ANY};
    set_choices(choices, chosen);
    hold(input_, Text::body, measure::control);
    input_->Bind(wxEVT_CHOICE, [this](wxCommandEvent& event) {
        if (change_) {
            change_(event.GetSelection());
        }
    });
}

void ChoiceField::set_choices(const std::vector<wxString>& choices, int chosen) {
    wxArrayString list;
    for (const auto& choice : choices) {
        list.push_back(choice);
    }
    input_->Set(list);
    choose(chosen);
}

int ChoiceField::chosen() const {
    return input_->GetSelection();
}

void ChoiceField::choose(int index) {
    const bool there = index >= 0 && index < static_cast<int>(input_->GetCount());
    input_->SetSelection(there ? index : wxNOT_FOUND);
}

CheckBox::CheckBox(wxWindow* parent, const wxString& words, bool ticked)
    : DrawnControl{parent, Focus::by_tab}, words_{words}, ticked_{ticked} {}

void CheckBox::tick(bool on) {
    if (on != ticked_) {
        ticked_ = on;
        Refresh();
    }
}

void CheckBox::activate() {
    if (IsEnabled()) {
        tick(!ticked_);
        if (change_) {
            const auto run = change_;
            run(ticked_);
        }
    }
}

void CheckBox::draw(Painter& painter) {
    using theme::colour;
    const auto size = GetClientSize();
    const double side = dip(18);
    const wxRect2DDouble box{ring_room + 0.0, std::floor((size.y - side) / 2), side, side};
    painter.box(box, {.fill = colour(ticked_ ? Token::accent : Token::surface),
                      .edge = colour(ticked_ ? Token::accent : Token::line_strong),
                      .radius = measure::radius_chip});
    if (ticked_) {
        painter.icon_centred("check", measure::icon_xs, colour(Token::on_accent), box);
    }
    if (shows_focus()) {
        painter.focus_ring(box, measure::radius_chip);
    }
    const double x = ring_room + side + dip(space::s);
    painter.text(words_, Text::body, colour(IsEnabled() ? Token::ink : Token::ink_3),
                 {x, 0, size.x - x, size.y * 1.0});
}

wxSize CheckBox::DoGetBestClientSize() const {
    return {ring_room + dip(18 + space::s) + theme::text_width(Text::body, words_) + 1,
            theme::control_height(this, Text::body, 28)};
}

}  // namespace wutong::client
