#include "client-wx/controls/dialog.hpp"

#include <wx/dcbuffer.h>
#include <wx/menu.h>
#include <wx/textctrl.h>

#include <algorithm>
#include <map>

#include "client-wx/theme/icons.hpp"

namespace wutong::client {
namespace {

constexpr int padding = 24;
constexpr std::size_t units_listed_max = 8;
// As the native looks have them.
constexpr int menu_row_padding = 14, menu_row_min = 20, menu_separator = 9, menu_edges = 10;

int menu_height(const wxWindow& owner, const std::vector<MenuEntry>& entries) {
    const int row = std::max(theme::line_height(Text::body), theme::space(&owner, menu_row_min)) +
                    theme::space(&owner, menu_row_padding);
    int height = theme::space(&owner, menu_edges);
    for (const auto& entry : entries) {
        height += row + (entry.separator_before ? theme::space(&owner, menu_separator) : 0);
    }
    return height;
}

}  // namespace

/// All of the dialog: a surface with an edge, since the window itself comes without the desktop's frame.
class Dialog::Body : public Panel {
public:
    explicit Body(wxWindow* parent) : Panel{parent, Token::surface} {
        SetBackgroundStyle(wxBG_STYLE_PAINT);
        Bind(wxEVT_PAINT, [this](wxPaintEvent&) {
            wxAutoBufferedPaintDC dc{this};
            Painter painter{dc, *this};
            painter.clear(Token::surface);
            const auto size = GetClientSize();
            painter.box({0, 0, size.x * 1.0, size.y * 1.0},
                        {.edge = theme::colour(Token::line_strong), .radius = 0});
        });
        Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
            Refresh();
            event.Skip();
        });
    }
};

Dialog::Dialog(wxWindow* parent, const wxString& title, int width_dip)
    : wxDialog{wxGetTopLevelParent(parent), wxID_ANY,      title,
               wxDefaultPosition,           wxDefaultSize, wxBORDER_NONE | wxFRAME_FLOAT_ON_PARENT},
      opener_{wxWindow::FindFocus()} {
    body_ = new Body{this};
    const int pad = theme::space(this, padding);
    auto* column = new wxBoxSizer{wxVERTICAL};
    title_ = new Label{body_, title, Text::title};
    title_->wrap(width_dip - 2 * padding);
    content_ = new wxBoxSizer{wxVERTICAL};
    buttons_ = new wxBoxSizer{wxHORIZONTAL};
    buttons_->AddStretchSpacer();
    column->Add(title_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, pad);
    column->Add(content_, 1, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, pad);
    column->AddSpacer(theme::space(this, space::xxl));
    column->Add(buttons_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxBOTTOM, pad);
    column->SetMinSize(theme::space(this, width_dip), -1);
    body_->SetSizer(column);
    auto* whole = new wxBoxSizer{wxVERTICAL};
    whole->Add(body_, 1, wxEXPAND);
    SetSizer(whole);
    Bind(wxEVT_CHAR_HOOK, &Dialog::on_key, this);
}

Dialog::~Dialog() {
    if (opener_ && opener_->IsShownOnScreen()) {
        opener_->SetFocus();
    }
}

wxWindow* Dialog::area() {
    return body_;
}

Button* Dialog::add_button(int id, const wxString& words, Button::Kind kind, std::string_view icon,
                           const wxString& key_hint) {
    auto* button = new Button{body_, words, kind, icon, key_hint};
    button->set_height(measure::primary);
    button->on_click([this, id] { end_with(id); });
    buttons_->Add(button, 0, wxLEFT, theme::space(this, space::m));
    if (kind == Button::Kind::primary) {
        default_ = button;
    }
    return button;
}

void Dialog::end_with(int id) {
    if (id == wxID_CANCEL || !can_end_ || can_end_(id)) {
        EndModal(id);
    }
}

int Dialog::run() {
    refit();
    if (first_ != nullptr) {
        first_->SetFocus();
        // The window manager may give the focus to the window only after it is shown.
        CallAfter([this] {
            if (first_ != nullptr) {
                first_->SetFocus();
            }
        });
    }
    return ShowModal();
}

void Dialog::refit() {
    body_->InvalidateBestSize();
    GetSizer()->Fit(this);
    Layout();
    if (GetParent() != nullptr) {
        CentreOnParent();
    } else {
        CentreOnScreen();
    }
}

void Dialog::on_key(wxKeyEvent& event) {
    const auto key = event.GetKeyCode();
    const bool enter = key == WXK_RETURN || key == WXK_NUMPAD_ENTER;
    if (key == WXK_ESCAPE && !event.HasAnyModifiers()) {
        EndModal(wxID_CANCEL);
        return;
    }
    const auto* text = dynamic_cast<wxTextCtrl*>(wxWindow::FindFocus());
    const bool one_line = text != nullptr && !text->HasFlag(wxTE_MULTILINE);
    if (enter && default_ != nullptr && (event.ControlDown() || one_line)) {
        default_->press();
        return;
    }
    event.Skip();
}

ConsequenceAnswer ask_consequence(wxWindow* parent, const Consequence& consequence) {
    Dialog dialog{parent, consequence.title, 520};
    auto* area = dialog.area();
    auto* content = dialog.content();
    const auto gap = [area](int dip) { return theme::space(area, dip); };
    auto* sentence = new Label{area, consequence.sentence, Text::body, Token::ink_2};
    sentence->wrap(520 - 2 * padding);
    content->Add(sentence, 0, wxEXPAND | wxBOTTOM, gap(space::l));
    for (const auto& [label, value] : consequence.facts) {
        content->Add(new Divider{area}, 0, wxEXPAND);
        content->Add(new FactRow{area, label, value}, 0, wxEXPAND | wxTOP | wxBOTTOM, gap(space::xs));
    }
    if (!consequence.units.empty()) {
        wxString list;
        const auto shown = std::min(consequence.units.size(), units_listed_max);
        for (std::size_t i = 0; i < shown; ++i) {
            list += (i == 0 ? wxString{} : wxString::FromUTF8("  ·  ")) + consequence.units[i];
        }
        if (!consequence.and_more.empty()) {
            list += wxString::FromUTF8("  ·  ") + consequence.and_more;
        }
        content->Add(new Divider{area}, 0, wxEXPAND | wxBOTTOM, gap(space::m));
        auto* units = new Label{area, list, Text::body_bold};
        units->wrap(520 - 2 * padding);
        content->Add(units, 0, wxEXPAND | wxBOTTOM, gap(space::m));
    }
    if (!consequence.warning.empty()) {
        content->Add(new CheckLine{area, CheckLine::State::warning, consequence.warning}, 0, wxEXPAND);
    }
    TextField* reason = nullptr;
    if (!consequence.reason_label.empty()) {
        reason = new TextField{area, consequence.reason_label};
        content->Add(reason, 0, wxEXPAND | wxTOP, gap(space::m));
    }
    TextField* typed = nullptr;
    if (consequence.count >= consequence.type_from) {
        typed = new TextField{area, consequence.type_label};
        content->Add(typed, 0, wxEXPAND | wxTOP, gap(space::m));
    }
    auto* cancel = dialog.add_button(wxID_CANCEL, consequence.cancel, Button::Kind::secondary, {}, "Esc");
    auto* commit =
        dialog.add_button(wxID_OK, consequence.commit, Button::Kind::danger_filled, consequence.commit_icon);
    const auto wanted = std::to_string(consequence.count);
    const auto check = [=] {
        const bool number = typed == nullptr || plain_digits(typed->text()) == wanted;
        const bool why = reason == nullptr || !reason->text().empty();
        if (number && why) {
            commit->enable();
        } else {
            commit->disable(number ? consequence.reason_label : consequence.type_label);
        }
    };
    for (auto* field : {reason, typed}) {
        if (field != nullptr) {
            field->on_change([check](const std::string&) { check(); });
        }
    }
    check();
    dialog.focus_first(cancel);
    const bool go_on = dialog.run() == wxID_OK;
    return {go_on, go_on && reason != nullptr ? reason->text() : std::string{}};
}

std::string plain_digits(const std::string& typed) {
    std::string digits;
    for (const auto letter : wxs(typed)) {
        const auto code = letter.GetValue();
        if (code >= 0xFF10 && code <= 0xFF19) {
            digits += static_cast<char>('0' + (code - 0xFF10));
        } else if (code < 0x80 && code != ' ' && code != ',') {
            digits += static_cast<char>(code);
        }
    }
    return digits;
}

int choose_from_menu(wxWindow& anchor, const std::vector<MenuEntry>& entries) {
    return choose_from_menu(anchor, entries, anchor.ClientToScreen({0, anchor.GetSize().y + 2}));
}

int choose_from_menu(wxWindow& owner, const std::vector<MenuEntry>& entries, wxPoint screen, Side side) {
    if (side == Side::above) {
        screen.y -= menu_height(owner, entries);
    }
    wxMenu menu;
    std::map<int, int> index_of;
    int index = 0;
    for (const auto& entry : entries) {
        if (entry.separator_before) {
            menu.AppendSeparator();
        }
        auto words = entry.words;
        words.Replace("&", "&&");
        if (!entry.key.empty()) {
            words += "\t" + entry.key;
        }
        auto* item = new wxMenuItem{
            &menu, wxWindow::NewControlId(), words, {}, entry.ticked ? wxITEM_CHECK : wxITEM_NORMAL};
        if (!entry.icon.empty() && !entry.ticked) {
            item->SetBitmap(theme::icon(entry.icon, measure::icon_s, Token::ink_2));
        }
        index_of[item->GetId()] = index++;
        menu.Append(item);
        item->Enable(entry.enabled);
        if (entry.ticked) {
            item->Check();
        }
    }
    const int id = owner.GetPopupMenuSelectionFromUser(menu, owner.ScreenToClient(screen));
    const auto found = index_of.find(id);
    return found == index_of.end() ? -1 : found->second;
}

}  // namespace wutong::client
