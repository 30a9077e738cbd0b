#pragma once

#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/guard_badge.hpp"
#include "client-wx/controls/label.hpp"
#include "client-wx/presenters/wall/wall_presenter.hpp"

namespace wutong::client {

/// Several meters are selected: what they are, and what can be sent to all of them.
class SeveralPanel : public Panel {
public:
    SeveralPanel(wxWindow* parent, WallPresenter& presenter);
    void show(const SeveralScreen& screen);

private:
    void build_buttons(wxSizer* column);

    WallPresenter& presenter_;
    Label *title_, *places_;
    std::vector<StateBadge*> badges_;
    std::vector<FactRow*> facts_;
    GuardBadge* guard_;
    Label* why_not_;
    std::vector<Button*> buttons_;
};

}  // namespace wutong::client
