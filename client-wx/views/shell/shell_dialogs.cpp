#include "client-wx/views/shell/shell_dialogs.hpp"

#include <wx/sizer.h>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {
namespace {

constexpr int help_width = 760, help_width_alone = 460;

KeyList keys_everywhere() {
    return {{"F1", wxs(tr("this list"))},
            {"F2", wxs(tr("sell"))},
            {wxs("Ctrl+1…6"), wxs(tr("the pages of the rail"))},
            {"Ctrl+K", wxs(tr("find anything"))},
            {wxs("Alt+←"), wxs(tr("back"))},
            {"Ctrl+Z", wxs(tr("undo, while the message is shown"))},
            {"F6, Shift+F6", wxs(tr("next, previous part of the window"))},
            {"F9", wxs(tr("lock"))},
            {"F11", wxs(tr("full screen"))},
            {"Esc", wxs(tr("clear, close"))}};
}

wxSizer* list_of(wxWindow* parent, const wxString& title, const KeyList& keys) {
    auto* column = new wxBoxSizer{wxVERTICAL};
    column->Add(new Label{parent, title, Text::section}, 0, wxBOTTOM, theme::space(parent, space::m));
    auto* grid =
        new wxFlexGridSizer{2, wxSize{theme::space(parent, space::m), theme::space(parent, space::s)}};
    for (const auto& [key, words] : keys) {
        grid->Add(new KeyHint{parent, wxs(utf8(key))}, 0, wxALIGN_CENTRE_VERTICAL);
        grid->Add(new Label{parent, words}, 0, wxALIGN_CENTRE_VERTICAL);
    }
    column->Add(grid);
    return column;
}

}  // namespace

void show_key_help(wxWindow* parent, const wxString& page_title, const KeyList& page_keys) {
    Dialog dialog{parent, wxs(tr("Keys")), page_keys.empty() ? help_width_alone : help_width};
    auto* columns = new wxBoxSizer{wxHORIZONTAL};
    if (!page_keys.empty()) {
        columns->Add(list_of(dialog.area(), page_title, page_keys), 1, wxRIGHT,
                     theme::space(dialog.area(), space::xxxl));
    }
    columns->Add(list_of(dialog.area(), wxs(tr("Everywhere")), keys_everywhere()), 1);
    dialog.content()->Add(columns, 0, wxEXPAND);
    dialog.focus_first(dialog.add_button(wxID_CANCEL, wxs(tr("Close")), Button::Kind::secondary, {}, "Esc"));
    dialog.run();
}

}  // namespace wutong::client
