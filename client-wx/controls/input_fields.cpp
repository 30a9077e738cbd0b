#include "client-wx/controls/button.hpp"
#include "client-wx/controls/field.hpp"

namespace wutong::client {

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
    if (style.lines <= 1) {  // in several lines Enter is a letter
        input_->Bind(wxEVT_TEXT_ENTER, [this](wxCommandEvent& event) {
            if (enter_) {
                const auto run = enter_;
                run();
            } else {
                event.Skip();
            }
        });
    }
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
    on_focus([this] {
        untouched_ = true;
        select_all();
    });
    // The click that brings the focus would end the selection. Never later than the first key: digits that
    // are typed ahead must not be replaced by those that follow.
    input()->Bind(wxEVT_KEY_DOWN, [this](wxKeyEvent& event) {
        untouched_ = false;
        event.Skip();
    });
    input()->Bind(wxEVT_LEFT_UP, [this](wxMouseEvent& event) {
        event.Skip();
        if (untouched_ && input()->GetStringSelection().empty()) {
            CallAfter([this] {
                if (untouched_) {
                    select_all();
                }
                untouched_ = false;
            });
        }
    });
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

void CheckBox::flow() {
    if (flows_) {
        return;
    }
    flows_ = true;
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        if (const int width = GetClientSize().x; width > 1 && width != flow_width_) {
            flow_width_ = width;
            content_changed();
        }
    });
    content_changed();
}

void CheckBox::set_words(const wxString& words) {
    if (words != words_) {
        words_ = words;
        content_changed();
    }
}

int CheckBox::words_left() const {
    return ring_room + dip(18 + space::s);
}

wxArrayString CheckBox::lines() const {
    const int width = flow_width_ - words_left();
    return flows_ && width > 0 ? wrapped(words_, Text::body, width) : wxArrayString{1, &words_};
}

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
    const double x = words_left();
    const double high = theme::line_height(Text::body);
    const auto words = lines();
    double y = std::floor((size.y - high * static_cast<double>(words.size())) / 2);
    for (const auto& line : words) {
        painter.text(line, Text::body, colour(IsEnabled() ? Token::ink : Token::ink_3),
                     {x, y, size.x - x, high});
        y += high;
    }
}

wxSize CheckBox::DoGetBestClientSize() const {
    const int more = static_cast<int>(lines().size()) - 1;
    return {words_left() + (flows_ ? dip(space::huge) : theme::text_width(Text::body, words_) + 1),
            theme::control_height(this, Text::body, 28) + std::max(more, 0) * theme::line_height(Text::body)};
}

}  // namespace wutong::client
