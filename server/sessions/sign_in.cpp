#include "server/sessions/sign_in.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/refused.hpp"
#include "server/security/password_hash.hpp"
#include "storage/operation_log.hpp"

namespace wutong::server {

namespace {

constexpr core::PropertyId kInstallation{0};
constexpr std::chrono::seconds kHashWaitMax{5};

std::string small_letters(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

void log(storage::Transaction& tx, const storage::CredentialsRow& row, const char* action,
         const nlohmann::json& details) {
    storage::OperationLogEntry entry;
    entry.property = kInstallation;
    entry.operator_id = row.operator_id;
    entry.action = action;
    entry.target = "operator " + row.name;
    entry.details = details.dump();
    storage::append_operation_log(tx, entry);
}

std::chrono::seconds whole_seconds_until(core::Timestamp until, core::Timestamp now) {
    return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(until - now));
}

}  // namespace

void check_new_password(const std::string& password, const std::string& field) {
    if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax) {
        throw invalid(field, fmt::format("a password has {} to {} bytes; this one has {}", kPasswordBytesMin,
                                         kPasswordBytesMax, password.size()));
    }
}

SignIn::SignIn(storage::Database& database, Sessions& sessions, core::Clock clock)
    : database_{database}, sessions_{sessions}, clock_{std::move(clock)} {}

SignIn::Verdict SignIn::compare(const std::optional<storage::CredentialsRow>& known,
                                const std::string& password) {
    if (!hashing_.try_acquire_for(kHashWaitMax)) {
        throw Refused{grpc::StatusCode::RESOURCE_EXHAUSTED, "too_many_sign_ins",
                      "too many operators are signing in; try again in a moment"};
    }
    struct Release {
        ~Release() { gate.release(); }
        std::counting_semaphore<kHashesAtOnce>& gate;
    } release{hashing_};
    if (!known || !known->enabled) {
        return {verify_nobody(password), known ? known->password_hash : ""};
    }
    return {verify_password(password, known->password_hash), known->password_hash};
}

void SignIn::refuse(const Outcome& outcome) {
    if (outcome.locked) {
        throw Refused{grpc::StatusCode::UNAUTHENTICATED,
                      "locked_out",
                      fmt::format("too many wrong passwords; this operator can sign in again in {} s",
                                  outcome.retry_after.count()),
                      {},
                      {{"retry_after_s", std::to_string(outcome.retry_after.count())}}};
    }
    throw Refused{grpc::StatusCode::UNAUTHENTICATED,
                  "wrong_credentials",
                  fmt::format("operator or password is wrong; {} tries left", outcome.tries_left),
                  {},
                  {{"tries_left", std::to_string(outcome.tries_left)}}};
}

void SignIn::refuse_unknown(const std::string& name) {
    const auto& limits = sessions_.limits();
    Outcome outcome;
    {
        const std::lock_guard lock{mutex_};
        if (unknown_.size() >= kUnknownMax) {
            unknown_.clear();
        }
        const auto now = clock_();
        auto& attempts = unknown_[small_letters(name)];
        if (attempts.locked_until > now) {
            outcome.locked = true;
        } else if (++attempts.failures >= limits.lock_out_tries) {
            attempts = {0, now + limits.lock_out};
            outcome.locked = true;
        } else {
            outcome.tries_left = limits.lock_out_tries - attempts.failures;
        }
        if (outcome.locked) {
            outcome.retry_after = whole_seconds_until(attempts.locked_until, now);
        }
    }
    refuse(outcome);
}

SignIn::Outcome SignIn::settle(storage::Transaction& tx, const storage::CredentialsRow& row,
                               const Verdict& verdict, const std::string& peer) const {
    const auto& limits = sessions_.limits();
    const auto now = clock_();
    Outcome outcome;
    if (row.locked_until && *row.locked_until > now) {
        // Also for the right password: guesses that were under way when the lock fell don't count.
        outcome.locked = true;
        outcome.retry_after = whole_seconds_until(*row.locked_until, now);
        return outcome;
    }
    if (verdict.right && row.enabled && verdict.stored == row.password_hash) {
        storage::set_failures(tx, row.operator_id, 0, std::nullopt);
        outcome.in = true;
        return outcome;
    }
    const int failures = row.failures + 1;
    if (failures >= limits.lock_out_tries) {
        storage::set_failures(tx, row.operator_id, 0, now + limits.lock_out);
        log(tx, row, "session.lock_out",
            {{"peer", peer}, {"tries", failures}, {"minutes", limits.lock_out.count()}});
        outcome.locked = true;
        outcome.retry_after = limits.lock_out;
    } else {
        storage::set_failures(tx, row.operator_id, failures, std::nullopt);
        log(tx, row, "session.sign_in_failed", {{"peer", peer}, {"tries", failures}});
        outcome.tries_left = limits.lock_out_tries - failures;
    }
    return outcome;
}

SignIn::Result SignIn::sign_in(const std::string& name, const std::string& password,
                               const std::string& peer) {
    if (name.empty() || name.size() > 64 || password.size() > kPasswordBytesMax) {
        refuse_unknown(name.substr(0, 64));
    }
    // The hash is computed between two transactions: a tenth of a second is long for a row lock.
    const auto known = database_.transact(
        storage::Scope::none(), "sign_in_look",
        [&](storage::Transaction& tx) { return storage::find_credentials(tx, name, false); });
    if (known && known->locked_until && *known->locked_until > clock_()) {
        Outcome outcome;
        outcome.locked = true;
        outcome.retry_after = whole_seconds_until(*known->locked_until, clock_());
        refuse(outcome);
    }
    const auto verdict = compare(known, password);
    if (!known) {
        refuse_unknown(name);
    }
    const bool rehash = verdict.right && needs_rehash(verdict.stored);
    const auto better = rehash ? hash_password(password) : std::string{};
    Result result;
    const auto outcome = database_.transact(storage::Scope::all(), "sign_in", [&](storage::Transaction& tx) {
        const auto row = storage::find_credentials(tx, name, true);
        if (!row) {
            return Outcome{};
        }
        auto settled = settle(tx, *row, verdict, peer);
        if (settled.in) {
            if (rehash) {
                storage::set_password_hash(tx, row->operator_id, better);
            }
            result = {row->operator_id, sessions_.open(tx, row->operator_id, peer)};
            log(tx, *row, "session.sign_in", {{"peer", peer}});
        }
        return settled;
    });
    if (!outcome.in) {
        refuse(outcome);
    }
    return result;
}

void SignIn::change_password(const Caller& caller, const std::string& old_password,
                             const std::string& new_password) {
    check_new_password(new_password, "new_password");
    const auto known = database_.transact(
        storage::Scope::none(), "change_password_look",
        [&](storage::Transaction& tx) { return storage::find_credentials(tx, caller.operator_id); });
    const auto verdict = compare(known, old_password.substr(0, kPasswordBytesMax + 1));
    const auto hash = verdict.right ? hash_password(new_password) : std::string{};
    const auto outcome =
        database_.transact(storage::Scope::all(), "change_password", [&](storage::Transaction& tx) {
            const auto row = storage::find_credentials(tx, caller.operator_id);
            if (!row) {
                return Outcome{};
            }
            auto settled = settle(tx, *row, verdict, "");
            if (settled.in) {
                storage::set_password_hash(tx, row->operator_id, hash);
                storage::end_operator_sessions(tx, row->operator_id, caller.token_hash);
                log(tx, *row, "session.change_password", nlohmann::json::object());
            }
            return settled;
        });
    sessions_.forget_all();
    if (!outcome.in) {
        refuse(outcome);
    }
}

}  // namespace wutong::server
