#include "client-wx/views/accounts/accounts_view.hpp"

#include <wx/sizer.h>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/list_pane.hpp"

namespace wutong::client {

namespace {

constexpr int search_width = 320;

}  // namespace

AccountsView::AccountsView(wxWindow* parent, Context& context)
    : PageView{parent}, context_{context}, presenter_{context} {
    const int margin = theme::space(this, space::page_margin);
    const int gap = theme::space(this, space::m);
    TextField::Style style;
    style.icon = "search";
    style.placeholder = wxs(tr("Customer, unit, account, meter or phone"));
    style.length_max = 100;
    search_ = new TextField{this, {}, style};
    search_->SetMinSize({theme::space(this, search_width), -1});
    search_->on_change([this](const std::string& text) { presenter_.search(text); });
    search_->on_enter([this] { list_->focus(search_->input()); });
    search_->on_list_key([this](int key) {
        if (key == WXK_DOWN) {
            list_->focus(search_->input());
            return true;
        }
        return false;
    });
    state_ =
        new Segmented{this, {wxs(tr("Open")), wxs(tr("Being closed")), wxs(tr("Closed")), wxs(tr("All"))}};
    state_->on_change([this](int chosen) { presenter_.show(static_cast<AccountsPresenter::Show>(chosen)); });
    count_ = new Label{this, {}, Text::small, Token::ink_2};
    add_ = new Button{this, wxs(tr("Open account")), Button::Kind::primary, "user-plus", "F3"};
    add_->on_click([this] { context_.navigator.open({Page::open_account, 0, {}}); });
    if (!context_.session.may("account.write")) {
        add_->disable(wxs(tr("You may look here, but not change accounts.")));
    }
    list_ = new ListPane{this, "accounts", "users"};
    list_->on_activate = [this](std::int64_t account) { open_account(account); };
    list_->on_sort = [this](int column, bool ascending) { presenter_.sort_by(column, ascending); };
    list_->on_retry = [this] { presenter_.refresh(); };
    list_->on_clear_filter = [this] {
        search_->clear();
        state_->choose(static_cast<int>(AccountsPresenter::Show::all));
        presenter_.clear_filter();
    };
    list_->set_empty_action(tr("Open account"), [this] { add_->press(); });

    auto* bar = new wxBoxSizer{wxHORIZONTAL};
    bar->Add(search_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, gap);
    bar->Add(state_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, gap);
    bar->Add(count_, 1, wxALIGN_CENTRE_VERTICAL | wxRIGHT, gap);
    bar->Add(add_, 0, wxALIGN_CENTRE_VERTICAL);
    auto* column = new wxBoxSizer{wxVERTICAL};
    column->Add(bar, 0, wxEXPAND | wxALL, margin);
    column->Add(list_, 1, wxEXPAND | wxLEFT | wxRIGHT | wxBOTTOM, margin);
    SetSizer(column);
    presenter_.on_changed = [this] { show(); };
}

void AccountsView::open(const Place& place) {
    if (!place.text.empty()) {
        search_->set_text(place.text);
        presenter_.search(place.text);
    }
    presenter_.open();
    search_->SetFocus();
}

void AccountsView::show() {
    const auto& screen = presenter_.screen();
    list_->show(screen);
    const auto rows = static_cast<unsigned>(screen.rows.size());
    count_->set_text(screen.phase == ListPhase::ready
                         ? wxs(fill(tr_n("{n} account", "{n} accounts", rows), fmt::arg("n", count(rows))))
                         : wxString{});
    changed();
}

void AccountsView::open_account(std::int64_t account_id) {
    context_.navigator.open({Page::account, account_id, {}});
}

wxString AccountsView::title() const {
    return wxs(tr("Accounts"));
}

wxString AccountsView::status_left() const {
    return wxs(presenter_.screen().stale.empty() ? tr("Balances as the meters said last")
                                                 : presenter_.screen().stale);
}

wxString AccountsView::status_right() const {
    return wxs(tr("Enter opens  ·  F3 opens an account  ·  Ctrl+E export"));
}

bool AccountsView::key(wxKeyEvent& event) {
    const int code = event.GetKeyCode();
    if (event.GetModifiers() == wxMOD_CONTROL && code == 'E') {
        list_->export_csv();
        return true;
    }
    if (event.HasAnyModifiers()) {
        return false;
    }
    if ((code == WXK_RETURN || code == WXK_NUMPAD_ENTER) && !search_->input()->HasFocus()) {
        const auto chosen = list_->selected();
        if (chosen && list_->IsDescendant(FindFocus())) {
            open_account(*chosen);
            return true;
        }
        return false;
    }
    if (code == WXK_F3) {
        add_->press();
        return true;
    }
    if (code == WXK_ESCAPE && !presenter_.searched().empty()) {
        search_->clear();
        presenter_.search({});
        search_->SetFocus();
        return true;
    }
    return false;
}

std::vector<std::pair<wxString, wxString>> AccountsView::keys() const {
    return {{"F3", wxs(tr("open an account"))},
            {"Enter", wxs(tr("open the chosen account"))},
            {"↓", wxs(tr("from the search into the list"))},
            {"Ctrl+E", wxs(tr("export the list"))},
            {"Esc", wxs(tr("clear the search"))}};
}

std::vector<wxWindow*> AccountsView::panes() {
    return {search_, list_};
}

}  // namespace wutong::client
