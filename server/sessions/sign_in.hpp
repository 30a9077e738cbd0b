#pragma once

#include <map>
#include <mutex>
#include <semaphore>
#include <string>

#include "core/time.hpp"
#include "server/sessions/sessions.hpp"
#include "storage/database.hpp"
#include "storage/operators.hpp"

namespace wutong::server {

/// Passwords: who may come in, who has guessed too often. An operator that does not exist answers like one
/// that does: after the same time, with the same count of tries, and is locked out the same way.
class SignIn {
public:
    SignIn(storage::Database& database, Sessions& sessions, core::Clock clock);

    struct Result {
        core::OperatorId operator_id;
        Sessions::Opened session;
    };
    /// @throws Refused UNAUTHENTICATED wrong_credentials (metadata tries_left) or locked_out (metadata
    /// retry_after_s), RESOURCE_EXHAUSTED too_many_sign_ins
    [[nodiscard]] Result sign_in(const std::string& name, const std::string& password,
                                 const std::string& peer);

    /// Ends every other session of the operator. A wrong old password counts like one at sign-in.
    /// @throws Refused as sign_in, and INVALID_ARGUMENT for a new password that won't do
    void change_password(const Caller& caller, const std::string& old_password,
                         const std::string& new_password);

private:
    struct Verdict {
        bool right = false;
        std::string stored;  ///< what the password was compared with
    };
    [[nodiscard]] Verdict compare(const std::optional<storage::CredentialsRow>& known,
                                  const std::string& password);
    [[noreturn]] void refuse_unknown(const std::string& name);
    /// Throws when the operator is locked or the password was wrong; to be called with the row locked.
    struct Outcome {
        bool locked = false;
        int tries_left = 0;
        std::chrono::seconds retry_after{0};
        bool in = false;
    };
    [[nodiscard]] Outcome settle(storage::Transaction& tx, const storage::CredentialsRow& row,
                                 const Verdict& verdict, const std::string& peer) const;
    [[noreturn]] static void refuse(const Outcome& outcome);

    struct Attempts {
        int failures = 0;
        core::Timestamp locked_until;
    };
    static constexpr std::size_t kUnknownMax = 10'000;
    /// Each takes 32 MB and a core for a tenth of a second.
    static constexpr int kHashesAtOnce = 4;

    storage::Database& database_;
    Sessions& sessions_;
    const core::Clock clock_;
    std::counting_semaphore<kHashesAtOnce> hashing_{kHashesAtOnce};
    std::mutex mutex_;
    std::map<std::string, Attempts> unknown_;  ///< names that nobody has, in small letters
};

/// @throws Refused INVALID_ARGUMENT naming `field`
void check_new_password(const std::string& password, const std::string& field);

}  // namespace wutong::server
