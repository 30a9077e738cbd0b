#include "storage/database.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

using Clock = std::chrono::steady_clock;

/// The server's message is several lines; the first says what is wrong.
std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// PostgreSQL names the constraint between the last pair of quotation marks of the message's first line.
std::string constraint_of(const std::string& line) {
    const auto at = line.find("constraint \"");
    if (at == std::string::npos) {
        return {};
    }
    const auto begin = at + 12;
    const auto end = line.find('"', begin);
    return end == std::string::npos ? std::string{} : line.substr(begin, end - begin);
}

/// The session is over or ending: class 08 (connection), 57P0x (shutdown, crash, not yet up, database
/// dropped, idle session ended).
bool session_over(const std::string& sqlstate) {
    return sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "25P03";
}

/// libpqxx 6 throws some classes without the state that made it choose them.
std::string state_of(const pqxx::sql_error& error) {
    if (!error.sqlstate().empty()) {
        return error.sqlstate();
    }
    if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr) {
        return "42501";
    }
    if (dynamic_cast<const pqxx::unique_violation*>(&error) != nullptr) {
        return "23505";
    }
    if (dynamic_cast<const pqxx::foreign_key_violation*>(&error) != nullptr) {
        return "23503";
    }
    return dynamic_cast<const pqxx::check_violation*>(&error) != nullptr ? "23514" : "";
}

[[noreturn]] void rethrow(const char* name, const pqxx::sql_error& error) {
    const std::string line = first_line(error.what());
    const std::string message = std::string(name) + ": " + line;
    const std::string state = state_of(error);
    const std::string constraint = constraint_of(line);
    if (state == "23505") {
        throw UniqueViolation(message, state, constraint);
    }
    if (state == "23503") {
        throw ReferenceViolation(message, state, constraint);
    }
    if (state == "57014" || state == "55P03") {
        throw StatementTimeout(message, state, constraint);
    }
    throw StatementFailed(message, state, constraint);
}

void back_off(int attempt) {
    // Full jitter: two that met in a deadlock must not meet again in step.
    thread_local std::minstd_rand random{
        static_cast<unsigned>(std::hash<std::thread::id>{}(std::this_thread::get_id()) ^
                              static_cast<std::size_t>(Clock::now().time_since_epoch().count()))};
    const int ceiling_ms = std::min(20 << attempt, 500);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::uniform_int_distribution<int>{1, ceiling_ms}(random)));
}

}  // namespace

Scope Scope::all() {
    Scope scope;
    scope.all_ = true;
    return scope;
}

Scope Scope::of(const std::vector<core::PropertyId>& properties) {
    Scope scope;
    for (const auto property : properties) {
        scope.list_ += (scope.list_.empty() ? "{" : ",") + std::to_string(property.value);
    }
    if (!scope.list_.empty()) {
        scope.list_ += "}";
    }
    return scope;
}

Scope Scope::for_a_lot(std::chrono::milliseconds patience) const {
    if (is_all() || is_none()) {
        throw std::invalid_argument("a lot is of properties that are named");
    }
    Scope scope = *this;
    scope.patience_ = patience;
    return scope;
}

struct Database::Pool {
    explicit Pool(Options given) : options(std::move(given)), target(connection_string(options)) {}

    Session take(const char* name);
    void give_back(Session session);
    /// Throws the session away, and the idle ones that are as old: what broke one has usually broken all.
    void discard(Session session, const std::string& why);
    Session connect(std::uint64_t of_generation) const;
    bool answers(Session& session) const;
    void warn(const std::string& line) const {
        if (options.warn) {
            options.warn(line);
        }
    }

    const Options options;
    const std::string target;  ///< holds the password: never in a message
    mutable std::mutex mutex;
    std::condition_variable freed;
    std::vector<Session> idle;
    std::uint64_t generation = 0;
    Stats stats;
};

Session Database::Pool::connect(std::uint64_t of_generation) const {
    Session session;
    session.connection = std::make_unique<Connection>(target);
    // Broken sessions are replaced here, where it can be told; a notice of the server is not for stderr.
    session.connection->set_verbosity(pqxx::connection_base::normal);
    session.used_at = Clock::now();
    session.generation = of_generation;
    return session;
}

bool Database::Pool::answers(Session& session) const {
    try {
        pqxx::nontransaction probe{*session.connection};
        probe.exec("SELECT 1");
        return true;
    } catch (const pqxx::failure&) {
        return false;
    }
}

Session Database::Pool::take(const char* name) {
    const auto until = Clock::now() + options.acquire_timeout;
    std::unique_lock lock{mutex};
    for (;;) {
        if (!freed.wait_until(lock, until,
                              [&] { return !idle.empty() || stats.open < options.connections_max; })) {
            ++stats.exhausted;
            throw PoolExhausted(std::string(name) + ": all " + std::to_string(options.connections_max) +
                                " database connections stayed in use for " +
                                std::to_string(options.acquire_timeout.count()) + " ms");
        }
        if (idle.empty()) {
            ++stats.open;
            const std::uint64_t now = generation;
            lock.unlock();
            try {
                return connect(now);
            } catch (...) {
                const std::lock_guard again{mutex};
                --stats.open;
                freed.notify_one();
                throw;
            }
        }
        Session session = std::move(idle.back());
        idle.pop_back();
        if (Clock::now() - session.used_at < options.check_after) {
            return session;
        }
        lock.unlock();
        if (answers(session)) {
            return session;
        }
        discard(std::move(session), "an idle connection no longer answered");
        lock.lock();
    }
}

void Database::Pool::give_back(Session session) {
    session.used_at = Clock::now();
    const std::lock_guard lock{mutex};
    if (session.generation == generation) {
        idle.push_back(std::move(session));
    } else {
        --stats.open;
    }
    freed.notify_one();
}

void Database::Pool::discard(Session session, const std::string& why) {
    std::vector<Session> dropped;
    {
        const std::lock_guard lock{mutex};
        if (session.generation == generation) {
            ++generation;
            dropped.swap(idle);
        }
        const int gone = static_cast<int>(dropped.size()) + 1;
        stats.open -= gone;
        stats.replaced += static_cast<std::uint64_t>(gone);
        freed.notify_all();
    }
    warn("database connection replaced: " + why);
}

Database::Database(Options options) : pool_(std::make_unique<Pool>(std::move(options))) {
    const Options& given = pool_->options;
    if (given.connections_max < 1 || given.connections_max > 1'000 || given.attempts_max < 1 ||
        given.attempts_max > 100) {
        throw DatabaseError("a pool takes 1 to 1000 connections and 1 to 100 attempts, not " +
                            std::to_string(given.connections_max) + " and " +
                            std::to_string(given.attempts_max));
    }
}

Database::~Database() = default;

Database::Stats Database::stats() const {
    const std::lock_guard lock{pool_->mutex};
    Stats stats = pool_->stats;
    stats.idle = static_cast<int>(pool_->idle.size());
    return stats;
}

const Database::Options& Database::options() const {
    return pool_->options;
}

void Database::run(const Scope& scope, const char* name, const std::function<void(Transaction&)>& body) {
    for (int attempt = 1;; ++attempt) {
        const bool last = attempt >= pool_->options.attempts_max;
        std::string problem;
        try {
            Session session = pool_->take(name);
            bool committing = false;
            try {
                {
                    Transaction tx{session, scope};
                    body(tx);
                    committing = true;
                    tx.commit();
                }
                pool_->give_back(std::move(session));
                const std::lock_guard lock{pool_->mutex};
                ++pool_->stats.transactions;
                return;
            } catch (const pqxx::in_doubt_error& error) {
                pool_->discard(std::move(session), first_line(error.what()));
                throw CommitUnknown(std::string(name) +
                                    ": the connection broke during the commit; it may have happened");
            } catch (const pqxx::transaction_rollback& error) {
                problem = first_line(error.what());
                pool_->give_back(std::move(session));
                if (last) {
                    throw TransactionConflict(std::string(name) + ": " + problem + " (attempt " +
                                              std::to_string(attempt) + ", given up)");
                }
            } catch (const pqxx::sql_error& error) {
                if (!session_over(error.sqlstate()) && session.connection->is_open()) {
                    pool_->give_back(std::move(session));
                    rethrow(name, error);
                }
                problem = first_line(error.what());
                pool_->discard(std::move(session), problem);
                if (committing) {
                    throw CommitUnknown(std::string(name) +
                                        ": the session ended during the commit; it may have happened");
                }
            } catch (const pqxx::broken_connection& error) {
                problem = first_line(error.what());
                pool_->discard(std::move(session), problem);
                if (committing) {
                    throw CommitUnknown(std::string(name) +
                                        ": the connection broke during the commit; it may have happened");
                }
            } catch (...) {
                if (session.connection && session.connection->is_open()) {
                    pool_->give_back(std::move(session));
                } else if (session.connection) {
                    pool_->discard(std::move(session), "closed while " + std::string(name));
                }
                throw;
            }
        } catch (const pqxx::broken_connection& error) {
            problem = first_line(error.what());  // from connecting
        } catch (const pqxx::sql_error& error) {
            rethrow(name, error);
        }
        if (last) {
            throw DatabaseUnavailable(std::string(name) + ": the database can't be reached: " + problem);
        }
        {
            const std::lock_guard lock{pool_->mutex};
            ++pool_->stats.retries;
        }
        pool_->warn(std::string(name) + ": attempt " + std::to_string(attempt) +
                    " failed, once more: " + problem);
        back_off(attempt);
    }
}

}  // namespace wutong::storage
