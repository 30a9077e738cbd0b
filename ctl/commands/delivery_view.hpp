#pragma once

#include "ctl/program.hpp"

namespace wutong::ctl {

/// --wait SECONDS: follow a credit delivery to the meter and let the exit code tell how it ended.
struct WaitOption {
    int seconds = 0;
    void add_to(CLI::App& verb);
    /// Does nothing without --wait. @throws Failure(refused) when the meter refused or an operator has to
    /// look,
    ///         Failure(outcome_unknown) when it takes longer; the money is safe then and the delivery goes
    ///         on.
    void follow(Program& program, std::int64_t delivery_id) const;
};

}  // namespace wutong::ctl
