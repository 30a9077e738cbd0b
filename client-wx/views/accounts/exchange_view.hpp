#pragma once

#include <wx/scrolwin.h>

#include <memory>
#include <vector>

#include "client-wx/presenters/accounts/exchange_presenter.hpp"
#include "client-wx/views/accounts/opening_parts.hpp"
#include "client-wx/views/page.hpp"
#include "client-wx/views/sale/sale_parts.hpp"

namespace wutong::client {

/// Exchanging a meter: the new one and the settlement at the left, decisions, reason and the act at the
/// right.
class ExchangeView : public PageView {
public:
    ExchangeView(wxWindow* parent, Context& context);

    void open(const Place& place) override;
    void leave() override { presenter_->leave(); }
    wxString title() const override;
    wxString status_left() const override;
    wxString status_right() const override;
    bool key(wxKeyEvent& event) override;
    std::vector<std::pair<wxString, wxString>> keys() const override;
    std::vector<wxWindow*> panes() override;

private:
    using Where = ExchangeScreen::Field;
    using Decision = ExchangePresenter::Choice;

    wxWindow* make_meters();
    wxWindow* make_act();
    void make_typed(wxWindow* parent, wxSizer& column);
    void show();
    bool show_meters();
    bool show_act();
    bool show_choice(CheckBox& box, const ExchangeScreen::Choice& choice, bool enabled);
    void move_focus();
    void go_back();

    Context& context_;
    Card* meters_{nullptr};
    Label* customer_{nullptr};
    TextField* who_{nullptr};
    CheckLine* check_{nullptr};
    SuggestionList* matches_{nullptr};
    std::vector<std::int64_t> match_ids_;
    wxBoxSizer* line_rows_{nullptr};
    std::vector<FactRow*> lines_;
    wxWindow* divider_{nullptr};
    std::vector<BeforeAfterRow*> after_;
    Label *result_label_{nullptr}, *result_{nullptr};
    Label* fault_{nullptr};
    Card* act_{nullptr};
    wxScrolledWindow* scroll_{nullptr};
    CheckBox *typed_{nullptr}, *carry_waiting_{nullptr}, *carry_unallocated_{nullptr},
        *accept_difference_{nullptr}, *leave_old_{nullptr};
    TextField *energy_{nullptr}, *balance_{nullptr}, *typed_reason_{nullptr}, *reason_{nullptr};
    Label *warnings_{nullptr}, *blockers_{nullptr}, *notice_{nullptr};
    Label *new_title_{nullptr}, *old_title_{nullptr}, *steps_note_{nullptr};
    Steps *new_steps_{nullptr}, *old_steps_{nullptr};
    Button *commit_{nullptr}, *cancel_{nullptr};
    unsigned focus_seen_{0};
    std::unique_ptr<ExchangePresenter> presenter_;
};

}  // namespace wutong::client
