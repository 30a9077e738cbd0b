#include "storage/tariff_assignments.hpp"

#include "storage/paging.hpp"
#include "storage/tariff_json.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

using State = TariffAssignmentRow::State;

const char* kList =
    "SELECT a.*, COALESCE(p.name, '') AS plan_name, COALESCE(m.code, g.code, b.code, '') AS target_code, "
    "       COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name "
    "  FROM (SELECT *, lead(effective_from) OVER (PARTITION BY building_id, meter_id, group_id, commodity "
    "                                            ORDER BY effective_from, assignment_id) AS next_from "
    "          FROM tariff_assignment WHERE property_id = $1) AS a "
    "  LEFT JOIN tariff_plan p ON p.property_id = a.property_id AND p.plan_id = a.plan_id "
    "  LEFT JOIN meter m ON m.property_id = a.property_id AND m.meter_id = a.meter_id "
    "  LEFT JOIN meter_group g ON g.property_id = a.property_id AND g.group_id = a.group_id "
    "  LEFT JOIN building b ON b.property_id = a.property_id AND b.building_id = a.building_id "
    "  LEFT JOIN operator o ON o.operator_id = a.created_by "
    " WHERE ($2::bigint = 0 OR a.assignment_id < $2::bigint) AND ($3::bigint = 0 OR a.plan_id = $3::bigint) "
    "   AND ($4::bool OR NOT COALESCE(a.next_from = a.effective_from OR a.next_from <= $5::date, false)) "
    "   AND (NOT $6::bool OR (a.meter_id IS NOT DISTINCT FROM $7::bigint "
    "                         AND a.building_id IS NOT DISTINCT FROM $8::bigint "
    "                         AND a.group_id IS NOT DISTINCT FROM $10::bigint)) "
    " ORDER BY a.assignment_id DESC LIMIT $9";

// Days on which anything around the meter begins; whether it makes a difference is asked of each.
const char* kTurns =
    "SELECT DISTINCT effective_from FROM ("
    "  SELECT effective_from FROM tariff_assignment WHERE property_id = $1 AND effective_from > $3::date "
    "     AND (meter_id = $2 OR meter_id IS NULL) "
    "  UNION ALL SELECT effective_from FROM meter_group_member WHERE property_id = $1 AND meter_id = $2 "
    "     AND effective_from > $3::date "
    "  UNION ALL "
    "  SELECT v.effective_from FROM tariff_version v WHERE v.property_id = $1 AND v.effective_from > "
    "$3::date "
    "     AND v.plan_id IN (SELECT a.plan_id FROM tariff_assignment a WHERE a.property_id = $1 "
    "                          AND (a.meter_id = $2 OR a.meter_id IS NULL))) AS turns "
    " ORDER BY effective_from LIMIT 100";

const char* kVersionOn =
    "SELECT p.name, (SELECT max(v.effective_from) FROM tariff_version v WHERE v.property_id = p.property_id "
    "                   AND v.plan_id = p.plan_id AND v.effective_from <= $3::date) AS version "
    "  FROM tariff_plan p WHERE p.property_id = $1 AND p.plan_id = $2";

template <class Id>
std::optional<Id> optional_id(const pqxx::row& row, const char* column) {
    const auto id = get<Id>(row, column);
    return id ? std::optional{id} : std::nullopt;
}

State state_of(std::chrono::local_days from, std::optional<std::chrono::local_days> next,
               std::chrono::local_days today) {
    if (next && (*next == from || *next <= today)) {
        return State::past;
    }
    return from > today ? State::coming : State::in_force;
}

/// What a meter is charged by on a day, as far as it makes a difference.
struct Charged {
    TariffPlanId plan;
    std::string name, version;
    friend bool operator==(const Charged& a, const Charged& b) {
        return a.plan == b.plan && a.version == b.version;
    }
};

Charged charged_on(Transaction& tx, core::PropertyId property, core::MeterId meter,
                   std::chrono::local_days day) {
    const auto found = tariff_in_force(tx, property, meter, day);
    if (!found) {
        return {};
    }
    const auto row = tx.exec1(kVersionOn, property, found->plan, local_day_text(day));
    return {found->plan, get<std::string>(row, "name"),
            get<std::optional<std::string>>(row, "version").value_or("")};
}

}  // namespace

const char* to_string(State state) {
    return state == State::past ? "past" : state == State::coming ? "coming" : "in_force";
}

std::vector<TariffAssignmentRow> list_tariff_assignments(Transaction& tx, core::PropertyId property,
                                                         const TariffAssignmentFilter& filter,
                                                         std::chrono::local_days today, std::int64_t before,
                                                         int limit) {
    const TariffTarget target = filter.target.value_or(TariffTarget{});
    std::vector<TariffAssignmentRow> out;
    for (const auto& row : tx.exec(kList, property, before, filter.plan, filter.past_too,
                                   local_day_text(today), filter.target.has_value(), target.meter,
                                   target.building, checked_limit(limit), target.group)) {
        TariffAssignmentRow one;
        one.id = get<std::int64_t>(row, "assignment_id");
        one.target = {optional_id<core::MeterId>(row, "meter_id"),
                      optional_id<core::BuildingId>(row, "building_id"),
                      optional_id<MeterGroupId>(row, "group_id")};
        one.target_code = get<std::string>(row, "target_code");
        one.plan = optional_id<TariffPlanId>(row, "plan_id");
        one.plan_name = get<std::string>(row, "plan_name");
        one.commodity = core::parse_commodity(get<std::string>(row, "commodity"));
        one.from = parse_local_day(get<std::string>(row, "effective_from"));
        one.change = {get<core::OperatorId>(row, "created_by"), get<core::Timestamp>(row, "created_at")};
        one.operator_name = get<std::string>(row, "operator_name");
        const auto next = get<std::optional<std::string>>(row, "next_from");
        one.state = state_of(one.from, next ? std::optional{parse_local_day(*next)} : std::nullopt, today);
        out.push_back(std::move(one));
    }
    return out;
}

std::optional<std::string> tariff_target_code(Transaction& tx, core::PropertyId property,
                                              const TariffTarget& target) {
    if (!target.meter && !target.building && !target.group) {
        return "";
    }
    if (target.group) {
        const auto group = tx.exec("SELECT code FROM meter_group WHERE property_id = $1 AND group_id = $2",
                                   property, *target.group);
        return group.empty() ? std::nullopt : std::optional(get<std::string>(group[0], "code"));
    }
    const auto rows = target.meter
                          ? tx.exec("SELECT code FROM meter WHERE property_id = $1 AND meter_id = $2",
                                    property, *target.meter)
                          : tx.exec("SELECT code FROM building WHERE property_id = $1 AND building_id = $2",
                                    property, *target.building);
    return rows.empty() ? std::nullopt : std::optional(get<std::string>(rows[0], "code"));
}

bool is_assigned_from(Transaction& tx, core::PropertyId property, const TariffTarget& target,
                      std::chrono::local_days day, core::Commodity commodity) {
    return !tx.exec(
                  "SELECT 1 FROM tariff_assignment WHERE property_id = $1 "
                  "AND meter_id IS NOT DISTINCT FROM $2::bigint "
                  "AND building_id IS NOT DISTINCT FROM $3::bigint AND effective_from = $4::date "
                  "AND group_id IS NOT DISTINCT FROM $5::bigint AND commodity = $6 LIMIT 1",
                  property, target.meter, target.building, local_day_text(day), target.group,
                  core::to_string(commodity))
                .empty();
}

bool is_plan_assigned(Transaction& tx, core::PropertyId property, TariffPlanId plan) {
    return !tx.exec("SELECT 1 FROM tariff_assignment WHERE property_id = $1 AND plan_id = $2 LIMIT 1",
                    property, plan)
                .empty();
}

std::optional<TariffComing> tariff_coming(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                          std::chrono::local_days day) {
    const auto now = charged_on(tx, property, meter, day);
    for (const auto& row : tx.exec(kTurns, property, meter, local_day_text(day))) {
        const auto turn = parse_local_day(get<std::string>(row, "effective_from"));
        const auto then = charged_on(tx, property, meter, turn);
        if (!(then == now)) {
            return TariffComing{turn, then.plan, then.name};
        }
    }
    return std::nullopt;
}

void carry_tariffs(Transaction& tx, core::PropertyId property, core::MeterId from, core::MeterId to,
                   std::chrono::local_days today, const TariffChange& change) {
    const auto first = local_day_text(today);
    // Of rows of one day the newest counts: the ends are written before what is carried.
    for (const auto* end :
         {"INSERT INTO tariff_assignment (property_id, meter_id, plan_id, effective_from, created_by, "
          "created_at, commodity) SELECT DISTINCT property_id, meter_id, NULL::bigint, "
          "GREATEST(effective_from, "
          "$3::date), $4::bigint, $5::timestamptz, commodity FROM tariff_assignment WHERE property_id = $1 "
          "AND meter_id "
          "= $2",
          "INSERT INTO meter_group_member (property_id, meter_id, group_id, effective_from, created_by, "
          "created_at) SELECT DISTINCT property_id, meter_id, NULL::bigint, GREATEST(effective_from, "
          "$3::date), $4::bigint, $5::timestamptz FROM meter_group_member WHERE property_id = $1 AND "
          "meter_id = $2"}) {
        tx.exec(end, property, to, first, change.by, change.at);
    }
    for (const auto* carry :
         {"INSERT INTO tariff_assignment (property_id, meter_id, plan_id, effective_from, created_by, "
          "created_at, commodity) SELECT a.property_id, $3, a.plan_id, GREATEST(a.effective_from, $4::date), "
          "$5::bigint, $6::timestamptz, a.commodity FROM tariff_assignment a WHERE a.property_id = $1 AND "
          "a.meter_id = $2 "
          "AND (a.effective_from > $4::date OR a.assignment_id = (SELECT b.assignment_id FROM "
          "tariff_assignment b WHERE b.property_id = $1 AND b.meter_id = $2 AND b.effective_from <= $4::date "
          "ORDER BY b.effective_from DESC, b.assignment_id DESC LIMIT 1)) ORDER BY a.assignment_id",
          "INSERT INTO meter_group_member (property_id, meter_id, group_id, effective_from, created_by, "
          "created_at) SELECT m.property_id, $3, m.group_id, GREATEST(m.effective_from, $4::date), "
          "$5::bigint, $6::timestamptz FROM meter_group_member m WHERE m.property_id = $1 AND m.meter_id = "
          "$2 AND (m.effective_from > $4::date OR m.membership_id = (SELECT b.membership_id FROM "
          "meter_group_member b WHERE b.property_id = $1 AND b.meter_id = $2 AND b.effective_from <= "
          "$4::date ORDER BY b.effective_from DESC, b.membership_id DESC LIMIT 1)) ORDER BY "
          "m.membership_id"}) {
        tx.exec(carry, property, from, to, first, change.by, change.at);
    }
}

}  // namespace wutong::storage
