#include "server/importing/existing.hpp"

#include "storage/energy_reports.hpp"

namespace wutong::server {

namespace {

constexpr int kPage = 1'000'000;  // a property is never so large; the whole of it is compared

}  // namespace

Existing load_existing(storage::Transaction& tx, const std::string& code) {
    Existing existing;
    existing.property = storage::find_property(tx, code);
    if (!existing.property) {
        return existing;
    }
    const auto property = existing.property->property;
    std::map<core::BuildingId, std::string> building_codes;
    std::map<core::FloorId, std::pair<std::string, int>> floors;
    for (const auto& row : storage::list_buildings(tx, property)) {
        existing.buildings[row.code] = {row.building, row.name, {}};
        building_codes[row.building] = row.code;
    }
    for (const auto& row : storage::list_floors(tx, property)) {
        const auto& building = building_codes[row.building];
        existing.buildings[building].floors[row.number] = {row.floor, row.name};
        floors[row.floor] = {building, row.number};
    }
    for (const auto& row : storage::list_units(tx, property, {}, {}, kPage)) {
        const auto& [building, number] = floors[row.floor];
        existing.units[row.code] = {row.unit, building, number};
    }
    for (const auto& row : storage::list_gateways(tx, property, {}, kPage)) {
        existing.gateways[row.code] = row;
        existing.gateway_codes[row.gateway] = row.code;
    }
    for (const auto& row : storage::list_device_channels(tx, property, {}, kPage)) {
        existing.channels[row.code] = row;
    }
    for (auto& row : storage::list_meters(tx, property, {}, {}, kPage)) {
        existing.serial_of_code[row.code] = row.serial_number;
        existing.serial_of_address[{row.channel_code, address_text(row.bus_address, row.station_address)}] =
            row.serial_number;
        existing.meters[row.serial_number] = std::move(row);
    }
    for (auto& feed : storage::list_feeds(tx, property)) {
        existing.feeds[feed.feeder].insert(std::move(feed.meter));
    }
    return existing;
}

}  // namespace wutong::server
