#pragma once

#include <filesystem>
#include <string>

#include "storage/database.hpp"

/// What an administrator does with the database from the command line, as its owner.
namespace wutong::server {

/// @return for the terminal: what was applied
[[nodiscard]] std::string migrate_database(const storage::DatabaseOptions& owner,
                                           const std::filesystem::path& migrations);

/// An operator with the role administrator who has all properties.
/// @throws Refused when the name is taken or the password won't do
void create_administrator(const storage::DatabaseOptions& owner, const std::string& name,
                          const std::string& password);

}  // namespace wutong::server
