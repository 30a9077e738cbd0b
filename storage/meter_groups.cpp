#include "storage/meter_groups.hpp"

#include "storage/paging.hpp"
#include "storage/tariff_json.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// The newest membership of each meter that has begun; $2: today.
#define WUTONG_MEMBERS_NOW                                                                             \
    "WITH now AS MATERIALIZED (SELECT DISTINCT ON (meter_id) meter_id, group_id, effective_from FROM " \
    "meter_group_member WHERE property_id = $1 AND effective_from <= $2::date ORDER BY meter_id, "     \
    "effective_from DESC, membership_id DESC) "

const char* kGroups = WUTONG_MEMBERS_NOW
    "SELECT g.group_id, g.code, g.name, g.created_at, (SELECT count(*) FROM now WHERE now.group_id = "
    "g.group_id) "
    "AS meters FROM meter_group g WHERE g.property_id = $1 AND ($3::bigint IS NULL OR g.group_id = $3) ORDER "
    "BY "
    "lower(g.code) LIMIT $4";

const char* kMembers = WUTONG_MEMBERS_NOW
    ", coming AS (SELECT DISTINCT ON (meter_id) meter_id, group_id, effective_from FROM meter_group_member "
    "WHERE "
    "property_id = $1 AND effective_from > $2::date ORDER BY meter_id, effective_from, membership_id DESC), "
    "listed AS (SELECT meter_id, effective_from, false AS coming FROM now WHERE group_id = $3 UNION ALL "
    "SELECT "
    "c.meter_id, c.effective_from, true FROM coming c WHERE c.group_id = $3 AND NOT EXISTS (SELECT FROM now "
    "WHERE "
    "now.meter_id = c.meter_id AND now.group_id = $3)) "
    "SELECT b.meter_id, b.effective_from, b.coming, m.code, COALESCE(u.code, '') AS unit_code FROM listed b "
    "JOIN "
    "meter m ON m.property_id = $1 AND m.meter_id = b.meter_id LEFT JOIN unit u ON u.property_id = "
    "m.property_id "
    "AND u.unit_id = m.unit_id WHERE b.meter_id > $4 ORDER BY b.meter_id LIMIT $5";

#undef WUTONG_MEMBERS_NOW

MeterGroupRow read(const pqxx::row& row) {
    return {get<MeterGroupId>(row, "group_id"), get<std::string>(row, "code"), get<std::string>(row, "name"),
            get<int>(row, "meters"), get<core::Timestamp>(row, "created_at")};
}

}  // namespace

std::vector<MeterGroupRow> list_meter_groups(Transaction& tx, core::PropertyId property,
                                             std::chrono::local_days today, int limit) {
    std::vector<MeterGroupRow> out;
    for (const auto& row : tx.exec(kGroups, property, local_day_text(today), std::optional<std::int64_t>{},
                                   checked_limit(limit))) {
        out.push_back(read(row));
    }
    return out;
}

std::optional<MeterGroupRow> find_meter_group(Transaction& tx, core::PropertyId property, MeterGroupId group,
                                              std::chrono::local_days today) {
    const auto rows = tx.exec(kGroups, property, local_day_text(today), group, 1);
    return rows.empty() ? std::nullopt : std::optional{read(rows[0])};
}

MeterGroupId insert_meter_group(Transaction& tx, core::PropertyId property, const std::string& code,
                                const std::string& name, core::OperatorId by, core::Timestamp at) {
    return get<MeterGroupId>(
        tx.exec1("INSERT INTO meter_group (property_id, code, name, created_by, created_at) "
                 "VALUES ($1, $2, $3, $4, $5) RETURNING group_id",
                 property, code, name, by, at),
        "group_id");
}

std::vector<core::MeterId> members_set_on(Transaction& tx, core::PropertyId property,
                                          const std::vector<core::MeterId>& meters,
                                          std::chrono::local_days day) {
    std::vector<core::MeterId> out;
    for (const auto& row :
         tx.exec("SELECT DISTINCT meter_id FROM meter_group_member WHERE property_id = $1 AND "
                 "meter_id = ANY ($2::bigint[]) AND effective_from = $3::date",
                 property, meters, local_day_text(day))) {
        out.push_back(get<core::MeterId>(row, "meter_id"));
    }
    return out;
}

void put_in_group(Transaction& tx, core::PropertyId property, const std::vector<core::MeterId>& meters,
                  std::optional<MeterGroupId> group, std::chrono::local_days from, core::OperatorId by,
                  core::Timestamp at) {
    tx.exec(
        "INSERT INTO meter_group_member (property_id, meter_id, group_id, effective_from, created_by, "
        "created_at) "
        "SELECT $1, m, $3, $4::date, $5, $6 FROM unnest($2::bigint[]) AS m",
        property, meters, group, local_day_text(from), by, at);
}

std::vector<GroupMeterRow> list_group_meters(Transaction& tx, core::PropertyId property, MeterGroupId group,
                                             std::chrono::local_days today, core::MeterId after, int limit) {
    std::vector<GroupMeterRow> out;
    for (const auto& row :
         tx.exec(kMembers, property, local_day_text(today), group, after, checked_limit(limit))) {
        out.push_back({get<core::MeterId>(row, "meter_id"), get<std::string>(row, "code"),
                       get<std::string>(row, "unit_code"),
                       parse_local_day(get<std::string>(row, "effective_from")), get<bool>(row, "coming")});
    }
    return out;
}

}  // namespace wutong::storage
