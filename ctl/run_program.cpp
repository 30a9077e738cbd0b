#include "ctl/run_program.hpp"

#include "ctl/exit_code.hpp"

namespace wutong::ctl {

void program_missing(const std::string& name, const std::string& problem) {
    throw Failure(ExitCode::usage, name + " can't be run (" + problem +
                                       "): it is neither beside wutongctl nor in PATH. It comes with the "
                                       "collector; ask on the machine that has the line");
}

}  // namespace wutong::ctl
