// What the account's page does at its tables' buttons and keys.
#include <algorithm>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/accounts/account_tabs.hpp"
#include "client-wx/views/accounts/account_view.hpp"
#include "client-wx/views/accounts/reversal_dialog.hpp"
#include "client-wx/views/accounts/settlement_dialog.hpp"
#include "client-wx/views/desk/form_dialog.hpp"
#include "client-wx/views/sale/receipt_dialog.hpp"

namespace wutong::client {

namespace {

constexpr int kEvidenceWidth = 620;

}  // namespace

void AccountView::show_receipt() {
    const auto row = tables_[kSales]->selected();
    const auto& keys = presenter_->screen().sales.keys;
    if (keys.empty()) {
        context_.navigator.toast(tr("There is no receipt yet."));
        return;
    }
    const auto at = row && *row < keys.size() ? *row : 0;
    show_receipt_dialog(this, context_, printer_, keys[at], true);
}

void AccountView::take_back() {
    const auto row = tables_[kSales]->selected();
    const auto& keys = presenter_->screen().sales.keys;
    if (!row || *row >= keys.size()) {
        return;
    }
    std::erase_if(unanswered_reversals_, [](const auto& left) { return !left->unanswered(); });
    if (auto left = ask_reversal(this, context_, keys[*row])) {
        unanswered_reversals_.push_back(std::move(left));
    }
    presenter_->refresh();
}

void AccountView::settle() {
    const auto row = tables_[kDeliveries]->selected();
    const auto& keys = presenter_->screen().deliveries.keys;
    if (row && *row < keys.size()) {
        ask_settlement(this, context_, keys[*row]);
        presenter_->refresh();
    }
}

void AccountView::exchange_meter(std::int64_t meter_id) {
    context_.navigator.open({Page::exchange_meter, meter_id, {}});
}

void AccountView::show_exchange() {
    const auto row = tables_[kExchanges]->selected();
    const auto facts = row ? presenter_->exchange(*row) : decltype(presenter_->exchange(0)){};
    if (facts.empty()) {
        return;
    }
    Dialog dialog{this, wxs(tr("Exchange of a meter")), kEvidenceWidth};
    for (const auto& [label, value] : facts) {
        auto* line = new FactRow{dialog.area(), wxs(label)};
        line->set_value(wxs(value));
        dialog.content()->Add(line, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::hair));
    }
    dialog.add_button(wxID_CANCEL, wxs(tr("Close")), Button::Kind::secondary, {}, "Esc");
    dialog.run();
}

void AccountView::show_statement() {
    context_.navigator.open({Page::statement, presenter_->screen().account_id, {}});
}

void AccountView::change_contact() {
    if (run_form(this, presenter_->contact_form(), context_.navigator)) {
        presenter_->show_messages();
    }
}

void AccountView::show_table_buttons() {
    const auto& screen = presenter_->screen();
    const auto set = [](Button* button, bool on, const std::string& why) {
        on ? button->enable() : button->disable(wxs(why));
    };
    const bool sale_chosen = tables_[kSales]->selected().has_value();
    set(take_back_, sale_chosen && screen.may_refund,
        sale_chosen ? tr("Your role does not allow it.") : tr("Choose a sale first."));
    set(contact_, context_.session.may("account.write") && !screen.told.empty(),
        screen.told.empty() ? tr("Being fetched") : tr("Your role does not allow it."));
    set(evidence_, tables_[kExchanges]->selected().has_value(), tr("Choose an exchange first."));
    const auto delivery = tables_[kDeliveries]->selected();
    const auto& keys = screen.deliveries.keys;
    const bool waits = delivery && *delivery < keys.size() &&
                       std::find(screen.in_question.begin(), screen.in_question.end(), keys[*delivery]) !=
                           screen.in_question.end();
    set(settle_, waits,
        delivery ? tr("This delivery does not wait for an operator.") : tr("Choose a delivery first."));
}

wxString AccountView::title() const {
    return wxs(tr("Account"));
}

wxString AccountView::status_left() const {
    return wxs(presenter_->screen().fault.empty() ? tr("The books and the meters, side by side")
                                                  : presenter_->screen().fault);
}

wxString AccountView::status_right() const {
    return wxs(tr("F2 sells  ·  F4 refunds  ·  F3 adds a meter  ·  Ctrl+P receipt  ·  Alt+← back"));
}

bool AccountView::key(wxKeyEvent& event) {
    const int code = event.GetKeyCode();
    if (event.GetModifiers() == wxMOD_CONTROL) {
        if (code == 'P') {
            show_receipt();
            return true;
        }
        if (code == WXK_PAGEUP || code == WXK_PAGEDOWN) {
            tabs_->step(code == WXK_PAGEDOWN ? 1 : -1);
            return true;
        }
    }
    if (event.HasAnyModifiers()) {
        return false;
    }
    switch (code) {
        case WXK_F2:
            sell_->press();
            return true;
        case WXK_F3:
            add_->press();
            return true;
        case WXK_F4:
            refund_->press();
            return true;
        case WXK_F8:
            statement_->press();
            return true;
        default:
            return false;
    }
}

std::vector<std::pair<wxString, wxString>> AccountView::keys() const {
    return {{"F2", wxs(tr("sell to its first meter"))},
            {"F3", wxs(tr("add a meter"))},
            {"F4", wxs(tr("refund from a meter"))},
            {"F8", wxs(tr("statement"))},
            {"Ctrl+P", wxs(tr("receipt of the chosen sale"))},
            {"Ctrl+PgUp/PgDn", wxs(tr("sales, deliveries, entries, exchanges, messages"))}};
}

std::vector<wxWindow*> AccountView::panes() {
    return {sell_, tables_.at(static_cast<std::size_t>(tabs_->chosen()))};
}

}  // namespace wutong::client
