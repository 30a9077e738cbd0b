#include "core/sale.hpp"

#include <array>

#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr auto kRefusals = std::to_array<detail::Name<SaleRefusal>>({
    {SaleRefusal::amount_not_positive, "amount_not_positive"},
    {SaleRefusal::amount_not_multiple_of_quantum, "amount_not_multiple_of_quantum"},
    {SaleRefusal::amount_above_limit, "amount_above_limit"},
    {SaleRefusal::account_closed, "account_closed"},
    {SaleRefusal::meter_not_linked, "meter_not_linked"},
    {SaleRefusal::delivery_quarantined, "delivery_quarantined"},
    {SaleRefusal::above_hoarding_limit, "above_hoarding_limit"},
    {SaleRefusal::above_meter_balance, "above_meter_balance"},
});

/// The refusals that sales and refunds share, in the order of the enumeration.
std::optional<SaleRefusal> refused_alike(Money amount, const SaleFacts& facts) {
    if (facts.quantum <= Money{0}) {
        throw std::invalid_argument("a sale needs a quantum above zero, got " + to_string(facts.quantum));
    }
    if (amount <= Money{0}) {
        return SaleRefusal::amount_not_positive;
    }
    if (!amount.is_multiple_of(facts.quantum)) {
        return SaleRefusal::amount_not_multiple_of_quantum;
    }
    if (amount > facts.amount_max) {
        return SaleRefusal::amount_above_limit;
    }
    if (!facts.account_open) {
        return SaleRefusal::account_closed;
    }
    if (!facts.meter_linked) {
        return SaleRefusal::meter_not_linked;
    }
    if (facts.delivery_quarantined) {
        return SaleRefusal::delivery_quarantined;
    }
    return std::nullopt;
}

}  // namespace

SaleDecision decide_sale(Money amount, const SaleFacts& facts) {
    if (const auto refusal = refused_alike(amount, facts)) {
        return *refusal;
    }
    const Money expected = facts.balance_known + facts.in_flight + amount - facts.charged;
    if (facts.balance_max && expected > *facts.balance_max) {
        return SaleRefusal::above_hoarding_limit;
    }
    return Accepted{expected};
}

SaleDecision decide_refund(Money amount, const SaleFacts& facts) {
    if (const auto refusal = refused_alike(amount, facts)) {
        return *refusal;
    }
    const Money after_others = facts.balance_known + facts.in_flight;
    // Both, because what is still in flight upwards may yet be refused by the meter: it is not ours to hand
    // out.
    if (amount > facts.balance_known || amount > after_others) {
        return SaleRefusal::above_meter_balance;
    }
    return Accepted{after_others - amount};
}

const char* to_string(SaleRefusal refusal) {
    return detail::name_of(kRefusals, refusal, "sale refusal");
}

}  // namespace wutong::core
