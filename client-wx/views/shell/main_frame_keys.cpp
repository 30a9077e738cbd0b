#include "client-wx/controls/dialog.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_pages.hpp"
#include "client-wx/views/pages.hpp"
#include "client-wx/views/shell/main_frame.hpp"
#include "client-wx/views/shell/shell_dialogs.hpp"
#include "client-wx/views/shell/shell_parts.hpp"

// Keys, menus and the names of pages.
namespace wutong::client {

const std::vector<MainFrame::RailPage>& MainFrame::rail_pages() {
    // The digits stay with their pages, whatever the rights hide.
    static const std::vector<RailPage> pages{
        {Page::wall, "layout-grid", 1},   {Page::sell, "cash-register", 2},  {Page::accounts, "users", 3},
        {Page::alarms, "bell", 4},        {Page::commands, "list-check", 5}, {Page::devices, "router", 6},
        {Page::tariffs, "percentage", 7}, {Page::balances, "scale", 8},      {Page::energy, "chart-bar", 9}};
    return pages;
}

wxString MainFrame::name_of(Page page) {
    switch (page) {
        case Page::sign_in:
            return wxs(tr("Sign in"));
        case Page::wall:
            return wxs(tr("Wall of meters"));
        case Page::sell:
            return wxs(tr("Sell"));
        case Page::accounts:
            return wxs(tr("Accounts"));
        case Page::account:
            return wxs(tr("Account"));
        case Page::open_account:
            return wxs(tr("Open account"));
        case Page::close_account:
            return wxs(tr("Close account"));
        case Page::exchange_meter:
            return wxs(tr("Exchange the meter"));
        case Page::transfer_account:
            return wxs(tr("New tenant"));
        case Page::meter:
            return wxs(tr("Meter"));
        case Page::alarms:
            return wxs(tr("Alarms"));
        case Page::commands:
            return wxs(tr("Commands"));
        case Page::devices:
            return wxs(tr("Devices"));
        case Page::operators:
            return wxs(tr("Operators"));
        case Page::operation_log:
            return wxs(tr("Operation log"));
        case Page::parameters:
            return wxs(tr("Parameters"));
        case Page::statement:
            return wxs(tr("Statement"));
        case Page::balances:
            return wxs(tr("Two balances"));
        case Page::energy:
            return wxs(tr("Energy"));
        case Page::tariffs:
            return wxs(tr("Tariffs"));
        case Page::shift:
            return wxs(tr("Shifts"));
        case Page::settings:
            break;
    }
    return wxs(tr("Settings"));
}

Page MainFrame::rail_page_of(Page page) {
    switch (page) {
        case Page::meter:
            return Page::wall;
        case Page::account:
        case Page::open_account:
        case Page::close_account:
        case Page::exchange_meter:
        case Page::transfer_account:
        case Page::statement:
            return Page::accounts;
        default:
            return page;
    }
}

void MainFrame::on_key(wxKeyEvent& event) {
    context_.session.active();
    const auto key = event.GetKeyCode();
    if (key == WXK_F11 && !event.HasAnyModifiers()) {
        ShowFullScreen(!IsFullScreen());
        return;
    }
    if (!shell_ || sign_in_->IsShown()) {
        event.Skip();
        return;
    }
    if (shell_->find->key(event) || frame_key(event)) {
        return;
    }
    auto* view = place_ ? page_view(place_->page) : nullptr;
    if (view != nullptr && !shell_->find->IsShown() && view->key(event)) {
        return;
    }
    if (key == WXK_F2 && !event.HasAnyModifiers() && may_open(Page::sell)) {
        open({Page::sell, 0, {}});
        return;
    }
    event.Skip();
}

bool MainFrame::frame_key(wxKeyEvent& event) {
    const auto key = event.GetKeyCode();
    const bool control = event.GetModifiers() == wxMOD_CONTROL;
    const bool plain = !event.HasAnyModifiers();
    if (control && key >= '1' && key <= '9') {
        for (const auto& item : rail_pages()) {
            if (item.digit == key - '0' && may_open(item.page)) {
                open({item.page, 0, {}});
            }
        }
        return true;
    }
    if (control && key == 'K') {
        open_find();
        return true;
    }
    if (control && key == 'Z') {
        return shell_->toast->undo();
    }
    if (event.GetModifiers() == wxMOD_ALT && key == WXK_LEFT) {
        back();
        return true;
    }
    if (key == WXK_F6 && (plain || event.GetModifiers() == wxMOD_SHIFT)) {
        next_pane(plain ? 1 : -1);
        return true;
    }
    if (plain && key == WXK_F1) {
        show_help();
        return true;
    }
    if (plain && key == WXK_F7 && may_open(Page::shift)) {
        open({Page::shift, 0, place_ && place_->page == Page::sell ? "then-sell" : "own"});
        return true;
    }
    if (plain && key == WXK_F9) {
        context_.session.lock();
        return true;
    }
    return false;
}

void MainFrame::next_pane(int by) {
    std::vector<wxWindow*> panes{shell_->header};
    if (auto* view = place_ ? page_view(place_->page) : nullptr) {
        auto own = view->panes();
        if (own.empty()) {
            own.push_back(view);
        }
        panes.insert(panes.end(), own.begin(), own.end());
    }
    panes.push_back(shell_->rail);
    const auto count = static_cast<int>(panes.size());
    const auto* focus = wxWindow::FindFocus();
    int now = -1;
    for (int i = 0; i < count; ++i) {
        const auto* pane = panes[static_cast<std::size_t>(i)];
        if (focus != nullptr && (focus == pane || pane->IsDescendant(const_cast<wxWindow*>(focus)))) {
            now = i;
        }
    }
    const int next = now < 0 ? 0 : ((now + by) % count + count) % count;
    panes[static_cast<std::size_t>(next)]->SetFocus();
}

void MainFrame::keep_focus() {
    if (!IsActive() || !shell_ || sign_in_->IsShown()) {
        return;
    }
    // What had it was closed or hidden: without a focus no key would reach anybody.
    const auto* focus = wxWindow::FindFocus();
    if (focus != nullptr && focus->IsShownOnScreen()) {
        return;
    }
    if (auto* view = place_ ? page_view(place_->page) : nullptr) {
        view->home()->SetFocus();
    }
}

void MainFrame::show_help() {
    auto* view = place_ ? page_view(place_->page) : nullptr;
    show_key_help(this, view != nullptr ? view->title() : wxString{},
                  view != nullptr ? view->keys() : KeyList{});
}

void MainFrame::operator_menu(wxPoint where) {
    std::vector<MenuEntry> entries;
    std::vector<std::function<void()>> actions;
    const auto add = [&](MenuEntry entry, std::function<void()> action) {
        entries.push_back(std::move(entry));
        actions.push_back(std::move(action));
    };
    const auto& session = context_.session;
    if (session.properties().size() > 1) {
        for (const auto& property : session.properties()) {
            MenuEntry entry{wxs(property.name)};
            entry.ticked = property.property_id == session.property_id();
            add(entry, [this, id = property.property_id] { context_.session.choose_property(id); });
        }
    }
    const auto page_entry = [&](Page page, const char* icon, bool separator) {
        if (may_open(page)) {
            MenuEntry entry{name_of(page), icon};
            entry.separator_before = separator && !entries.empty();
            add(entry, [this, page] { open({page, 0, {}}); });
        }
    };
    page_entry(Page::settings, "settings", true);
    page_entry(Page::operators, "user-cog", false);
    page_entry(Page::operation_log, "history", false);
    page_entry(Page::parameters, "adjustments", false);
    page_entry(Page::shift, "clock", false);
    MenuEntry password{wxs(tr("Change password…")), "key"};
    password.separator_before = true;
    add(password, [this] { change_own_password(this, context_); });
    add({wxs(tr("Lock")), "lock", "F9"}, [this] { context_.session.lock(); });
    add({wxs(tr("Switch operator")), "user"}, [this] {
        context_.session.lock();
        sign_in_->another_operator();
    });
    MenuEntry out{wxs(tr("Sign out")), "logout"};
    out.separator_before = true;
    add(out, [this] { context_.session.sign_out(); });
    const int chosen = choose_from_menu(*shell_->rail, entries, where, Side::above);
    if (chosen >= 0) {
        const auto action = actions[static_cast<std::size_t>(chosen)];
        CallAfter([action] { action(); });
    }
}

}  // namespace wutong::client
