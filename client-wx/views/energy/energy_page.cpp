#include "client-wx/views/energy/energy_page.hpp"

#include <wx/sizer.h>

#include <array>

#include "client-wx/controls/segmented.hpp"
#include "client-wx/presenters/energy/archive_list.hpp"
#include "client-wx/presenters/energy/energy_lists.hpp"
#include "client-wx/presenters/energy/feeds_form.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/list_tab.hpp"

namespace wutong::client {

namespace {

enum Tab { kEnergy, kLosses, kArchive, kTabs };

class EnergyPage final : public PageView {
public:
    EnergyPage(wxWindow* parent, Context& context)
        : PageView{parent}, context_{context}, energy_{context}, losses_{context}, archive_{context} {
        const int margin = theme::space(this, space::page_margin);
        auto* all = new wxBoxSizer{wxVERTICAL};
        std::vector<wxString> tabs{wxs(tr("Energy")), wxs(tr("Losses"))};
        if (archive_.may_look()) {
            tabs.push_back(wxs(tr("Archive of readings")));
        }
        tabs_ = new TabBar{this, tabs};
        tabs_->on_change([this](int tab) { show_tab(tab); });
        all->Add(tabs_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, theme::space(this, space::m));
        begin_period(energy_, kEnergy, "energy-report", "chart-bar");
        begin_period(losses_, kLosses, "feeder-losses", "sitemap");
        make_archive();
        for (auto* list : lists_) {
            list->Hide();
            all->Add(list, 1, wxEXPAND | wxALL, margin);
        }
        SetSizer(all);
    }
    ~EnergyPage() override {
        energy_.on_changed = nullptr;
        losses_.on_changed = nullptr;
        archive_.on_changed = nullptr;
    }

    void open(const Place& place) override {
        const int wanted = place.text == "losses" ? kLosses : tabs_->chosen();
        tabs_->choose(wanted);
        show_tab(wanted);
    }
    void leave() override { close_lists(); }
    [[nodiscard]] wxString title() const override { return wxs(tr("Energy")); }
    [[nodiscard]] wxString subtitle() const override { return wxs(context_.session.property().name); }
    [[nodiscard]] wxString status_left() const override {
        switch (tabs_->chosen()) {
            case kEnergy:
                return wxs(energy_.period_words() + "  ·  " + tr("From one reading to the next"));
            case kLosses:
                return wxs(losses_.period_words() + "  ·  " + tr("What came in less what went out"));
            default:
                return wxs(tr("Readings of past months are moved there, and stay readable."));
        }
    }
    [[nodiscard]] wxString status_right() const override {
        return tabs_->chosen() == kArchive
                   ? wxs(tr("F5 fetches again · Ctrl+E exports · Ctrl+PgDn next tab"))
                   : wxs(tr("Enter opens · F5 fetches again · Ctrl+E exports · Ctrl+PgDn next tab"));
    }
    bool key(wxKeyEvent& event) override {
        auto& list = list_of(tabs_->chosen());
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
    [[nodiscard]] std::vector<wxWindow*> panes() override { return {tabs_, &list_of(tabs_->chosen())}; }

private:
    [[nodiscard]] ListTab& list_of(int tab) { return *lists_.at(static_cast<std::size_t>(tab)); }
    ListTab* begin(ListPresenter& list, int tab, const char* name, const char* icon) {
        auto* made = new ListTab{this, list, context_.navigator, name, icon};
        list.on_changed = [this, made] {
            made->update(true, {});
            update_archive();
            changed();
        };
        made->list()->on_select = [made] { made->update(true, {}); };
        lists_.at(static_cast<std::size_t>(tab)) = made;
        return made;
    }
    void begin_period(PeriodPresenter& list, int tab, const char* name, const char* icon) {
        auto* made = begin(list, tab, name, icon);
        searches_.at(static_cast<std::size_t>(tab)) =
            made->add_search(tab == kEnergy ? tr("Unit, meter") : tr("Feeder"),
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
        if (tab == kEnergy) {
            auto* commodity = new Segmented{made->bar(), {wxs(tr("Electricity")), wxs(tr("Water"))}, 0};
            commodity->on_change([this](int chosen) {
                energy_.show_commodity(chosen == 1 ? Commodity::water : Commodity::electricity);
            });
            made->bar()->left(commodity);
        } else {
            made->add_for_chosen(tr("Meters behind it…"), "sitemap", "", [this, made](std::int64_t id) {
                made->run(feeds_form(context_, id, losses_.feeder_code(id)));
            });
        }
        made->add_for_chosen(tr("Open meter page"), "external-link", "Enter", open_meter);
        made->add_export();
    }
    void make_archive() {
        auto* made = begin(archive_, kArchive, "reading-archive", "stack-2");
        summary_ = new Paragraph{made, Text::body, Token::ink_2};
        made->GetSizer()->Insert(1, summary_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::card_gap));
        made->add_export();
        hold_ = new Button{made->bar(), {}, Button::Kind::secondary, "player-pause"};
        hold_->on_click([this] { archive_.hold(!archive_.held()); });
        made->bar()->right(hold_);
        start_ = new Button{made->bar(), wxs(tr("Begin a round now")), Button::Kind::primary, "player-play"};
        start_->on_click([this] { archive_.start(); });
        made->bar()->right(start_);
        update_archive();
    }
    void update_archive() {
        if (start_ == nullptr) {
            return;
        }
        summary_->set_text(wxs(archive_.summary()));
        summary_->set_ink(archive_.in_trouble() ? Token::danger : Token::ink_2);
        hold_->set_text(wxs(archive_.held() ? tr("Let it go on") : tr("Hold it")));
        for (auto* button : {hold_, start_}) {
            button->set_busy(archive_.busy());
            if (archive_.may_change()) {
                button->enable();
            } else {
                button->disable(wxs(tr("Your role does not allow it.")));
            }
        }
        list_of(kArchive).bar()->Layout();
        list_of(kArchive).Layout();
    }
    void clear_filter(int tab) {
        if (tab < kArchive) {
            searches_.at(static_cast<std::size_t>(tab))->clear();
            tab == kEnergy ? energy_.clear_filter() : losses_.clear_filter();
        }
    }
    void close_lists() {
        energy_.close();
        losses_.close();
        archive_.close();
    }
    void show_tab(int tab) {
        close_lists();
        for (std::size_t i = 0; i < lists_.size(); ++i) {
            lists_.at(i)->Show(static_cast<int>(i) == tab);
        }
        auto& list = list_of(tab);
        list.presenter().open();
        list.list()->focus(tabs_);
        Layout();
        changed();
    }

    Context& context_;
    EnergyPresenter energy_;
    LossesPresenter losses_;
    ArchivePresenter archive_;
    TabBar* tabs_;
    std::array<ListTab*, kTabs> lists_{};
    std::array<TextField*, kArchive> searches_{};
    Paragraph* summary_{nullptr};
    Button *hold_{nullptr}, *start_{nullptr};
};

}  // namespace

PageView* make_energy_page(wxWindow* parent, Context& context) {
    return new EnergyPage{parent, context};
}

}  // namespace wutong::client
