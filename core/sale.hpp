#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/quantities.hpp"

namespace wutong::core {

/// All that decides a sale or a refund, gathered by the caller in one transaction.
struct SaleFacts {
    bool account_open = false;
    bool meter_linked = false;                ///< the meter belongs to the account
    bool delivery_quarantined = false;        ///< an earlier delivery of this meter waits for an operator
    Money balance_known;                      ///< last balance read from the meter
    Money in_flight;                          ///< sum of deliveries not finished (refunds count negative)
    Money charged;                            ///< of the amount sold: taken for charges, not for the meter
    std::optional<Money> balance_max;         ///< hoarding limit
    Money quantum = kTenderQuantum;           ///< the coarser of tender's and the meter's
    Money amount_max{Money{10'000'000'000}};  ///< the most that one sale may be (1 000 000.00)
};

/// In order of precedence: the first that applies is the answer.
enum class SaleRefusal {
    amount_not_positive,
    amount_not_multiple_of_quantum,
    amount_above_limit,
    account_closed,
    meter_not_linked,
    delivery_quarantined,
    above_hoarding_limit,  ///< sale: balance + in flight + amount - charged would exceed balance_max
    above_meter_balance,  ///< refund: the meter doesn't hold that much; credit still in flight doesn't count,
                          ///< debits do
};

struct Accepted {
    Money balance_expected;  ///< balance + in flight ± amount - charged, for "before → after"
};

using SaleDecision = std::variant<Accepted, SaleRefusal>;

[[nodiscard]] SaleDecision decide_sale(Money amount, const SaleFacts& facts);
/// @param amount positive: what is to be taken off the meter
[[nodiscard]] SaleDecision decide_refund(Money amount, const SaleFacts& facts);
[[nodiscard]] const char* to_string(SaleRefusal refusal);

}  // namespace wutong::core
