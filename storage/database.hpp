#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/identity.hpp"
#include "storage/errors.hpp"

/// The only door to PostgreSQL: a bounded pool, and transactions that know which properties they may see.
/// Repositories (the other headers of this folder) take a Transaction&; storage/transaction.hpp is for them.
namespace wutong::storage {

class Transaction;

/// The properties whose rows a transaction sees and may change (row-level security of the server's role).
/// The collector's role bypasses the policies; it uses none().
class Scope {
public:
    [[nodiscard]] static Scope none() { return Scope{}; }
    /// Every property and the installation itself: for sign-in and the server's own jobs, never for an
    /// operator's call.
    [[nodiscard]] static Scope all();
    /// Property 0 is the installation (operation log of sign-ins).
    [[nodiscard]] static Scope of(const std::vector<core::PropertyId>& properties);

    /// For a transaction that does the work of several calls by statements that take arrays: it waits for no
    /// lock longer than `patience`, and each element is looked up by its key, however long the arrays are.
    /// @throws std::invalid_argument of no property or of all
    [[nodiscard]] Scope for_a_lot(std::chrono::milliseconds patience) const;

    [[nodiscard]] bool is_none() const { return !all_ && list_.empty(); }
    [[nodiscard]] bool is_all() const { return all_; }
    /// As PostgreSQL writes an array: "{1,2}".
    [[nodiscard]] const std::string& list() const { return list_; }
    [[nodiscard]] const std::optional<std::chrono::milliseconds>& patience() const { return patience_; }

private:
    bool all_ = false;
    std::string list_;
    std::optional<std::chrono::milliseconds> patience_;
};

struct DatabaseOptions {
    std::string url;       ///< libpq URI or keyword string
    std::string password;  ///< takes precedence over one in `url`
    std::string application_name = "wutong";
    int connections_max = 8;
    int attempts_max = 4;  ///< of one transaction, the first included
    std::chrono::milliseconds acquire_timeout{5'000};
    std::chrono::milliseconds connect_timeout{5'000};  ///< libpq counts whole seconds, at least 2
    std::chrono::milliseconds statement_timeout{10'000};
    std::chrono::milliseconds lock_timeout{5'000};
    std::chrono::milliseconds idle_in_transaction_timeout{30'000};
    std::chrono::milliseconds check_after{
        10'000};  ///< a connection unused for so long is asked before it is used
    /// One line per retry or replaced connection, for the log. Called from the thread that uses the database.
    std::function<void(const std::string&)> warn;
};

/// libpq's keyword string for `options`: URL, password, time-outs and search_path together. The time-outs
/// travel in it, because a connection that is made anew forgets every SET.
/// @throws DatabaseError (without the password) for a URL that libpq can't read
[[nodiscard]] std::string connection_string(const DatabaseOptions& options);

class Database {
public:
    using Options = DatabaseOptions;

    struct Stats {
        int open = 0;
        int idle = 0;
        std::uint64_t transactions = 0;
        std::uint64_t retries = 0;
        std::uint64_t replaced = 0;   ///< connections thrown away because they were broken
        std::uint64_t exhausted = 0;  ///< waits for a connection that timed out
    };

    /// Connects at first use, not here: a daemon may start before its database.
    /// @throws DatabaseError for a URL that can't be read or limits that make no sense
    explicit Database(Options options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Begins, says which properties are allowed, runs `body(Transaction&)`, commits, returns what the body
    /// returned. Serialization failures, deadlocks and connections that break before the commit run the whole
    /// body again, attempts_max times in all: so it must have no effects but those in the database. What the
    /// body throws rolls back and is passed on.
    /// @param name for messages: what was being done
    /// @throws DatabaseUnavailable, PoolExhausted, CommitUnknown, TransactionConflict, StatementFailed
    template <class Body>
    auto transact(const Scope& scope, const char* name, Body&& body)
        -> std::invoke_result_t<Body&, Transaction&> {
        using Result = std::invoke_result_t<Body&, Transaction&>;
        if constexpr (std::is_void_v<Result>) {
            run(scope, name, [&](Transaction& tx) { body(tx); });
        } else {
            std::optional<Result> result;
            run(scope, name, [&](Transaction& tx) { result.emplace(body(tx)); });
            return std::move(*result);
        }
    }

    [[nodiscard]] Stats stats() const;
    [[nodiscard]] const Options& options() const;

private:
    void run(const Scope& scope, const char* name, const std::function<void(Transaction&)>& body);

    struct Pool;
    std::unique_ptr<Pool> pool_;
};

}  // namespace wutong::storage
