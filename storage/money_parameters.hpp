#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// The numbers among a property's parameters that were set, by key; what was never set is left to the
/// defaults.
[[nodiscard]] std::map<std::string, std::int64_t> set_numbers(Transaction& tx, core::PropertyId property);

}  // namespace wutong::storage
