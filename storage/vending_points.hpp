#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cashier_shift.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Where money is taken, what may be taken there and by whom, and where a sale that is being made stands.
namespace wutong::storage {

struct VendingPoint {
    core::VendingPointId id;
    std::string code;  ///< 1 to 12 letters and digits; unique without regard to case
    std::string name;
    bool enabled = true;
    core::CashierLimits limits;
    std::int64_t last_receipt = 0;    ///< given so far
    core::ShiftId open_shift;         ///< 0: none
    std::string open_shift_operator;  ///< full name, else the name to sign in with
};
/// @throws UniqueViolation on "vending_point_code"
core::VendingPointId insert_vending_point(Transaction& tx, core::PropertyId property,
                                          const VendingPoint& point);
/// Name, enabled and limits. @throws NotFound
void update_vending_point(Transaction& tx, core::PropertyId property, const VendingPoint& point);
[[nodiscard]] std::optional<VendingPoint> find_vending_point(Transaction& tx, core::PropertyId property,
                                                             core::VendingPointId id);
[[nodiscard]] std::optional<VendingPoint> find_vending_point(Transaction& tx, core::PropertyId property,
                                                             const std::string& code);
/// By code. A property has few: at most 1000 are given.
[[nodiscard]] std::vector<VendingPoint> list_vending_points(Transaction& tx, core::PropertyId property);

struct OperatorLimit {
    core::OperatorId operator_id;
    std::string operator_name;
    core::CashierLimits limits;
};
void set_cashier_limit(Transaction& tx, core::PropertyId property, core::OperatorId who,
                       const core::CashierLimits& limits);
[[nodiscard]] std::vector<OperatorLimit> list_cashier_limits(Transaction& tx, core::PropertyId property);

/// Where the operator who takes or gives money stands: in the open shift, if there is one.
struct SellingPlace {
    core::ShiftId shift;         ///< 0: none
    core::VendingPointId point;  ///< 0: none
    std::string point_code;
    bool shift_required = false;  ///< the property's parameter
    core::LimitFacts limits;
};
/// Locks the open shift until the transaction ends, so that it can't be counted meanwhile; where a limit of a
/// day holds, also what its sums are decided under (the operator's limit, the point's receipt counter). An
/// operator without a shift and without limits locks nothing. Call it after the meter's lock.
/// @param now says which day it is in the property
[[nodiscard]] SellingPlace lock_selling_place(Transaction& tx, core::PropertyId property,
                                              core::OperatorId who, core::Timestamp now);

/// The same for who need not wait: empty when somebody else has the shift locked, or a limit of a day holds.
[[nodiscard]] std::optional<SellingPlace> lock_free_selling_place(Transaction& tx, core::PropertyId property,
                                                                  core::OperatorId who);

}  // namespace wutong::storage
