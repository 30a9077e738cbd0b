#pragma once

#include <optional>

#include "core/identity.hpp"
#include "storage/accounts.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// Locks the account's row until the transaction ends: against closing, another meter being added, another
/// payout. Sales don't take this lock. @return its state; empty: there is no such account
[[nodiscard]] std::optional<AccountState> lock_account(Transaction& tx, core::PropertyId property,
                                                       core::AccountId account);

}  // namespace wutong::storage
