#pragma once

#include <wutong/v1/account_change_service.pb.h>

#include <optional>
#include <string>
#include <vector>

#include "core/account_change.hpp"
#include "server/services/account_shapes.hpp"
#include "server/services/final_reading.hpp"
#include "server/services/meter_settings.hpp"
#include "storage/accounts.hpp"
#include "storage/meter_facts.hpp"

namespace wutong::server {

class App;

/// What an exchange comes to, and what stands in its way.
struct ExchangePlan {
    storage::Account account;
    std::optional<storage::AccountMeter> link;  ///< the old meter's, live
    storage::MeterFacts old_meter, new_meter;
    std::optional<FinalReading> last;       ///< empty: the old meter was never opened, or there is no reading
    core::Money ledger;                     ///< on the old meter, with its use booked
    std::vector<core::DeliveryId> waiting;  ///< to be withdrawn, in this order
    core::Money waiting_amount, unallocated;
    core::CarriedMoney money;
    MeterSettings settings;
    std::vector<Blocker> blockers;  ///< the first one is the refusal
};

/// @pre for the exchange itself: the account and the old meter's link are locked
/// @throws Refused for a request that can't be right whatever the state
[[nodiscard]] ExchangePlan plan_exchange(App& app, storage::Transaction& tx,
                                         const v1::ExchangeMeterRequest& request);

/// The tenant's money that is on no meter, in whole cents; never below 0.
[[nodiscard]] core::Money unallocated_of(storage::Transaction& tx, core::PropertyId property,
                                         core::AccountId account);

}  // namespace wutong::server
