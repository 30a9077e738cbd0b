#pragma once

#include <map>
#include <string>

#include "core/identity.hpp"
#include "storage/database.hpp"

/// What is set of a property's parameters. Which keys there are, their defaults and ranges: the server's
/// table.
namespace wutong::storage {

[[nodiscard]] std::map<std::string, std::string> list_parameters(Transaction& tx, core::PropertyId property);
void set_parameter(Transaction& tx, core::PropertyId property, const std::string& key,
                   const std::string& value);

}  // namespace wutong::storage
