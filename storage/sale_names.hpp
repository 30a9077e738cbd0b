#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/identity.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// What a sale needs besides its facts: what the receipt, or the refusal, has to say about account and meter,
/// whether they belong together or not.
struct SaleNames {
    std::string account_number;  ///< "": there is no such account in the property
    std::string account_state;   ///< open, closing or closed
    std::string customer;
    std::string meter_code;  ///< "": there is no such meter in the property
    std::string meter_profile;
    bool switch_off_waiting = false;  ///< a switch_off of the meter has not been finished
};

/// One row by its keys, for the path that every sale takes.
[[nodiscard]] SaleNames sale_names(Transaction& tx, core::PropertyId property, core::AccountId account,
                                   core::MeterId meter);

}  // namespace wutong::storage
