#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "storage/database.hpp"

/// property › building › floor › unit.
namespace wutong::storage {

struct PropertyRow {
    core::PropertyId property;
    std::string code, name, time_zone, currency;
};
/// Of the transaction's scope, by code.
[[nodiscard]] std::vector<PropertyRow> list_properties(Transaction& tx);
[[nodiscard]] std::optional<PropertyRow> find_property(Transaction& tx, const std::string& code);
/// @throws UniqueViolation: codes are unique in the installation. The new property joins the scope of the
/// running transaction.
core::PropertyId insert_property(Transaction& tx, const PropertyRow& property);
/// For those who have not all properties: the maker of a property gets it.
void grant_property(Transaction& tx, core::OperatorId who, core::PropertyId property);
[[nodiscard]] bool is_time_zone(Transaction& tx, const std::string& name);

struct BuildingRow {
    core::BuildingId building;
    std::string code, name;
};
struct FloorRow {
    core::FloorId floor;
    core::BuildingId building;
    std::int32_t number = 0;
    std::string name;
};
struct UnitRow {
    core::UnitId unit;
    core::FloorId floor;
    std::string code, name;
};

[[nodiscard]] std::vector<BuildingRow> list_buildings(Transaction& tx, core::PropertyId property);
[[nodiscard]] std::vector<FloorRow> list_floors(Transaction& tx, core::PropertyId property);
/// @param floor none: of all floors @param after the last unit of the page before @param limit at least 1
[[nodiscard]] std::vector<UnitRow> list_units(Transaction& tx, core::PropertyId property, core::FloorId floor,
                                              core::UnitId after, int limit);

/// All three throw UniqueViolation and ReferenceViolation.
core::BuildingId insert_building(Transaction& tx, core::PropertyId property, const BuildingRow& building);
core::FloorId insert_floor(Transaction& tx, core::PropertyId property, const FloorRow& floor);
core::UnitId insert_unit(Transaction& tx, core::PropertyId property, const UnitRow& unit);
/// Many in one statement, for imports. @return the same with their ids, in no order. @throws as above
[[nodiscard]] std::vector<FloorRow> insert_floors(Transaction& tx, core::PropertyId property,
                                                  const std::vector<FloorRow>& floors);
[[nodiscard]] std::vector<UnitRow> insert_units(Transaction& tx, core::PropertyId property,
                                                const std::vector<UnitRow>& units);

}  // namespace wutong::storage
