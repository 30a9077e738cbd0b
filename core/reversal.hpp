#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/credit_delivery.hpp"
#include "core/quantities.hpp"

/// Taking a wrong sale back. Only the last sale on a meter, whole, and only as the meter gives it back; or,
/// while nothing of it was sent yet, by withdrawing it.
namespace wutong::core {

/// All that decides it, gathered under the meter's lock.
struct ReversalFacts {
    bool is_sale = false;           ///< not an opening, refund, reversal or closing
    bool reversed_already = false;  ///< or the reversal is on its way
    bool account_open = false;
    bool meter_linked = false;   ///< to that account still, and opened on it
    bool last_on_meter = false;  ///< nothing later that was not refused: sale, refund, reversal, clear
    Money amount;                ///< of the sale, > 0
    Money on_meter;              ///< of it, what went to the meter; 0: charges took all of it
    DeliveryState delivery = DeliveryState::queued;
    bool claimed = false;  ///< queued, and a collector has it in hand
    /// What the sale wrote, and what the meter showed when it was read last; empty where nothing is known or
    /// the meter doesn't count.
    std::optional<std::uint32_t> number_written, number_seen;
    std::optional<Money> balance_seen;
};

/// In order of precedence.
enum class ReversalRefusal {
    not_a_sale,
    reversed_already,
    account_closed,
    meter_not_linked,
    not_last_on_meter,
    sale_refused,  ///< the meter never took it: the money is payable already
    delivery_quarantined,
    delivery_under_way,  ///< sent, or about to be: wait for the outcome
    meter_not_read,
    meter_written_since,  ///< another purchase number is on the meter
    above_meter_balance,  ///< the tenant has used some of it
};

enum class ReversalWay {
    withdraw,   ///< it was never sent: the delivery, if there is one, is refused, and nothing goes to the
                ///< meter
    take_back,  ///< a delivery of kind reversal
};

using ReversalDecision = std::variant<ReversalWay, ReversalRefusal>;
[[nodiscard]] ReversalDecision decide_reversal(const ReversalFacts& facts);
[[nodiscard]] const char* to_string(ReversalRefusal refusal);

}  // namespace wutong::core
