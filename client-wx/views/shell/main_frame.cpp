#include "client-wx/views/shell/main_frame.hpp"

#include <wx/dialog.h>
#include <wx/sizer.h>

#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/languages.hpp"
#include "client-wx/views/pages.hpp"
#include "client-wx/views/shell/shell_dialogs.hpp"
#include "client-wx/views/shell/shell_parts.hpp"

namespace wutong::client {

MainFrame::MainFrame(Context& context, SignInPresenter& sign_in, wxSize size)
    : wxFrame{nullptr, wxID_ANY, "Wutong", wxDefaultPosition, size},
      context_{context},
      sign_in_presenter_{sign_in} {
    SetMinClientSize({theme::space(this, 1024), theme::space(this, 640)});
    build();
    Bind(wxEVT_CHAR_HOOK, &MainFrame::on_key, this);
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        CallAfter([this] { fold_by_width(); });
    });
    Bind(EVT_PAGE_CHANGED, [this](wxCommandEvent&) { show_page_state(); });
    Bind(wxEVT_IDLE, [this](wxIdleEvent& event) {
        event.Skip();
        keep_focus();
    });
    Bind(wxEVT_CLOSE_WINDOW, [this](wxCloseEvent& event) {
        drop_shell();
        event.Skip();
    });
    session_changes_ = context_.session.on_change([this] { session_changed(); });
    language_changes_ = on_language_change([this] { build(); });
}

MainFrame::~MainFrame() = default;

void MainFrame::build() {
    const bool again = ground_ != nullptr;
    drop_shell();
    if (again) {
        ground_->Destroy();
    }
    ground_ = new Panel{this, Token::bg};
    ground_->SetSizer(new wxBoxSizer{wxVERTICAL});
    sign_in_ = new SignInView{ground_, context_, sign_in_presenter_};
    ground_->GetSizer()->Add(sign_in_, 1, wxEXPAND);
    if (!again) {
        auto* whole = new wxBoxSizer{wxVERTICAL};
        SetSizer(whole);
    }
    GetSizer()->Add(ground_, 1, wxEXPAND);
    shown_operator_ = 0;
    session_changed();
    Layout();
}

void MainFrame::session_changed() {
    const auto& session = context_.session;
    if (!session.signed_in()) {
        if (session.state() == Session::State::signed_out) {
            drop_shell();
            place_.reset();
            history_.clear();
        }
        show_sign_in(true);
        return;
    }
    const bool other =
        shown_operator_ != session.who().operator_id || shown_property_ != session.property_id();
    if (other || !shell_) {
        const bool same_person = shown_operator_ == 0 || shown_operator_ == session.who().operator_id;
        drop_shell();
        if (!same_person) {
            place_.reset();
            history_.clear();
        }
        shown_operator_ = session.who().operator_id;
        shown_property_ = session.property_id();
        context_.live.watch(session.property_id());
        build_shell();
        show_sign_in(false);
        const auto place = place_.value_or(Place{});
        place_.reset();
        open(place);
        return;
    }
    show_sign_in(false);
    show_shell_state();
    if (place_) {
        if (auto* view = page_view(place_->page)) {
            view->SetFocus();
        }
    }
}

namespace {

// A dialog would stay usable above the locked screen.
void end_dialogs() {
    for (auto* window : wxTopLevelWindows) {
        if (auto* dialog = dynamic_cast<wxDialog*>(window); dialog != nullptr && dialog->IsModal()) {
            dialog->EndModal(wxID_CANCEL);
        }
    }
}

}  // namespace

void MainFrame::show_sign_in(bool shown) {
    if (shown) {
        end_dialogs();
    }
    const bool was_shown = sign_in_->IsShown();
    sign_in_->Show(shown);
    if (shell_) {
        shell_->panel->Show(!shown);
        if (shown) {
            shell_->find->Hide();
            shell_->toast->hide();
        }
    }
    ground_->Layout();
    if (shown) {
        SetTitle(wxs(tr("Wutong")));
        if (!was_shown || !shell_) {
            sign_in_->open();
        }
    }
}

void MainFrame::sign_in_changed() {
    if (sign_in_ != nullptr && sign_in_->IsShown()) {
        sign_in_->show();
    }
}

void MainFrame::build_shell() {
    shell_ = std::make_unique<Shell>();
    auto& shell = *shell_;
    shell.panel = new Panel{ground_, Token::bg};
    shell.rail = new Rail{shell.panel, wxs(tr("Wutong"))};
    shell.header = new HeaderBar{shell.panel,
                                 {wxs(tr("Find unit, shop, meter, account")), "Ctrl K",
                                  wxs(tr("Light or dark")), wxs(tr("Keys (F1)"))}};
    shell.banner = new Banner{shell.panel};
    shell.book = new Panel{shell.panel, Token::bg};
    shell.book->SetSizer(new wxBoxSizer{wxVERTICAL});
    shell.status = new StatusLine{shell.panel};
    shell.toast = new Toast{shell.panel};

    std::vector<FindPresenter::NamedPage> named;
    std::vector<Rail::Entry> entries;
    for (const auto& item : rail_pages()) {
        if (may_open(item.page)) {
            shell.rail_pages.push_back(item.page);
            entries.push_back({item.icon, name_of(item.page), wxString::Format("%d", item.digit)});
            named.push_back({utf8(name_of(item.page)), item.icon, {item.page, 0, {}}});
        }
    }
    for (const auto& [page, icon] :
         {std::pair{Page::operators, "user-cog"}, std::pair{Page::operation_log, "history"},
          std::pair{Page::parameters, "adjustments"}, std::pair{Page::shift, "clock"},
          std::pair{Page::settings, "settings"}}) {
        if (may_open(page)) {
            named.push_back({utf8(name_of(page)), icon, {page, 0, {}}});
        }
    }
    shell.rail->set_entries(std::move(entries));
    shell.find = new FindPopup{shell.panel, context_, std::move(named), [this] {
                                   if (place_ && shell_) {
                                       if (auto* view = page_view(place_->page)) {
                                           view->SetFocus();
                                       }
                                   }
                               }};

    shell.rail->on_open([this](size_t index) { open({shell_->rail_pages[index], 0, {}}); });
    shell.rail->on_operator([this](wxPoint where) { operator_menu(where); });
    shell.rail->on_shift([this] { open({Page::shift, 0, "own"}); });
    shell.header->on_back([this] { back(); });
    shell.header->on_search([this] { open_find(); });
    shell.header->on_theme([this] { switch_theme(); });
    shell.header->on_help([this] { show_help(); });
    shell.banner->on_action([this] { shell_->presenter->try_now(); });

    auto* column = new wxBoxSizer{wxVERTICAL};
    column->Add(shell.header, 0, wxEXPAND);
    column->Add(shell.banner, 0, wxEXPAND);
    column->Add(shell.book, 1, wxEXPAND);
    column->Add(shell.status, 0, wxEXPAND);
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(shell.rail, 0, wxEXPAND);
    row->Add(column, 1, wxEXPAND);
    shell.panel->SetSizer(row);
    ground_->GetSizer()->Add(shell.panel, 1, wxEXPAND);
    shell.presenter = std::make_unique<ShellPresenter>(context_, [this] { show_shell_state(); });
    fold_by_width();
    shell.presenter->refresh();
}

void MainFrame::drop_shell() {
    if (!shell_) {
        return;
    }
    const auto shell = std::move(shell_);
    shell->presenter.reset();
    ground_->GetSizer()->Detach(shell->panel);
    shell->panel->Destroy();
}

bool MainFrame::may_open(Page page) const {
    const std::string permission = permission_for(page);
    return has_page(page) && (permission.empty() || context_.session.may(permission));
}

PageView* MainFrame::page_view(Page page) {
    const auto found = shell_->views.find(page);
    if (found != shell_->views.end()) {
        return found->second;
    }
    if (!may_open(page)) {
        return nullptr;
    }
    auto* view = make_page(page, shell_->book, context_);
    if (view != nullptr) {
        shell_->views[page] = view;
        shell_->book->GetSizer()->Add(view, 1, wxEXPAND);
    }
    return view;
}

void MainFrame::open(const Place& place) {
    if (!shell_) {
        return;
    }
    auto target = place;
    auto* view = page_view(target.page);
    if (view == nullptr && !place_) {  // what was meant to be the first is not allowed: the first that is
        for (const auto page : shell_->rail_pages) {
            target = {page, 0, {}};
            view = page_view(page);
            if (view != nullptr) {
                break;
            }
        }
        if (view == nullptr) {
            target = {Page::settings, 0, {}};
            view = page_view(target.page);
        }
    }
    if (view == nullptr) {
        toast(wxs(tr("You may not open this page.")), nullptr);
        return;
    }
    shell_->find->Hide();
    if (place_) {
        history_.visit(*place_, target);
    }
    show_view(target, view);
}

void MainFrame::show_view(const Place& place, PageView* view) {
    if (place_ && place_->page != place.page) {
        if (const auto before = shell_->views.find(place_->page); before != shell_->views.end()) {
            before->second->leave();
            before->second->Hide();
        }
    }
    place_ = place;
    view->Show();
    shell_->book->Layout();
    view->open(place);
    if (place.page == Page::account) {
        place_->text.clear();  // "refund" was asked for once; coming back does not ask again
    }
    const auto rail_page = rail_page_of(place.page);
    int current = -1;
    for (std::size_t i = 0; i < shell_->rail_pages.size(); ++i) {
        if (shell_->rail_pages[i] == rail_page) {
            current = static_cast<int>(i);
        }
    }
    shell_->rail->set_current(current);
    show_page_state();
}

void MainFrame::back() {
    if (!shell_) {
        return;
    }
    while (const auto place = history_.back()) {
        if (auto* view = page_view(place->page)) {
            show_view(*place, view);
            return;
        }
    }
}

void MainFrame::show_page_state() {
    if (!shell_ || !place_) {
        return;
    }
    auto* view = page_view(place_->page);
    if (view == nullptr) {
        return;
    }
    shell_->header->set_title(view->title(), view->subtitle());
    const bool on_rail = rail_page_of(place_->page) == place_->page && place_->page != Page::settings;
    const auto* previous = history_.previous();
    const auto words =
        previous != nullptr && !on_rail ? wxs("‹ ") + name_of(previous->page) + wxs("   Alt+←") : wxString{};
    shell_->header->set_back(words);
    const auto left = view->status_left();
    const auto right = view->status_right();
    shell_->status->set(left.empty() ? wxs(shell_->presenter->status()) : left,
                        right.empty() ? wxs(tr("F1 keys  ·  Ctrl+K finds  ·  F9 locks")) : right);
}

void MainFrame::show_shell_state() {
    if (!shell_ || !shell_->presenter) {
        return;
    }
    const auto& screen = shell_->presenter->screen();
    shell_->header->set_live(screen.live == ShellScreen::Live::live      ? HeaderBar::Live::live
                             : screen.live == ShellScreen::Live::offline ? HeaderBar::Live::offline
                                                                         : HeaderBar::Live::waiting,
                             wxs(screen.live_words));
    if (screen.banner) {
        shell_->banner->show(screen.banner_is_stop ? Banner::Kind::danger : Banner::Kind::warning,
                             "cloud-off", wxs(screen.banner_words), wxs(screen.banner_action));
    } else {
        shell_->banner->hide();
    }
    for (std::size_t i = 0; i < shell_->rail_pages.size(); ++i) {
        if (shell_->rail_pages[i] == Page::alarms) {
            shell_->rail->set_count(i, screen.alarms, true);
        } else if (shell_->rail_pages[i] == Page::commands) {
            shell_->rail->set_count(i, screen.commands, false);
        }
    }
    shell_->rail->set_operator(wxs(screen.operator_initials), wxs(screen.operator_name),
                               wxs(screen.property_name));
    shell_->rail->set_shift(wxs(screen.shift), wxs(screen.shift_detail));
    SetTitle(wxs(screen.window_title));
    show_page_state();
}

void MainFrame::fold_by_width() {
    if (shell_) {
        const bool narrow = GetClientSize().x < theme::space(this, measure::window_width_min);
        shell_->rail->set_folded(narrow || context_.preferences.rail_folded());
        shell_->panel->Layout();
        shell_->toast->place();
    }
}

void MainFrame::toast(const wxString& words, std::function<void()> undo) {
    if (shell_) {
        shell_->toast->show(words, wxs(tr("Undo")) + "  Ctrl+Z", std::move(undo));
    }
}

void MainFrame::open_find() {
    shell_->find->open(shell_->header->search_rect());
}

void MainFrame::switch_theme() {
    const bool dark = theme::mode() == theme::Mode::light;
    context_.preferences.set_theme(dark ? ThemeChoice::dark : ThemeChoice::light);
    theme::set_mode(dark ? theme::Mode::dark : theme::Mode::light);
}

}  // namespace wutong::client
