#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/presenters/sale/delivery_follower.hpp"
#include "client-wx/presenters/sale/sale_screen.hpp"

namespace wutong::client {

/// What a refund and a pay-out show.
struct MoneyBackScreen {
    std::string title;
    std::string sentence;             ///< what will happen
    std::vector<std::string> meters;  ///< refund: which one; one entry is not asked about
    int meter{0};
    std::string amount, amount_error;
    std::string reason, reason_error;
    Tender tender{Tender::cash};
    std::vector<BeforeAfter> after;
    std::string commit;  ///< "Take ¥20.00 off C-312"
    bool can_commit{false};
    std::string why_not;
    bool busy{false};
    std::string notice;
    bool notice_is_error{false};
    std::vector<FlowStep> steps;  ///< after it was booked
    std::string steps_note;
    bool finished{false};
    std::int64_t sale_id{0};
};

/// Takes money off a meter; payable once the meter has confirmed it.
class RefundPresenter {
public:
    struct Meter {
        std::int64_t meter_id{0};
        std::string unit;
    };
    RefundPresenter(Context& context, std::int64_t account_id, std::vector<Meter> meters,
                    std::function<void()> changed);

    [[nodiscard]] const MoneyBackScreen& screen() const { return screen_; }
    void choose_meter(int index);
    void type_amount(const std::string& text);
    void take_all();  ///< what the meter holds
    void type_reason(const std::string& text);
    void commit();
    /// An answer is missing: whoever shows this keeps it until it is there.
    [[nodiscard]] bool unanswered() const { return change_.open(); }
    /// Others show it from now on, or nobody.
    void set_changed(std::function<void()> changed) { changed_ = std::move(changed); }

private:
    [[nodiscard]] const LiveMeter* meter() const;
    [[nodiscard]] std::string unit() const;
    void refresh();

    Context& context_;
    std::int64_t account_id_;
    std::vector<Meter> meters_;
    std::function<void()> changed_;
    MoneyBackScreen screen_;
    KeptChange change_;
    DeliveryFollower follower_;
    Subscription live_;
    Subscription connection_;
};

/// Hands over what is payable to the tenant.
class PayOutPresenter {
public:
    PayOutPresenter(Context& context, std::int64_t account_id, std::string account, std::int64_t payable_e4,
                    std::function<void()> changed);

    [[nodiscard]] const MoneyBackScreen& screen() const { return screen_; }
    void type_amount(const std::string& text);
    void choose_tender(Tender tender);
    void commit();
    [[nodiscard]] bool unanswered() const { return change_.open(); }
    void set_changed(std::function<void()> changed) { changed_ = std::move(changed); }

private:
    void refresh();

    Context& context_;
    std::int64_t account_id_;
    std::string account_;
    std::int64_t payable_e4_;
    std::function<void()> changed_;
    MoneyBackScreen screen_;
    KeptChange change_;
    Subscription connection_;
};

}  // namespace wutong::client
