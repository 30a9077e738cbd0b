#pragma once

#include <stdexcept>
#include <string>

namespace wutong::ctl {

/// What scripts can rely on. Documented in docs/wutongctl.md.
enum class ExitCode {
    ok = 0,
    refused = 1,      ///< the server or the meter said no; nothing was changed unless the message says so
    usage = 2,        ///< the command line is wrong
    not_allowed = 3,  ///< not signed in, or without the permission
    unreachable = 4,  ///< no server answers
    certificate_changed = 5,  ///< not the certificate that was pinned
    outcome_unknown = 6,      ///< timed out; the same --request-id finds out
};

/// Ends the program with a message for people and a code for scripts.
class Failure : public std::runtime_error {
public:
    Failure(ExitCode code, const std::string& message, std::string reason = {})
        : std::runtime_error(message), code_{code}, reason_{std::move(reason)} {}
    [[nodiscard]] ExitCode code() const { return code_; }
    [[nodiscard]] const std::string& reason() const { return reason_; }

private:
    ExitCode code_;
    std::string reason_;  ///< machine-readable, e.g. "above_hoarding_limit"
};

/// Ends the program with a code when everything worth saying was said already.
struct Exit {
    ExitCode code;
};

}  // namespace wutong::ctl
