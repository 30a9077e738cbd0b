#include "client-wx/views/meter/meter_page.hpp"

#include "client-wx/text/translate.hpp"
#include "client-wx/views/accounts/settlement_dialog.hpp"
#include "client-wx/views/ask_cut.hpp"
#include "client-wx/views/desk/form_dialog.hpp"
#include "client-wx/views/meter/meter_tabs.hpp"
#include "client-wx/views/meter/overview_tab.hpp"
#include "client-wx/views/save_table.hpp"

namespace wutong::client {

MeterPage::MeterPage(wxWindow* parent, Context& context)
    : PageView{parent}, context_{context}, presenter_{context} {
    auto* page = new wxBoxSizer{wxVERTICAL};
    build_head(page);
    tabs_ = new TabBar{this,
                       {wxs(tr("Overview")), wxs(tr("Readings")), wxs(tr("Credit")), wxs(tr("Events")),
                        wxs(tr("Settings"))}};
    tabs_->on_change([this](int tab) { choose(tab); });
    page->Add(tabs_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::m));
    book_ = new wxSimplebook{this};
    book_->SetBackgroundColour(theme::colour(Token::bg));
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        event.Skip();
        book_->SetBackgroundColour(theme::colour(Token::bg));
    });
    overview_ = new OverviewTab{book_, presenter_};
    overview_->on_all_credit = [this] { choose(static_cast<int>(MeterTab::credit)); };
    readings_ = new ReadingsTab{book_, presenter_.readings};
    readings_->on_export = [this] { export_readings(); };
    credit_ = new CreditTab{book_, presenter_.credit};
    credit_->on_settle = [this](std::int64_t delivery_id) {
        ask_settlement(this, context_, delivery_id);
        presenter_.credit.refresh();
    };
    events_ = new EventsTab{book_, presenter_.events};
    settings_ = new SettingsTab{book_, presenter_.settings, presenter_.held};
    settings_->on_form = [this](std::unique_ptr<Form> form) {
        if (run_form(this, std::move(form), context_.navigator)) {
            presenter_.held.refresh();
        }
    };
    for (wxWindow* tab :
         std::initializer_list<wxWindow*>{overview_, readings_, credit_, events_, settings_}) {
        book_->AddPage(tab, {});
    }
    page->Add(book_, 1, wxEXPAND);
    failure_ = new EmptyState{this, "zoom-question", {}};
    failure_->Hide();
    page->Add(failure_, 1, wxEXPAND);

    auto* frame = new wxBoxSizer{wxVERTICAL};
    frame->Add(page, 1, wxEXPAND | wxALL, theme::space(this, space::page_margin));
    SetSizer(frame);
    presenter_.on_changed = [this] { show(); };
    presenter_.on_ask = [this](const CutQuestion& question) {
        CallAfter([this, question] { presenter_.answer_cut(ask_cut(this, question)); });
    };
}

void MeterPage::build_head(wxSizer* page) {
    auto* head = new wxBoxSizer{wxHORIZONTAL};
    code_ = new Label{this, {}, Text::hero};
    auto* middle = new wxBoxSizer{wxVERTICAL};
    auto* first = new wxBoxSizer{wxHORIZONTAL};
    name_ = new Label{this, {}, Text::section};
    state_ = new StateBadge{this, MeterStatus::normal, {}};
    first->Add(name_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, theme::space(this, space::m));
    first->Add(state_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, theme::space(this, space::m));
    guard_ = new GuardBadge{this};
    first->Add(guard_, 0, wxALIGN_CENTRE_VERTICAL);
    middle->Add(first, 0, wxEXPAND);
    path_ = new Label{this, {}, Text::small, Token::ink_3};
    path_->give_up_parts();
    middle->Add(path_, 0, wxEXPAND);
    head->Add(code_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, theme::space(this, space::l));
    head->Add(middle, 1, wxALIGN_CENTRE_VERTICAL);
    const auto add = [&](Button*& button, const std::string& words, Button::Kind kind, const char* icon,
                         const wxString& key, std::function<void()> run) {
        button = new Button{this, wxs(words), kind, icon, key};
        button->on_click(std::move(run));
        head->Add(button, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::m));
    };
    add(sell_, tr("Sell"), Button::Kind::primary, "shopping-bag", "F2", [this] { presenter_.sell(); });
    add(query_, tr("Query now"), Button::Kind::secondary, "refresh", {}, [this] { presenter_.query(); });
    add(guarantee_, tr("Guarantee…"), Button::Kind::secondary, "shield-check-filled", {},
        [this] { presenter_.guarantee(); });
    add(cut_, tr("Switch off…"), Button::Kind::danger, "power", {}, [this] { presenter_.cut(); });
    page->Add(head, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    sentence_ = new Label{this, {}, Text::small, Token::ink_2};
    page->Add(sentence_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    sentence_->Hide();
}

wxString MeterPage::title() const {
    return wxs(tr("Meter"));
}

wxString MeterPage::status_left() const {
    return wxs(presenter_.screen().status_left);
}

wxString MeterPage::status_right() const {
    return wxs(tr("F2 sells  ·  F5 queries  ·  Ctrl+PgDn next tab  ·  Alt+← back"));
}

void MeterPage::open(const Place& place) {
    if (place.text == "credit") {
        choose(static_cast<int>(MeterTab::credit));
    } else if (place.text == "events") {
        choose(static_cast<int>(MeterTab::events));
    } else if (place.text == "settings") {
        choose(static_cast<int>(MeterTab::settings));
    }
    if (place.id != 0) {
        presenter_.open(place.id);
    }
    tabs_->SetFocus();
}

void MeterPage::choose(int tab) {
    tabs_->choose(tab);
    book_->ChangeSelection(static_cast<size_t>(tab));
    presenter_.choose(static_cast<MeterTab>(tab));
}

void MeterPage::show_action(Button& button, const MeterAction& action) {
    button.set_icon(action.icon);
    button.Show(action.shown);
    if (action.enabled) {
        button.enable();
    } else {
        button.disable(wxs(action.why_not));
    }
}

void MeterPage::show() {
    const auto& s = presenter_.screen();
    failure_->Show(!s.found);
    book_->Show(s.found);
    tabs_->Show(s.found);
    if (!s.found) {
        failure_->set("zoom-question", wxs(s.failure.empty() ? tr("Loading the meters…") : s.failure));
        Layout();
        return;
    }
    code_->set_text(wxs(s.code));
    name_->set_text(wxs(s.name));
    name_->Show(!s.name.empty());
    state_->set(s.status, wxs(s.state));
    guard_->set(wxs(s.actions.guard), wxs(s.actions.guard_note));
    path_->set_text(wxs(s.path));
    show_action(*sell_, s.actions.sell);
    show_action(*query_, s.actions.query);
    guarantee_->set_text(wxs(s.actions.guarantee.text));
    show_action(*guarantee_, s.actions.guarantee);
    cut_->set_text(wxs(s.actions.cut.text));
    cut_->set_kind(s.actions.cut_is_danger ? Button::Kind::danger : Button::Kind::secondary);
    show_action(*cut_, s.actions.cut);
    sentence_->set_text(wxs(s.sentence));
    sentence_->set_ink(s.sentence_is_fault ? Token::danger : Token::ink_2);
    sentence_->Show(!s.sentence.empty());
    switch (presenter_.tab()) {
        case MeterTab::overview:
            overview_->show();
            break;
        case MeterTab::readings:
            readings_->show(presenter_.readings.screen());
            break;
        case MeterTab::credit:
            credit_->show(presenter_.credit.screen());
            break;
        case MeterTab::events:
            events_->show(presenter_.events.screen());
            break;
        case MeterTab::settings:
            settings_->show(presenter_.settings.screen());
            settings_->show_held();
            break;
    }
    Layout();
    changed();
}

void MeterPage::export_readings() {
    const auto said = save_table(this, presenter_.readings.table(), presenter_.screen().code);
    if (!said.empty()) {
        context_.navigator.toast(said);
    }
}

bool MeterPage::key(wxKeyEvent& event) {
    const int code = event.GetKeyCode();
    if (event.ControlDown() && !event.AltDown()) {
        switch (code) {
            case WXK_PAGEDOWN:
                tabs_->step(1);
                return true;
            case WXK_PAGEUP:
                tabs_->step(-1);
                return true;
            case 'G':
                presenter_.guarantee();
                return true;
            case 'D':
                presenter_.cut();
                return true;
            case 'E':
                if (presenter_.tab() == MeterTab::readings) {
                    export_readings();
                    return true;
                }
                return false;
            default:
                return false;
        }
    }
    if (event.AltDown() || event.ShiftDown()) {
        return false;
    }
    switch (code) {
        case WXK_F2:
            presenter_.sell();
            return true;
        case WXK_F5:
            presenter_.query();
            return true;
        default:
            return false;
    }
}

std::vector<std::pair<wxString, wxString>> MeterPage::keys() const {
    return {{"F2", wxs(tr("Sell electricity"))},
            {"F5", wxs(tr("Query now"))},
            {"Ctrl+PgUp/PgDn", wxs(tr("Next or previous tab"))},
            {"Ctrl+G", wxs(tr("Guarantee power"))},
            {"Ctrl+D", wxs(tr("Switch off"))},
            {"Ctrl+E", wxs(tr("Export as Excel"))}};
}

std::vector<wxWindow*> MeterPage::panes() {
    return {sell_, tabs_, book_};
}

}  // namespace wutong::client
