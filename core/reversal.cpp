#include "core/reversal.hpp"

#include <array>

#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr auto kRefusals = std::to_array<detail::Name<ReversalRefusal>>({
    {ReversalRefusal::not_a_sale, "not_a_sale"},
    {ReversalRefusal::reversed_already, "reversed_already"},
    {ReversalRefusal::account_closed, "account_closed"},
    {ReversalRefusal::meter_not_linked, "meter_not_linked"},
    {ReversalRefusal::not_last_on_meter, "not_last_on_meter"},
    {ReversalRefusal::sale_refused, "sale_refused"},
    {ReversalRefusal::delivery_quarantined, "delivery_quarantined"},
    {ReversalRefusal::delivery_under_way, "delivery_under_way"},
    {ReversalRefusal::meter_not_read, "meter_not_read"},
    {ReversalRefusal::meter_written_since, "meter_written_since"},
    {ReversalRefusal::above_meter_balance, "above_meter_balance"},
});

/// Of a sale that the meter has confirmed.
ReversalDecision decide_taking_back(const ReversalFacts& facts) {
    if (!facts.balance_seen) {
        return ReversalRefusal::meter_not_read;
    }
    if (facts.number_written && facts.number_seen && *facts.number_written != *facts.number_seen) {
        return ReversalRefusal::meter_written_since;
    }
    if (facts.on_meter > *facts.balance_seen) {
        return ReversalRefusal::above_meter_balance;
    }
    return ReversalWay::take_back;
}

}  // namespace

ReversalDecision decide_reversal(const ReversalFacts& facts) {
    if (!facts.is_sale || facts.amount <= Money{}) {
        return ReversalRefusal::not_a_sale;
    }
    if (facts.reversed_already) {
        return ReversalRefusal::reversed_already;
    }
    if (!facts.account_open) {
        return ReversalRefusal::account_closed;
    }
    if (!facts.meter_linked) {
        return ReversalRefusal::meter_not_linked;
    }
    if (!facts.last_on_meter) {
        return ReversalRefusal::not_last_on_meter;
    }
    switch (facts.delivery) {
        case DeliveryState::refused:
            return ReversalRefusal::sale_refused;
        case DeliveryState::quarantined:
            return ReversalRefusal::delivery_quarantined;
        case DeliveryState::sending:
        case DeliveryState::unknown:
            return ReversalRefusal::delivery_under_way;
        case DeliveryState::queued:
            if (facts.claimed) {
                return ReversalRefusal::delivery_under_way;
            }
            return ReversalWay::withdraw;
        case DeliveryState::delivered:
            break;
    }
    return decide_taking_back(facts);
}

const char* to_string(ReversalRefusal refusal) {
    return detail::name_of(kRefusals, refusal, "reversal refusal");
}

}  // namespace wutong::core
