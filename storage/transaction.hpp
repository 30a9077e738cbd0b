#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/connection.hpp"
#include "storage/database.hpp"
#include "storage/sql_value.hpp"

/// For the repositories of this folder and their tests. Other folders include database.hpp and the
/// repositories.
namespace wutong::storage {

/// One connection with the statements that were prepared on it.
struct Session {
    std::unique_ptr<Connection> connection;
    std::unordered_map<std::string, std::string> prepared;  ///< SQL text → name
    std::chrono::steady_clock::time_point used_at;
    std::uint64_t generation = 0;
};

class Transaction {
public:
    /// Begins. Only Database and tests make transactions.
    Transaction(Session& session, const Scope& scope);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// Runs one statement with its values. `sql` is a constant of ours: values never are part of it. It is
    /// prepared at its first use on a connection, so that planning is paid once.
    template <class... Values>
    pqxx::result exec(const char* sql, const Values&... values) {
        const std::array<SqlValue, sizeof...(Values)> bound{SqlValue(values)...};
        return exec_bound(sql, bound.data(), bound.size());
    }
    /// Exactly one row, or pqxx::unexpected_rows.
    template <class... Values>
    pqxx::row exec1(const char* sql, const Values&... values) {
        return one_row(exec(sql, values...));
    }

    /// COPY … FROM STDIN (FORMAT binary), see CopyRows. `statement` is a constant of ours.
    void copy_in(const char* statement, const Connection::NextPiece& next) {
        session_.connection->copy_in(statement, next);
    }
    /// For what has no form of its own here.
    [[nodiscard]] pqxx::work& work() { return work_; }
    void commit() { work_.commit(); }

private:
    pqxx::result exec_bound(const char* sql, const SqlValue* values, std::size_t count);
    static pqxx::row one_row(const pqxx::result& result);

    Session& session_;
    pqxx::work work_;
};

}  // namespace wutong::storage
