#pragma once

#include <string>

#include "ctl/program.hpp"

namespace wutong::v1 {
class SaleCharge;
}

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

/// "meter rent 2026-10, 31 days": of a charge that a tariff plan takes out of a sale.
[[nodiscard]] std::string charge_text(const v1::SaleCharge& charge);

}  // namespace wutong::ctl
