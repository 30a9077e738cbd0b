#include "client-wx/views/balances/balances_page.hpp"

#include <wx/sizer.h>

#include <array>

#include "client-wx/controls/card.hpp"
#include "client-wx/controls/dialog.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/presenters/balances/balance_lists.hpp"
#include "client-wx/presenters/review/doubted_presenter.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/accounts/settlement_dialog.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/list_tab.hpp"

namespace wutong::client {

namespace {

constexpr int kDialogWidth = 900;
constexpr int kEvidenceHeight = 260;

/// One meter's causes and what stands behind each.
void show_balance(wxWindow* parent, Context& context, std::int64_t meter_id) {
    Dialog dialog{parent, wxs(tr("Two balances of a meter")), kDialogWidth};
    auto* title = new Label{dialog.area(), wxs(tr("Loading…")), Text::section};
    dialog.content()->Add(title, 0, wxEXPAND | wxBOTTOM, theme::space(&dialog, space::s));
    auto* grid = new wxGridSizer{3, theme::space(&dialog, space::xs), theme::space(&dialog, space::xxl)};
    dialog.content()->Add(grid, 0, wxEXPAND | wxBOTTOM, theme::space(&dialog, space::m));
    auto* evidence =
        new Table{dialog.area(),
                  {column(tr("Cause"), 18), column(tr("Time"), 19), column(tr("Amount"), 12, true),
                   column(tr("Belongs to"), 14), column(tr("What"), 30, false, true)}};
    evidence->SetMinSize({-1, theme::space(&dialog, kEvidenceHeight)});
    evidence->set_empty_text(tr("Nothing stands behind it: the two agree."));
    dialog.content()->Add(evidence, 1, wxEXPAND);
    auto* close = dialog.add_button(wxID_CANCEL, wxs(tr("Close")), Button::Kind::secondary, {}, "Esc");
    dialog.focus_first(close);
    std::unique_ptr<BalancePresenter> presenter;
    presenter = std::make_unique<BalancePresenter>(context, meter_id, [&] {
        const auto& screen = presenter->screen();
        title->set_text(wxs(screen.failure.empty() ? screen.title : screen.failure));
        title->set_ink(screen.failure.empty() ? Token::ink : Token::danger);
        for (const auto& [name, value] : screen.facts) {
            auto* fact = new FactRow{dialog.area(), wxs(name)};
            const bool loud = name == tr("Unexplained") && screen.unexplained;
            fact->set_value(wxs(value), loud ? Token::danger : Token::ink);
            grid->Add(fact, 1, wxEXPAND);
        }
        evidence->show(screen.evidence);
        dialog.refit();
    });
    dialog.run();
}

class BalancesPage final : public PageView {
public:
    BalancesPage(wxWindow* parent, Context& context)
        : PageView{parent},
          context_{context},
          balances_{context},
          proofs_{context},
          questions_{context},
          doubted_{context} {
        const int margin = theme::space(this, space::page_margin);
        const int gap = theme::space(this, space::card_gap);
        auto* all = new wxBoxSizer{wxVERTICAL};
        std::vector<wxString> names{wxs(tr("Meters")), wxs(tr("Proofs"))};
        const bool questions = context.session.may("sale.read");
        if (questions) {
            names.push_back(wxs(tr("Credit in question")));
        }
        const bool doubted = context.session.may("reading.read");
        doubted_tab_ = doubted ? static_cast<int>(names.size()) : -1;
        if (doubted) {
            names.push_back(wxs(tr("Doubted readings")));
        }
        tabs_ = new TabBar{this, names};
        tabs_->on_change([this](int tab) { show_tab(tab); });
        all->Add(tabs_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, theme::space(this, space::m));
        auto* figures = new wxBoxSizer{wxHORIZONTAL};
        const std::array titles{tr("Ledger"), tr("Meters hold"), tr("Difference"), tr("Meters unexplained")};
        for (std::size_t i = 0; i < figures_.size(); ++i) {
            figures_.at(i) = new FigureCard{this, wxs(titles.at(i))};
            figures->Add(figures_.at(i), 1, wxEXPAND | (i == 0 ? 0 : wxLEFT), i == 0 ? 0 : gap);
        }
        all->Add(figures, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, margin);
        make_balances();
        make_proofs();
        if (questions) {
            make_questions();
        }
        if (doubted) {
            make_doubted();
        }
        for (auto* list : lists_) {
            list->Hide();
            all->Add(list, 1, wxEXPAND | wxALL, margin);
        }
        SetSizer(all);
    }
    ~BalancesPage() override {
        balances_.on_changed = nullptr;
        proofs_.on_changed = nullptr;
        questions_.on_changed = nullptr;
        doubted_.on_changed = nullptr;
    }

    void open(const Place& place) override {
        const int wanted = place.text == "unexplained"                    ? 0
                           : place.text == "proofs"                       ? 1
                           : place.text == "doubted" && doubted_tab_ >= 0 ? doubted_tab_
                                                                          : tabs_->chosen();
        if (place.text == "unexplained") {
            unexplained_->tick(true);
            balances_.show_unexplained_only(true);
        }
        tabs_->choose(wanted);
        show_tab(wanted);
    }
    void leave() override { close_lists(); }
    [[nodiscard]] wxString title() const override { return wxs(tr("Two balances")); }
    [[nodiscard]] wxString subtitle() const override { return wxs(context_.session.property().name); }
    [[nodiscard]] wxString status_left() const override {
        return wxs(tabs_->chosen() == doubted_tab_
                       ? tr("Nothing is charged by these registers until somebody has said what they are.")
                   : tabs_->chosen() == 0 ? balances_.status()
                   : tabs_->chosen() == 1
                       ? proofs_.said()
                       : tr("Nobody could prove what happened on these meters: two operators say it."));
    }
    [[nodiscard]] wxString status_right() const override {
        return wxs(tr("Enter opens · F5 fetches again · Ctrl+E exports · Ctrl+PgDn next tab"));
    }
    bool key(wxKeyEvent& event) override {
        auto& list = *lists_[static_cast<std::size_t>(tabs_->chosen())];
        if (is_ctrl(event, WXK_PAGEDOWN) || is_ctrl(event, WXK_PAGEUP)) {
            tabs_->step(event.GetKeyCode() == WXK_PAGEDOWN ? 1 : -1);
            return true;
        }
        if (is_plain(event, WXK_F3)) {
            const bool proofs = tabs_->chosen() == 1;
            if (proofs) {
                prove_->press();
            }
            return proofs;
        }
        if (is_plain(event, WXK_ESCAPE) && list.presenter().screen().filtered) {
            clear_filter();
            return true;
        }
        return list.list_key(event);
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"Enter", wxs(tr("Open what is chosen"))},
                {"F3", wxs(tr("Take a proof now"))},
                {"F5", wxs(tr("Fetch again"))},
                {"Ctrl+PgUp/PgDn", wxs(tr("Other tab"))},
                {"Ctrl+E", wxs(tr("Export the list"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override {
        return {tabs_, lists_[static_cast<std::size_t>(tabs_->chosen())]};
    }

private:
    ListTab& begin(ListPresenter& presenter, const char* name, const char* icon) {
        auto* made = new ListTab{this, presenter, context_.navigator, name, icon};
        presenter.on_changed = [this, made] { update(*made); };
        made->list()->on_select = [this, made] { update(*made); };
        lists_.push_back(made);
        return *made;
    }
    void make_balances() {
        auto& made = begin(balances_, "two-balances", "scale");
        search_ = made.add_search(tr("Unit, customer, account"),
                                  [this](const std::string& text) { balances_.search(text); });
        unexplained_ = new CheckBox{made.bar(), wxs(tr("Unexplained only"))};
        unexplained_->on_change([this](bool on) { balances_.show_unexplained_only(on); });
        made.bar()->left(unexplained_);
        made.list()->on_clear_filter = [this] { clear_filter(); };
        made.list()->on_activate = [this](std::int64_t id) { show_balance(this, context_, id); };
        made.add_for_chosen(tr("Why…"), "zoom-question", "Enter",
                            [this](std::int64_t id) { show_balance(this, context_, id); });
        made.add_for_chosen(tr("Open meter page"), "external-link", "", [this](std::int64_t id) {
            context_.navigator.open({Page::meter, id, {}});
        });
        made.add_export();
    }
    void make_proofs() {
        auto& made = begin(proofs_, "balance-proofs", "list-check");
        prove_ =
            new Button{made.bar(), wxs(tr("Take a proof now")), Button::Kind::primary, "list-check", "F3"};
        prove_->on_click([this] { proofs_.prove(); });
        made.add_export();
        made.bar()->right(prove_);
    }
    void make_questions() {
        auto& made = begin(questions_, "credit-in-question", "question-mark");
        const auto settle = [this](std::int64_t id) {
            ask_settlement(this, context_, id);
            questions_.refresh();
        };
        made.list()->on_activate = settle;
        made.add_for_chosen(tr("Settle…"), "scale", "Enter", settle);
        made.add_export();
    }
    void make_doubted() {
        auto& made = begin(doubted_, "doubted-readings", "gauge");
        auto* all = new CheckBox{made.bar(), wxs(tr("Decided ones too"))};
        all->on_change([this](bool on) { doubted_.show_all(on); });
        made.bar()->left(all);
        made.add_export();
        made.add_for_chosen(tr("Open meter page"), "external-link", "",
                            [this](std::int64_t id) { doubted_.open_meter(id); });
        const auto decide = [this, &made](std::int64_t id) { made.run(doubted_.decide_form(id)); };
        made.add_for_chosen(tr("Decide…"), "scale", "Enter", decide);
        made.list()->on_activate = decide;
    }
    void clear_filter() {
        search_->clear();
        unexplained_->tick(false);
        balances_.clear_filter();
    }
    void close_lists() {
        balances_.close();
        proofs_.close();
        questions_.close();
        doubted_.close();
    }
    void show_tab(int tab) {
        close_lists();
        for (std::size_t i = 0; i < lists_.size(); ++i) {
            lists_[i]->Show(static_cast<int>(i) == tab);
        }
        for (auto* figure : figures_) {
            figure->Show(tab == 0);
        }
        auto& list = *lists_[static_cast<std::size_t>(tab)];
        list.presenter().open();
        list.list()->focus(tabs_);
        Layout();
        changed();
    }
    void update(ListTab& list) {
        list.update(true, {});
        const auto& proof = balances_.proof();
        const std::array values{proof.ledger, proof.meters, proof.difference, proof.unexplained};
        for (std::size_t i = 0; i < figures_.size(); ++i) {
            figures_.at(i)->set_figure(wxs(proof.there ? values.at(i) : std::string{"—"}),
                                       i == 3 && proof.alarming ? Token::danger : Token::ink);
        }
        figures_.front()->set_detail(
            wxs(proof.there ? tr("last proof") + "  ·  " + proof.taken : tr("No proof was taken yet.")));
        prove_->set_busy(proofs_.proving());
        if (proofs_.may_prove()) {
            prove_->enable();
        } else {
            prove_->disable(wxs(tr("Your role does not allow it.")));
        }
        changed();
    }

    Context& context_;
    BalancesPresenter balances_;
    ProofsPresenter proofs_;
    QuestionsPresenter questions_;
    DoubtedPresenter doubted_;
    int doubted_tab_{-1};
    TabBar* tabs_;
    std::array<FigureCard*, 4> figures_{};
    TextField* search_{nullptr};
    CheckBox* unexplained_{nullptr};
    Button* prove_{nullptr};
    std::vector<ListTab*> lists_;
};

}  // namespace

PageView* make_balances_page(wxWindow* parent, Context& context) {
    return new BalancesPage{parent, context};
}

}  // namespace wutong::client
