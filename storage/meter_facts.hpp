#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/commodity.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// What decides whether a meter can be put on an account, closed, or commanded.
namespace wutong::storage {

struct MeterFacts {
    core::MeterId meter;
    std::string code;
    std::string unit_code;  ///< "" when the meter belongs to no unit
    std::string profile;
    std::string role;  ///< prepaid, monitor or feeder
    core::Commodity commodity = core::Commodity::electricity;
    bool enabled = true;
    bool answering = false;   ///< it answered when it was asked last
    core::AccountId account;  ///< of the live link; none without one
    std::string account_number;
    int unfinished_deliveries = 0;   ///< queued, sending or unknown
    int quarantined_deliveries = 0;  ///< waiting for an operator
    std::optional<std::int64_t> price_e4, alarm_1_e4, alarm_2_e4, overdraft_e4, overload_w, balance_max_e4;
    std::optional<std::int64_t> balance_e4, purchase_number;  ///< as read last
    std::optional<core::Timestamp> answered_at;
};

/// By meter id; meters that are not there, or in another property, are left out.
[[nodiscard]] std::map<core::MeterId, MeterFacts> meter_facts(Transaction& tx, core::PropertyId property,
                                                              const std::vector<core::MeterId>& meters);

/// Takes the row locks of the meters' live links, in the order of their ids. Sales take the same locks, so
/// that nothing is sold to these meters until the transaction ends.
void lock_meter_links(Transaction& tx, core::PropertyId property, const std::vector<core::MeterId>& meters);

/// No late commands: somebody who has paid is not switched off by what was asked for before and has not been
/// sent yet.
/// @return the commands that were cancelled
std::vector<std::int64_t> cancel_queued_switch_offs(Transaction& tx, core::PropertyId property,
                                                    core::MeterId meter, const std::string& reason,
                                                    core::Timestamp now);

}  // namespace wutong::storage
