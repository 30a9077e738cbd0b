#include "server/services/sale_refusals.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace wutong::server {

using core::SaleRefusal;

bool is_amount_fault(SaleRefusal refusal) {
    return refusal == SaleRefusal::amount_not_positive ||
           refusal == SaleRefusal::amount_not_multiple_of_quantum ||
           refusal == SaleRefusal::amount_above_limit;
}

std::string refusal_text(SaleRefusal refusal, const core::SaleFacts& facts, const RefusedSale& sale) {
    const auto amount = core::to_string(sale.amount);
    const auto* nothing = sale.refund ? "Nothing was refunded." : "Nothing was sold.";
    switch (refusal) {
        case SaleRefusal::amount_not_positive:
            return fmt::format(
                "The amount is {}, but it must be above zero. {} Enter an amount of at least {}.", amount,
                nothing, core::to_string(facts.quantum));
        case SaleRefusal::amount_not_multiple_of_quantum:
            return fmt::format(
                "The amount {} is not a multiple of {}, the smallest step that can be paid and that meter "
                "{} can hold. {} Round the amount.",
                amount, core::to_string(facts.quantum), sale.meter_code, nothing);
        case SaleRefusal::amount_above_limit:
            return fmt::format(
                "The amount {} is above {}, the most for one {}. {} Check the figure, or split it.", amount,
                core::to_string(facts.amount_max), sale.refund ? "refund" : "sale", nothing);
        case SaleRefusal::account_closed:
            return fmt::format("Account {} is {}. {} Open an account for the meter first.",
                               sale.account_number, sale.account_state, nothing);
        case SaleRefusal::meter_not_linked:
            return fmt::format(
                "Meter {} does not belong to account {}, or the meter has refused its opening. {} Choose a "
                "meter "
                "of the account, or add the meter to it; after a refused opening close the account and open "
                "it anew.",
                sale.meter_code, sale.account_number, nothing);
        case SaleRefusal::delivery_quarantined:
            return fmt::format(
                "An earlier payment on its way to meter {} could not be confirmed and waits for an operator. "
                "{} Compare the meter's display with the delivery, settle the delivery, then try again.",
                sale.meter_code, nothing);
        case SaleRefusal::above_hoarding_limit:
            return fmt::format(
                "Meter {} holds {} and {} is on its way; with {} more it would hold more than {}, the limit "
                "for this meter. {} Take a smaller amount, or raise balance_max.",
                sale.meter_code, core::to_string(facts.balance_known), core::to_string(facts.in_flight),
                amount, core::to_string(facts.balance_max.value_or(core::Money{})), nothing);
        case SaleRefusal::above_meter_balance:
            return fmt::format(
                "Meter {} held {} when it was last read and {} is on its way; {} can't be taken off it. {} "
                "Take a smaller amount, or read the meter again first.",
                sale.meter_code, core::to_string(facts.balance_known), core::to_string(facts.in_flight),
                amount, nothing);
    }
    throw std::logic_error("a sale refusal without a text");
}

}  // namespace wutong::server
