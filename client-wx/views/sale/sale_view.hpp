#pragma once

#include <array>
#include <memory>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/field.hpp"
#include "client-wx/presenters/accounts/reversal_presenter.hpp"
#include "client-wx/presenters/sale/sale_presenter.hpp"
#include "client-wx/printing/seat_printer.hpp"
#include "client-wx/views/page.hpp"
#include "client-wx/views/sale/sale_parts.hpp"

namespace wutong::client {

/// The sale: who at the left, how much and paid with in the middle, what follows from it at the right.
class SaleView : public PageView {
public:
    SaleView(wxWindow* parent, Context& context);

    void open(const Place& place) override;
    wxString title() const override;
    wxString status_left() const override;
    wxString status_right() const override;
    bool key(wxKeyEvent& event) override;
    std::vector<std::pair<wxString, wxString>> keys() const override;
    std::vector<wxWindow*> panes() override;

private:
    wxWindow* make_who();
    wxWindow* make_form();
    void add_amount_step(Card& card, wxBoxSizer& column);
    void add_tender_step(Card& card, wxBoxSizer& column);
    wxWindow* make_side();
    void fold();
    void show();
    void show_who();
    void show_form();
    void show_side();
    /// The day's figures go where the window is too low for them. @return whether they came or went
    bool make_room_at_side();
    bool make_room_in_tiles();
    bool make_room_for_tenders();
    void move_focus();
    void show_receipt(bool copy);
    void refund();
    void take_back();
    void open_account();

    Context& context_;
    SeatPrinter printer_;
    Call receipt_call_;
    // who
    TextField* who_{nullptr};
    MatchList* matches_{nullptr};
    Label* matches_note_{nullptr};
    Label* recent_title_{nullptr};
    RecentList* recent_{nullptr};
    // form
    Card* form_{nullptr};
    Label* unit_{nullptr};
    Label* shop_{nullptr};
    StateBadge* badge_{nullptr};
    Label* facts_{nullptr};
    wxPanel* tiles_{nullptr};
    std::array<FigureCard*, 4> figures_{};
    Label* price_{nullptr};
    StepTitle* amount_title_{nullptr};
    MoneyField* amount_{nullptr};
    Label* energy_{nullptr};
    Label* more_days_{nullptr};
    std::array<Button*, kSaleAmounts.size()> amounts_{};
    std::array<Button*, 4> tenders_{};
    MoneyField* received_{nullptr};
    Label* change_label_{nullptr};
    Label* change_{nullptr};
    Label* hint_{nullptr};
    Label* notice_{nullptr};
    Button* sell_{nullptr};
    Button* clear_{nullptr};
    // side
    Card* after_card_{nullptr};
    std::array<BeforeAfterRow*, 3> after_{};
    Label* after_empty_{nullptr};
    Divider* checks_line_{nullptr};
    std::array<CheckLine*, 5> checks_{};
    Card* last_card_{nullptr};
    Steps* steps_{nullptr};
    Label* last_note_{nullptr};
    Card* today_card_{nullptr};
    std::vector<FactRow*> today_;
    Divider* today_line_{nullptr};
    FactRow* today_total_{nullptr};
    Label* today_note_{nullptr};

    bool folded_{false};
    bool tender_icons_{false};
    bool showing_{false};
    unsigned focus_seen_{0};
    std::vector<std::unique_ptr<ReversalPresenter>> unanswered_reversals_;
    std::unique_ptr<SalePresenter> presenter_;  // last: it may call back while the rest is being destroyed
};

}  // namespace wutong::client
