#include <wx/sizer.h>

#include "client-wx/presenters/operators/operator_forms.hpp"
#include "client-wx/presenters/operators/operators_presenter.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/desk_pages.hpp"
#include "client-wx/views/desk/form_dialog.hpp"
#include "client-wx/views/desk/list_pane.hpp"

namespace wutong::client {

namespace {

class OperatorsPage final : public PageView {
public:
    OperatorsPage(wxWindow* parent, Context& context)
        : PageView{parent}, context_{context}, operators_{context}, roles_{context} {
        const int margin = theme::space(this, space::page_margin);
        auto* all = new wxBoxSizer{wxVERTICAL};
        tabs_ = new TabBar{this, {wxs(tr("Operators")), wxs(tr("Roles"))}};
        tabs_->on_change([this](int tab) { show_tab(tab); });
        all->Add(tabs_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, theme::space(this, space::m));

        bar_ = new ToolRow{this};
        password_ = make_button("password", tr("New password…"), {});
        password_->on_click([this] { run(operators_.password_form(operators_.chosen().id)); });
        unlock_ = make_button("lock-open", tr("Unlock"), {});
        unlock_->on_click([this] { operators_.unlock(); });
        enable_ = make_button("user-off", tr("Disable"), {});
        enable_->on_click([this] { operators_.enable(!operators_.chosen().enabled); });
        change_ = make_button("pencil", tr("Change…"), "Enter");
        change_->on_click([this] { run(operators_.edit_form(operators_.chosen().id)); });
        export_ = make_button("file-spreadsheet", tr("Export"), "Ctrl+E");
        export_->on_click([this] { list_->export_csv(); });
        for (auto* button : {password_, unlock_, enable_, change_}) {
            bar_->left(button);
        }
        bar_->right(export_);
        add_ = new Button{bar_, wxs(tr("Add operator")), Button::Kind::primary, "user-plus", "F3"};
        add_->on_click([this] { run(operators_.new_form()); });
        bar_->right(add_);
        all->Add(bar_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, margin);

        failure_ = new Paragraph{this, Text::body, Token::danger};
        failure_->Hide();
        all->Add(failure_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, margin);

        list_ = new ListPane{this, "operators", "users"};
        list_->on_select = [this] { operators_.select(list_->selected().value_or(0)); };
        list_->on_activate = [this](std::int64_t id) { run(operators_.edit_form(id)); };
        list_->on_sort = [this](int column, bool ascending) { operators_.sort_by(column, ascending); };
        list_->on_retry = [this] { operators_.refresh(); };
        all->AddSpacer(theme::space(this, space::card_gap));
        all->Add(list_, 1, wxEXPAND | wxLEFT | wxRIGHT | wxBOTTOM, margin);
        roles_list_ = new ListPane{this, "roles", "shield-check"};
        roles_list_->on_retry = [this] { roles_.refresh(); };
        roles_list_->Hide();
        all->Add(roles_list_, 1, wxEXPAND | wxLEFT | wxRIGHT | wxBOTTOM, margin);
        SetSizer(all);
        operators_.on_changed = [this] { update(); };
        roles_.on_changed = [this] {
            roles_list_->show(roles_.screen());
            changed();
        };
    }
    ~OperatorsPage() override {
        operators_.on_changed = nullptr;
        roles_.on_changed = nullptr;
    }

    void open(const Place& place) override {
        const int tab = place.text == "roles" ? 1 : place.text == "operators" ? 0 : tabs_->chosen();
        tabs_->choose(tab);
        show_tab(tab);
    }
    void leave() override {
        operators_.close();
        roles_.close();
    }
    [[nodiscard]] wxString title() const override { return wxs(tr("Operators")); }
    [[nodiscard]] wxString status_left() const override {
        const auto total = operators_.screen().total;
        return operators_.screen().phase == ListPhase::ready
                   ? wxs(fill(tr_n("{} operator", "{} operators", static_cast<unsigned>(total)),
                              count(static_cast<std::int64_t>(total))))
                   : wxString{};
    }
    [[nodiscard]] wxString status_right() const override {
        return wxs(tr("F3 adds · Enter changes · Ctrl+E exports · Ctrl+PgDn next tab"));
    }
    bool key(wxKeyEvent& event) override {
        if (is_ctrl(event, WXK_PAGEDOWN) || is_ctrl(event, WXK_PAGEUP)) {
            tabs_->step(1);
        } else if (is_ctrl(event, 'E')) {
            (tabs_->chosen() == 0 ? list_ : roles_list_)->export_csv();
        } else if (is_plain(event, WXK_F3) && tabs_->chosen() == 0) {
            add_->press();
        } else if (is_plain(event, WXK_F5)) {
            operators_.refresh();
            roles_.refresh();
        } else {
            return false;
        }
        return true;
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"F3", wxs(tr("Add operator"))},
                {"Enter", wxs(tr("Change the chosen operator"))},
                {"Ctrl+E", wxs(tr("Export the list"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override {
        return {tabs_, tabs_->chosen() == 0 ? list_ : roles_list_};
    }

private:
    Button* make_button(const char* icon, const std::string& words, const char* hint) {
        return new Button{bar_, wxs(words), Button::Kind::secondary, icon,
                          hint == nullptr ? wxString{} : wxString{hint}};
    }
    void run(std::unique_ptr<Form> form) {
        if (run_form(this, std::move(form), context_.navigator)) {
            operators_.refresh();
        }
    }
    void show_tab(int tab) {
        const bool operators = tab == 0;
        bar_->Show(operators);
        list_->Show(operators);
        roles_list_->Show(!operators);
        if (operators) {
            roles_.close();
            operators_.open();
            list_->focus(tabs_);
        } else {
            operators_.close();
            roles_.open();
            roles_list_->focus(tabs_);
        }
        Layout();
        changed();
    }
    void update() {
        list_->show(operators_.screen());
        const auto& chosen = operators_.chosen();
        const bool may = operators_.may_change();
        const auto why = may ? tr("Choose an operator first.") : tr("Your role may not change operators.");
        const auto set = [&](Button* button, bool on, const std::string& reason) {
            if (on && may && !operators_.busy()) {
                button->enable();
            } else {
                button->disable(wxs(reason));
            }
        };
        set(password_, chosen.id != 0, why);
        set(change_, chosen.id != 0, why);
        set(unlock_, chosen.locked, chosen.id != 0 && may ? tr("The operator is not locked.") : why);
        enable_->set_text(wxs(chosen.id != 0 && !chosen.enabled ? tr("Enable") : tr("Disable")));
        set(enable_, chosen.id != 0 && !chosen.self, chosen.self ? tr("Nobody disables himself.") : why);
        set(add_, true, why);
        failure_->set_text(wxs(operators_.failure()));
        failure_->Show(!operators_.failure().empty());
        bar_->Layout();
        Layout();
        changed();
    }

    Context& context_;
    OperatorsPresenter operators_;
    RolesPresenter roles_;
    TabBar* tabs_;
    ToolRow* bar_;
    Button* password_;
    Button* unlock_;
    Button* enable_;
    Button* change_;
    Button* export_;
    Button* add_;
    Paragraph* failure_;
    ListPane* list_;
    ListPane* roles_list_;
};

}  // namespace

PageView* make_operators_page(wxWindow* parent, Context& context) {
    return new OperatorsPage{parent, context};
}

bool change_own_password(wxWindow* parent, Context& context) {
    return run_form(parent, change_password_form(context), context.navigator);
}

}  // namespace wutong::client
