#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/importing/csv.hpp"
#include "storage/devices.hpp"
#include "storage/sites.hpp"

namespace wutong::server {

/// Where something stands, for faults.
struct ImportPlace {
    std::string file;
    int line = 1;
};

struct PlannedFloor {
    ImportPlace place;
    int number = 0;
    std::string name;
};
struct PlannedBuilding {
    ImportPlace place;
    std::string code, name;
    std::vector<PlannedFloor> floors;
};
struct PlannedGateway {
    ImportPlace place;
    storage::GatewayRow row;
};
struct PlannedChannel {
    ImportPlace place;
    std::string gateway;  ///< code; "" for a serial port of the collector's machine
    storage::ChannelRow row;
};
/// How a meter is named on its channel, of either kind.
[[nodiscard]] inline std::string address_text(int bus_address, const std::string& station_address) {
    return station_address.empty() ? std::to_string(bus_address) : "station " + station_address;
}

struct PlannedMeter {
    ImportPlace place;
    std::string property, building, channel, unit;  ///< codes
    std::optional<int> floor;
    int address = 0;              ///< of Modbus; 0: none
    std::string station_address;  ///< of other protocols
    std::string profile, serial, code, role;
    std::vector<std::string> feeds;  ///< codes of the meters behind a feeder

    [[nodiscard]] const char* address_column() const {
        return station_address.empty() ? "address" : "station_address";
    }
    [[nodiscard]] std::string address_text() const { return server::address_text(address, station_address); }
};

/// What the files want, each part with its place; not compared with the database yet.
struct ImportPlan {
    static constexpr std::size_t kMetersMax = 20'000;

    std::optional<storage::PropertyRow> property;
    ImportPlace property_place;
    std::vector<PlannedBuilding> buildings;
    std::vector<PlannedGateway> gateways;
    std::vector<PlannedChannel> channels;
    std::vector<PlannedMeter> meters;
};

/// Site, gateways and channels: *.toml.
void read_site_file(std::string_view text, const std::string& file, ImportPlan& plan,
                    std::vector<ImportFault>& faults);

/// Meters: *.csv with a header of
/// property,building,floor,unit,channel,address,station_address,profile,serial,code,role,feeds in any order.
/// building, floor, unit, role and feeds may be left out, and of address and station_address the one that no
/// meter has.
void read_meters_file(std::string_view text, const std::string& file, ImportPlan& plan,
                      std::vector<ImportFault>& faults);

}  // namespace wutong::server
