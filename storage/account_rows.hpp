#pragma once

#include <string>
#include <vector>

#include "storage/accounts.hpp"
#include "storage/transaction.hpp"

/// Accounts with customer and meters, from their tables. For accounts.cpp and account_lists.cpp.
namespace wutong::storage::detail {

// clang-format off
#define WUTONG_ACCOUNT_COLUMNS                                                                          \
    "a.property_id, a.account_id, a.number, a.state, a.opened_at, a.closed_at, a.customer_id, c.name, c.phone, c.note "
// clang-format on

[[nodiscard]] Account read_account(const pqxx::row& row);

/// The meters of all `accounts`, in one statement.
void add_meters(Transaction& tx, core::PropertyId property, std::vector<Account>& accounts);

}  // namespace wutong::storage::detail
