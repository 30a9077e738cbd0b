#pragma once

#include <wutong/v1/account_service.pb.h>

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "storage/database.hpp"

namespace wutong::server {

class App;
class CallContext;

/// Puts meters on an account: link, sale of kind opening, journal entry for what was paid, credit delivery of
/// kind open. Part of OpenAccount's and AddMeter's transaction.
struct Opening {
    core::PropertyId property;
    core::AccountId account;
    core::TenderMethod method = core::TenderMethod::cash;
    std::string request_id;
    std::string field;                     ///< where the meters stand in the request: "meters" or "meter"
    std::optional<core::Money> deposit{};  ///< that was handed over as well; none: nothing was said
    bool asks_deposit = true;              ///< the plans' deposit is wanted
};

/// Checks all meters first, then opens all. @return the deliveries, in the order of `meters`; a server-held
/// meter has none
/// @throws Refused for the first meter that can't be opened, saying why and what next
std::vector<core::DeliveryId> open_meters(App& app, CallContext& call, storage::Transaction& tx,
                                          const Opening& opening, const std::vector<v1::OpenMeter>& meters);

/// Two openings at the same time: the database's indexes decided who was first. Called when the transaction
/// has failed.
/// @pre called from the handler of `violation`
/// @param number of the account, as the request has it
[[noreturn]] void throw_as_refusal(const storage::UniqueViolation& violation, const std::string& number);

}  // namespace wutong::server
