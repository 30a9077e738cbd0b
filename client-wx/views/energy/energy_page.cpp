#include "client-wx/views/energy/energy_page.hpp"

#include <wx/sizer.h>

#include <array>

#include "client-wx/controls/segmented.hpp"
#include "client-wx/presenters/energy/energy_lists.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/list_tab.hpp"

namespace wutong::client {

namespace {

class EnergyPage final : public PageView {
public:
    EnergyPage(wxWindow* parent, Context& context)
        : PageView{parent}, context_{context}, energy_{context}, losses_{context} {
        const int margin = theme::space(this, space::page_margin);
        auto* all = new wxBoxSizer{wxVERTICAL};
        tabs_ = new TabBar{this, {wxs(tr("Energy")), wxs(tr("Losses"))}};
        tabs_->on_change([this](int tab) { show_tab(tab); });
        all->Add(tabs_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, theme::space(this, space::m));
        begin(energy_, 0, "energy-report", "chart-bar");
        begin(losses_, 1, "feeder-losses", "sitemap");
        for (auto* list : lists_) {
            list->Hide();
            all->Add(list, 1, wxEXPAND | wxALL, margin);
        }
        SetSizer(all);
    }
    ~EnergyPage() override {
        energy_.on_changed = nullptr;
        losses_.on_changed = nullptr;
    }

    void open(const Place& place) override {
        const int wanted = place.text == "losses" ? 1 : tabs_->chosen();
        tabs_->choose(wanted);
        show_tab(wanted);
    }
    void leave() override { close_lists(); }
    [[nodiscard]] wxString title() const override { return wxs(tr("Energy")); }
    [[nodiscard]] wxString subtitle() const override { return wxs(context_.session.property().name); }
    [[nodiscard]] wxString status_left() const override {
        return wxs(presenter(tabs_->chosen()).period_words() + "  ·  " +
                   (tabs_->chosen() == 0 ? tr("From one reading to the next")
                                         : tr("What came in less what went out")));
    }
    [[nodiscard]] wxString status_right() const override {
        return wxs(tr("Enter opens · F5 fetches again · Ctrl+E exports · Ctrl+PgDn next tab"));
    }
    bool key(wxKeyEvent& event) override {
        auto& list = *lists_.at(static_cast<std::size_t>(tabs_->chosen()));
        if (is_ctrl(event, WXK_PAGEDOWN) || is_ctrl(event, WXK_PAGEUP)) {
            tabs_->step(event.GetKeyCode() == WXK_PAGEDOWN ? 1 : -1);
            return true;
        }
        if (is_plain(event, WXK_ESCAPE) && list.presenter().screen().filtered) {
            clear_filter(tabs_->chosen());
            return true;
        }
        return list.list_key(event);
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"Enter", wxs(tr("Open what is chosen"))},
                {"F5", wxs(tr("Fetch again"))},
                {"Ctrl+PgUp/PgDn", wxs(tr("Other tab"))},
                {"Ctrl+E", wxs(tr("Export the list"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override {
        return {tabs_, lists_.at(static_cast<std::size_t>(tabs_->chosen()))};
    }

private:
    [[nodiscard]] PeriodPresenter& presenter(int tab) {
        return tab == 0 ? static_cast<PeriodPresenter&>(energy_) : losses_;
    }
    [[nodiscard]] const PeriodPresenter& presenter(int tab) const {
        return tab == 0 ? static_cast<const PeriodPresenter&>(energy_) : losses_;
    }
    void begin(PeriodPresenter& list, int tab, const char* name, const char* icon) {
        auto* made = new ListTab{this, list, context_.navigator, name, icon};
        list.on_changed = [this, made] {
            made->update(true, {});
            changed();
        };
        made->list()->on_select = [made] { made->update(true, {}); };
        const auto at = static_cast<std::size_t>(tab);
        lists_.at(at) = made;
        searches_.at(at) = made->add_search(tab == 0 ? tr("Unit, meter") : tr("Feeder"),
                                            [&list](const std::string& text) { list.search(text); });
        auto* period = new Segmented{
            made->bar(),
            {wxs(tr("7 days")), wxs(tr("This month")), wxs(tr("Last month")), wxs(tr("12 months"))},
            1};
        period->on_change([this, &list](int chosen) {
            list.show_period(static_cast<EnergyPeriod>(chosen));
            changed();
        });
        made->bar()->left(period);
        made->list()->on_clear_filter = [this, tab] { clear_filter(tab); };
        const auto open_meter = [this](std::int64_t id) { context_.navigator.open({Page::meter, id, {}}); };
        made->list()->on_activate = open_meter;
        made->add_for_chosen(tr("Open meter page"), "external-link", "Enter", open_meter);
        made->add_export();
    }
    void clear_filter(int tab) {
        searches_.at(static_cast<std::size_t>(tab))->clear();
        presenter(tab).clear_filter();
    }
    void close_lists() {
        energy_.close();
        losses_.close();
    }
    void show_tab(int tab) {
        close_lists();
        for (std::size_t i = 0; i < lists_.size(); ++i) {
            lists_.at(i)->Show(static_cast<int>(i) == tab);
        }
        auto& list = *lists_.at(static_cast<std::size_t>(tab));
        list.presenter().open();
        list.list()->focus(tabs_);
        Layout();
        changed();
    }

    Context& context_;
    EnergyPresenter energy_;
    LossesPresenter losses_;
    TabBar* tabs_;
    std::array<ListTab*, 2> lists_{};
    std::array<TextField*, 2> searches_{};
};

}  // namespace

PageView* make_energy_page(wxWindow* parent, Context& context) {
    return new EnergyPage{parent, context};
}

}  // namespace wutong::client
