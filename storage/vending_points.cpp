#include "storage/vending_points.hpp"

#include "storage/paging.hpp"
#include "storage/sale_reports.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// clang-format off
#define WUTONG_POINTS                                                                                      \
    "SELECT v.point_id, v.code, v.name, v.enabled, v.sale_max_e4, v.day_max_e4, r.last_number, "           \
    "s.shift_id, COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name FROM vending_point v "     \
    "JOIN receipt_counter r ON r.property_id = v.property_id AND r.point_id = v.point_id "                 \
    "LEFT JOIN cashier_shift s ON s.property_id = v.property_id AND s.point_id = v.point_id AND "          \
    "s.state = 'open' LEFT JOIN operator o ON o.operator_id = s.operator_id "
// clang-format on

VendingPoint read_point(const pqxx::row& row) {
    VendingPoint point;
    point.id = get<core::VendingPointId>(row, "point_id");
    point.code = get<std::string>(row, "code");
    point.name = get<std::string>(row, "name");
    point.enabled = get<bool>(row, "enabled");
    point.limits = {get<std::optional<core::Money>>(row, "sale_max_e4"),
                    get<std::optional<core::Money>>(row, "day_max_e4")};
    point.last_receipt = get<std::int64_t>(row, "last_number");
    point.open_shift = get<core::ShiftId>(row, "shift_id");
    point.open_shift_operator = get<std::string>(row, "operator_name");
    return point;
}

core::Money sold_since(Transaction& tx, core::PropertyId property, core::Timestamp from,
                       core::OperatorId who) {
    return get<core::Money>(
        tx.exec1("SELECT COALESCE(sum(amount_e4), 0)::bigint AS sold FROM sale WHERE property_id = $1 AND "
                 "sold_at >= $2 AND operator_id = $3 AND kind IN ('opening', 'sale')",
                 property, from, who),
        "sold");
}

core::Money sold_since(Transaction& tx, core::PropertyId property, core::Timestamp from,
                       core::VendingPointId point) {
    return get<core::Money>(
        tx.exec1("SELECT COALESCE(sum(amount_e4), 0)::bigint AS sold FROM sale WHERE property_id = $1 AND "
                 "sold_at >= $2 AND point_id = $3 AND kind IN ('opening', 'sale')",
                 property, from, point),
        "sold");
}

SellingPlace read_place(Transaction& tx, core::PropertyId property, core::OperatorId who) {
    const auto row = tx.exec1(
        "SELECT s.shift_id, s.point_id, COALESCE(v.code, '') AS code, v.sale_max_e4 AS point_sale, "
        "v.day_max_e4 AS point_day, l.sale_max_e4 AS own_sale, l.day_max_e4 AS own_day, "
        "COALESCE((SELECT p.value = '1' FROM parameter p WHERE p.property_id = $1 AND p.key = "
        "'shift_required'), false) AS required FROM (SELECT 1) AS one "
        "LEFT JOIN cashier_shift s ON s.property_id = $1 AND s.operator_id = $2 AND s.state = 'open' "
        "LEFT JOIN vending_point v ON v.property_id = $1 AND v.point_id = s.point_id "
        "LEFT JOIN cashier_limit l ON l.property_id = $1 AND l.operator_id = $2",
        property, who);
    SellingPlace place;
    place.shift = get<core::ShiftId>(row, "shift_id");
    place.point = get<core::VendingPointId>(row, "point_id");
    place.point_code = get<std::string>(row, "code");
    place.shift_required = get<bool>(row, "required");
    place.limits.of_operator = {get<std::optional<core::Money>>(row, "own_sale"),
                                get<std::optional<core::Money>>(row, "own_day")};
    place.limits.of_point = {get<std::optional<core::Money>>(row, "point_sale"),
                             get<std::optional<core::Money>>(row, "point_day")};
    return place;
}

}  // namespace

core::VendingPointId insert_vending_point(Transaction& tx, core::PropertyId property,
                                          const VendingPoint& point) {
    return get<core::VendingPointId>(
        tx.exec1("WITH v AS (INSERT INTO vending_point (property_id, code, name, enabled, sale_max_e4, "
                 "day_max_e4) VALUES ($1, $2, $3, $4, $5, $6) RETURNING property_id, point_id) "
                 "INSERT INTO receipt_counter (property_id, point_id) SELECT property_id, point_id FROM v "
                 "RETURNING point_id",
                 property, point.code, point.name, point.enabled, point.limits.sale_max,
                 point.limits.day_max),
        "point_id");
}

void update_vending_point(Transaction& tx, core::PropertyId property, const VendingPoint& point) {
    const auto done = tx.exec(
        "UPDATE vending_point SET name = $3, enabled = $4, sale_max_e4 = $5, day_max_e4 = $6 WHERE "
        "property_id = $1 AND point_id = $2",
        property, point.id, point.name, point.enabled, point.limits.sale_max, point.limits.day_max);
    if (done.affected_rows() != 1) {
        throw NotFound("vending point " + std::to_string(point.id.value) + " is not there");
    }
}

std::optional<VendingPoint> find_vending_point(Transaction& tx, core::PropertyId property,
                                               core::VendingPointId id) {
    const auto rows = tx.exec(WUTONG_POINTS "WHERE v.property_id = $1 AND v.point_id = $2", property, id);
    return rows.empty() ? std::nullopt : std::optional(read_point(rows[0]));
}

std::optional<VendingPoint> find_vending_point(Transaction& tx, core::PropertyId property,
                                               const std::string& code) {
    const auto rows =
        tx.exec(WUTONG_POINTS "WHERE v.property_id = $1 AND upper(v.code) = upper($2)", property, code);
    return rows.empty() ? std::nullopt : std::optional(read_point(rows[0]));
}

std::vector<VendingPoint> list_vending_points(Transaction& tx, core::PropertyId property) {
    std::vector<VendingPoint> points;
    for (const auto& row : tx.exec(WUTONG_POINTS "WHERE v.property_id = $1 ORDER BY upper(v.code) LIMIT $2",
                                   property, kPageMax)) {
        points.push_back(read_point(row));
    }
    return points;
}

void set_cashier_limit(Transaction& tx, core::PropertyId property, core::OperatorId who,
                       const core::CashierLimits& limits) {
    tx.exec(
        "INSERT INTO cashier_limit (property_id, operator_id, sale_max_e4, day_max_e4) VALUES ($1, $2, $3, "
        "$4) ON CONFLICT (property_id, operator_id) DO UPDATE SET sale_max_e4 = excluded.sale_max_e4, "
        "day_max_e4 = excluded.day_max_e4",
        property, who, limits.sale_max, limits.day_max);
}

std::vector<OperatorLimit> list_cashier_limits(Transaction& tx, core::PropertyId property) {
    std::vector<OperatorLimit> limits;
    for (const auto& row :
         tx.exec("SELECT l.operator_id, l.sale_max_e4, l.day_max_e4, o.name FROM cashier_limit l JOIN "
                 "operator o ON o.operator_id = l.operator_id WHERE l.property_id = $1 AND (l.sale_max_e4 "
                 "IS NOT NULL OR l.day_max_e4 IS NOT NULL) ORDER BY o.name LIMIT $2",
                 property, kPageMax)) {
        limits.push_back({get<core::OperatorId>(row, "operator_id"),
                          get<std::string>(row, "name"),
                          {get<std::optional<core::Money>>(row, "sale_max_e4"),
                           get<std::optional<core::Money>>(row, "day_max_e4")}});
    }
    return limits;
}

SellingPlace lock_selling_place(Transaction& tx, core::PropertyId property, core::OperatorId who,
                                core::Timestamp now) {
    auto place = read_place(tx, property, who);
    if (place.shift && tx.exec("SELECT 1 FROM cashier_shift WHERE property_id = $1 AND shift_id = $2 AND "
                               "state = 'open' FOR NO KEY UPDATE",
                               property, place.shift)
                           .empty()) {
        place = read_place(tx, property, who);  // closed at this moment
    }
    const bool own_day = place.limits.of_operator.day_max.has_value();
    const bool point_day = place.limits.of_point.day_max.has_value();
    if (!own_day && !point_day) {
        return place;
    }
    const auto today = start_of_day(tx, property, now);
    if (own_day) {
        tx.exec("SELECT 1 FROM cashier_limit WHERE property_id = $1 AND operator_id = $2 FOR NO KEY UPDATE",
                property, who);
        place.limits.operator_today = sold_since(tx, property, today, who);
    }
    if (point_day) {
        tx.exec("SELECT 1 FROM receipt_counter WHERE property_id = $1 AND point_id = $2 FOR NO KEY UPDATE",
                property, place.point);
        place.limits.point_today = sold_since(tx, property, today, place.point);
    }
    return place;
}

std::optional<SellingPlace> lock_free_selling_place(Transaction& tx, core::PropertyId property,
                                                    core::OperatorId who) {
    const auto place = read_place(tx, property, who);
    if (place.limits.of_operator.day_max || place.limits.of_point.day_max) {
        return std::nullopt;
    }
    if (place.shift && tx.exec("SELECT 1 FROM cashier_shift WHERE property_id = $1 AND shift_id = $2 AND "
                               "state = 'open' FOR NO KEY UPDATE SKIP LOCKED",
                               property, place.shift)
                           .empty()) {
        return std::nullopt;
    }
    return place;
}

}  // namespace wutong::storage
