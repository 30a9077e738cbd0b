#include "storage/cashier_shifts.hpp"

#include "storage/ledger.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// clang-format off
#define WUTONG_SHIFTS                                                                                        \
    "SELECT s.shift_id, s.property_id, s.point_id, v.code, v.name AS point_name, s.operator_id, "            \
    "COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name, "                                       \
    "COALESCE(NULLIF(c.full_name, ''), c.name, '') AS closed_by_name, s.state = 'open' AS is_open, "         \
    "s.opened_at, s.closed_at, s.note, s.entry_id, "                                                         \
    "COALESCE((SELECT sum(k.counted_e4 - k.expected_e4) FROM shift_count k WHERE k.property_id = "           \
    "s.property_id AND k.shift_id = s.shift_id), 0)::bigint AS difference_e4, "                              \
    "(SELECT count(*) FROM sale x WHERE x.property_id = s.property_id AND x.shift_id = s.shift_id) AS "      \
    "receipts FROM cashier_shift s "                                                                         \
    "JOIN vending_point v ON v.property_id = s.property_id AND v.point_id = s.point_id "                     \
    "LEFT JOIN operator o ON o.operator_id = s.operator_id "                                                 \
    "LEFT JOIN operator c ON c.operator_id = s.closed_by "
// clang-format on

StoredShift read_shift(const pqxx::row& row) {
    StoredShift shift;
    shift.id = get<core::ShiftId>(row, "shift_id");
    shift.property = get<core::PropertyId>(row, "property_id");
    shift.point = get<core::VendingPointId>(row, "point_id");
    shift.point_code = get<std::string>(row, "code");
    shift.point_name = get<std::string>(row, "point_name");
    shift.operator_id = get<core::OperatorId>(row, "operator_id");
    shift.operator_name = get<std::string>(row, "operator_name");
    shift.closed_by = get<std::string>(row, "closed_by_name");
    shift.open = get<bool>(row, "is_open");
    shift.opened_at = get<core::Timestamp>(row, "opened_at");
    shift.closed_at = get<std::optional<core::Timestamp>>(row, "closed_at");
    shift.note = get<std::string>(row, "note");
    shift.closing_entry = get<core::EntryId>(row, "entry_id");
    shift.difference = get<core::Money>(row, "difference_e4");
    shift.receipts = get<int>(row, "receipts");
    return shift;
}

ShiftDrawers drawers_in_journal(Transaction& tx, core::PropertyId property, core::ShiftId shift) {
    ShiftDrawers drawers;
    for (const auto& row :
         tx.exec("SELECT p.owner_id, COALESCE(sum(p.amount_e4) FILTER (WHERE e.kind IN ('sale', 'deposit')), "
                 "0)::bigint AS "
                 "sold, COALESCE(-sum(p.amount_e4) FILTER (WHERE e.kind IN ('refund_payout', 'reversal')), "
                 "0)::bigint AS paid_out, COALESCE(sum(p.amount_e4) FILTER (WHERE e.kind = 'shift'), "
                 "0)::bigint AS moved FROM journal_entry e JOIN posting p ON p.property_id = e.property_id "
                 "AND p.entry_id = e.entry_id WHERE e.property_id = $1 AND e.shift_id = $2 AND p.account = "
                 "'tender' GROUP BY p.owner_id",
                 property, shift)) {
        drawers[static_cast<core::TenderMethod>(get<std::int64_t>(row, "owner_id"))] = {
            get<core::Money>(row, "sold"), get<core::Money>(row, "paid_out"), get<core::Money>(row, "moved"),
            std::nullopt};
    }
    return drawers;
}

EntryNotes notes_of(core::ShiftId shift, core::OperatorId who, const std::string& request_id,
                    const std::string& what, core::Timestamp at) {
    EntryNotes notes;
    notes.operator_id = who;
    notes.request_id = request_id;
    notes.memo = "shift " + std::to_string(shift.value) + ": " + what;
    notes.booked_at = at;
    notes.shift = shift;
    return notes;
}

}  // namespace

core::ShiftId insert_shift(Transaction& tx, core::PropertyId property, core::VendingPointId point,
                           core::OperatorId who, core::Timestamp now) {
    return get<core::ShiftId>(tx.exec1("INSERT INTO cashier_shift (property_id, point_id, operator_id, "
                                       "opened_at) VALUES ($1, $2, $3, $4) RETURNING shift_id",
                                       property, point, who, now),
                              "shift_id");
}

core::EntryId insert_cash_move(Transaction& tx, core::PropertyId property, core::ShiftId shift,
                               core::OperatorId who, const std::string& request_id, const ShiftMove& move) {
    const auto what =
        std::string(core::to_string(move.kind)) + (move.reason.empty() ? std::string{} : ", " + move.reason);
    const auto entry = insert_entry(tx, property, core::cash_move_entry(move.kind, move.amount),
                                    notes_of(shift, who, request_id, what, move.at));
    tx.exec(
        "INSERT INTO shift_cash (property_id, shift_id, kind, amount_e4, reason, at, entry_id) VALUES ($1, "
        "$2, $3, $4, $5, $6, $7)",
        property, shift, core::to_string(move.kind), move.amount, move.reason, move.at, entry);
    return entry;
}

std::optional<StoredShift> lock_open_shift(Transaction& tx, core::PropertyId property, core::ShiftId shift) {
    if (tx.exec("SELECT 1 FROM cashier_shift WHERE property_id = $1 AND shift_id = $2 AND state = 'open' "
                "FOR NO KEY UPDATE",
                property, shift)
            .empty()) {
        return std::nullopt;
    }
    return find_shift(tx, property, shift);
}

core::ShiftId open_shift_of(Transaction& tx, core::PropertyId property, core::OperatorId who) {
    const auto rows = tx.exec(
        "SELECT shift_id FROM cashier_shift WHERE property_id = $1 AND operator_id = $2 AND state = 'open'",
        property, who);
    return rows.empty() ? core::ShiftId{} : get<core::ShiftId>(rows[0], "shift_id");
}

std::optional<StoredShift> find_shift(Transaction& tx, core::PropertyId property, core::ShiftId shift) {
    const auto rows = tx.exec(WUTONG_SHIFTS "WHERE s.property_id = $1 AND s.shift_id = $2", property, shift);
    return rows.empty() ? std::nullopt : std::optional(read_shift(rows[0]));
}

ShiftDrawers shift_drawers(Transaction& tx, core::PropertyId property, const StoredShift& shift) {
    if (shift.open) {
        return drawers_in_journal(tx, property, shift.id);
    }
    ShiftDrawers drawers;
    for (const auto& row :
         tx.exec("SELECT method, sold_e4, paid_out_e4, moved_e4, counted_e4 FROM shift_count WHERE "
                 "property_id = $1 AND shift_id = $2",
                 property, shift.id)) {
        drawers[core::parse_tender_method(get<std::string>(row, "method"))] = {
            get<core::Money>(row, "sold_e4"), get<core::Money>(row, "paid_out_e4"),
            get<core::Money>(row, "moved_e4"), get<core::Money>(row, "counted_e4")};
    }
    return drawers;
}

core::DrawerSums drawer_sums(Transaction& tx, core::PropertyId property, core::ShiftId shift) {
    core::DrawerSums sums;
    for (const auto& [method, drawer] : drawers_in_journal(tx, property, shift)) {
        sums[method] = drawer.expected();
    }
    return sums;
}

std::vector<ShiftMove> shift_moves(Transaction& tx, core::PropertyId property, core::ShiftId shift) {
    std::vector<ShiftMove> moves;
    for (const auto& row :
         tx.exec("SELECT kind, amount_e4, reason, at, entry_id FROM shift_cash WHERE property_id = $1 AND "
                 "shift_id = $2 ORDER BY move_id LIMIT $3",
                 property, shift, kPageMax)) {
        moves.push_back({core::parse_cash_move_kind(get<std::string>(row, "kind")),
                         get<core::Money>(row, "amount_e4"), get<std::string>(row, "reason"),
                         get<core::Timestamp>(row, "at"), get<core::EntryId>(row, "entry_id")});
    }
    return moves;
}

void close_shift(Transaction& tx, core::PropertyId property, const StoredShift& shift,
                 const ShiftClosing& closing) {
    auto drawers = drawers_in_journal(tx, property, shift.id);
    for (const auto& counted : closing.counted) {
        const auto& drawer = drawers[counted.method];
        tx.exec(
            "INSERT INTO shift_count (property_id, shift_id, method, sold_e4, paid_out_e4, moved_e4, "
            "expected_e4, counted_e4) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            property, shift.id, core::to_string(counted.method), drawer.sold, drawer.paid_out, drawer.moved,
            counted.expected, counted.counted);
    }
    core::EntryId entry;
    // The difference is its cashier's, whoever counted.
    if (const auto closed = core::close_shift_entry(shift.operator_id.value, closing.counted)) {
        entry = insert_entry(
            tx, property, *closed,
            notes_of(shift.id, closing.closed_by, closing.request_id, "counted and closed", closing.now));
    }
    tx.exec(
        "UPDATE cashier_shift SET state = 'closed', closed_at = $3, closed_by = $4, note = $5, entry_id = $6 "
        "WHERE property_id = $1 AND shift_id = $2",
        property, shift.id, closing.now, closing.closed_by, closing.note, null_if_none(entry));
}

std::vector<StoredShift> list_shifts(Transaction& tx, const ShiftFilter& filter, core::ShiftId before,
                                     int limit) {
    std::vector<StoredShift> shifts;
    for (const auto& row : tx.exec(
             WUTONG_SHIFTS "WHERE s.property_id = $1 AND s.shift_id < $2 AND ($3::bigint IS NULL OR "
                           "s.operator_id = $3) AND ($4::bigint IS NULL OR s.point_id = $4) AND "
                           "($5::timestamptz IS NULL OR s.opened_at >= $5) AND ($6::timestamptz IS NULL "
                           "OR s.opened_at < $6) AND (NOT $7::boolean OR s.state = 'open') ORDER BY "
                           "s.shift_id DESC LIMIT $8",
             filter.property, below(before.value), null_if_none(filter.operator_id),
             null_if_none(filter.point), filter.from, filter.to, filter.open_only, checked_limit(limit))) {
        shifts.push_back(read_shift(row));
    }
    return shifts;
}

}  // namespace wutong::storage
