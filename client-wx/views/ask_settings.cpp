#include "client-wx/views/ask_settings.hpp"

#include "client-wx/controls/dialog.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

void place(Dialog& dialog, TextField* field) {
    dialog.content()->Add(field, 0, wxEXPAND | wxBOTTOM, theme::space(field, space::s));
}

/// Shows the errors at their fields; the first one gets the focus.
bool show_errors(const SettingsForm::Checked& checked,
                 const std::vector<std::pair<std::string, TextField*>>& fields) {
    bool focused = false;
    for (const auto& [name, field] : fields) {
        const auto found = checked.errors.find(name);
        field->set_error(found == checked.errors.end() ? wxString{} : wxs(found->second));
        if (found != checked.errors.end() && !focused) {
            field->SetFocus();
            focused = true;
        }
    }
    return checked.errors.empty();
}

}  // namespace

std::optional<CommandWish> ask_price(wxWindow* parent, const std::string& target, const SettingsForm& start) {
    Dialog dialog{parent, wxs(client::fill(tr("Price of {}"), target))};
    auto* field = new MoneyField{dialog.area(), wxs(tr("Price of one kWh")), wxs(currency_sign())};
    field->set_text(start.price);
    field->set_hint(wxs(tr("The meter charges it from the moment it confirms.")));
    place(dialog, field);
    dialog.focus_first(field);
    dialog.add_button(wxID_CANCEL, wxs(tr("Cancel")), Button::Kind::secondary, {}, "Esc");
    dialog.set_default(
        dialog.add_button(wxID_OK, wxs(tr("Go on")), Button::Kind::primary, "discount", "Enter"));
    std::optional<CommandWish> wish;
    dialog.can_end([&](int) {
        SettingsForm form;
        form.price = field->text();
        const auto checked = form.check_price();
        wish = checked.wish;
        const bool good = show_errors(checked, {{"price", field}});
        dialog.refit();
        return good;
    });
    return dialog.run() == wxID_OK ? wish : std::nullopt;
}

std::optional<CommandWish> ask_limits(wxWindow* parent, const std::string& target,
                                      const SettingsForm& start) {
    Dialog dialog{parent, wxs(client::fill(tr("Limits of {}"), target))};
    const auto sign = wxs(currency_sign());
    auto* alarm_1 = new MoneyField{dialog.area(), wxs(tr("Alarm 1 at a balance of")), sign};
    auto* alarm_2 = new MoneyField{dialog.area(), wxs(tr("Alarm 2 at a balance of")), sign};
    auto* overdraft = new MoneyField{dialog.area(), wxs(tr("Overdraft allowed")), sign};
    auto* overload = new TextField{dialog.area(), wxs(tr("Power limit (kW)"))};
    alarm_1->set_text(start.alarm_1);
    alarm_2->set_text(start.alarm_2);
    overdraft->set_text(start.overdraft);
    overload->set_text(start.overload_kw);
    overload->set_hint(wxs(tr("What is left empty stays as it is on the meter.")));
    for (auto* field : std::initializer_list<TextField*>{alarm_1, alarm_2, overdraft, overload}) {
        place(dialog, field);
    }
    dialog.focus_first(alarm_1);
    dialog.add_button(wxID_CANCEL, wxs(tr("Cancel")), Button::Kind::secondary, {}, "Esc");
    dialog.set_default(
        dialog.add_button(wxID_OK, wxs(tr("Go on")), Button::Kind::primary, "adjustments", "Ctrl+Enter"));
    std::optional<CommandWish> wish;
    dialog.can_end([&](int) {
        SettingsForm form;
        form.alarm_1 = alarm_1->text();
        form.alarm_2 = alarm_2->text();
        form.overdraft = overdraft->text();
        form.overload_kw = overload->text();
        const auto checked = form.check_limits();
        wish = checked.wish;
        const bool good = show_errors(
            checked,
            {{"alarm_1", alarm_1}, {"alarm_2", alarm_2}, {"overdraft", overdraft}, {"overload", overload}});
        dialog.refit();
        return good;
    });
    return dialog.run() == wxID_OK ? wish : std::nullopt;
}

}  // namespace wutong::client
