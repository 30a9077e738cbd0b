#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"

namespace wutong::v1 {
class Delivery;
}

namespace wutong::client {

/// One line of Paid → Sent → Meter confirmed → Receipt.
struct FlowStep {
    enum class State { waiting, busy, done, failed, skipped };
    State state{State::waiting};
    std::string words;
    std::string time;  ///< "10:42:07"; empty while there is none
};

/// What is followed, as the answer to the change told it.
struct FollowedDelivery {
    std::int64_t delivery_id{0};  ///< 0: the server keeps the meter's credit, nothing has to reach a meter
    std::int64_t sale_id{0};
    std::string kind;  ///< of the sale: opening | sale | refund | reversal | closing
    std::int64_t amount_e4{0};
    std::string target;  ///< the unit, or the meter where there is none
    std::chrono::system_clock::time_point sold_at;
};

/// Watches one delivery to its end. When the stream breaks it is opened again, and the steps stay meanwhile.
class DeliveryFollower {
public:
    using TimePoint = std::chrono::system_clock::time_point;

    explicit DeliveryFollower(Context& context);
    DeliveryFollower(const DeliveryFollower&) = delete;
    DeliveryFollower& operator=(const DeliveryFollower&) = delete;

    /// Leaves the one before.
    void follow(const FollowedDelivery& delivery);
    void leave();
    std::function<void()> on_change;

    [[nodiscard]] const std::optional<FollowedDelivery>& what() const { return what_; }
    /// Nothing will change any more, short of an operator's word on a quarantined one.
    [[nodiscard]] bool finished() const;
    [[nodiscard]] bool delivered() const { return state_ == "delivered" || at_once(); }
    /// Paid, sent, confirmed; without the receipt.
    [[nodiscard]] std::vector<FlowStep> steps() const;
    /// "Delivered in 3.8 s", or what is waited for; empty when nothing is followed.
    [[nodiscard]] std::string note() const;

private:
    [[nodiscard]] bool at_once() const { return what_ && what_->delivery_id == 0; }
    void open();
    void take(const v1::Delivery& delivery);
    void ended();

    Context& context_;
    std::optional<FollowedDelivery> what_;
    std::string state_;  ///< as in the proto; empty: nothing heard yet
    std::string reason_;
    int attempts_{0};
    std::optional<std::int64_t> balance_after_e4_;
    std::optional<TimePoint> sent_at_;
    std::optional<TimePoint> finished_at_;
    std::optional<TimePoint> next_attempt_at_;
    Call stream_;
    Timer retry_;
    std::chrono::milliseconds wait_{};
};

}  // namespace wutong::client
