#pragma once

#include <array>
#include <memory>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/presenters/accounts/account_presenter.hpp"
#include "client-wx/presenters/accounts/money_back_presenter.hpp"
#include "client-wx/presenters/accounts/reversal_presenter.hpp"
#include "client-wx/printing/seat_printer.hpp"
#include "client-wx/views/page.hpp"

namespace wutong::client {

class MeterCard;

/// One account: customer, its meters with both balances side by side, sales, deliveries, entries.
class AccountView : public PageView {
public:
    AccountView(wxWindow* parent, Context& context);

    void open(const Place& place) override;
    void leave() override { presenter_->leave(); }
    wxString title() const override;
    wxString status_left() const override;
    wxString status_right() const override;
    bool key(wxKeyEvent& event) override;
    std::vector<std::pair<wxString, wxString>> keys() const override;
    std::vector<wxWindow*> panes() override;

private:
    wxSizer* make_head();
    wxSizer* make_figures();
    wxWindow* make_tables();
    void show();
    void show_tables();
    void choose_tab(int tab);
    void sell(std::int64_t meter_id);
    void sell_first();
    void refund();
    void pay_out();
    void add_meter();
    void close_account();
    void exchange_meter(std::int64_t meter_id);
    void show_exchange();
    void show_receipt();
    void take_back();
    void settle();
    void show_statement();
    void change_contact();
    void show_table_buttons();

    Context& context_;
    SeatPrinter printer_;
    Label* name_{nullptr};
    Label* state_{nullptr};
    Label* facts_{nullptr};
    Button *sell_{nullptr}, *refund_{nullptr}, *pay_out_{nullptr}, *add_{nullptr}, *close_{nullptr};
    std::array<FigureCard*, 4> figures_{};
    wxWindow* meters_panel_{nullptr};
    wxBoxSizer* meters_{nullptr};
    std::vector<MeterCard*> meter_cards_;
    TabBar* tabs_{nullptr};
    Button *receipt_{nullptr}, *take_back_{nullptr}, *settle_{nullptr}, *statement_{nullptr},
        *evidence_{nullptr}, *contact_{nullptr};
    Label* told_{nullptr};
    Button* more_{nullptr};
    std::array<Table*, 5> tables_{};
    std::array<std::string, 5> written_{};
    EmptyState* instead_{nullptr};
    wxWindow* content_{nullptr};
    bool refund_when_loaded_{false};
    std::vector<std::unique_ptr<RefundPresenter>> unanswered_refunds_;
    std::vector<std::unique_ptr<PayOutPresenter>> unanswered_pay_outs_;
    std::vector<std::unique_ptr<ReversalPresenter>> unanswered_reversals_;
    std::unique_ptr<AccountPresenter> presenter_;
};

}  // namespace wutong::client
