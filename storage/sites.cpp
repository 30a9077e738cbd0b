#include "storage/sites.hpp"

#include <regex>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kProperties =
    "SELECT property_id, code, name, time_zone, currency FROM property WHERE $1 = '' OR code = $1 ORDER BY "
    "code";
const char* kNewProperty = "SELECT new_property($1, $2, $3, $4) AS property_id";
const char* kGrant =
    "INSERT INTO operator_property (operator_id, property_id) SELECT operator_id, $2 FROM operator "
    "WHERE operator_id = $1 AND NOT all_properties ON CONFLICT DO NOTHING";
// pg_timezone_names reads a thousand files; this asks for one.
const char* kTimeZone = "SELECT now() AT TIME ZONE $1";
const char* kBuildings = "SELECT building_id, code, name FROM building WHERE property_id = $1 ORDER BY code";
const char* kFloors =
    "SELECT floor_id, building_id, number, name FROM floor WHERE property_id = $1 ORDER BY building_id, "
    "number";
const char* kUnits =
    "SELECT unit_id, floor_id, code, name FROM unit WHERE property_id = $1 "
    "AND ($2::bigint IS NULL OR floor_id = $2) AND unit_id > $3 ORDER BY unit_id LIMIT $4";
const char* kNewBuilding =
    "INSERT INTO building (property_id, code, name) VALUES ($1, $2, $3) RETURNING building_id";
const char* kNewFloor =
    "INSERT INTO floor (property_id, building_id, number, name) VALUES ($1, $2, $3, $4) RETURNING floor_id";
const char* kNewUnit =
    "INSERT INTO unit (property_id, floor_id, code, name) VALUES ($1, $2, $3, $4) RETURNING unit_id";

const char* kNewFloors =
    "INSERT INTO floor (property_id, building_id, number, name) "
    "SELECT $1::bigint, * FROM unnest($2::bigint[], $3::int[], $4::text[]) RETURNING floor_id, building_id, "
    "number, "
    "name";
const char* kNewUnits =
    "INSERT INTO unit (property_id, floor_id, code, name) "
    "SELECT $1::bigint, * FROM unnest($2::bigint[], $3::text[], $4::text[]) RETURNING unit_id, floor_id, "
    "code, name";

FloorRow read_floor(const pqxx::row& row) {
    return {get<core::FloorId>(row, "floor_id"), get<core::BuildingId>(row, "building_id"),
            get<std::int32_t>(row, "number"), get<std::string>(row, "name")};
}

UnitRow read_unit(const pqxx::row& row) {
    return {get<core::UnitId>(row, "unit_id"), get<core::FloorId>(row, "floor_id"),
            get<std::string>(row, "code"), get<std::string>(row, "name")};
}

std::vector<PropertyRow> properties(const pqxx::result& rows) {
    std::vector<PropertyRow> all;
    for (const auto& row : rows) {
        all.push_back({get<core::PropertyId>(row, "property_id"), get<std::string>(row, "code"),
                       get<std::string>(row, "name"), get<std::string>(row, "time_zone"),
                       get<std::string>(row, "currency")});
    }
    return all;
}

}  // namespace

std::vector<PropertyRow> list_properties(Transaction& tx) {
    return properties(tx.exec(kProperties, ""));
}

std::optional<PropertyRow> find_property(Transaction& tx, const std::string& code) {
    auto found = properties(tx.exec(kProperties, code));
    return found.empty() || code.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

core::PropertyId insert_property(Transaction& tx, const PropertyRow& p) {
    return get<core::PropertyId>(tx.exec1(kNewProperty, p.code, p.name, p.time_zone, p.currency),
                                 "property_id");
}

void grant_property(Transaction& tx, core::OperatorId who, core::PropertyId property) {
    tx.exec(kGrant, who, property);
}

bool is_time_zone(Transaction& tx, const std::string& name) {
    // PostgreSQL also takes "FOO+3" and abbreviations in a POSIX form, which mean nothing to people.
    static const std::regex kShape{"[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}"};
    if (name.size() > 64 || !std::regex_match(name, kShape)) {
        return false;
    }
    try {
        pqxx::subtransaction probe{tx.work(), "time_zone"};
        probe.exec_params(kTimeZone, name);
        return true;
    } catch (const pqxx::data_exception&) {
        return false;
    }
}

std::vector<BuildingRow> list_buildings(Transaction& tx, core::PropertyId property) {
    std::vector<BuildingRow> all;
    for (const auto& row : tx.exec(kBuildings, property)) {
        all.push_back({get<core::BuildingId>(row, "building_id"), get<std::string>(row, "code"),
                       get<std::string>(row, "name")});
    }
    return all;
}

std::vector<FloorRow> list_floors(Transaction& tx, core::PropertyId property) {
    std::vector<FloorRow> all;
    for (const auto& row : tx.exec(kFloors, property)) {
        all.push_back(read_floor(row));
    }
    return all;
}

std::vector<UnitRow> list_units(Transaction& tx, core::PropertyId property, core::FloorId floor,
                                core::UnitId after, int limit) {
    std::vector<UnitRow> all;
    for (const auto& row : tx.exec(kUnits, property, null_if_none(floor), after, limit)) {
        all.push_back(read_unit(row));
    }
    return all;
}

core::BuildingId insert_building(Transaction& tx, core::PropertyId property, const BuildingRow& building) {
    return get<core::BuildingId>(tx.exec1(kNewBuilding, property, building.code, building.name),
                                 "building_id");
}

core::FloorId insert_floor(Transaction& tx, core::PropertyId property, const FloorRow& floor) {
    return get<core::FloorId>(tx.exec1(kNewFloor, property, floor.building, floor.number, floor.name),
                              "floor_id");
}

core::UnitId insert_unit(Transaction& tx, core::PropertyId property, const UnitRow& unit) {
    return get<core::UnitId>(tx.exec1(kNewUnit, property, unit.floor, unit.code, unit.name), "unit_id");
}

std::vector<FloorRow> insert_floors(Transaction& tx, core::PropertyId property,
                                    const std::vector<FloorRow>& floors) {
    std::vector<core::BuildingId> buildings;
    std::vector<std::int32_t> numbers;
    std::vector<std::string> names;
    for (const auto& floor : floors) {
        buildings.push_back(floor.building);
        numbers.push_back(floor.number);
        names.push_back(floor.name);
    }
    std::vector<FloorRow> made;
    for (const auto& row : tx.exec(kNewFloors, property, buildings, numbers, names)) {
        made.push_back(read_floor(row));
    }
    return made;
}

std::vector<UnitRow> insert_units(Transaction& tx, core::PropertyId property,
                                  const std::vector<UnitRow>& units) {
    std::vector<core::FloorId> floors;
    std::vector<std::string> codes;
    std::vector<std::string> names;
    for (const auto& unit : units) {
        floors.push_back(unit.floor);
        codes.push_back(unit.code);
        names.push_back(unit.name);
    }
    std::vector<UnitRow> made;
    for (const auto& row : tx.exec(kNewUnits, property, floors, codes, names)) {
        made.push_back(read_unit(row));
    }
    return made;
}

}  // namespace wutong::storage
