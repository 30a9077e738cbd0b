#pragma once

#include <wutong/v1/account_service.pb.h>

#include <map>
#include <vector>

#include "core/identity.hpp"
#include "server/services/account_shapes.hpp"
#include "storage/meter_facts.hpp"
#include "storage/sales.hpp"

/// Opening and closing an account on meters whose credit the server holds: nothing goes to the meter.
namespace wutong::server {

class App;
class CallContext;

/// What has to be true of a server-held meter before it is put on an account.
/// @throws Refused saying what is missing and what to do
void check_held_meter(App& app, storage::Transaction& tx, core::PropertyId property,
                      const storage::MeterFacts& meter);

/// The meter was linked: its charging begins with the newest look at its register, and what was paid is
/// credited at once. @param sale of kind opening
void open_held_meter(App& app, storage::Transaction& tx, core::PropertyId property,
                     const v1::OpenMeter& wanted, storage::NewSale sale);

/// The last charge, the credit to what is payable, the link ended. @param sale of kind closing
/// @param switch_off the property wants empty units without power
/// @throws Refused not_charged when its readings can't be charged
void close_held_meter(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
                      storage::NewSale sale, bool switch_off);

/// For changes that carry money from meter to meter: a server-held one among these is in the way, once for
/// each.
void block_held_meters(storage::Transaction& tx, core::PropertyId property,
                       const std::map<core::MeterId, storage::MeterFacts>& meters,
                       std::vector<Blocker>& blockers);

}  // namespace wutong::server
