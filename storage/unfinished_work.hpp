#pragma once

#include "core/identity.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// What is on its way to a meter.
struct UnfinishedWork {
    int deliveries = 0;  ///< also those that wait for an operator
    int commands = 0;
    [[nodiscard]] bool any() const { return deliveries > 0 || commands > 0; }
};
/// Takes the row locks of the meter and its live link: nothing is sold to it or claimed for it unseen until
/// the transaction ends.
[[nodiscard]] UnfinishedWork lock_unfinished_work(Transaction& tx, core::PropertyId property,
                                                  core::MeterId meter);

}  // namespace wutong::storage
