#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/presenters/sale/delivery_follower.hpp"
#include "client-wx/presenters/sale/sale_screen.hpp"

namespace wutong::v1 {
class SaleReceipt;
}

namespace wutong::client {

/// What taking a sale back shows: what it does, why, and how far it is.
struct ReversalScreen {
    bool loading{true};
    std::string fault;     ///< the sale could not be loaded
    std::string sentence;  ///< "¥200.00 to C-312, receipt EAST-00000012"
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<BeforeAfter> after;
    std::string reason, reason_error;
    std::string commit;  ///< "Take ¥200.00 back from C-312"
    bool can_commit{false};
    std::string why_not;
    bool busy{false};
    std::string notice;
    bool notice_is_error{false};
    std::vector<FlowStep> steps;
    std::string steps_note;
    bool steps_failed{false};
    bool finished{false};  ///< booked; followed from then on
};

/// Takes the last sale on a meter back, whole, and follows it to its end: the meter gives the amount back,
/// then the money is handed back as it was paid. A sale that was never sent is withdrawn.
class ReversalPresenter {
public:
    ReversalPresenter(Context& context, std::int64_t sale_id, std::function<void()> changed);

    [[nodiscard]] const ReversalScreen& screen() const { return screen_; }
    void type_reason(const std::string& text);
    void commit();
    /// An answer is missing: whoever shows this keeps it until it is there.
    [[nodiscard]] bool unanswered() const { return change_.open(); }
    void set_changed(std::function<void()> changed) { changed_ = std::move(changed); }

private:
    void load();
    void booked(const v1::SaleReceipt& back);
    void refresh();

    Context& context_;
    std::int64_t sale_id_;
    std::function<void()> changed_;
    ReversalScreen screen_;
    std::int64_t meter_id_{0};
    std::int64_t amount_e4_{0};
    int method_{0};
    std::string unit_, kind_, sale_state_;
    bool withdrawn_{false};
    bool told_{false};
    KeptChange change_;
    DeliveryFollower follower_;
    Call call_;
    Subscription live_;
    Subscription connection_;
};

}  // namespace wutong::client
