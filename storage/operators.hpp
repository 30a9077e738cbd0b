#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Operators, their roles and the properties they may see.
namespace wutong::storage {

struct OperatorRow {
    core::OperatorId operator_id;
    std::string name;
    std::string full_name;
    bool enabled = true;
    bool all_properties = false;
    std::vector<core::PropertyId> properties;  ///< those listed; empty for all_properties
    std::vector<std::string> roles;
    std::optional<core::Timestamp> locked_until;
};

/// What sign-in looks at.
struct CredentialsRow {
    core::OperatorId operator_id;
    std::string name;
    std::string password_hash;
    bool enabled = true;
    int failures = 0;  ///< in a row
    std::optional<core::Timestamp> locked_until;
};

/// Names are compared without regard to case. The row is locked: attempts on one operator count one after the
/// other. Locking is left out with `lock` false.
[[nodiscard]] std::optional<CredentialsRow> find_credentials(Transaction& tx, const std::string& name,
                                                             bool lock);
[[nodiscard]] std::optional<CredentialsRow> find_credentials(Transaction& tx, core::OperatorId who);
void set_failures(Transaction& tx, core::OperatorId who, int failures,
                  std::optional<core::Timestamp> locked_until);
void set_password_hash(Transaction& tx, core::OperatorId who, const std::string& hash);

/// By name, after `after`. @param limit at least 1
[[nodiscard]] std::vector<OperatorRow> list_operators(Transaction& tx, core::OperatorId after, int limit);
[[nodiscard]] std::optional<OperatorRow> find_operator(Transaction& tx, core::OperatorId who);
/// Of operators who are not there any more: left out.
[[nodiscard]] std::map<core::OperatorId, std::string> operator_names(
    Transaction& tx, const std::vector<core::OperatorId>& ids);

/// @throws UniqueViolation on "operator_name"
core::OperatorId insert_operator(Transaction& tx, const std::string& name, const std::string& full_name,
                                 const std::string& password_hash, bool all_properties);
void set_full_name(Transaction& tx, core::OperatorId who, const std::string& full_name);
void set_enabled(Transaction& tx, core::OperatorId who, bool enabled);
/// @pre the roles exist
void set_roles(Transaction& tx, core::OperatorId who, const std::vector<std::string>& roles);
/// Changes only what the transaction's scope can see: somebody else's properties stay.
void set_properties(Transaction& tx, core::OperatorId who, bool all,
                    const std::vector<core::PropertyId>& properties);

struct RoleRow {
    std::string code;
    std::vector<std::string> permissions;
};
[[nodiscard]] std::vector<RoleRow> list_roles(Transaction& tx);

}  // namespace wutong::storage
