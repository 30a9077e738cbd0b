#include <wx/sizer.h>

#include <array>
#include <functional>

#include "client-wx/presenters/devices/device_words.hpp"
#include "client-wx/presenters/devices/field_lists.hpp"
#include "client-wx/presenters/devices/site_presenter.hpp"
#include "client-wx/presenters/held/held_lists.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/desk_pages.hpp"
#include "client-wx/views/desk/import_pane.hpp"
#include "client-wx/views/desk/list_tab.hpp"

namespace wutong::client {

namespace {

enum Tab : int { kMeters, kChannels, kGateways, kSite, kProperties, kHeld, kGuarded, kImport, kTabs };
/// As Place::text names them.
constexpr std::array<const char*, kTabs> kTabNames{"meters",     "channels", "gateways", "site",
                                                   "properties", "held",     "guarded",  "import"};

class DevicesPage final : public PageView {
public:
    DevicesPage(wxWindow* parent, Context& context)
        : PageView{parent},
          context_{context},
          meters_{context},
          channels_{context},
          gateways_{context},
          site_{context},
          properties_{context},
          held_{context},
          guarded_{context} {
        const int margin = theme::space(this, space::page_margin);
        auto* all = new wxBoxSizer{wxVERTICAL};
        tabs_bar_ = new TabBar{
            this,
            {wxs(tr("Meters")), wxs(tr("Channels")), wxs(tr("Gateways")), wxs(tr("Buildings and units")),
             wxs(tr("Properties")), wxs(tr("Server-held")), wxs(tr("Guarded units")), wxs(tr("Import"))}};
        tabs_bar_->on_change([this](int tab) { show_tab(tab); });
        all->Add(tabs_bar_, 0, wxEXPAND | wxLEFT | wxRIGHT | wxTOP, theme::space(this, space::m));
        make_meters();
        make_channels();
        make_gateways();
        make_site();
        make_properties();
        make_held();
        make_guarded();
        import_ = new ImportPane{this, context};
        for (int tab = 0; tab < kTabs; ++tab) {
            auto* panel = panel_of(tab);
            panel->Hide();
            all->Add(panel, 1, wxEXPAND | wxALL, margin);
        }
        SetSizer(all);
    }
    ~DevicesPage() override {
        for (auto* tab : tabs_) {
            tab->presenter().on_changed = nullptr;
        }
    }

    void open(const Place& place) override {
        int wanted = tabs_bar_->chosen();
        for (int tab = 0; tab < kTabs; ++tab) {
            wanted = place.text == kTabNames[static_cast<std::size_t>(tab)] ? tab : wanted;
        }
        tabs_bar_->choose(wanted);
        show_tab(wanted);
    }
    void leave() override { close_presenters(); }
    [[nodiscard]] wxString title() const override { return wxs(tr("Devices")); }
    [[nodiscard]] wxString subtitle() const override { return wxs(context_.session.property().name); }
    [[nodiscard]] wxString status_left() const override {
        if (shown_ == kImport || tab().presenter().screen().phase != ListPhase::ready) {
            return {};
        }
        const auto& screen = tab().presenter().screen();
        const auto all = count(static_cast<std::int64_t>(screen.total));
        return wxs(screen.filtered ? client::fill(tr("{} of {} shown"),
                                                  count(static_cast<std::int64_t>(screen.rows.size())), all)
                   : shown_ == kSite
                       ? fill(tr_n("{} unit", "{} units", static_cast<unsigned>(screen.total)), all)
                       : fill(tr_n("{} row", "{} rows", static_cast<unsigned>(screen.total)), all));
    }
    [[nodiscard]] wxString status_right() const override {
        return shown_ == kImport
                   ? wxs(tr("Ctrl+O chooses files · Ctrl+Enter imports · Ctrl+PgDn next tab"))
                   : wxs(tr(
                         "F3 adds · Enter opens · F5 fetches again · Ctrl+E exports · Ctrl+PgDn next tab"));
    }
    bool key(wxKeyEvent& event) override {
        if (is_ctrl(event, WXK_PAGEDOWN) || is_ctrl(event, WXK_PAGEUP)) {
            tabs_bar_->step(event.GetKeyCode() == WXK_PAGEDOWN ? 1 : -1);
            return true;
        }
        if (shown_ == kImport) {
            return import_key(event);
        }
        auto& now = tab();
        if (now.list_key(event)) {
            return true;
        }
        if (is_plain(event, WXK_ESCAPE) && now.presenter().screen().filtered) {
            clear_filter();
            return true;
        }
        return shown_ == kSite && tree_key(event);
    }
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override {
        return {{"F3", wxs(tr("Add"))},
                {"Enter", wxs(tr("Open what is chosen"))},
                {"← →", wxs(tr("Close and open a building or floor"))},
                {"Ctrl+PgUp/PgDn", wxs(tr("Other tab"))},
                {"Ctrl+O", wxs(tr("Choose files to import"))},
                {"Ctrl+E", wxs(tr("Export the list"))}};
    }
    [[nodiscard]] std::vector<wxWindow*> panes() override { return {tabs_bar_, panel_of(shown_)}; }

private:
    [[nodiscard]] ListTab& tab() { return *tabs_[static_cast<std::size_t>(shown_)]; }
    [[nodiscard]] const ListTab& tab() const { return *tabs_[static_cast<std::size_t>(shown_)]; }
    [[nodiscard]] wxWindow* panel_of(int tab) {
        return tab == kImport ? static_cast<wxWindow*>(import_) : tabs_[static_cast<std::size_t>(tab)];
    }

    ListTab& begin(Tab which, ListPresenter& presenter, const char* name, const char* icon) {
        auto*& made = tabs_[which];
        made = new ListTab{this, presenter, context_.navigator, name, icon};
        made->list()->on_clear_filter = [this] { clear_filter(); };
        made->list()->on_select = [this, which] { selected(which); };
        presenter.on_changed = [this, which] { update(which); };
        return *made;
    }
    void offer_import(ListTab& made) {
        made.list()->set_empty_action(tr("Import from a file…"), [this] { go_to(kImport); });
    }

    void make_meters() {
        auto& made = begin(kMeters, meters_, "meters", "gauge");
        meter_search_ = made.add_search(tr("Unit, meter, serial number, customer"),
                                        [this](const std::string& text) { meters_.search(text); });
        channel_choice_ = new ChoiceField{made.bar(), {}, {wxs(tr("All channels"))}};
        channel_choice_->on_change([this](int chosen) {
            const auto& channels = meters_.extra().channels;
            if (chosen >= 0 && static_cast<std::size_t>(chosen) < channels.size()) {
                meters_.choose_channel(channels[static_cast<std::size_t>(chosen)].value);
            }
        });
        made.bar()->left(channel_choice_);
        role_choice_ =
            new Segmented{made.bar(),
                          {wxs(tr("All")), wxs(role_of_meter_words("prepaid")),
                           wxs(role_of_meter_words("monitor")), wxs(role_of_meter_words("feeder"))}};
        role_choice_->on_change([this](int chosen) {
            static constexpr std::array<const char*, 4> kRoles{"", "prepaid", "monitor", "feeder"};
            meters_.choose_role(kRoles[static_cast<std::size_t>(chosen)]);
        });
        made.bar()->left(role_choice_);
        made.add_export();
        const auto change = [this, &made](std::int64_t id) { made.run(meters_.edit_form(id)); };
        made.add_for_chosen(tr("Change…"), "pencil", "Enter", change);
        made.list()->on_activate = change;
        made.add_new(tr("Add meter"), [this] { return meters_.new_form(); });
        offer_import(made);
    }
    void make_channels() {
        auto& made = begin(kChannels, channels_, "channels", "plug-connected");
        made.add_export();
        const auto change = [this, &made](std::int64_t id) { made.run(channels_.edit_form(id)); };
        made.add_for_chosen(tr("Change…"), "pencil", "Enter", change);
        made.list()->on_activate = change;
        made.add_new(tr("Add channel"), [this] { return channels_.new_form(); });
        offer_import(made);
    }
    void make_gateways() {
        auto& made = begin(kGateways, gateways_, "gateways", "router");
        made.add_export();
        made.add_new(tr("Add gateway"), [this] { return gateways_.new_form(); });
        offer_import(made);
    }
    void make_site() {
        auto& made = begin(kSite, site_, "units", "building");
        made.list()->on_sort = nullptr;
        site_search_ = made.add_search(tr("Unit"), [this](const std::string& text) { site_.search(text); });
        made.add_export();
        add_floor_ = new Button{made.bar(), wxs(tr("Add floor")), Button::Kind::secondary, "stack-2"};
        add_floor_->on_click([this, &made] { made.run(site_.new_floor_form()); });
        made.bar()->right(add_floor_);
        add_unit_ = new Button{made.bar(), wxs(tr("Add unit")), Button::Kind::secondary, "building-store"};
        add_unit_->on_click([this, &made] { made.run(site_.new_unit_form()); });
        made.bar()->right(add_unit_);
        made.add_new(tr("Add building"), [this] { return site_.new_building_form(); });
        made.list()->on_activate = [this](std::int64_t row) { site_.toggle(row); };
        offer_import(made);
    }
    void make_properties() {
        auto& made = begin(kProperties, properties_, "properties", "building-community");
        made.list()->on_sort = nullptr;
        made.list()->on_activate = [this](std::int64_t id) { properties_.choose(id); };
        show_property_ =
            new Button{made.bar(), wxs(tr("Show on every page")), Button::Kind::secondary, "eye", "Enter"};
        show_property_->on_click([this, &made] {
            if (const auto chosen = made.list()->selected()) {
                properties_.choose(*chosen);
            }
        });
        made.bar()->right(show_property_);
        made.add_new(tr("Add property"), [this] { return properties_.new_form(); });
    }

    void make_held() {
        auto& made = begin(kHeld, held_, "server-held", "server");
        made.list()->on_sort = nullptr;
        made.add_export();
        made.add_for_chosen(tr("Go on charging…"), "player-play", "",
                            [this, &made](std::int64_t id) { made.run(held_.go_on_form(id)); });
        const auto open_meter = [this](std::int64_t id) { held_.open_meter(id); };
        made.add_for_chosen(tr("Meter page"), "gauge", "Enter", open_meter);
        made.list()->on_activate = open_meter;
        made.add_new(tr("Run a meter server-held"), [this] { return held_.new_form(); });
    }
    void make_guarded() {
        auto& made = begin(kGuarded, guarded_, "guarded", "shield");
        made.list()->on_sort = nullptr;
        made.add_export();
        const auto change = [this, &made](std::int64_t id) { made.run(guarded_.edit_form(id)); };
        made.add_for_chosen(tr("Change…"), "pencil", "Enter", change);
        made.list()->on_activate = change;
        made.add_new(tr("Guard a unit"), [this] { return guarded_.new_form(); });
    }

    void go_to(Tab tab) {
        tabs_bar_->choose(tab);
        show_tab(tab);
    }
    void show_tab(int tab_index) {
        close_presenters();
        shown_ = tab_index;
        for (int i = 0; i < kTabs; ++i) {
            panel_of(i)->Show(i == shown_);
        }
        if (shown_ != kImport) {
            tab().presenter().open();
        }
        Layout();
        if (shown_ == kMeters) {
            meter_search_->SetFocus();
        } else if (shown_ == kImport) {
            import_->focus();
        } else {
            tab().list()->focus(tabs_bar_);
        }
        changed();
    }
    void close_presenters() {
        for (auto* one : tabs_) {
            one->presenter().close();
        }
    }
    void clear_filter() {
        meters_.clear_filter();
        site_.clear_filter();
        meter_search_->clear();
        site_search_->clear();
        channel_choice_->choose(0);
        role_choice_->choose(0);
    }
    bool import_key(wxKeyEvent& event) {
        if (is_ctrl(event, 'O')) {
            import_->choose_files();
        } else if (is_ctrl(event, WXK_RETURN)) {
            import_->import();
        } else if (is_ctrl(event, 'E')) {
            import_->export_faults();
        } else if (is_plain(event, WXK_F5)) {
            import_->check_again();
        } else {
            return false;
        }
        return true;
    }
    bool tree_key(wxKeyEvent& event) {
        const auto chosen = tab().list()->selected();
        const bool typing = site_search_->input()->HasFocus();
        if (!chosen || typing || !(is_plain(event, WXK_LEFT) || is_plain(event, WXK_RIGHT))) {
            return false;
        }
        return site_.set_open(*chosen, event.GetKeyCode() == WXK_RIGHT);
    }
    void selected(Tab which) {
        if (which == kSite) {
            site_.select(tabs_[kSite]->list()->selected().value_or(0));
        }
        update_buttons(which);
    }
    void update_buttons(Tab which) {
        auto& made = *tabs_[which];
        const bool site = which == kSite || which == kProperties;
        const bool held = which == kHeld || which == kGuarded;
        const bool may = context_.session.may(site ? "site.write" : held ? "held.write" : "device.write");
        const auto why_not = tr("Your role may not change devices.");
        made.update(may, why_not);
        const auto enable = [](Button* button, bool on, const std::string& why) {
            if (on) {
                button->enable();
            } else {
                button->disable(wxs(why));
            }
        };
        if (which == kSite) {
            const auto kind = site_.chosen().kind;
            enable(add_floor_, may && kind != SitePresenter::Kind::none,
                   may ? tr("Choose a building first.") : why_not);
            enable(add_unit_,
                   may && (kind == SitePresenter::Kind::floor || kind == SitePresenter::Kind::unit),
                   may ? tr("Choose a floor first.") : why_not);
        } else if (which == kProperties) {
            enable(show_property_, made.list()->selected().has_value(), tr("Choose a row first."));
        }
    }
    void update(Tab which) {
        if (which == kMeters) {
            const auto& channels = meters_.extra().channels;
            if (channels.size() != known_channels_) {
                known_channels_ = channels.size();
                std::vector<wxString> words;
                int chosen = 0;
                for (std::size_t i = 0; i < channels.size(); ++i) {
                    words.push_back(wxs(channels[i].label));
                    chosen = channels[i].value == meters_.extra().channel ? static_cast<int>(i) : chosen;
                }
                channel_choice_->set_choices(words, chosen);
                tabs_[kMeters]->bar()->Layout();
            }
        }
        update_buttons(which);
        changed();
    }

    Context& context_;
    MetersPresenter meters_;
    ChannelsPresenter channels_;
    GatewaysPresenter gateways_;
    SitePresenter site_;
    PropertiesPresenter properties_;
    HeldMetersPresenter held_;
    GuardedUnitsPresenter guarded_;
    std::array<ListTab*, kImport> tabs_{};
    int shown_{kMeters};
    std::size_t known_channels_{0};
    TabBar* tabs_bar_;
    TextField* meter_search_{nullptr};
    TextField* site_search_{nullptr};
    ChoiceField* channel_choice_{nullptr};
    Segmented* role_choice_{nullptr};
    Button* add_floor_{nullptr};
    Button* add_unit_{nullptr};
    Button* show_property_{nullptr};
    ImportPane* import_{nullptr};
};

}  // namespace

PageView* make_devices_page(wxWindow* parent, Context& context) {
    return new DevicesPage{parent, context};
}

}  // namespace wutong::client
