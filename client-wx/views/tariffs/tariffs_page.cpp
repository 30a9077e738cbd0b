#include "client-wx/views/tariffs/tariffs_page.hpp"

#include <wx/sizer.h>

#include "client-wx/presenters/tariffs/tariff_lists.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/list_tab.hpp"
#include "client-wx/views/tariffs/tariff_pane.hpp"

namespace wutong::client {

namespace {

enum Tab : int { kPlans, kPlan, kAssigned, kDownloads, kTabs };

class TariffsPage final : public PageView {
public:
    TariffsPage(wxWindow* parent, Context& context)
        : PageView{parent}, context_{context}, plans_{context}, assigned_{context}, downloads_{context} {
        const int margin = theme::space(this, space::page_margin);
        auto* all = new wxBoxSizer{wxVERTICAL};
        tabs_ = new TabBar{
            this,
            {wxs(tr("Plans")), wxs(tr("Plan")), wxs(tr("Assigned to")), wxs(tr("Prices on their way"))}};
        tabs_->on_change([this](int tab) { show_tab(tab); });
        all->Add(tabs_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, theme::space(this, space::m));
        make_plans();
        pane_ = new TariffPane{this, context};
        pane_->on_shown = [this] { changed(); };
        pane_->editor().on_saved = [this] { plans_.refresh(); };
        make_assigned();
        make_downloads();
        for (int tab = 0; tab < kTabs; ++tab) {
            panel_of(tab)->Hide();
            all->Add(panel_of(tab), 1, wxEXPAND | wxALL, margin);
        }
        SetSizer(all);
        pane_->editor().begin_plan();
    }
    ~TariffsPage() override {
        plans_.on_changed = nullptr;
        assigned_.on_changed = nullptr;
        downloads_.on_changed = nullptr;
        pane_->on_shown = nullptr;
    }

    void open(const Place& place) override {
        if (place.id != 0) {
            pane_->editor().open(place.id);
            tabs_->choose(kPlan);
        }
        show_tab(tabs_->chosen());
    }
    void leave() override { close_lists(); }
    [[nodiscard]] wxString title() const override { return wxs(tr("Tariffs")); }
    [[nodiscard]] wxString subtitle() const override { return wxs(context_.session.property().name); }
    [[nodiscard]] wxString status_left() const override {
        return wxs(tabs_->chosen() == kPlans && !plans_.said().empty()
                       ? plans_.said()
                       : tr("A version that is kept never changes; what has not begun is put right by a "
                            "newer one."));
    }
    [[nodiscard]] wxString status_right() const override {
        return tabs_->chosen() == kPlan
                   ? wxs(tr(
                         "F4 new version · F8 calculates a month · Ctrl+Enter keeps it · Ctrl+PgDn next tab"))
                   : wxs(tr(
                         "F3 adds · Enter opens · F5 fetches again · Ctrl+E exports · Ctrl+PgDn next tab"));
    }
    bool key(wxKeyEvent& event) override {
        const int code = event.GetKeyCode();
        if (is_ctrl(event, WXK_PAGEDOWN) || is_ctrl(event, WXK_PAGEUP)) {
            tabs_->step(code == WXK_PAGEDOWN ? 1 : -1);
            return true;
        }
        if (tabs_->chosen() == kPlan) {
            if (event.GetModifiers() == wxMOD_CONTROL && (code == WXK_RETURN || code == WXK_NUMPAD_ENTER)) {
                pane_->publish();
            } else if (is_plain(event, WXK_F4)) {
                pane_->editor().begin_version();
            } else if (is_plain(event, WXK_F8)) {
                pane_->editor().preview();
            } else {
                return false;
            }
            return true;
        }
        return list_of(tabs_->chosen())->list_key(event);
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"F3", wxs(tr("Add"))},
                {"F4", wxs(tr("New version"))},
                {"F8", wxs(tr("Calculate a month of a meter"))},
                {"Ctrl+Enter", wxs(tr("Keep the plan or the version"))},
                {"Ctrl+PgUp/PgDn", wxs(tr("Other tab"))},
                {"Ctrl+E", wxs(tr("Export the list"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override { return {tabs_, panel_of(tabs_->chosen())}; }

private:
    [[nodiscard]] ListTab* list_of(int tab) {
        return tab == kPlans ? plan_list_ : tab == kAssigned ? assigned_list_ : download_list_;
    }
    [[nodiscard]] wxWindow* panel_of(int tab) {
        return tab == kPlan ? static_cast<wxWindow*>(pane_) : list_of(tab);
    }
    ListTab* begin(ListPresenter& presenter, const char* name, const char* icon) {
        auto* made = new ListTab{this, presenter, context_.navigator, name, icon};
        presenter.on_changed = [this, made] { update(*made); };
        made->list()->on_select = [this, made] { update(*made); };
        return made;
    }
    void make_plans() {
        plan_list_ = begin(plans_, "tariff-plans", "percentage");
        const auto edit = [this](std::int64_t id) { open_plan(id); };
        plan_list_->list()->on_activate = edit;
        plan_list_->add_for_chosen(tr("Retire"), "ban", "", [this](std::int64_t id) { plans_.retire(id); });
        plan_list_->add_for_chosen(tr("Assign…"), "building-community", "", [this](std::int64_t id) {
            plan_list_->run(assign_form(context_, plans_.options(), id));
        });
        plan_list_->add_for_chosen(tr("Open plan"), "external-link", "Enter", edit);
        plan_list_->add_export();
        auto* add = new Button{plan_list_->bar(), wxs(tr("New plan")), Button::Kind::primary, "plus"};
        add->on_click([this] {
            pane_->editor().begin_plan();
            tabs_->choose(kPlan);
            show_tab(kPlan);
        });
        plan_list_->bar()->right(add);
    }
    void make_assigned() {
        assigned_list_ = begin(assigned_, "tariff-assignments", "building-community");
        auto* past = new CheckBox{assigned_list_->bar(), wxs(tr("Past ones too"))};
        past->on_change([this](bool on) { assigned_.show_past(on); });
        assigned_list_->bar()->left(past);
        assigned_list_->add_export();
        assigned_list_->add_new(tr("Assign…"), [this] { return assign_form(context_, plans_.options(), 0); });
    }
    void make_downloads() {
        download_list_ = begin(downloads_, "tariff-downloads", "download");
        download_list_->list()->on_activate = [this](std::int64_t id) {
            context_.navigator.open({Page::meter, id, {}});
        };
        download_list_->add_export();
    }
    void open_plan(std::int64_t id) {
        pane_->editor().open(id);
        tabs_->choose(kPlan);
        show_tab(kPlan);
    }
    void close_lists() {
        plans_.close();
        assigned_.close();
        downloads_.close();
    }
    void show_tab(int tab) {
        close_lists();
        for (int i = 0; i < kTabs; ++i) {
            panel_of(i)->Show(i == tab);
        }
        if (tab == kPlan) {
            Layout();
            pane_->focus_first();
        } else {
            if (tab == kAssigned) {
                plans_.open();  // what can be assigned
            }
            list_of(tab)->presenter().open();
            list_of(tab)->list()->focus(tabs_);
            Layout();
        }
        changed();
    }
    void update(ListTab& list) {
        const bool may = &list == plan_list_ || plans_.may_assign();
        list.update(may, tr("Your role does not allow it."));
        changed();
    }

    Context& context_;
    PlansPresenter plans_;
    AssignmentsPresenter assigned_;
    DownloadsPresenter downloads_;
    TabBar* tabs_;
    TariffPane* pane_{nullptr};
    ListTab *plan_list_{nullptr}, *assigned_list_{nullptr}, *download_list_{nullptr};
};

}  // namespace

PageView* make_tariffs_page(wxWindow* parent, Context& context) {
    return new TariffsPage{parent, context};
}

}  // namespace wutong::client
