#include "client-wx/views/shell/shell_dialogs.hpp"

#include <wx/sizer.h>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/presenters/shell/password_presenter.hpp"
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

bool change_password(wxWindow* parent, Context& context) {
    Dialog dialog{parent, wxs(tr("Change password"))};
    auto* area = dialog.area();
    const auto gap = [area](int dip) { return theme::space(area, dip); };
    auto* before = new PasswordField{area, wxs(tr("Password that you use now"))};
    auto* after = new PasswordField{area, wxs(tr("New password"))};
    auto* repeated = new PasswordField{area, wxs(tr("New password again"))};
    auto* error = new Label{area, {}, Text::body, Token::danger};
    error->wrap(400);
    error->Hide();
    after->set_hint(wxs(tr("At least 8 characters. Other places where you are signed in are signed out.")));
    for (auto* field : {before, after, repeated}) {
        dialog.content()->Add(field, 0, wxEXPAND | wxBOTTOM, gap(space::l));
    }
    dialog.content()->Add(error, 0, wxEXPAND);
    dialog.add_button(wxID_CANCEL, wxs(tr("Cancel")), Button::Kind::secondary, {}, "Esc");
    auto* commit =
        dialog.add_button(wxID_OK, wxs(tr("Change password")), Button::Kind::primary, "key", "Enter");

    std::unique_ptr<PasswordPresenter> presenter;
    presenter = std::make_unique<PasswordPresenter>(context, [&] {
        const auto& screen = presenter->screen();
        before->set_error(wxs(screen.old_error));
        after->set_error(wxs(screen.new_error));
        repeated->set_error(wxs(screen.repeat_error));
        error->Show(!screen.error.empty());
        error->set_text(wxs(screen.error));
        commit->set_busy(screen.busy);
        if (screen.done) {
            dialog.EndModal(wxID_OK);
            return;
        }
        for (auto* field : {before, after, repeated}) {
            if (field->has_error()) {
                field->SetFocus();
                break;
            }
        }
        dialog.refit();
    });
    dialog.can_end([&](int) {
        presenter->change(before->text(), after->text(), repeated->text());
        return false;
    });
    dialog.focus_first(before);
    return dialog.run() == wxID_OK;
}

}  // namespace wutong::client
