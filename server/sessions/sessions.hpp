#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "server/configuration/configuration.hpp"
#include "storage/database.hpp"
#include "storage/operator_sessions.hpp"

namespace wutong::server {

/// A signed-in operator, as known a few seconds ago at most.
using Caller = storage::OperatorSessionRow;

/// Who is signed in. The truth is in the database; what was found there is believed for kBelieve, so that a
/// busy client costs one look-up in five seconds. What this server ends itself is forgotten at once; what
/// another server of the same database ends, within kBelieve.
class Sessions {
public:
    static constexpr std::chrono::seconds kBelieve{5};
    static constexpr std::size_t kCachedMax = 10'000;
    /// Look-ups at the same time: a flood of unknown tokens must not take every database connection. Callers
    /// beyond them, and those whose own token is being looked up already, wait for at most kWait.
    static constexpr std::size_t kLookUpsMax = 8;
    static constexpr std::chrono::seconds kWait{2};

    Sessions(storage::Database& database, Configuration::Sessions limits, core::Clock clock);

    /// @return none when the token is unknown, ended or of a disabled operator
    /// @throws DatabaseUnavailable, also when too many look-ups are under way
    [[nodiscard]] std::shared_ptr<const Caller> find(std::string_view token);
    /// The same for streams, in one statement whatever their number. The order is the argument's; sessions
    /// that are over are none.
    [[nodiscard]] std::vector<std::shared_ptr<const Caller>> check(
        const std::vector<std::shared_ptr<const Caller>>& callers);

    struct Opened {
        std::string token;
        core::Timestamp expires_at;
    };
    /// In the transaction of a sign-in.
    [[nodiscard]] Opened open(storage::Transaction& tx, core::OperatorId who, const std::string& peer) const;

    /// After a change of sessions, operators, roles or properties was committed.
    void forget_all();

    /// Ends what is over in the database; for a job. @return rows deleted
    int sweep();
    [[nodiscard]] std::int64_t count() const { return counted_.load(); }  ///< as of the last sweep
    [[nodiscard]] const Configuration::Sessions& limits() const { return limits_; }

private:
    class LookUp;
    struct Known {
        std::shared_ptr<const Caller> caller;
        std::chrono::steady_clock::time_point read_at;
    };

    storage::Database& database_;
    const Configuration::Sessions limits_;
    const core::Clock clock_;
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;  ///< by token hash
    std::unordered_set<std::string> asked_;         ///< token hashes being looked up
    std::condition_variable answered_;
    std::uint64_t generation_ = 0;  ///< grows with forget_all()
    std::atomic<std::int64_t> counted_{0};
};

/// "Bearer <token>" → token; empty when it is not of that form.
[[nodiscard]] std::string_view bearer_token(std::string_view authorization);

}  // namespace wutong::server
