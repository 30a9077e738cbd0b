#pragma once

#include <string>

#include "core/cashier_shift.hpp"
#include "server/refused.hpp"
#include "storage/vending_points.hpp"

namespace wutong::server {

class App;
class CallContext;

/// Where the caller takes or gives money: in the open shift, locked until the transaction ends. Call it after
/// the meter's lock. @throws Refused shift_required where the property wants a shift and none is open
[[nodiscard]] storage::SellingPlace selling_place(App& app, CallContext& call, storage::Transaction& tx,
                                                  core::PropertyId property);

/// @throws Refused FAILED_PRECONDITION with the limit that was met
void check_sale_limits(core::Money amount, const storage::SellingPlace& place);
/// Money that goes back to a tenant.
/// @param hands_over true: out of the drawer, now or as soon as the meter has confirmed. In a shift there has
/// to be as much cash
void check_payout(storage::Transaction& tx, core::PropertyId property, const storage::SellingPlace& place,
                  core::TenderMethod method, core::Money amount, bool hands_over);

/// A refusal of core as the answer to a call. @param field the one that is at fault, for faults of a figure
/// @param what the sentence's end: what was not done, "Nothing was booked."
[[nodiscard]] Refused refused_shift(core::ShiftRefusal refusal, const std::string& field,
                                    const std::string& about, const std::string& what);

}  // namespace wutong::server
