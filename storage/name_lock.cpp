#include "storage/name_lock.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

struct NameLock::Holder {
    explicit Holder(const std::string& target) : connection{target} {}
    pqxx::connection connection;
    int backend = 0;  ///< libpqxx reconnects without saying so, and the lock is gone then
};

NameLock::NameLock(DatabaseOptions options, std::string name)
    : options_{std::move(options)}, name_{std::move(name)} {}
NameLock::~NameLock() = default;

bool NameLock::hold() {
    try {
        if (holder_) {
            pqxx::nontransaction check{holder_->connection};
            if (check.exec1("SELECT pg_backend_pid()")[0].as<int>() == holder_->backend) {
                return true;
            }
        }
    } catch (const std::exception&) {
        // Broken: a new connection below.
    }
    holder_.reset();
    try {
        auto fresh = std::make_unique<Holder>(connection_string(options_));
        pqxx::nontransaction tx{fresh->connection};
        const auto row = tx.exec_params1(
            "SELECT pg_try_advisory_lock(hashtext('wutong.collector'), hashtext($1)) AS locked, "
            "pg_backend_pid() AS backend",
            name_);
        if (!row["locked"].as<bool>()) {
            return false;
        }
        fresh->backend = row["backend"].as<int>();
        tx.commit();
        holder_ = std::move(fresh);
        return true;
    } catch (const pqxx::failure& error) {
        throw DatabaseUnavailable{std::string{"the lock on the collector's name can't be asked for: "} +
                                  error.what()};
    }
}

}  // namespace wutong::storage
