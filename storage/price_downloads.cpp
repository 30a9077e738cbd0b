#include "storage/price_downloads.hpp"

#include <algorithm>

#include "storage/commands.hpp"
#include "storage/metered_energy.hpp"
#include "storage/paging.hpp"
#include "storage/tariff_json.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kProperties =
    "SELECT property_id FROM tariff_assignment UNION SELECT property_id FROM price_download ORDER BY 1";

const char* kMarks =
    "SELECT ($2::timestamptz AT TIME ZONE p.time_zone)::date AS today, "
    "       COALESCE((SELECT max(assignment_id) FROM tariff_assignment a WHERE a.property_id = $1), 0) "
    "       + COALESCE((SELECT max(membership_id) FROM meter_group_member g WHERE g.property_id = $1), 0) AS "
    "assignment, "
    "       COALESCE((SELECT max(version_id) FROM tariff_version v WHERE v.property_id = $1), 0) AS version "
    "  FROM property p WHERE p.property_id = $1";

// The assignment in force of a target is its newest that has begun; one without a plan lets the wider one
// through, from its own day on.
const char* kCharged =
    "WITH begun AS MATERIALIZED ("
    "  SELECT DISTINCT ON (building_id, meter_id, group_id) building_id, meter_id, group_id, plan_id, "
    "effective_from, "
    "created_at, "
    "created_by "
    "    FROM tariff_assignment WHERE property_id = $1 AND effective_from <= $2::date "
    // No water meter holds a price.
    "     AND commodity = 'electricity' "
    "   ORDER BY building_id, meter_id, group_id, effective_from DESC, assignment_id DESC), "
    "member AS MATERIALIZED ("
    "  SELECT DISTINCT ON (meter_id) meter_id, group_id, effective_from, created_at FROM meter_group_member "
    "   WHERE property_id = $1 AND effective_from <= $2::date "
    "   ORDER BY meter_id, effective_from DESC, membership_id DESC), "
    "versions AS MATERIALIZED ("
    "  SELECT DISTINCT ON (plan_id) plan_id, effective_from, created_by FROM tariff_version "
    "   WHERE property_id = $1 AND effective_from <= $2::date "
    "   ORDER BY plan_id, effective_from DESC, version_id DESC), "
    "charged AS ("
    "  SELECT am.meter_id, am.account_id, am.booked_price_e4, am.opened_on_meter_at, m.profile, "
    "         COALESCE(own.plan_id, club.plan_id, house.plan_id, everybody.plan_id) AS plan_id, "
    "         CASE WHEN own.plan_id IS NOT NULL THEN own.created_at "
    // Who comes into a group or leaves it is charged anew from then on.
    "              ELSE GREATEST(mem.created_at, CASE WHEN club.plan_id IS NOT NULL THEN club.created_at "
    "                   WHEN house.plan_id IS NOT NULL THEN house.created_at ELSE everybody.created_at END) "
    "END AS assigned_at, "
    "         CASE WHEN own.plan_id IS NOT NULL THEN own.created_by WHEN club.plan_id IS NOT NULL THEN "
    "club.created_by WHEN house.plan_id IS NOT NULL THEN house.created_by "
    "              ELSE everybody.created_by END AS assigned_by, "
    "         GREATEST(own.effective_from, CASE WHEN own.plan_id IS NULL THEN mem.effective_from END, "
    "                  CASE WHEN own.plan_id IS NULL THEN club.effective_from END, "
    "                  CASE WHEN own.plan_id IS NULL AND club.plan_id IS NULL THEN house.effective_from END, "
    "                  CASE WHEN own.plan_id IS NULL AND club.plan_id IS NULL AND house.plan_id IS NULL "
    "THEN everybody.effective_from END) AS assigned_from "
    "    FROM account_meter am JOIN meter m ON m.property_id = am.property_id AND m.meter_id = am.meter_id "
    "    LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
    "    LEFT JOIN floor f ON f.property_id = u.property_id AND f.floor_id = u.floor_id "
    "    LEFT JOIN begun own ON own.meter_id = m.meter_id "
    "    LEFT JOIN member mem ON mem.meter_id = m.meter_id "
    "    LEFT JOIN begun club ON club.group_id = mem.group_id "
    "    LEFT JOIN begun house ON house.building_id = f.building_id "
    "    LEFT JOIN begun everybody ON everybody.building_id IS NULL AND everybody.meter_id IS NULL "
    "         AND everybody.group_id IS NULL "
    "   WHERE am.property_id = $1 AND am.meter_id > $3 AND am.unlinked_at IS NULL "
    "     AND am.opened_on_meter_at IS NOT NULL AND m.enabled "
    // The server charges these by the plan itself.
    "     AND NOT EXISTS (SELECT FROM held_charge h WHERE h.property_id = $1 AND h.meter_id = am.meter_id "
    "                     AND h.ended_at IS NULL) "
    "     AND (NOT $4::bool OR EXISTS (SELECT 1 FROM price_download d WHERE d.property_id = $1 "
    "                                     AND d.meter_id = m.meter_id)) "
    "   ORDER BY am.meter_id LIMIT $5) "
    "SELECT c.meter_id, c.account_id, c.booked_price_e4, c.profile, v.plan_id, v.effective_from AS version, "
    "       GREATEST(GREATEST(c.assigned_from, v.effective_from)::timestamp AT TIME ZONE p.time_zone, "
    "                c.assigned_at, c.opened_on_meter_at) AS due_at, "
    "       CASE WHEN v.effective_from > c.assigned_from THEN v.created_by ELSE c.assigned_by END AS "
    "ordered_by, "
    "       h.price_before_e4 AS changed_from, h.at AS changed_at, "
    "       d.account_id AS kept_account, d.plan_id AS kept_plan, d.version_from AS kept_version, "
    "d.wanted_price_e4, "
    "       d.effective_at, d.ordered_by AS kept_ordered_by, d.attempts, d.command_id, d.next_attempt_at, "
    "d.given_up, "
    "       k.state AS command_state, k.reason AS command_reason, "
    "       EXISTS (SELECT 1 FROM command o WHERE o.property_id = $1 AND o.meter_id = c.meter_id "
    "                  AND o.state IN ('queued', 'running') AND o.kind = 'set_price') AS command_open "
    "  FROM charged c JOIN property p ON p.property_id = $1 "
    "  LEFT JOIN versions v ON v.plan_id = c.plan_id "
    "  LEFT JOIN price_download d ON d.property_id = $1 AND d.meter_id = c.meter_id "
    "  LEFT JOIN command k ON k.property_id = $1 AND k.command_id = d.command_id "
    "  LEFT JOIN LATERAL (SELECT price_before_e4, at FROM price_change h WHERE h.property_id = $1 "
    "                        AND h.meter_id = c.meter_id AND h.account_id = c.account_id "
    "                      ORDER BY h.at DESC, h.change_id DESC LIMIT 1) AS h ON true "
    " ORDER BY c.meter_id";

const char* kBegin =
    "INSERT INTO price_download (property_id, meter_id, account_id, plan_id, version_from, wanted_price_e4, "
    "                            effective_at, ordered_by, next_attempt_at) "
    "VALUES ($1, $2, $3, $4, $5::date, $6, $7, $8, $9) ON CONFLICT DO NOTHING";

const char* kLock =
    "SELECT 1 FROM price_download WHERE property_id = $1 AND meter_id = $2 AND wanted_price_e4 = $3 "
    "AND effective_at = $4 AND attempts = $5 AND next_attempt_at IS NOT DISTINCT FROM $6::timestamptz "
    "AND NOT EXISTS (SELECT 1 FROM command o WHERE o.property_id = $1 AND o.meter_id = $2 "
    "                   AND o.state IN ('queued', 'running') AND o.kind = 'set_price' AND NOT $7::bool) "
    "FOR UPDATE SKIP LOCKED";

// What the meter confirmed; a price that was there already when the plan's time came is none of them.
const char* kConfirmation =
    "SELECT change_id, price_before_e4, energy_wh, at FROM price_change WHERE property_id = $1 "
    "AND meter_id = $2 AND account_id = $3 AND price_e4 = $4 AND at >= $5 ORDER BY at DESC, change_id DESC "
    "LIMIT 1";

const char* kNote =
    "INSERT INTO plan_price (property_id, meter_id, account_id, plan_id, version_from, price_e4, "
    "effective_at, ended_at, change_id, price_before_e4, energy_wh, late_wh, difference_e4) "
    "VALUES ($1, $2, $3, $4, $5::date, $6, $7, $8, $9, $10, $11, $12, $13) "
    "ON CONFLICT (property_id, change_id) WHERE change_id IS NOT NULL DO NOTHING";

core::Instant seconds(core::Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time);
}

std::optional<core::PriceDownload> kept_of(const pqxx::row& row) {
    const auto price = get<std::optional<core::Price>>(row, "wanted_price_e4");
    if (!price) {
        return std::nullopt;
    }
    core::PriceDownload kept;
    kept.wanted = {get<std::int64_t>(row, "kept_plan"),
                   parse_local_day(get<std::string>(row, "kept_version")), *price,
                   get<core::Timestamp>(row, "effective_at")};
    kept.attempts = get<int>(row, "attempts");
    kept.next_attempt_at = get<std::optional<core::Timestamp>>(row, "next_attempt_at");
    kept.given_up = get<bool>(row, "given_up");
    if (const auto state = get<std::optional<std::string>>(row, "command_state")) {
        kept.last = core::parse_command_state(*state);
        kept.last_reason = get<std::string>(row, "command_reason");
    }
    return kept;
}

/// How the time of a kept price ended.
struct Ending {
    core::Timestamp at;
    std::optional<std::int64_t> change;
    std::optional<core::Price> before;
    std::optional<core::Energy> energy;
};

void note(Transaction& tx, core::PropertyId property, const ChargedMeter& meter, const Ending& ending) {
    const auto& wanted = meter.kept.value().wanted;
    std::optional<core::Energy> late;
    std::optional<core::Money> difference;
    const auto first = energy_at(tx, property, meter.meter, seconds(wanted.effective_at));
    if (first && ending.energy) {
        late = std::max(*ending.energy - *first, core::Energy{0});
    }
    if (late && ending.before) {
        try {
            difference = core::late_price_difference(*late, *ending.before, wanted.price);
        } catch (const core::QuantityOverflow&) {
            // Figures that can't be energy used: the row says how much it was, a person has to look.
        }
    }
    tx.exec(kNote, property, meter.meter, meter.kept_account, wanted.plan, local_day_text(wanted.version),
            wanted.price, wanted.effective_at, ending.at, ending.change, ending.before, ending.energy, late,
            difference);
}

}  // namespace

std::vector<core::PropertyId> properties_with_tariffs(Transaction& tx) {
    std::vector<core::PropertyId> out;
    for (const auto& row : tx.exec(kProperties)) {
        out.push_back(get<core::PropertyId>(row, "property_id"));
    }
    return out;
}

TariffMarks tariff_marks(Transaction& tx, core::PropertyId property, core::Timestamp now) {
    const auto row = tx.exec1(kMarks, property, now);
    return {parse_local_day(get<std::string>(row, "today")), get<std::int64_t>(row, "assignment"),
            get<std::int64_t>(row, "version")};
}

std::vector<ChargedMeter> list_charged_meters(Transaction& tx, core::PropertyId property,
                                              std::chrono::local_days today, bool on_its_way,
                                              core::MeterId after, int limit) {
    std::vector<ChargedMeter> out;
    for (const auto& row :
         tx.exec(kCharged, property, local_day_text(today), after, on_its_way, checked_limit(limit))) {
        ChargedMeter one;
        one.meter = get<core::MeterId>(row, "meter_id");
        one.account = get<core::AccountId>(row, "account_id");
        one.profile = get<std::string>(row, "profile");
        one.held = get<std::optional<core::Price>>(row, "booked_price_e4");
        one.plan = get<TariffPlanId>(row, "plan_id");
        if (one.plan) {
            one.version = parse_local_day(get<std::string>(row, "version"));
        }
        one.due_at = get<core::Timestamp>(row, "due_at");
        one.ordered_by = get<core::OperatorId>(row, "ordered_by");
        one.changed_from = get<std::optional<core::Price>>(row, "changed_from");
        one.changed_at = get<std::optional<core::Timestamp>>(row, "changed_at");
        one.kept = kept_of(row);
        one.kept_account = get<core::AccountId>(row, "kept_account");
        one.kept_ordered_by = get<core::OperatorId>(row, "kept_ordered_by");
        one.command = get<core::CommandId>(row, "command_id");
        one.command_open = get<bool>(row, "command_open");
        out.push_back(std::move(one));
    }
    return out;
}

bool begin_price_download(Transaction& tx, core::PropertyId property, const ChargedMeter& meter,
                          const core::PlanPrice& wanted, core::Timestamp now) {
    return tx.exec(kBegin, property, meter.meter, meter.account, wanted.plan, local_day_text(wanted.version),
                   wanted.price, wanted.effective_at, meter.ordered_by, now)
               .affected_rows() == 1;
}

bool lock_price_download(Transaction& tx, core::PropertyId property, const ChargedMeter& meter) {
    const auto& kept = meter.kept.value();
    return !tx.exec(kLock, property, meter.meter, kept.wanted.price, kept.wanted.effective_at, kept.attempts,
                    kept.next_attempt_at, meter.command_open)
                .empty();
}

void send_plan_price(Transaction& tx, core::PropertyId property, core::MeterId meter,
                     const core::PlanPrice& wanted, core::OperatorId ordered_by, core::Timestamp now) {
    NewCommands commands;
    commands.property = property;
    commands.meters = {meter};
    commands.kind = core::CommandKind::set_price;
    commands.arguments = "{\"price_e4\": " + std::to_string(wanted.price.ten_thousandths_per_kwh()) + "}";
    commands.expires_at = now + core::kPriceCommandLife;
    commands.operator_id = ordered_by;
    const auto command = insert_commands(tx, commands).at(0);
    tx.exec(
        "UPDATE price_download SET attempts = attempts + 1, command_id = $3, next_attempt_at = NULL "
        "WHERE property_id = $1 AND meter_id = $2",
        property, meter, command);
}

void pause_price_download(Transaction& tx, core::PropertyId property, core::MeterId meter,
                          const core::PriceDownloadDecision& decision) {
    tx.exec(
        "UPDATE price_download SET next_attempt_at = $3, why = left($4, 1000), given_up = $5::bool "
        "WHERE property_id = $1 AND meter_id = $2",
        property, meter, decision.next_attempt_at, decision.why,
        decision.step == core::PriceDownloadStep::give_up);
}

void drop_price_download(Transaction& tx, core::PropertyId property, core::MeterId meter) {
    tx.exec("DELETE FROM price_download WHERE property_id = $1 AND meter_id = $2", property, meter);
}

void cancel_plan_price(Transaction& tx, core::PropertyId property, const ChargedMeter& meter,
                       core::Timestamp now) {
    if (meter.command && meter.kept && meter.kept->last == core::CommandState::queued) {
        static_cast<void>(
            cancel_command(tx, property, meter.command, "the plan wants another price now", now));
    }
}

void confirm_price_download(Transaction& tx, core::PropertyId property, const ChargedMeter& meter) {
    const auto& wanted = meter.kept.value().wanted;
    const auto rows =
        tx.exec(kConfirmation, property, meter.meter, meter.kept_account, wanted.price, wanted.effective_at);
    if (!rows.empty()) {
        note(tx, property, meter,
             {get<core::Timestamp>(rows[0], "at"), get<std::int64_t>(rows[0], "change_id"),
              get<std::optional<core::Price>>(rows[0], "price_before_e4"),
              get<std::optional<core::Energy>>(rows[0], "energy_wh")});
    }
    drop_price_download(tx, property, meter.meter);
}

void end_price_download(Transaction& tx, core::PropertyId property, const ChargedMeter& meter,
                        core::Timestamp until) {
    if (until > meter.kept.value().wanted.effective_at) {
        note(tx, property, meter,
             {until, std::nullopt, meter.held, energy_at(tx, property, meter.meter, seconds(until))});
    }
    drop_price_download(tx, property, meter.meter);
}

}  // namespace wutong::storage
