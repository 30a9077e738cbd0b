#include "storage/tariffs.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/tariff_calendar.hpp"
#include "storage/errors.hpp"
#include "storage/tariff_json.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kInsertPlan =
    "INSERT INTO tariff_plan (property_id, name, created_by, created_at, commodity) VALUES ($1, $2, $3, $4, "
    "$5) "
    "RETURNING plan_id";

// Versions of one plan are added one after the other, so that each is checked with all others.
const char* kLockPlan =
    "SELECT name FROM tariff_plan WHERE property_id = $1 AND plan_id = $2 AND retired_at IS NULL FOR UPDATE";
const char* kFindPlan = "SELECT name FROM tariff_plan WHERE property_id = $1 AND plan_id = $2";

const char* kVersions =
    "SELECT DISTINCT ON (effective_from) effective_from, terms FROM tariff_version "
    " WHERE property_id = $1 AND plan_id = $2 ORDER BY effective_from, version_id DESC";

const char* kInsertVersion =
    "INSERT INTO tariff_version (property_id, plan_id, effective_from, terms, created_by, created_at) "
    "VALUES ($1, $2, $3::date, $4::jsonb, $5, $6)";

const char* kList =
    "SELECT p.plan_id, p.name, p.commodity, p.retired_at, count(DISTINCT v.effective_from) AS versions, "
    "       min(v.effective_from) AS first_from, max(v.effective_from) AS last_from "
    "  FROM tariff_plan p LEFT JOIN tariff_version v USING (property_id, plan_id) "
    " WHERE p.property_id = $1 AND ($4::bigint = 0 OR p.plan_id = $4::bigint) GROUP BY p.property_id, "
    "p.plan_id "
    " ORDER BY p.retired_at IS NOT NULL, lower(p.name), p.plan_id LIMIT $2 OFFSET $3";

const char* kFindByName =
    "SELECT plan_id FROM tariff_plan WHERE property_id = $1 AND lower(name) = lower($2) AND retired_at IS "
    "NULL";

const char* kRetire =
    "UPDATE tariff_plan SET retired_at = COALESCE(retired_at, $3) WHERE property_id = $1 AND plan_id = $2";

const char* kBegun =
    "SELECT 1 FROM tariff_version WHERE property_id = $1 AND plan_id = $2 AND effective_from <= $3::date "
    "LIMIT 1";

const char* kAssign =
    "INSERT INTO tariff_assignment (property_id, building_id, meter_id, plan_id, effective_from, created_by, "
    "                               created_at, group_id, commodity) VALUES ($1, $2, $3, $4, $5::date, $6, "
    "$7, "
    "$8, $9)";

const char* kInForce =
    "SELECT plan_id, building_id, meter_id, group_id, effective_from FROM ("
    "  SELECT DISTINCT ON (level) level, plan_id, building_id, meter_id, group_id, effective_from FROM ("
    "    SELECT CASE WHEN meter_id IS NOT NULL THEN 1 WHEN group_id IS NOT NULL THEN 2 "
    "                WHEN building_id IS NOT NULL THEN 3 ELSE 4 END AS level, "
    "           plan_id, building_id, meter_id, group_id, effective_from, assignment_id "
    "      FROM tariff_assignment "
    "     WHERE property_id = $1 AND effective_from <= $3::date "
    "       AND ($4::timestamptz IS NULL OR created_at <= $4) "
    "       AND commodity = (SELECT m.commodity FROM meter m WHERE m.property_id = $1 AND m.meter_id = $2) "
    "       AND (meter_id = $2 OR (meter_id IS NULL AND building_id IS NULL AND group_id IS NULL) "
    "            OR group_id = ("
    "             SELECT g.group_id FROM meter_group_member g WHERE g.property_id = $1 AND g.meter_id = $2 "
    "                AND g.effective_from <= $3::date AND ($4::timestamptz IS NULL OR g.created_at <= $4) "
    "              ORDER BY g.effective_from DESC, g.membership_id DESC LIMIT 1) "
    "            OR building_id = ("
    "             SELECT f.building_id FROM meter m JOIN unit u USING (property_id, unit_id) "
    "               JOIN floor f USING (property_id, floor_id) "
    "              WHERE m.property_id = $1 AND m.meter_id = $2))) AS begun "
    "  ORDER BY level, effective_from DESC, assignment_id DESC) AS newest "
    "WHERE plan_id IS NOT NULL ORDER BY level LIMIT 1";

const char* kChanges =
    "SELECT effective_from FROM tariff_assignment WHERE property_id = $1 AND effective_from > $3::date AND "
    "effective_from <= $4::date "
    "AND (meter_id = $2 OR (meter_id IS NULL AND building_id IS NULL AND group_id IS NULL) "
    "  OR group_id IN (SELECT g.group_id FROM meter_group_member g WHERE g.property_id = $1 AND g.meter_id = "
    "$2) "
    "  OR building_id = ("
    "  SELECT f.building_id FROM meter m JOIN unit u USING (property_id, unit_id) "
    "    JOIN floor f USING (property_id, floor_id) "
    "   WHERE m.property_id = $1 AND m.meter_id = $2)) "
    "UNION SELECT effective_from FROM meter_group_member WHERE property_id = $1 AND meter_id = $2 AND "
    "effective_from > $3::date AND effective_from <= $4::date ORDER BY effective_from";

std::string which(core::PropertyId property, TariffPlanId plan) {
    return "tariff plan " + std::to_string(plan.value) + " of property " + std::to_string(property.value);
}

std::vector<core::PlanVersion> versions_of(Transaction& tx, core::PropertyId property, TariffPlanId plan) {
    std::vector<core::PlanVersion> versions;
    for (const auto& row : tx.exec(kVersions, property, plan)) {
        versions.push_back(tariff_version_of(parse_local_day(get<std::string>(row, "effective_from")),
                                             get<std::string>(row, "terms")));
    }
    return versions;
}

/// The name of a plan that may still be changed and assigned; its row is locked.
std::string lock_plan(Transaction& tx, core::PropertyId property, TariffPlanId plan) {
    const auto rows = tx.exec(kLockPlan, property, plan);
    if (rows.empty()) {
        throw NotFound(which(property, plan) + " is not there, or retired");
    }
    return get<std::string>(rows[0], "name");
}

std::optional<std::chrono::local_days> day_of(const pqxx::row& row, const char* column) {
    const auto text = get<std::optional<std::string>>(row, column);
    return text ? std::optional{parse_local_day(*text)} : std::nullopt;
}

TariffPlanRow plan_row(const pqxx::row& row) {
    return {get<TariffPlanId>(row, "plan_id"),
            get<std::string>(row, "name"),
            get<int>(row, "versions"),
            day_of(row, "first_from"),
            day_of(row, "last_from"),
            get<std::optional<core::Timestamp>>(row, "retired_at"),
            core::parse_commodity(get<std::string>(row, "commodity"))};
}

template <class Id>
std::optional<Id> optional_id(const pqxx::row& row, const char* column) {
    const auto id = get<Id>(row, column);
    return id ? std::optional{id} : std::nullopt;
}

}  // namespace

TariffPlanId insert_tariff_plan(Transaction& tx, core::PropertyId property, const std::string& name,
                                const TariffChange& change, core::Commodity commodity) {
    return get<TariffPlanId>(
        tx.exec1(kInsertPlan, property, name, change.by, change.at, core::to_string(commodity)), "plan_id");
}

void add_tariff_version(Transaction& tx, core::PropertyId property, TariffPlanId plan,
                        const core::PlanVersion& version, std::chrono::local_days first_day,
                        const TariffChange& change) {
    if (version.from < first_day) {
        throw std::invalid_argument("a version of " + local_day_text(version.from) +
                                    " would change what has begun; the first day that can be changed is " +
                                    local_day_text(first_day));
    }
    core::TariffPlan whole{lock_plan(tx, property, plan), versions_of(tx, property, plan)};
    std::erase_if(whole.versions, [&](const core::PlanVersion& other) { return other.from == version.from; });
    whole.versions.insert(
        std::find_if(whole.versions.begin(), whole.versions.end(),
                     [&](const core::PlanVersion& other) { return other.from > version.from; }),
        version);
    if (auto faults = core::check(whole); !faults.empty()) {
        throw core::PlanError(std::move(faults));
    }
    tx.exec(kInsertVersion, property, plan, local_day_text(version.from), tariff_terms_json(version),
            change.by, change.at);
}

std::optional<core::TariffPlan> load_tariff_plan(Transaction& tx, core::PropertyId property,
                                                 TariffPlanId plan) {
    const auto rows = tx.exec(kFindPlan, property, plan);
    if (rows.empty()) {
        return std::nullopt;
    }
    return core::TariffPlan{get<std::string>(rows[0], "name"), versions_of(tx, property, plan)};
}

std::vector<TariffPlanRow> list_tariff_plans(Transaction& tx, core::PropertyId property, int limit,
                                             int offset) {
    std::vector<TariffPlanRow> out;
    for (const auto& row : tx.exec(kList, property, limit, offset, 0)) {
        out.push_back(plan_row(row));
    }
    return out;
}

std::optional<TariffPlanId> find_tariff_plan(Transaction& tx, core::PropertyId property,
                                             const std::string& name) {
    const auto rows = tx.exec(kFindByName, property, name);
    return rows.empty() ? std::nullopt : std::optional(get<TariffPlanId>(rows[0], "plan_id"));
}

std::optional<TariffPlanRow> find_tariff_plan(Transaction& tx, core::PropertyId property, TariffPlanId plan) {
    const auto rows = tx.exec(kList, property, 1, 0, plan);
    return rows.empty() || !plan ? std::nullopt : std::optional(plan_row(rows[0]));
}

bool retire_tariff_plan(Transaction& tx, core::PropertyId property, TariffPlanId plan, core::Timestamp now) {
    return tx.exec(kRetire, property, plan, now).affected_rows() == 1;
}

void assign_tariff(Transaction& tx, core::PropertyId property, const TariffTarget& target,
                   std::optional<TariffPlanId> plan, std::chrono::local_days from, const TariffChange& change,
                   core::Commodity commodity) {
    const auto first = local_day_text(from);
    if (plan) {
        const auto name = lock_plan(tx, property, *plan);
        if (tx.exec(kBegun, property, *plan, first).empty()) {
            throw NotFound(which(property, *plan) + " (" + name + ") has no version that has begun by " +
                           first);
        }
    }
    tx.exec(kAssign, property, target.building, target.meter, plan, first, change.by, change.at, target.group,
            core::to_string(commodity));
}

std::optional<TariffInForce> tariff_in_force(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                             std::chrono::local_days day,
                                             std::optional<core::Timestamp> known_at) {
    const auto rows = tx.exec(kInForce, property, meter, local_day_text(day), known_at);
    if (rows.empty()) {
        return std::nullopt;
    }
    return TariffInForce{get<TariffPlanId>(rows[0], "plan_id"),
                         {optional_id<core::MeterId>(rows[0], "meter_id"),
                          optional_id<core::BuildingId>(rows[0], "building_id"),
                          optional_id<MeterGroupId>(rows[0], "group_id")},
                         *day_of(rows[0], "effective_from")};
}

std::vector<std::chrono::local_days> tariff_changes_between(Transaction& tx, core::PropertyId property,
                                                            core::MeterId meter,
                                                            std::chrono::local_days first,
                                                            std::chrono::local_days last) {
    std::vector<std::chrono::local_days> days;
    for (const auto& row : tx.exec(kChanges, property, meter, local_day_text(first), local_day_text(last))) {
        days.push_back(parse_local_day(get<std::string>(row, "effective_from")));
    }
    return days;
}

std::int64_t newest_tariff_version(Transaction& tx, core::PropertyId property, TariffPlanId plan) {
    return get<std::int64_t>(
        tx.exec1("SELECT COALESCE(max(version_id), 0) AS newest FROM tariff_version WHERE "
                 "property_id = $1 AND plan_id = $2",
                 property, plan),
        "newest");
}

}  // namespace wutong::storage
