#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace wutong::ctl {

/// Runs another of our programs, e.g. "wutong-collector": the one beside this program, else the one in PATH.
/// It has this program's terminal; this waits for its end.
/// @return its exit code
/// @throws Failure usage, when it is not there
[[nodiscard]] int run_program(const std::string& name, const std::vector<std::string>& arguments);

/// @throws Failure usage, naming the program and where it was looked for
[[noreturn]] void program_missing(const std::string& name, const std::string& problem);

}  // namespace wutong::ctl
