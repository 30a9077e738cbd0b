#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/presenters/sale/delivery_follower.hpp"
#include "client-wx/presenters/sale/sale_screen.hpp"

namespace wutong::v1 {
class ExchangeMeterRequest;
class ExchangeMeterResponse;
class ExchangeQuote;
}  // namespace wutong::v1

namespace wutong::client {

struct ExchangeScreen {
    /// A decision that is offered only where the quote says that it changes something.
    struct Choice {
        bool shown{false}, ticked{false};
        std::string words;
    };
    struct Match {
        std::int64_t meter_id{0};
        std::string unit, detail;
    };
    enum class Field { who, energy, balance, typed_reason, reason };

    std::string title;     ///< "Exchange the meter of A-118"
    std::string customer;  ///< "Noodle House  ·  account 100103"
    std::string who, who_error;
    std::vector<Match> matches;
    SaleCheck check;  ///< of the chosen new meter; no words: none is chosen
    /// The old meter's settlement, line by line.
    std::vector<std::pair<std::string, std::string>> lines;
    std::vector<BeforeAfter> after;  ///< old and new meter, before → after
    std::string result_label, result;
    Choice carry_waiting, carry_unallocated, accept_difference, leave_old, typed;
    std::string energy, energy_error, balance, balance_error, typed_reason, typed_reason_error;
    std::string reason, reason_error;
    std::vector<std::string> warnings, blockers;
    std::string commit;  ///< "Exchange, carry ¥74.20"
    bool can_commit{false};
    std::string why_not;
    bool loading{true}, busy{false}, finished{false};
    std::string fault;  ///< the quote could not be had
    std::string notice;
    bool notice_is_error{false};
    std::vector<FlowStep> new_steps, old_steps;
    std::string new_steps_title, old_steps_title, steps_note;
    bool steps_failed{false};
    Field focus{Field::who};
    unsigned focus_asked{0};
};

/// Exchanging a meter of an account: the new one, what the old one is settled at, what is carried; then the
/// act, followed until the new meter has confirmed.
class ExchangePresenter {
public:
    enum class Choice { carry_waiting, carry_unallocated, accept_difference, leave_old, typed };

    ExchangePresenter(Context& context, std::function<void()> changed);
    ~ExchangePresenter();

    [[nodiscard]] const ExchangeScreen& screen() const { return screen_; }
    /// @param old_meter one of a tenant's; another one begins anew, unless an answer is missing
    void open(std::int64_t old_meter);
    void leave();
    void type_meter(const std::string& text);
    void choose_meter(std::int64_t meter_id);
    void meter_entered();  ///< Enter takes the first
    void tick(Choice choice, bool on);
    void type(ExchangeScreen::Field field, const std::string& text);
    void commit();
    void to_account();
    [[nodiscard]] std::int64_t old_meter() const { return old_meter_; }

private:
    void load_account();
    void quote_soon();
    void quote();
    void search();
    bool check_typed(v1::ExchangeMeterRequest& request, bool say);
    [[nodiscard]] v1::ExchangeMeterRequest request();
    void write_quote();
    void write_choices();
    void exchanged(const v1::ExchangeMeterResponse& answer);
    void write_steps();
    void refresh();
    void ask_focus(ExchangeScreen::Field field);

    Context& context_;
    std::function<void()> changed_;
    ExchangeScreen screen_;
    std::int64_t old_meter_{0}, new_meter_{0}, account_id_{0}, unallocated_e4_{0};
    std::string old_unit_, new_name_;
    std::unique_ptr<v1::ExchangeQuote> quote_;
    bool told_{false};
    KeptChange change_;
    DeliveryFollower open_, clear_;
    Call quote_call_, account_call_;
    Timer again_;
    Subscription live_, connection_;
};

}  // namespace wutong::client
