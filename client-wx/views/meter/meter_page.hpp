#pragma once

#include <wx/simplebook.h>
#include <wx/sizer.h>

#include <memory>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/guard_badge.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/presenters/meter/meter_presenter.hpp"
#include "client-wx/views/page.hpp"

namespace wutong::client {

class CreditTab;
class EventsTab;
class OverviewTab;
class ReadingsTab;
class SettingsTab;

/// One meter: head with state and actions, and five tabs.
class MeterPage : public PageView {
public:
    MeterPage(wxWindow* parent, Context& context);

    void open(const Place& place) override;
    [[nodiscard]] wxString title() const override;
    [[nodiscard]] wxString status_left() const override;
    [[nodiscard]] wxString status_right() const override;
    bool key(wxKeyEvent& event) override;
    [[nodiscard]] std::vector<std::pair<wxString, wxString>> keys() const override;
    [[nodiscard]] std::vector<wxWindow*> panes() override;

private:
    void build_head(wxSizer* page);
    void show();
    void show_action(Button& button, const MeterAction& action);
    void choose(int tab);
    void export_readings();

    Context& context_;
    MeterPresenter presenter_;
    Label *code_, *name_, *path_, *sentence_;
    StateBadge* state_;
    GuardBadge* guard_;
    Button *sell_, *query_, *guarantee_, *cut_;
    TabBar* tabs_;
    wxSimplebook* book_;
    OverviewTab* overview_;
    ReadingsTab* readings_;
    CreditTab* credit_;
    EventsTab* events_;
    SettingsTab* settings_;
    EmptyState* failure_;
};

}  // namespace wutong::client
