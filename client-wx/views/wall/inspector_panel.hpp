#pragma once

#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/guard_badge.hpp"
#include "client-wx/controls/label.hpp"
#include "client-wx/controls/sparkline.hpp"
#include "client-wx/presenters/meter/meter_inspector.hpp"

namespace wutong::client {

/// The one selected meter, at the right of the wall.
class InspectorPanel : public Panel {
public:
    InspectorPanel(wxWindow* parent, MeterInspector& presenter);

    void show(const InspectorScreen& screen);

private:
    /// What can be done must be seen whole: on a low screen the sparkline goes first, then facts.
    void make_room(std::size_t facts);
    void build_head(wxSizer* column);
    void build_balance(wxSizer* column);
    void build_buttons(wxSizer* column);
    void show_action(Button& button, const MeterAction& action);
    void explain_difference();

    MeterInspector& presenter_;
    Label *code_, *name_, *line_;
    StateBadge* state_;
    GuardBadge* guard_;
    Label *balance_, *balance_age_, *ledger_;
    Button* difference_;
    ProgressBar* level_;
    Label* outlook_;
    std::vector<FactRow*> facts_;
    wxBoxSizer* fact_column_;
    Label* days_title_;
    Sparkline* days_;
    Label* sentence_;
    Button *sell_, *open_, *query_, *guarantee_, *cut_;
    std::vector<Fact> parts_;
    int height_{0};
};

}  // namespace wutong::client
