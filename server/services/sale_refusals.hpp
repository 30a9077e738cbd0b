#pragma once

#include <string>

#include "core/quantities.hpp"
#include "core/sale.hpp"

namespace wutong::server {

/// What to say besides the figures of the facts.
struct RefusedSale {
    core::Money amount;
    bool refund = false;
    std::string account_number;
    std::string meter_code;
    std::string account_state;  ///< open, closing or closed
};

/// What happened, what was not done, what to do next; one or two sentences for the person at the counter.
[[nodiscard]] std::string refusal_text(core::SaleRefusal refusal, const core::SaleFacts& facts,
                                       const RefusedSale& sale);

/// True when the amount itself is at fault (INVALID_ARGUMENT, field amount_e4); otherwise the account or the
/// meter is.
[[nodiscard]] bool is_amount_fault(core::SaleRefusal refusal);

}  // namespace wutong::server
