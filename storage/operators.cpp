#include "storage/operators.hpp"

#include "storage/text_array.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kCredentialsByName =
    "SELECT operator_id, name, password_hash, enabled, failures, locked_until FROM operator "
    " WHERE lower(name) = lower($1)";
const char* kCredentialsByNameLocked =
    "SELECT operator_id, name, password_hash, enabled, failures, locked_until FROM operator "
    " WHERE lower(name) = lower($1) FOR UPDATE";
const char* kCredentialsById =
    "SELECT operator_id, name, password_hash, enabled, failures, locked_until FROM operator "
    " WHERE operator_id = $1 FOR UPDATE";
const char* kSetFailures = "UPDATE operator SET failures = $2, locked_until = $3 WHERE operator_id = $1";
const char* kSetPassword = "UPDATE operator SET password_hash = $2 WHERE operator_id = $1";

const char* kList =
    "SELECT o.operator_id, o.name, o.full_name, o.enabled, o.all_properties, o.locked_until, "
    "       (SELECT array_agg(p.property_id ORDER BY p.property_id) FROM operator_property p "
    "         WHERE p.operator_id = o.operator_id) AS properties, "
    "       (SELECT array_agg(r.code ORDER BY r.code) FROM operator_role l JOIN role r USING (role_id) "
    "         WHERE l.operator_id = o.operator_id) AS roles "
    "  FROM operator o WHERE o.operator_id > $1 AND ($2::bigint IS NULL OR o.operator_id = $2) "
    " ORDER BY o.operator_id LIMIT $3";
const char* kNames = "SELECT operator_id, name FROM operator WHERE operator_id = ANY ($1::bigint[])";
const char* kInsert =
    "INSERT INTO operator (name, full_name, password_hash, all_properties) VALUES ($1, $2, $3, $4) "
    "RETURNING operator_id";
const char* kSetFullName = "UPDATE operator SET full_name = $2 WHERE operator_id = $1";
const char* kSetEnabled = "UPDATE operator SET enabled = $2 WHERE operator_id = $1";
const char* kDropRoles = "DELETE FROM operator_role WHERE operator_id = $1";
const char* kAddRoles =
    "INSERT INTO operator_role (operator_id, role_id) SELECT $1, role_id FROM role WHERE code = ANY "
    "($2::text[])";
const char* kSetAll = "UPDATE operator SET all_properties = $2 WHERE operator_id = $1";
const char* kDropProperties = "DELETE FROM operator_property WHERE operator_id = $1";
const char* kAddProperties =
    "INSERT INTO operator_property (operator_id, property_id) SELECT $1, unnest($2::bigint[])";
const char* kRoles = "SELECT code, permissions FROM role ORDER BY code";

std::optional<CredentialsRow> credentials(const pqxx::result& rows) {
    if (rows.empty()) {
        return std::nullopt;
    }
    const auto row = rows[0];
    return CredentialsRow{.operator_id = get<core::OperatorId>(row, "operator_id"),
                          .name = get<std::string>(row, "name"),
                          .password_hash = get<std::string>(row, "password_hash"),
                          .enabled = get<bool>(row, "enabled"),
                          .failures = get<int>(row, "failures"),
                          .locked_until = get<std::optional<core::Timestamp>>(row, "locked_until")};
}

std::vector<OperatorRow> operators(const pqxx::result& rows) {
    std::vector<OperatorRow> all;
    for (const auto& row : rows) {
        OperatorRow one;
        one.operator_id = get<core::OperatorId>(row, "operator_id");
        one.name = get<std::string>(row, "name");
        one.full_name = get<std::string>(row, "full_name");
        one.enabled = get<bool>(row, "enabled");
        one.all_properties = get<bool>(row, "all_properties");
        one.locked_until = get<std::optional<core::Timestamp>>(row, "locked_until");
        for (const auto& id : text_array(row["properties"])) {
            one.properties.push_back(core::PropertyId{std::stoll(id)});
        }
        one.roles = text_array(row["roles"]);
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace

std::optional<CredentialsRow> find_credentials(Transaction& tx, const std::string& name, bool lock) {
    return credentials(tx.exec(lock ? kCredentialsByNameLocked : kCredentialsByName, name));
}

std::optional<CredentialsRow> find_credentials(Transaction& tx, core::OperatorId who) {
    return credentials(tx.exec(kCredentialsById, who));
}

void set_failures(Transaction& tx, core::OperatorId who, int failures,
                  std::optional<core::Timestamp> locked_until) {
    tx.exec(kSetFailures, who, failures, locked_until);
}

void set_password_hash(Transaction& tx, core::OperatorId who, const std::string& hash) {
    tx.exec(kSetPassword, who, hash);
}

std::vector<OperatorRow> list_operators(Transaction& tx, core::OperatorId after, int limit) {
    return operators(tx.exec(kList, after, nullptr, limit));
}

std::optional<OperatorRow> find_operator(Transaction& tx, core::OperatorId who) {
    auto found = operators(tx.exec(kList, 0, who, 1));
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

std::map<core::OperatorId, std::string> operator_names(Transaction& tx,
                                                       const std::vector<core::OperatorId>& ids) {
    std::map<core::OperatorId, std::string> names;
    for (const auto& row : tx.exec(kNames, ids)) {
        names[get<core::OperatorId>(row, "operator_id")] = get<std::string>(row, "name");
    }
    return names;
}

core::OperatorId insert_operator(Transaction& tx, const std::string& name, const std::string& full_name,
                                 const std::string& password_hash, bool all_properties) {
    return get<core::OperatorId>(tx.exec1(kInsert, name, full_name, password_hash, all_properties),
                                 "operator_id");
}

void set_full_name(Transaction& tx, core::OperatorId who, const std::string& full_name) {
    tx.exec(kSetFullName, who, full_name);
}

void set_enabled(Transaction& tx, core::OperatorId who, bool enabled) {
    tx.exec(kSetEnabled, who, enabled);
}

void set_roles(Transaction& tx, core::OperatorId who, const std::vector<std::string>& roles) {
    tx.exec(kDropRoles, who);
    tx.exec(kAddRoles, who, roles);
}

void set_properties(Transaction& tx, core::OperatorId who, bool all,
                    const std::vector<core::PropertyId>& properties) {
    tx.exec(kSetAll, who, all);
    tx.exec(kDropProperties, who);
    if (!all && !properties.empty()) {
        tx.exec(kAddProperties, who, properties);
    }
}

std::vector<RoleRow> list_roles(Transaction& tx) {
    std::vector<RoleRow> roles;
    for (const auto& row : tx.exec(kRoles)) {
        roles.push_back({get<std::string>(row, "code"), text_array(row["permissions"])});
    }
    return roles;
}

}  // namespace wutong::storage
