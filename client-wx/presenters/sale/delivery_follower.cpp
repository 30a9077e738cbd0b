#include "client-wx/presenters/sale/delivery_follower.hpp"

#include <wutong/v1/sale_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::milliseconds kFirstWait{1000};
constexpr std::chrono::milliseconds kLongestWait{15000};

std::string time_of(const std::optional<DeliveryFollower::TimePoint>& at) {
    return at ? clock_time_s(*at) : std::string{};
}

}  // namespace

DeliveryFollower::DeliveryFollower(Context& context) : context_{context} {}

void DeliveryFollower::follow(const FollowedDelivery& delivery) {
    leave();
    what_ = delivery;
    if (at_once()) {
        // Told like any other end: after the caller has taken the answer.
        retry_ = context_.timers.after(std::chrono::milliseconds{1}, [this] {
            if (on_change) {
                on_change();
            }
        });
        return;
    }
    wait_ = kFirstWait;
    open();
}

void DeliveryFollower::leave() {
    stream_.cancel();
    retry_.stop();
    what_.reset();
    state_.clear();
    reason_.clear();
    attempts_ = 0;
    balance_after_e4_.reset();
    sent_at_.reset();
    finished_at_.reset();
    next_attempt_at_.reset();
}

void DeliveryFollower::open() {
    v1::GetDeliveryRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_delivery_id(what_->delivery_id);
    stream_ = context_.server.watch(
        method::watch_delivery, request, [this](const v1::Delivery& delivery) { take(delivery); },
        [this](const Fault*) { ended(); });
}

void DeliveryFollower::take(const v1::Delivery& delivery) {
    wait_ = kFirstWait;
    state_ = delivery.state();
    reason_ = clipped(delivery.reason(), 200);
    attempts_ = delivery.attempts();
    balance_after_e4_ = delivery.has_after() ? std::optional{delivery.after().balance_e4()} : std::nullopt;
    sent_at_ = optional_time(delivery.has_sent_at(), delivery.sent_at());
    finished_at_ = optional_time(delivery.has_finished_at(), delivery.finished_at());
    next_attempt_at_ = optional_time(delivery.has_next_attempt_at(), delivery.next_attempt_at());
    if (on_change) {
        on_change();
    }
}

void DeliveryFollower::ended() {
    if (finished()) {
        return;
    }
    retry_ = context_.timers.after(wait_, [this] { open(); });
    wait_ = std::min(wait_ * 2, kLongestWait);
}

bool DeliveryFollower::finished() const {
    return delivered() || state_ == "refused" || state_ == "quarantined";
}

std::vector<FlowStep> DeliveryFollower::steps() const {
    if (!what_) {
        return {};
    }
    using State = FlowStep::State;
    const bool money_back = what_->kind == "refund" || what_->kind == "reversal" || what_->kind == "closing";
    const bool sent = sent_at_ || (finished() && state_ != "refused");
    FlowStep first{State::done, money_back ? tr("Booked") : tr("Paid"), clock_time_s(what_->sold_at)};
    if (at_once()) {
        return {first,
                {State::done, money_back ? tr("Taken off the credit") : tr("Credited at once"), first.time}};
    }
    FlowStep second{sent ? State::done : State::busy, tr("Sent to meter"), time_of(sent_at_)};
    FlowStep third{sent ? State::busy : State::waiting, tr("Meter confirms"), {}};
    if (state_ == "delivered") {
        third.state = State::done;
        third.words = balance_after_e4_ ? fill(tr("Meter confirmed {balance}"),
                                               fmt::arg("balance", money(*balance_after_e4_)))
                                        : tr("Meter confirmed");
        third.time = time_of(finished_at_);
    } else if (state_ == "refused") {
        second.state = sent_at_ ? State::done : State::failed;
        third = {State::failed, tr("The meter refused it"), time_of(finished_at_)};
    } else if (state_ == "quarantined") {
        third = {State::failed, tr("Could not be confirmed"), time_of(finished_at_)};
    } else if (state_ == "unknown") {
        third.words = tr("Asking the meter whether it arrived");
    }
    return {first, second, third};
}

std::string DeliveryFollower::note() const {
    if (!what_) {
        return {};
    }
    if (at_once()) {
        return tr("The server keeps this meter's credit: nothing has to reach the meter.");
    }
    if (state_ == "delivered") {
        if (!finished_at_) {
            return tr("Delivered");
        }
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(*finished_at_ - what_->sold_at);
        return fill(tr("Delivered in {duration}"), fmt::arg("duration", duration(took)));
    }
    if (state_ == "refused") {
        const auto why = delivery_reason(reason_);
        return what_->kind == "sale" || what_->kind == "opening"
                   ? fill(tr("{why} The money stays on the account and can be paid out."),
                          fmt::arg("why", why))
                   : why;
    }
    if (state_ == "quarantined") {
        return tr("The money is safe in the books. An operator has to look at the meter and settle it.");
    }
    if (next_attempt_at_ && attempts_ > 0) {
        return fill(tr("The meter is away. The credit waits for it; next try at {time}."),
                    fmt::arg("time", clock_time_s(*next_attempt_at_)));
    }
    return tr("On its way. You can go on; this is followed here.");
}

}  // namespace wutong::client
