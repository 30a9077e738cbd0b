#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// More statements than the product has; a bug that builds SQL from values would otherwise fill the server's
/// memory.
constexpr std::size_t kPreparedMax = 1'000;

const char* kAllowAll = "SELECT set_config('wutong.properties', all_properties()::text, true)";
const char* kAllowSome = "SELECT set_config('wutong.properties', $1, true)";
const char* kAllowSomeForALot =
    "SELECT set_config('wutong.properties', $1, true), set_config('lock_timeout', $2, true), "
    "set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_hashjoin', 'off', true), "
    "set_config('enable_mergejoin', 'off', true), set_config('enable_material', 'off', true)";

}  // namespace

Transaction::Transaction(Session& session, const Scope& scope)
    : session_(session), work_(*session.connection) {
    // Local to the transaction: the next user of the connection begins with nothing allowed.
    if (scope.is_all()) {
        exec(kAllowAll);
    } else if (scope.patience()) {
        exec(kAllowSomeForALot, scope.list(), std::to_string(scope.patience()->count()));
    } else if (!scope.is_none()) {
        exec(kAllowSome, scope.list());
    }
}

pqxx::result Transaction::exec_bound(const char* sql, const SqlValue* values, std::size_t count) {
    auto known = session_.prepared.find(sql);
    if (known == session_.prepared.end()) {
        if (session_.prepared.size() >= kPreparedMax) {
            throw std::logic_error(
                "more than 1000 different statements on one connection: SQL is being built from values");
        }
        const std::string name = "s" + std::to_string(session_.prepared.size());
        session_.connection->prepare(name, sql);
        known = session_.prepared.emplace(sql, name).first;
    }
    std::vector<const char*> texts;
    texts.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        texts.push_back(values[i].c_str());
    }
    return work_.exec_prepared(known->second, pqxx::prepare::make_dynamic_params(texts));
}

pqxx::row Transaction::one_row(const pqxx::result& result) {
    if (result.size() != 1) {
        throw pqxx::unexpected_rows("expected one row, got " + std::to_string(result.size()) + ": " +
                                    result.query());
    }
    return result[0];
}

}  // namespace wutong::storage
