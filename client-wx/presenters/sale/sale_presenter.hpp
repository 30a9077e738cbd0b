#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/presenters/sale/delivery_follower.hpp"
#include "client-wx/presenters/sale/sale_screen.hpp"

namespace wutong::v1 {
class Account;
class ListSalesResponse;
class SaleReceipt;
class SalesSummaryResponse;
class SellRequest;
}  // namespace wutong::v1

namespace wutong::client {

/// The sale: who, how much, paid with.
///
/// What follows from an amount is worked out here at once from the live values, and put right by the server's
/// quote a moment later. The request keeps its id until it is answered, in this seat's preferences too: a
/// program that was ended in the middle asks again when it is back.
class SalePresenter {
public:
    SalePresenter(Context& context, std::function<void()> changed);
    SalePresenter(const SalePresenter&) = delete;
    SalePresenter& operator=(const SalePresenter&) = delete;
    ~SalePresenter();

    [[nodiscard]] const SaleScreen& screen() const { return screen_; }
    /// Delivered, or on its way for longer than a customer waits: the receipt can be printed. @return whether
    /// it was
    std::function<bool(std::int64_t sale_id)> print_receipt;
    /// A printer is set up at this seat.
    std::function<bool()> has_printer;

    /// The page comes to the front. @param meter_id 0: none; @param typed what to look for
    void open(std::int64_t meter_id, const std::string& typed);

    // step 1
    void type_who(const std::string& text);
    /// Up and down in the list. @param by −1 or 1
    void move_highlight(int by);
    void choose_highlighted();
    void choose(std::int64_t meter_id);
    // step 2
    void type_amount(const std::string& text);
    /// Alt+1…6. @param index 0…5
    void take_amount(std::size_t index);
    void amount_entered();  ///< Enter
    // step 3
    void choose_tender(Tender tender);
    void type_received(const std::string& text);
    void received_entered();

    void sell();
    void sell_exact_cash();  ///< F12
    /// Esc: what was typed goes; a sale that was never sent is taken back; one that may have been done stays.
    void clear();
    /// The account of the chosen meter, or of the sale before.
    [[nodiscard]] std::int64_t account_id() const;
    void printed(bool done);

private:
    using TimePoint = std::chrono::system_clock::time_point;
    enum class ReceiptState { none, waits, printed, failed, no_printer };

    [[nodiscard]] const LiveMeter* meter() const;
    [[nodiscard]] std::optional<std::int64_t> amount() const;
    void unchoose();
    void search();
    void load_account();
    void ask_quote();
    void load_today();
    void take_recent(const v1::ListSalesResponse& sales);
    bool check_amount();
    bool check_received();
    void send();
    void keep_for_restart(const v1::SellRequest& request);
    void resume_after_restart();
    void ask(const v1::SellRequest& request);
    void sold(const v1::SaleReceipt& receipt);
    void refused(const Fault& fault);
    void delivery_changed();
    void print_if_due();
    void focus(SaleScreen::Field field);

    void refresh();
    void refresh_chosen();
    void refresh_after();
    void refresh_checks();
    void refresh_button();
    void refresh_last();
    void refresh_recent();

    struct Quote;  // the server's last word on the amount

    Context& context_;
    std::function<void()> changed_;
    SaleScreen screen_;
    std::int64_t meter_id_{0};
    std::int64_t account_id_{0};
    bool received_typed_{false};
    std::optional<std::int64_t> ledger_e4_;
    std::optional<std::string> last_purchase_;
    std::unique_ptr<Quote> quote_;
    std::vector<std::int64_t> recent_meters_;
    DeliveryFollower follower_;
    ReceiptState receipt_{ReceiptState::none};
    std::string receipt_number_;
    TimePoint receipt_at_;
    KeptChange change_;
    std::string sold_to_;  ///< of the request under way
    Call account_call_;
    Call sales_call_;
    Call quote_call_;
    Call today_call_;
    Call recent_call_;
    Timer quote_soon_;
    Timer print_late_;
    Timer every_second_;
    Subscription live_;
    Subscription connection_;
    Subscription session_;
    Subscription shift_;
};

}  // namespace wutong::client
