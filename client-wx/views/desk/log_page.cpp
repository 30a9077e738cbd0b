#include <wx/sizer.h>

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/presenters/operators/log_presenter.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/desk_pages.hpp"
#include "client-wx/views/desk/list_pane.hpp"

namespace wutong::client {

namespace {

constexpr int kSearchWidth = 220;

/// One entry in full.
class DetailsPanel final : public Card {
public:
    explicit DetailsPanel(wxWindow* parent) : Card{parent, wxs(tr("Entry"))} {
        facts_ = new Panel{this, Token::surface};
        facts_->SetSizer(new wxBoxSizer{wxVERTICAL});
        body()->Add(facts_, 1, wxEXPAND);
    }
    void show(const LogPresenter::Details& details) {
        auto* rows = facts_->GetSizer();
        rows->Clear(true);
        set_title(wxs(details.there ? details.title : tr("Entry")));
        const auto add = [&](const std::string& label, const std::string& value) {
            auto* name = new Label{facts_, wxs(label), Text::small, Token::ink_2};
            auto* what = new Paragraph{facts_, Text::body, Token::ink};
            what->set_text(wxs(value));
            rows->Add(name, 0, wxEXPAND);
            rows->Add(what, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::m));
        };
        if (!details.there) {
            add({}, tr("Choose an entry to see all that was kept of it."));
        } else {
            add(tr("Operator"), details.who);
            add(tr("Time"), details.when);
            if (!details.target.empty()) {
                add(tr("To whom or what"), details.target);
            }
            for (const auto& [key, value] : details.facts) {
                add(key, value);
            }
        }
        Layout();
    }

private:
    Panel* facts_;
};

class LogPage final : public PageView {
public:
    LogPage(wxWindow* parent, Context& context) : PageView{parent}, presenter_{context} {
        const int margin = theme::space(this, space::page_margin);
        const int gap = theme::space(this, space::card_gap);
        auto* all = new wxBoxSizer{wxVERTICAL};
        auto* bar = new ToolRow{this};
        scope_ = new Segmented{bar, {wxs(tr("This property")), wxs(tr("Installation"))}};
        scope_->on_change([this](int chosen) { presenter_.show_installation(chosen == 1); });
        bar->left(scope_);
        period_ =
            new Segmented{bar, {wxs(tr("Today")), wxs(tr("7 days")), wxs(tr("30 days")), wxs(tr("All"))}, 1};
        period_->on_change(
            [this](int chosen) { presenter_.choose_period(static_cast<LogPresenter::Period>(chosen)); });
        bar->left(period_);
        action_ = new ChoiceField{bar, {}, {wxs(tr("Everything"))}};
        action_->on_change([this](int chosen) {
            const auto& actions = presenter_.extra().actions;
            if (chosen >= 0 && static_cast<std::size_t>(chosen) < actions.size()) {
                presenter_.choose_action(actions[static_cast<std::size_t>(chosen)].first);
            }
        });
        bar->left(action_);
        TextField::Style style;
        style.icon = "search";
        style.placeholder = wxs(tr("Operator, subject, details"));
        search_ = new TextField{bar, {}, style};
        search_->on_change([this](const std::string& text) { presenter_.search(text); });
        bar->shrinking(search_, kSearchWidth);
        auto* save =
            new Button{bar, wxs(tr("Export")), Button::Kind::secondary, "file-spreadsheet", "Ctrl+E"};
        save->on_click([this] { list_->export_csv(); });
        bar->right(save);
        all->Add(bar, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, margin);

        auto* below = new wxBoxSizer{wxHORIZONTAL};
        auto* left = new wxBoxSizer{wxVERTICAL};
        list_ = new ListPane{this, "operation-log", "history"};
        list_->on_select = [this] { details_->show(presenter_.details(list_->selected().value_or(0))); };
        list_->on_sort = [this](int column, bool ascending) { presenter_.sort_by(column, ascending); };
        list_->on_retry = [this] { presenter_.refresh(); };
        list_->on_clear_filter = [this] { clear_filter(); };
        left->Add(list_, 1, wxEXPAND);
        older_ = new Button{this, wxs(tr("Show older entries")), Button::Kind::secondary, "history"};
        older_->on_click([this] { presenter_.show_older(); });
        left->Add(older_, 0, wxALIGN_CENTRE | wxTOP, gap);
        below->Add(left, 1, wxEXPAND);
        details_ = new DetailsPanel{this};
        details_->SetMinSize({theme::space(this, measure::inspector), -1});
        below->Add(details_, 0, wxEXPAND | wxLEFT, gap);
        all->Add(below, 1, wxEXPAND | wxALL, margin);
        SetSizer(all);
        presenter_.on_changed = [this] { update(); };
        details_->show({});
    }
    ~LogPage() override { presenter_.on_changed = nullptr; }

    void open(const Place&) override {
        presenter_.open();
        list_->focus(scope_);
    }
    void leave() override { presenter_.close(); }
    [[nodiscard]] wxString title() const override { return wxs(tr("Operation log")); }
    [[nodiscard]] wxString status_left() const override {
        const auto total = presenter_.screen().total;
        return presenter_.screen().phase != ListPhase::ready
                   ? wxString{}
                   : wxs(fill(tr_n("{} entry", "{} entries", static_cast<unsigned>(total)),
                              count(static_cast<std::int64_t>(total))) +
                         (presenter_.extra().more ? " · " + tr("there are older ones") : std::string{}));
    }
    [[nodiscard]] wxString status_right() const override {
        return wxs(tr("F5 fetches again · Ctrl+E exports"));
    }
    bool key(wxKeyEvent& event) override {
        if (is_ctrl(event, 'E')) {
            list_->export_csv();
        } else if (is_plain(event, WXK_F5)) {
            presenter_.refresh();
        } else if (is_plain(event, WXK_ESCAPE) && presenter_.screen().filtered) {
            clear_filter();
        } else {
            return false;
        }
        return true;
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"F5", wxs(tr("Fetch again"))}, {"Ctrl+E", wxs(tr("Export the list"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override { return {scope_, list_}; }

private:
    void clear_filter() {
        search_->clear();
        presenter_.clear_filter();
    }
    void update() {
        const auto& extra = presenter_.extra();
        list_->show(presenter_.screen());
        older_->Show(extra.more);
        if (installation_shown_ != static_cast<int>(extra.installation) && !extra.actions.empty()) {
            installation_shown_ = static_cast<int>(extra.installation);
            std::vector<wxString> words;
            for (const auto& [code, what] : extra.actions) {
                words.push_back(wxs(what));
            }
            action_->set_choices(words, 0);
        }
        details_->show(presenter_.details(list_->selected().value_or(0)));
        Layout();
        changed();
    }

    LogPresenter presenter_;
    int installation_shown_{-1};
    Segmented* scope_;
    Segmented* period_;
    ChoiceField* action_;
    TextField* search_;
    ListPane* list_;
    Button* older_;
    DetailsPanel* details_;
};

}  // namespace

PageView* make_log_page(wxWindow* parent, Context& context) {
    return new LogPage{parent, context};
}

}  // namespace wutong::client
