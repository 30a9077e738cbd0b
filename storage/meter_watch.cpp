#include "storage/meter_watch.hpp"

#include <nlohmann/json.hpp>

#include "core/meter_watch.hpp"
#include "storage/alarms.hpp"
#include "storage/meter_states.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr const char* kKind = "foreign_write";

enum class UnderWay { left_out, looked_at };

template <class T>
nlohmann::json or_null(const std::optional<T>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

/// How far it jumped is kept, for the two balances. Once per look that is compared with: until that look is
/// replaced, whoever looks again finds the same.
void keep_jump(Transaction& tx, const pqxx::row& row, core::Money jump) {
    tx.exec(
        "INSERT INTO foreign_write (property_id, meter_id, at, jump_e4, balance_before_e4, balance_e4, "
        "energy_before_wh, energy_wh) SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (SELECT FROM "
        "foreign_write f WHERE f.property_id = $1 AND f.meter_id = $2 AND f.at > $9)",
        get<core::PropertyId>(row, "property_id"), get<core::MeterId>(row, "meter_id"),
        get<core::Timestamp>(row, "at"), jump, get<core::Money>(row, "balance_before"),
        get<core::Money>(row, "balance_e4"), get<core::Energy>(row, "energy_before"),
        get<core::Energy>(row, "energy_wh"), get<core::Timestamp>(row, "before_at"));
}

/// @param looks array of {property_id, meter_id, at, energy_wh, balance_e4, purchase_number, charges}
void watch(Transaction& tx, const nlohmann::json& looks, UnderWay under_way) {
    const auto rows = tx.exec(R"(
        SELECT r.property_id, r.meter_id, r.at, r.energy_wh, r.balance_e4, r.purchase_number,
               s.energy_wh AS energy_before, s.balance_e4 AS balance_before, s.answered_at AS before_at, am.purchase_number AS ledger_number,
               CASE WHEN r.charges AND s.prepaid_enabled IS NOT FALSE AND s.forced IS NOT TRUE
                         AND NOT EXISTS (SELECT FROM command c WHERE c.property_id = r.property_id
                                         AND c.meter_id = r.meter_id AND c.kind = 'set_price'
                                         AND (c.state IN ('queued', 'running') OR c.finished_at >= s.answered_at))
                    THEN am.booked_price_e4 END AS price_e4
        FROM jsonb_to_recordset($1::jsonb) AS r(property_id bigint, meter_id bigint, at timestamptz, energy_wh bigint,
                                                balance_e4 bigint, purchase_number bigint, charges boolean)
        JOIN meter_state s ON s.property_id = r.property_id AND s.meter_id = r.meter_id
        JOIN account_meter am ON am.property_id = r.property_id AND am.meter_id = r.meter_id
             AND am.unlinked_at IS NULL AND am.opened_on_meter_at IS NOT NULL
             AND NOT EXISTS (SELECT FROM held_charge h WHERE h.property_id = am.property_id
                             AND h.meter_id = am.meter_id AND h.ended_at IS NULL)
        WHERE s.answered_at IS NOT NULL AND s.balance_e4 IS NOT NULL AND s.energy_wh IS NOT NULL
          AND (s.attempted_at IS NULL OR s.attempted_at <= r.at)
          AND (r.balance_e4 <> s.balance_e4 OR r.energy_wh <> s.energy_wh OR r.purchase_number <> am.purchase_number)
          AND ($2::boolean OR NOT EXISTS (SELECT FROM credit_delivery d WHERE d.property_id = r.property_id
               AND d.meter_id = r.meter_id AND (d.state = 'quarantined' OR (d.state IN ('sending', 'unknown')
                   AND r.purchase_number IS DISTINCT FROM am.purchase_number)))))",
                              looks.dump(), under_way == UnderWay::looked_at);
    for (const auto& row : rows) {
        core::WatchRules rules;
        rules.ledger_number = get<std::int64_t>(row, "ledger_number");
        rules.price = get<std::optional<core::Price>>(row, "price_e4");
        const core::CreditFigures before{
            {}, get<core::Money>(row, "balance_before"), get<core::Energy>(row, "energy_before")};
        const core::CreditFigures now{get<std::optional<std::int64_t>>(row, "purchase_number"),
                                      get<core::Money>(row, "balance_e4"),
                                      get<core::Energy>(row, "energy_wh")};
        const auto finding = core::written_by_others(before, now, rules);
        if (!finding.empty()) {
            raise_alarm(
                tx, {get<core::PropertyId>(row, "property_id"), get<core::MeterId>(row, "meter_id"), {}, {}},
                kKind, finding, get<core::Timestamp>(row, "at"));
            if (const auto jump = core::unexplained_jump(before, now, rules); jump != core::Money{0}) {
                keep_jump(tx, row, jump);
            }
        }
    }
}

}  // namespace

void watch_readings(Transaction& tx, const std::vector<MeterStateRow>& rows) {
    nlohmann::json looks = nlohmann::json::array();
    for (const auto& row : rows) {
        if (row.answered_at && row.balance_e4 && row.energy_wh) {
            looks.push_back({{"property_id", row.property.value},
                             {"meter_id", row.meter.value},
                             {"at", time_text(row.attempted_at)},
                             {"energy_wh", *row.energy_wh},
                             {"balance_e4", *row.balance_e4},
                             {"purchase_number", or_null(row.purchase_number)},
                             {"charges", row.prepaid_enabled.value_or(true) && !row.forced.value_or(false)}});
        }
    }
    if (!looks.empty()) {
        watch(tx, looks, UnderWay::left_out);
    }
}

void watch_look(Transaction& tx, core::PropertyId property, core::MeterId meter,
                const core::CreditLook& look) {
    watch(tx,
          nlohmann::json::array({{{"property_id", property.value},
                                  {"meter_id", meter.value},
                                  {"at", time_text(look.at)},
                                  {"energy_wh", look.energy.watt_hours()},
                                  {"balance_e4", look.balance.ten_thousandths()},
                                  {"purchase_number", nullptr},
                                  {"charges", look.prepaid_enabled}}}),
          UnderWay::looked_at);
}

void clear_watch(Transaction& tx, core::PropertyId property, core::MeterId meter, core::Timestamp at) {
    clear_alarm(tx, {property, meter, {}, {}}, kKind, at);
}

}  // namespace wutong::storage
