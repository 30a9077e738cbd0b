#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "storage/database.hpp"

/// Deposits: taken when an account is opened, no credit for energy, payable when it is closed.
namespace wutong::server {

class App;
class CallContext;

/// What the tariff plans in force ask for, over these meters.
[[nodiscard]] core::Money deposit_asked(App& app, storage::Transaction& tx, core::PropertyId property,
                                        const std::vector<core::MeterId>& meters);

/// @param given what was handed over; none: nothing was said
/// @return what has to be booked
/// @throws Refused FAILED_PRECONDITION deposit_required when nothing was said and a deposit is asked for,
///         INVALID_ARGUMENT for a sum below zero or with fractions of a cent
[[nodiscard]] core::Money check_deposit(std::optional<core::Money> given, core::Money asked);

struct DepositTaken {
    core::AccountId account;
    core::TenderMethod method = core::TenderMethod::cash;
    core::ShiftId shift;
    std::string request_id;
    core::Money amount, asked;
};
/// Books it; other than what was asked for goes into the operation log.
void take_deposit(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
                  const DepositTaken& taken);
/// The account ends: what is held is payable. @return how much
core::Money return_deposit(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
                           core::AccountId account);

}  // namespace wutong::server
