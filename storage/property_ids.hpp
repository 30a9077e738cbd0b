#pragma once

#include <vector>

#include "core/identity.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// The properties of the transaction's scope, lowest first: with Scope::all(), what the server's jobs walk
/// through.
[[nodiscard]] std::vector<core::PropertyId> property_ids(Transaction& tx);

}  // namespace wutong::storage
