#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/cashier_shift.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Cashiers' shifts. What is in a drawer is the sum of the postings to tender of the journal's entries that
/// name the shift; nothing is counted along beside it.
namespace wutong::storage {

struct ShiftMove {
    core::CashMoveKind kind = core::CashMoveKind::pay_in;
    core::Money amount;
    std::string reason;
    core::Timestamp at;
    core::EntryId entry;
};

struct ShiftDrawer {
    core::Money sold, paid_out, moved;   ///< moved: float and pay-ins less pay-outs
    std::optional<core::Money> counted;  ///< once it is closed
    [[nodiscard]] core::Money expected() const { return sold - paid_out + moved; }
};
using ShiftDrawers = std::map<core::TenderMethod, ShiftDrawer>;

struct StoredShift {
    core::ShiftId id;
    core::PropertyId property;
    core::VendingPointId point;
    std::string point_code, point_name;
    core::OperatorId operator_id;
    std::string operator_name, closed_by;
    bool open = true;
    core::Timestamp opened_at;
    std::optional<core::Timestamp> closed_at;
    std::string note;
    core::EntryId closing_entry;  ///< 0: nothing was booked
    core::Money difference;       ///< counted - expected, over all ways of paying
    int receipts = 0;
};

/// @throws UniqueViolation on "cashier_shift_of_operator" or "cashier_shift_at_point"
core::ShiftId insert_shift(Transaction& tx, core::PropertyId property, core::VendingPointId point,
                           core::OperatorId who, core::Timestamp now);
/// Books cash into or out of the drawer. @pre the shift is locked and open
core::EntryId insert_cash_move(Transaction& tx, core::PropertyId property, core::ShiftId shift,
                               core::OperatorId who, const std::string& request_id, const ShiftMove& move);

/// Locked until the transaction ends, when it is open; what is sold in it waits. Empty: closed, or not there.
[[nodiscard]] std::optional<StoredShift> lock_open_shift(Transaction& tx, core::PropertyId property,
                                                         core::ShiftId shift);
/// The operator's open one. 0: none
[[nodiscard]] core::ShiftId open_shift_of(Transaction& tx, core::PropertyId property, core::OperatorId who);
[[nodiscard]] std::optional<StoredShift> find_shift(Transaction& tx, core::PropertyId property,
                                                    core::ShiftId shift);
/// Of an open shift from the journal, of a closed one as it was counted.
[[nodiscard]] ShiftDrawers shift_drawers(Transaction& tx, core::PropertyId property,
                                         const StoredShift& shift);
/// What the books have in an open shift's drawer. @pre it is locked
[[nodiscard]] core::DrawerSums drawer_sums(Transaction& tx, core::PropertyId property, core::ShiftId shift);
[[nodiscard]] std::vector<ShiftMove> shift_moves(Transaction& tx, core::PropertyId property,
                                                 core::ShiftId shift);

struct ShiftClosing {
    std::vector<core::CountedDrawer> counted;
    core::OperatorId closed_by;
    std::string request_id;
    std::string note;
    core::Timestamp now;
};
/// Keeps the count beside what was expected, books the difference, empties the drawer. @pre the shift is
/// locked and open, and `counted` is core::count_shift of its drawer_sums
void close_shift(Transaction& tx, core::PropertyId property, const StoredShift& shift,
                 const ShiftClosing& closing);

struct ShiftFilter {
    core::PropertyId property;
    core::OperatorId operator_id{};  ///< 0: any
    core::VendingPointId point{};    ///< 0: any
    std::optional<core::Timestamp> from{}, to{};
    bool open_only = false;
};
/// Newest first. @param before 0, or the last id of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<StoredShift> list_shifts(Transaction& tx, const ShiftFilter& filter,
                                                   core::ShiftId before, int limit);

}  // namespace wutong::storage
