#include "storage/held_meters.hpp"

#include <algorithm>

#include "storage/alarms.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

bool begin_held(Transaction& tx, core::PropertyId property, core::MeterId meter, const std::string& reason,
                const HeldChange& change) {
    return tx.exec(
                 "INSERT INTO held_meter (property_id, meter_id, since, decided_by, reason) VALUES ($1, $2, "
                 "$3, $4, $5) ON CONFLICT (property_id, meter_id) WHERE ended_at IS NULL DO NOTHING",
                 property, meter, change.at, change.by, reason)
               .affected_rows() == 1;
}

bool end_held(Transaction& tx, core::PropertyId property, core::MeterId meter, const HeldChange& change) {
    tx.exec("DELETE FROM held_due WHERE property_id = $1 AND meter_id = $2", property, meter);
    return tx.exec(
                 "UPDATE held_meter SET ended_at = $3, ended_by = $4 WHERE property_id = $1 AND meter_id = "
                 "$2 "
                 "AND ended_at IS NULL",
                 property, meter, change.at, change.by)
               .affected_rows() == 1;
}

bool is_held(Transaction& tx, core::PropertyId property, core::MeterId meter) {
    return !held_among(tx, property, {meter}).empty();
}

std::vector<core::MeterId> held_among(Transaction& tx, core::PropertyId property,
                                      const std::vector<core::MeterId>& meters) {
    std::vector<core::MeterId> held;
    for (const auto& row : tx.exec(
             "SELECT meter_id FROM held_meter WHERE property_id = $1 AND meter_id = ANY ($2::bigint[]) AND "
             "ended_at IS NULL ORDER BY meter_id",
             property, meters)) {
        held.push_back(get<core::MeterId>(row, "meter_id"));
    }
    return held;
}

std::vector<HeldMeterRow> list_held_meters(Transaction& tx, core::PropertyId property, core::MeterId after,
                                           int limit) {
    std::vector<HeldMeterRow> rows;
    for (const auto& row :
         tx.exec("SELECT h.meter_id, m.code, COALESCE(u.code, '') AS unit_code, h.since, h.reason, "
                 "COALESCE(NULLIF(o.full_name, ''), o.name, '') AS decided_by, c.account_id, "
                 "COALESCE(a.number, '') AS number, c.charged_at, c.energy_wh, c.stopped, m.commodity FROM "
                 "held_meter h "
                 "JOIN meter m ON m.property_id = h.property_id AND m.meter_id = h.meter_id "
                 "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
                 "LEFT JOIN operator o ON o.operator_id = h.decided_by "
                 "LEFT JOIN held_charge c ON c.property_id = h.property_id AND c.meter_id = h.meter_id AND "
                 "c.ended_at IS NULL "
                 "LEFT JOIN account a ON a.property_id = c.property_id AND a.account_id = c.account_id "
                 "WHERE h.property_id = $1 AND h.meter_id > $2 AND h.ended_at IS NULL ORDER BY h.meter_id "
                 "LIMIT $3",
                 property, after, checked_limit(limit))) {
        rows.push_back({get<core::MeterId>(row, "meter_id"), get<std::string>(row, "code"),
                        get<std::string>(row, "unit_code"), get<core::Timestamp>(row, "since"),
                        get<std::string>(row, "decided_by"), get<std::string>(row, "reason"),
                        get<core::AccountId>(row, "account_id"), get<std::string>(row, "number"),
                        get<std::optional<core::Timestamp>>(row, "charged_at"),
                        get<std::optional<core::Energy>>(row, "energy_wh"),
                        get<std::optional<std::string>>(row, "stopped"),
                        core::parse_commodity(get<std::string>(row, "commodity"))});
    }
    return rows;
}

std::optional<HeldStart> newest_look(Transaction& tx, core::PropertyId property, core::MeterId meter) {
    const auto rows = tx.exec(
        "SELECT answered_at, energy_wh, prepaid_enabled FROM meter_state WHERE property_id = $1 AND meter_id "
        "= $2 AND "
        "answered_at IS NOT NULL AND energy_wh IS NOT NULL",
        property, meter);
    if (rows.empty()) {
        return std::nullopt;
    }
    return HeldStart{get<core::Timestamp>(rows[0], "answered_at"), get<core::Energy>(rows[0], "energy_wh"),
                     get<std::optional<bool>>(rows[0], "prepaid_enabled")};
}

void keep_held_terms(Transaction& tx, core::PropertyId property, core::MeterId meter,
                     const HeldTerms& terms) {
    tx.exec(
        "UPDATE meter SET price_e4 = COALESCE($3::bigint, price_e4), alarm_1_e4 = COALESCE($4::bigint, "
        "alarm_1_e4), alarm_2_e4 = COALESCE($5::bigint, alarm_2_e4), overdraft_e4 = COALESCE($6::bigint, "
        "overdraft_e4) WHERE property_id = $1 AND meter_id = $2",
        property, meter, terms.price, terms.alarm_1, terms.alarm_2, terms.overdraft);
}

core::UnitId unit_of_code(Transaction& tx, core::PropertyId property, const std::string& code) {
    const auto rows = tx.exec("SELECT unit_id FROM unit WHERE property_id = $1 AND lower(code) = lower($2)",
                              property, code);
    return rows.size() == 1 ? get<core::UnitId>(rows[0], "unit_id") : core::UnitId{};
}

std::string unit_code_of(Transaction& tx, core::PropertyId property, core::UnitId unit) {
    const auto rows =
        tx.exec("SELECT code FROM unit WHERE property_id = $1 AND unit_id = $2", property, unit);
    return rows.empty() ? std::string{} : get<std::string>(rows[0], "code");
}

void begin_charging(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter,
                    const HeldStart& start, core::Timestamp now) {
    tx.exec(
        "WITH link AS (UPDATE account_meter SET opened_on_meter_at = $4 WHERE property_id = $1 AND "
        "account_id "
        "= $2 AND meter_id = $3 AND unlinked_at IS NULL RETURNING linked_at) "
        "INSERT INTO held_charge (property_id, account_id, meter_id, linked_at, charged_at, energy_wh, "
        "overdraft_e4) SELECT $1, $2, $3, linked_at, date_trunc('second', $5::timestamptz), $6, 0 FROM link",
        property, account, meter, now, start.read_at, start.energy);
}

bool go_on_charging(Transaction& tx, core::PropertyId property, core::MeterId meter, const HeldStart& start,
                    core::Timestamp now) {
    const auto rows = tx.exec(
        "UPDATE held_charge SET charged_at = date_trunc('second', $3::timestamptz), energy_wh = $4, rates_wh "
        "= "
        "NULL, stopped = NULL, "
        // The period that is charged next follows the one before; steps and rests go on.
        "state = CASE WHEN state ? 'through' THEN jsonb_set(state, '{through}', to_jsonb(extract(epoch FROM "
        "date_trunc('second', $3::timestamptz))::bigint)) ELSE state END "
        "WHERE property_id = $1 AND meter_id = $2 AND ended_at IS NULL",
        property, meter, start.read_at, start.energy);
    if (rows.affected_rows() == 0) {
        return false;
    }
    clear_alarm(tx, {property, meter, {}, {}}, "not_charged", now);
    put_due(tx, property, meter, now);
    return true;
}

std::vector<HeldDue> list_due(Transaction& tx, core::Timestamp now, int limit) {
    std::vector<HeldDue> due;
    for (const auto& row :
         tx.exec("SELECT property_id, meter_id FROM held_due WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
                 now, checked_limit(limit))) {
        due.push_back({get<core::PropertyId>(row, "property_id"), get<core::MeterId>(row, "meter_id")});
    }
    return due;
}

bool take_due(Transaction& tx, const HeldDue& due, core::Timestamp now) {
    const auto rows = tx.exec(
        "DELETE FROM held_due WHERE (property_id, meter_id) IN (SELECT property_id, meter_id FROM held_due "
        "WHERE property_id = $1 AND meter_id = $2 AND due_at <= $3 FOR UPDATE SKIP LOCKED)",
        due.property, due.meter, now);
    return rows.affected_rows() == 1;
}

void put_due(Transaction& tx, core::PropertyId property, core::MeterId meter, core::Timestamp at) {
    tx.exec(
        "INSERT INTO held_due AS d (property_id, meter_id, due_at) VALUES ($1, $2, $3) ON CONFLICT "
        "(property_id, meter_id) DO UPDATE SET due_at = least(d.due_at, excluded.due_at)",
        property, meter, at);
}

void put_due_for_readings(Transaction& tx, core::PropertyId property,
                          const std::vector<core::MeterId>& meters, core::Timestamp read_at) {
    // In key order, so that two collectors can't wait for each other in a circle.
    tx.exec(
        "INSERT INTO held_due AS d (property_id, meter_id, due_at) SELECT c.property_id, c.meter_id, $3 FROM "
        "held_charge c WHERE c.property_id = $1 AND c.meter_id = ANY ($2::bigint[]) AND c.ended_at IS NULL "
        "ORDER BY 1, 2 ON CONFLICT (property_id, meter_id) DO UPDATE SET due_at = least(d.due_at, "
        "excluded.due_at)",
        property, meters, read_at);
}

void set_guard(Transaction& tx, core::PropertyId property, core::UnitId unit, core::UnitGuard kind,
               const std::string& note, const HeldChange& change) {
    if (kind == core::UnitGuard::none) {
        tx.exec("DELETE FROM guarded_unit WHERE property_id = $1 AND unit_id = $2", property, unit);
    } else {
        tx.exec(
            "INSERT INTO guarded_unit (property_id, unit_id, kind, note, decided_by, since) VALUES ($1, $2, "
            "$3, "
            "$4, $5, $6) ON CONFLICT (property_id, unit_id) DO UPDATE SET kind = excluded.kind, note = "
            "excluded.note, decided_by = excluded.decided_by, since = excluded.since",
            property, unit, core::to_string(kind), note, change.by, change.at);
    }
    // Whoever was off may be switched on, and whoever was waiting for the guard's end may be switched off.
    tx.exec(
        "INSERT INTO held_due AS d (property_id, meter_id, due_at) SELECT c.property_id, c.meter_id, $3 FROM "
        "meter m JOIN held_charge c ON c.property_id = m.property_id AND c.meter_id = m.meter_id AND "
        "c.ended_at IS NULL WHERE m.property_id = $1 AND m.unit_id = $2 ORDER BY 1, 2 "
        "ON CONFLICT (property_id, meter_id) DO UPDATE SET due_at = least(d.due_at, excluded.due_at)",
        property, unit, change.at);
}

std::vector<GuardedUnit> list_guarded_units(Transaction& tx, core::PropertyId property, core::UnitId after,
                                            int limit) {
    std::vector<GuardedUnit> units;
    for (const auto& row :
         tx.exec("SELECT g.unit_id, u.code, g.kind, g.note, COALESCE(NULLIF(o.full_name, ''), o.name, '') AS "
                 "decided_by, g.since FROM guarded_unit g JOIN unit u ON u.property_id = g.property_id AND "
                 "u.unit_id = g.unit_id LEFT JOIN operator o ON o.operator_id = g.decided_by "
                 "WHERE g.property_id = $1 AND g.unit_id > $2 ORDER BY g.unit_id LIMIT $3",
                 property, after, checked_limit(limit))) {
        units.push_back({get<core::UnitId>(row, "unit_id"), get<std::string>(row, "code"),
                         core::parse_unit_guard(get<std::string>(row, "kind")), get<std::string>(row, "note"),
                         get<std::string>(row, "decided_by"), get<core::Timestamp>(row, "since")});
    }
    return units;
}

}  // namespace wutong::storage
