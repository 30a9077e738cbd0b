#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/identity.hpp"
#include "server/importing/import_plan.hpp"
#include "storage/database.hpp"
#include "storage/devices.hpp"
#include "storage/meters.hpp"
#include "storage/sites.hpp"

namespace wutong::server {

/// What a property has already, by the codes that files use. Things that the import is about to make are
/// entered too, with no id yet.
struct Existing {
    struct Floor {
        core::FloorId id;
        std::string name;
    };
    struct Building {
        core::BuildingId id;
        std::string name;
        std::map<int, Floor> floors;
    };
    struct Unit {
        core::UnitId id;
        std::string building;
        int floor = 0;
    };
    std::optional<storage::PropertyRow> property;
    std::map<std::string, Building> buildings;
    std::map<std::string, Unit> units;
    std::map<std::string, storage::GatewayRow> gateways;
    std::map<std::string, storage::ChannelRow> channels;
    std::map<core::GatewayId, std::string> gateway_codes;
    std::map<std::string, storage::MeterRow> meters;  ///< by serial number
    std::map<std::string, std::string> serial_of_code;
    std::map<std::pair<std::string, std::string>, std::string>
        serial_of_address;                               ///< by channel's code and address_text
    std::map<std::string, std::set<std::string>> feeds;  ///< codes, by the feeder's code
};

/// @param code of the property; nothing but that is looked at when it isn't there
[[nodiscard]] Existing load_existing(storage::Transaction& tx, const std::string& code);

}  // namespace wutong::server
