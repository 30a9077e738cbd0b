#include "server/sessions/sessions.hpp"

#include <algorithm>
#include <utility>

#include "server/security/password_hash.hpp"
#include "storage/sha256.hpp"

namespace wutong::server {

namespace {

constexpr std::size_t kTokenDigits = 64;

bool is_token(std::string_view text) {
    return text.size() == kTokenDigits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string_view bearer_token(std::string_view authorization) {
    constexpr std::string_view kScheme = "Bearer ";
    return authorization.starts_with(kScheme) ? authorization.substr(kScheme.size()) : std::string_view{};
}

Sessions::Sessions(storage::Database& database, Configuration::Sessions limits, core::Clock clock)
    : database_{database}, limits_{limits}, clock_{std::move(clock)} {}

/// One token's turn at the database; the others are woken when it is over, however it ends.
class Sessions::LookUp {
public:
    LookUp(Sessions& of, const std::string& hash) : of_{of}, hash_{hash} {}
    ~LookUp() {
        {
            const std::lock_guard lock{of_.mutex_};
            of_.asked_.erase(hash_);
        }
        of_.answered_.notify_all();
    }
    LookUp(const LookUp&) = delete;
    LookUp& operator=(const LookUp&) = delete;

private:
    Sessions& of_;
    const std::string& hash_;
};

std::shared_ptr<const Caller> Sessions::find(std::string_view token) {
    if (!is_token(token)) {
        return nullptr;
    }
    const auto hash = storage::sha256(token);
    const auto until = std::chrono::steady_clock::now() + kWait;
    std::uint64_t generation = 0;
    {
        std::unique_lock lock{mutex_};
        for (;;) {
            const auto now = std::chrono::steady_clock::now();
            if (const auto known = known_.find(hash); known != known_.end()) {
                if (now - known->second.read_at < kBelieve && known->second.caller->expires_at > clock_()) {
                    return known->second.caller;
                }
                known_.erase(known);
            }
            if (!asked_.contains(hash) && asked_.size() < kLookUpsMax) {
                break;
            }
            if (answered_.wait_until(lock, until) == std::cv_status::timeout) {
                throw storage::PoolExhausted("too many sessions are being looked up; try again in a moment");
            }
        }
        asked_.insert(hash);
        generation = generation_;
    }
    const LookUp turn{*this, hash};
    auto rows = database_.transact(storage::Scope::none(), "find_session", [&](storage::Transaction& tx) {
        return storage::use_operator_sessions(tx, {storage::Bytes{hash}}, clock_(), limits_.idle);
    });
    if (rows.empty()) {
        return nullptr;
    }
    auto caller = std::make_shared<const Caller>(std::move(rows.front()));
    const std::lock_guard lock{mutex_};
    // A sign-out that was committed while we looked must not be outlived by what we saw before it.
    if (generation == generation_) {
        if (known_.size() >= kCachedMax) {
            known_.clear();
        }
        known_[hash] = {caller, std::chrono::steady_clock::now()};
    }
    return caller;
}

std::vector<std::shared_ptr<const Caller>> Sessions::check(
    const std::vector<std::shared_ptr<const Caller>>& callers) {
    std::vector<storage::Bytes> hashes;
    for (const auto& caller : callers) {
        if (std::none_of(hashes.begin(), hashes.end(),
                         [&](const auto& hash) { return hash.data == caller->token_hash.data; })) {
            hashes.push_back(caller->token_hash);
        }
    }
    std::unordered_map<std::string, std::shared_ptr<const Caller>> alive;
    if (!hashes.empty()) {
        auto rows =
            database_.transact(storage::Scope::none(), "check_sessions", [&](storage::Transaction& tx) {
                return storage::use_operator_sessions(tx, hashes, clock_(), limits_.idle);
            });
        for (auto& row : rows) {
            auto hash = row.token_hash.data;
            alive.emplace(std::move(hash), std::make_shared<const Caller>(std::move(row)));
        }
    }
    std::vector<std::shared_ptr<const Caller>> found;
    for (const auto& caller : callers) {
        const auto one = alive.find(caller->token_hash.data);
        found.push_back(one == alive.end() ? nullptr : one->second);
    }
    return found;
}

Sessions::Opened Sessions::open(storage::Transaction& tx, core::OperatorId who,
                                const std::string& peer) const {
    const auto now = clock_();
    Opened opened{random_token(), now + limits_.lifetime};
    storage::insert_operator_session(tx, storage::Bytes{storage::sha256(opened.token)}, who, now,
                                     opened.expires_at, peer);
    return opened;
}

void Sessions::forget_all() {
    const std::lock_guard lock{mutex_};
    ++generation_;
    known_.clear();
}

int Sessions::sweep() {
    return database_.transact(storage::Scope::none(), "sweep_sessions", [&](storage::Transaction& tx) {
        const auto now = clock_();
        const int gone = storage::delete_old_operator_sessions(tx, now, limits_.idle);
        counted_ = storage::count_operator_sessions(tx, now, limits_.idle);
        return gone;
    });
}

}  // namespace wutong::server
