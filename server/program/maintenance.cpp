#include "server/program/maintenance.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "server/refused.hpp"
#include "server/security/password_hash.hpp"
#include "server/services/operator_checks.hpp"
#include "server/sessions/sign_in.hpp"
#include "storage/migrations.hpp"
#include "storage/operation_log.hpp"
#include "storage/operators.hpp"

namespace wutong::server {

std::string migrate_database(const storage::DatabaseOptions& owner, const std::filesystem::path& migrations) {
    const auto report = storage::migrate(owner, migrations);
    return report.applied.empty() ? fmt::format("the schema is at version {} already", report.version)
                                  : fmt::format("the schema is at version {}; applied {}", report.version,
                                                fmt::join(report.applied, ", "));
}

void create_administrator(const storage::DatabaseOptions& owner, const std::string& name,
                          const std::string& password) {
    check_operator_name(name, "name");
    check_new_password(password, "password");
    const auto hash = hash_password(password);
    storage::Database database{owner};
    database.transact(storage::Scope::all(), "create_admin", [&](storage::Transaction& tx) {
        if (storage::find_credentials(tx, name, false)) {
            throw already_exists("name", fmt::format("there is an operator {} already", name));
        }
        const auto who = storage::insert_operator(tx, name, "", hash, true);
        storage::set_roles(tx, who, {"administrator"});
        storage::OperationLogEntry entry;
        entry.action = "operator.create";
        entry.target = "operator " + name;
        entry.details = R"({"roles":["administrator"],"by":"wutong-server --create-admin"})";
        storage::append_operation_log(tx, entry);
    });
}

}  // namespace wutong::server
