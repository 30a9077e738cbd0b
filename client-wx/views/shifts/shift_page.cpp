#include "client-wx/views/shifts/shift_page.hpp"

#include <wx/sizer.h>

#include <functional>

#include "client-wx/presenters/shifts/shift_lists.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/list_tab.hpp"
#include "client-wx/views/shifts/shift_pane.hpp"

namespace wutong::client {

namespace {

class ShiftPage final : public PageView {
public:
    ShiftPage(wxWindow* parent, Context& context)
        : PageView{parent}, context_{context}, shifts_{context}, points_{context}, limits_{context} {
        const int margin = theme::space(this, space::page_margin);
        works_ = context.session.may("shift.work");
        std::vector<wxString> names;
        if (works_) {
            names.push_back(wxs(tr("Shift")));
            names.push_back(wxs(shifts_.all_cashiers() ? tr("All shifts") : tr("Your shifts")));
        }
        names.push_back(wxs(tr("Vending points")));
        names.push_back(wxs(tr("Limits of cashiers")));
        auto* all = new wxBoxSizer{wxVERTICAL};
        tabs_ = new TabBar{this, names};
        tabs_->on_change([this](int tab) { show_tab(tab); });
        all->Add(tabs_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, theme::space(this, space::m));
        if (works_) {
            pane_ = new ShiftPane{this, context};
            pane_->on_shown = [this] { changed(); };
            pane_->presenter().on_opened = [this] { opened(); };
            pane_->presenter().on_closed = [this] { context_.navigator.toast(tr("The shift is closed.")); };
            panels_.push_back(pane_);
            make_shifts();
        }
        make_points();
        make_limits();
        for (auto* panel : panels_) {
            panel->Hide();
            all->Add(panel, 1, wxEXPAND | wxALL, margin);
        }
        SetSizer(all);
    }
    ~ShiftPage() override {
        for (ListPresenter* one :
             {static_cast<ListPresenter*>(&shifts_), static_cast<ListPresenter*>(&points_),
              static_cast<ListPresenter*>(&limits_)}) {
            one->on_changed = nullptr;
        }
        if (pane_ != nullptr) {
            pane_->on_shown = nullptr;
        }
    }

    void open(const Place& place) override {
        then_sell_ = place.text == "then-sell";
        int wanted = tabs_->chosen();
        if (works_ && (then_sell_ || place.text == "own" || place.id != 0)) {
            wanted = 0;
            shift_id_ = place.id;
        }
        tabs_->choose(wanted);
        show_tab(wanted);
    }
    void leave() override {
        close_lists();
        if (pane_ != nullptr) {
            pane_->presenter().leave();
        }
    }
    [[nodiscard]] wxString title() const override { return wxs(tr("Shifts")); }
    [[nodiscard]] wxString subtitle() const override { return wxs(context_.session.property().name); }
    [[nodiscard]] wxString status_left() const override {
        return on_shift()
                   ? wxs(tr("First count, then the books tell what they expect."))
                   : wxs(tr("Money is taken at vending points; each has its own receipts without a gap."));
    }
    [[nodiscard]] wxString status_right() const override {
        return on_shift()
                   ? wxs(tr(
                         "F3 pays in · F4 pays out · Ctrl+Enter compares, then closes · Ctrl+PgDn next tab"))
                   : wxs(tr(
                         "F3 adds · Enter opens · F5 fetches again · Ctrl+E exports · Ctrl+PgDn next tab"));
    }
    bool key(wxKeyEvent& event) override {
        if (is_ctrl(event, WXK_PAGEDOWN) || is_ctrl(event, WXK_PAGEUP)) {
            tabs_->step(event.GetKeyCode() == WXK_PAGEDOWN ? 1 : -1);
            return true;
        }
        if (on_shift()) {
            return shift_key(event);
        }
        return lists_[static_cast<std::size_t>(tabs_->chosen() - (works_ ? 1 : 0))]->list_key(event);
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"F7", wxs(tr("Your shift"))},
                {"F3", wxs(tr("Pay in, or add"))},
                {"F4", wxs(tr("Pay out"))},
                {"Enter", wxs(tr("Next field; in a list: open what is chosen"))},
                {"Ctrl+Enter", wxs(tr("Compare with the books, then close"))},
                {"Ctrl+PgUp/PgDn", wxs(tr("Other tab"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override {
        return {tabs_, panels_[static_cast<std::size_t>(tabs_->chosen())]};
    }

private:
    [[nodiscard]] bool on_shift() const { return works_ && tabs_->chosen() == 0; }
    bool shift_key(wxKeyEvent& event) {
        const int code = event.GetKeyCode();
        if (event.GetModifiers() == wxMOD_CONTROL && (code == WXK_RETURN || code == WXK_NUMPAD_ENTER)) {
            pane_->go_on();
        } else if (is_plain(event, WXK_F3)) {
            pane_->move_cash(false);
        } else if (is_plain(event, WXK_F4)) {
            pane_->move_cash(true);
        } else if (is_plain(event, WXK_F5)) {
            pane_->presenter().refresh();
        } else {
            return false;
        }
        return true;
    }
    void opened() {
        context_.navigator.toast(tr("The shift is open."));
        if (then_sell_) {
            then_sell_ = false;
            context_.navigator.open({Page::sell, 0, {}});
        }
    }
    ListTab& begin(ListPresenter& presenter, const char* name, const char* icon) {
        auto* made = new ListTab{this, presenter, context_.navigator, name, icon};
        presenter.on_changed = [this, made] { update(*made); };
        made->list()->on_select = [this, made] { update(*made); };
        panels_.push_back(made);
        lists_.push_back(made);
        return *made;
    }
    void make_shifts() {
        auto& made = begin(shifts_, "shifts", "clock");
        auto* period = new Segmented{
            made.bar(), {wxs(tr("Today")), wxs(tr("7 days")), wxs(tr("30 days")), wxs(tr("All"))}, 1};
        period->on_change(
            [this](int chosen) { shifts_.choose_period(static_cast<ShiftsPresenter::Period>(chosen)); });
        made.bar()->left(period);
        open_only_ = new CheckBox{made.bar(), wxs(tr("Open ones only"))};
        open_only_->on_change([this](bool on) { shifts_.show_open_only(on); });
        made.bar()->left(open_only_);
        made.list()->on_clear_filter = [this] {
            open_only_->tick(false);
            shifts_.show_open_only(false);
        };
        made.list()->on_activate = [this](std::int64_t id) { open_shift(id); };
        made.add_for_chosen(tr("Open shift page"), "external-link", "Enter",
                            [this](std::int64_t id) { open_shift(id); });
        made.add_export();
    }
    void make_points() {
        auto& made = begin(points_, "vending-points", "cash-register");
        const auto edit = [this, &made](std::int64_t id) { made.run(points_.edit_form(id)); };
        if (points_.may_change()) {
            made.list()->on_activate = edit;
        }
        made.add_for_chosen(tr("Change…"), "pencil", "Enter", edit);
        made.add_export();
        made.add_new(tr("Add vending point"), [this] { return points_.new_form(); });
    }
    void make_limits() {
        auto& made = begin(limits_, "cashier-limits", "user-check");
        const auto edit = [this, &made](std::int64_t id) { made.run(limits_.edit_form(id)); };
        if (limits_.may_change()) {
            made.list()->on_activate = edit;
        }
        made.add_for_chosen(tr("Change…"), "pencil", "Enter", edit);
        made.add_export();
        made.add_new(tr("Add limits"), [this] { return limits_.new_form(); });
    }
    void open_shift(std::int64_t id) {
        shift_id_ = id;
        tabs_->choose(0);
        show_tab(0);
    }
    void close_lists() {
        shifts_.close();
        points_.close();
        limits_.close();
    }
    void show_tab(int tab) {
        for (std::size_t i = 0; i < panels_.size(); ++i) {
            panels_[i]->Show(static_cast<int>(i) == tab);
        }
        close_lists();
        if (on_shift()) {
            pane_->presenter().show(shift_id_);
            shift_id_ = 0;
            Layout();
            pane_->focus_first();
        } else {
            auto& list = *lists_[static_cast<std::size_t>(tab - (works_ ? 1 : 0))];
            list.presenter().open();
            list.list()->focus(tabs_);
            Layout();
        }
        changed();
    }
    void update(ListTab& list) {
        const bool shifts = &list.presenter() == &shifts_;
        list.update(shifts || points_.may_change(), tr("Your role may not change vending points."));
        changed();
    }

    Context& context_;
    ShiftsPresenter shifts_;
    PointsPresenter points_;
    CashierLimitsPresenter limits_;
    bool works_{false};
    bool then_sell_{false};
    std::int64_t shift_id_{0};
    TabBar* tabs_;
    ShiftPane* pane_{nullptr};
    CheckBox* open_only_{nullptr};
    std::vector<wxWindow*> panels_;
    std::vector<ListTab*> lists_;
};

}  // namespace

PageView* make_shift_page(wxWindow* parent, Context& context) {
    return new ShiftPage{parent, context};
}

}  // namespace wutong::client
