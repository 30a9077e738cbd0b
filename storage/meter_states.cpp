#include "storage/meter_states.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "storage/alarms.hpp"
#include "storage/meter_watch.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr std::array kAlarmKinds{"alarm_1", "alarm_2", "arrears", "implausible"};

template <class T>
nlohmann::json or_null(const std::optional<T>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json to_json(const MeterStateRow& row) {
    return {
        {"property_id", row.property.value},
        {"meter_id", row.meter.value},
        {"attempted_at", time_text(row.attempted_at)},
        {"answered_at",
         row.answered_at ? nlohmann::json(time_text(*row.answered_at)) : nlohmann::json(nullptr)},
        {"failures", row.failures},
        {"lost", row.lost},
        {"energy_wh", or_null(row.energy_wh)},
        {"balance_e4", or_null(row.balance_e4)},
        {"purchase_number", or_null(row.purchase_number)},
        {"power_w", or_null(row.power_w)},
        {"voltage_mv", or_null(row.voltage_mv)},
        {"current_ma", or_null(row.current_ma)},
        {"relay_closed", or_null(row.relay_closed)},
        {"prepaid_enabled", or_null(row.prepaid_enabled)},
        {"forced", or_null(row.forced)},
        {"alarm_level", row.alarm_level},
        {"flags", nlohmann::json::parse(row.flags)},
    };
}

/// What the meter says of its own credit is nothing to a tenant whose credit the server holds.
bool of_credit(const std::string& kind) {
    return kind == "alarm_1" || kind == "alarm_2" || kind == "arrears";
}

std::string alarm_text(const std::string& kind, const MeterStateRow& row) {
    if (of_credit(kind) && row.balance_e4) {
        return "balance " + core::to_string(core::Money{*row.balance_e4});
    }
    return kind == "implausible" ? row.doubt : std::string{};
}

/// Alarms that are live now. What is not among them needs no statement to be cleared: after a collector's
/// start every meter tells that it has none.
using LiveAlarms = std::set<std::tuple<core::PropertyId, core::MeterId, std::string>>;

LiveAlarms live_alarms(Transaction& tx, const std::vector<const MeterStateRow*>& rows) {
    std::vector<core::PropertyId> properties;
    std::vector<core::MeterId> meters;
    for (const auto* row : rows) {
        if (row->alarms || row->lost_alarm) {
            properties.push_back(row->property);
            meters.push_back(row->meter);
        }
    }
    LiveAlarms live;
    if (meters.empty()) {
        return live;
    }
    for (const auto& row :
         tx.exec("SELECT a.property_id, a.meter_id, a.kind FROM unnest($1::bigint[], $2::bigint[]) AS "
                 "r(property_id, meter_id) JOIN alarm a ON a.property_id = r.property_id AND a.meter_id = "
                 "r.meter_id WHERE a.cleared_at IS NULL",
                 properties, meters)) {
        live.emplace(get<core::PropertyId>(row, "property_id"), get<core::MeterId>(row, "meter_id"),
                     get<std::string>(row, "kind"));
    }
    return live;
}

void put_alarm(Transaction& tx, const MeterStateRow& row, const char* kind, bool live,
               const std::string& text, const LiveAlarms& before) {
    const AlarmSubject subject{row.property, row.meter, {}, {}};
    if (live == before.contains({row.property, row.meter, kind})) {
        return;
    }
    if (live) {
        raise_alarm(tx, subject, kind, text, row.attempted_at);
    } else {
        clear_alarm(tx, subject, kind, row.attempted_at);
    }
}

void put_alarms(Transaction& tx, const MeterStateRow& row, bool held, const LiveAlarms& before) {
    if (row.alarms) {
        for (const char* kind : kAlarmKinds) {
            if (held && of_credit(kind)) {
                continue;
            }
            const bool live = std::find(row.alarms->begin(), row.alarms->end(), kind) != row.alarms->end();
            put_alarm(tx, row, kind, live, alarm_text(kind, row), before);
        }
    }
    if (row.lost_alarm) {
        put_alarm(tx, row, "lost_meter", *row.lost_alarm, "the meter does not answer", before);
    }
}

std::vector<core::MeterId> charged_by_server(Transaction& tx, const std::vector<const MeterStateRow*>& rows) {
    std::vector<core::PropertyId> properties;
    std::vector<core::MeterId> meters;
    for (const auto* row : rows) {
        properties.push_back(row->property);
        meters.push_back(row->meter);
    }
    std::vector<core::MeterId> held;
    for (const auto& row : tx.exec(
             "SELECT h.meter_id FROM unnest($1::bigint[], $2::bigint[]) AS r(property_id, meter_id) JOIN "
             "held_charge h ON h.property_id = r.property_id AND h.meter_id = r.meter_id AND h.ended_at IS "
             "NULL",
             properties, meters)) {
        held.push_back(get<core::MeterId>(row, "meter_id"));
    }
    return held;
}

}  // namespace

void put_meter_states(Transaction& tx, const std::vector<MeterStateRow>& rows) {
    if (rows.empty()) {
        return;
    }
    watch_readings(tx, rows);
    // In key order, so that two collectors that write the same meters can't wait for each other in a circle.
    std::vector<const MeterStateRow*> sorted;
    sorted.reserve(rows.size());
    for (const auto& row : rows) {
        sorted.push_back(&row);
    }
    std::sort(sorted.begin(), sorted.end(), [](const MeterStateRow* a, const MeterStateRow* b) {
        return std::pair{a->property, a->meter} < std::pair{b->property, b->meter};
    });
    nlohmann::json batch = nlohmann::json::array();
    for (const auto* row : sorted) {
        batch.push_back(to_json(*row));
    }
    const auto held = charged_by_server(tx, sorted);
    std::vector<core::MeterId> doubted;
    for (const auto* row : sorted) {
        if (row->register_doubted) {
            doubted.push_back(row->meter);
        }
    }
    // Balance and level of a server-held meter are the server's figures (storage/cut_off.hpp), not the
    // register's. A meter that was deleted meanwhile is left out rather than failing the whole batch.
    tx.exec(R"(
        INSERT INTO meter_state AS s (property_id, meter_id, attempted_at, answered_at, failures, lost_since, energy_wh, energy_at, balance_e4,
                                 purchase_number, power_w, voltage_mv, current_ma, relay_closed, prepaid_enabled, forced,
                                 alarm_level, flags)
        SELECT r.property_id, r.meter_id, r.attempted_at, r.answered_at, r.failures, CASE WHEN r.lost THEN r.attempted_at END,
               r.energy_wh, CASE WHEN r.energy_wh IS NOT NULL THEN r.answered_at END, r.balance_e4, r.purchase_number, r.power_w, r.voltage_mv, r.current_ma, r.relay_closed,
               r.prepaid_enabled, r.forced, r.alarm_level, r.flags
        FROM jsonb_to_recordset($1::jsonb) AS r(
            property_id bigint, meter_id bigint, attempted_at timestamptz, answered_at timestamptz, failures int, lost boolean,
            energy_wh bigint, balance_e4 bigint, purchase_number bigint, power_w bigint, voltage_mv bigint, current_ma bigint,
            relay_closed boolean, prepaid_enabled boolean, forced boolean, alarm_level smallint, flags jsonb)
        JOIN meter m ON m.property_id = r.property_id AND m.meter_id = r.meter_id
        ORDER BY r.property_id, r.meter_id
        ON CONFLICT (property_id, meter_id) DO UPDATE SET
            attempted_at = excluded.attempted_at,
            failures = excluded.failures,
            lost_since = CASE WHEN excluded.lost_since IS NULL THEN NULL ELSE COALESCE(s.lost_since, excluded.lost_since) END,
            answered_at = COALESCE(excluded.answered_at, s.answered_at),
            energy_wh = CASE WHEN excluded.answered_at IS NULL OR s.meter_id = ANY ($3::bigint[]) THEN s.energy_wh ELSE excluded.energy_wh END,
            energy_at = CASE WHEN excluded.answered_at IS NULL OR s.meter_id = ANY ($3::bigint[]) THEN s.energy_at ELSE excluded.energy_at END,
            balance_e4 = CASE WHEN excluded.answered_at IS NULL OR s.meter_id = ANY ($2::bigint[]) THEN s.balance_e4 ELSE excluded.balance_e4 END,
            purchase_number = CASE WHEN excluded.answered_at IS NULL THEN s.purchase_number ELSE excluded.purchase_number END,
            power_w = CASE WHEN excluded.answered_at IS NULL THEN s.power_w ELSE excluded.power_w END,
            voltage_mv = CASE WHEN excluded.answered_at IS NULL THEN s.voltage_mv ELSE excluded.voltage_mv END,
            current_ma = CASE WHEN excluded.answered_at IS NULL THEN s.current_ma ELSE excluded.current_ma END,
            relay_closed = CASE WHEN excluded.answered_at IS NULL THEN s.relay_closed ELSE excluded.relay_closed END,
            prepaid_enabled = CASE WHEN excluded.answered_at IS NULL THEN s.prepaid_enabled ELSE excluded.prepaid_enabled END,
            forced = CASE WHEN excluded.answered_at IS NULL THEN s.forced ELSE excluded.forced END,
            alarm_level = CASE WHEN excluded.answered_at IS NULL OR s.meter_id = ANY ($2::bigint[]) THEN s.alarm_level ELSE excluded.alarm_level END,
            flags = CASE WHEN excluded.answered_at IS NULL THEN s.flags ELSE excluded.flags END,
            changed_xid = pg_current_xact_id()
        WHERE s.attempted_at IS NULL OR s.attempted_at <= excluded.attempted_at)",
            batch.dump(), held, doubted);
    const auto before = live_alarms(tx, sorted);
    for (const auto* row : sorted) {
        put_alarms(tx, *row, std::find(held.begin(), held.end(), row->meter) != held.end(), before);
    }
}

}  // namespace wutong::storage
