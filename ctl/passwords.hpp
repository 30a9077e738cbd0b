#pragma once

#include <string>

namespace wutong::ctl {

/// Where a password may come from; never from the command line, where other users could read it.
struct PasswordSource {
    bool from_stdin = false;
    std::string file;
};

/// Prompts on the terminal without echo when neither source is set.
/// @throws Failure(usage) when there is no terminal to ask on, or the file can't be read
[[nodiscard]] std::string read_password(const PasswordSource& source, const std::string& prompt);

/// A yes/no question on the terminal; `false` when there is none.
[[nodiscard]] bool ask_yes(const std::string& question);

}  // namespace wutong::ctl
