#pragma once

#include "core/tariff_plan.hpp"

/// How far a tenant's credit reaches when the plan allows an overdraft (emergency credit).
namespace wutong::core {

enum class CreditLevel {
    in_credit,
    emergency,  ///< at zero or below, the overdraft not used up; to be paid back with the next purchase
    used_up,    ///< nothing may be used any more
};
[[nodiscard]] const char* to_string(CreditLevel level);

struct CreditLeft {
    CreditLevel level;
    Money available;  ///< what may still be used, the overdraft included; never below zero
    Money emergency;  ///< how much of the overdraft is used
    friend bool operator==(const CreditLeft&, const CreditLeft&) = default;
};

/// The deposit is no credit and is not in the balance.
/// @throws std::invalid_argument for an overdraft below zero
[[nodiscard]] CreditLeft credit_left(Money balance, const CreditTerms& terms);

}  // namespace wutong::core
