#include "server/importing/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "server/importing/existing.hpp"
#include "server/importing/import_feeds.hpp"
#include "server/services/device_checks.hpp"

namespace wutong::server {

namespace {

/// One pass over the plan: everything is compared, and with `make` also made. The same code runs for the
/// check and for the import, so that they can't differ.
class Importer {
public:
    Importer(storage::Transaction& tx, const ImportPlan& plan, const Profiles& profiles,
             std::vector<ImportFault>& faults, bool make)
        : tx_{tx}, plan_{plan}, profiles_{profiles}, faults_{faults}, make_{make} {}

    ImportResult run(core::OperatorId who) {
        property(who);
        for (const auto& building : plan_.buildings) {
            take(building);
        }
        for (const auto& gateway : plan_.gateways) {
            take(gateway);
        }
        for (const auto& channel : plan_.channels) {
            take(channel);
        }
        for (const auto& meter : plan_.meters) {
            take(meter);
        }
        new_feeds_ = take_feeds(plan_.meters, existing_, faults_);
        if (make_) {
            make_collected();
        }
        return result_;
    }

private:
    void fault(const ImportPlace& place, const char* column, const std::string& text) {
        faults_.push_back({place.file, place.line, column, text});
    }
    [[nodiscard]] core::PropertyId id() const { return result_.property; }

    void property(core::OperatorId who) {
        if (plan_.property) {
            code_ = plan_.property->code;
        } else if (!plan_.meters.empty()) {
            code_ = plan_.meters.front().property;
        }
        existing_ = load_existing(tx_, code_);
        if (existing_.property) {
            result_.property = existing_.property->property;
            result_.unchanged += plan_.property ? 1 : 0;
            if (plan_.property && (plan_.property->time_zone != existing_.property->time_zone ||
                                   plan_.property->currency != existing_.property->currency)) {
                fault(plan_.property_place, "property",
                      fmt::format("is there already with time zone {} and currency {}",
                                  existing_.property->time_zone, existing_.property->currency));
            }
        } else if (!plan_.property) {
            if (!plan_.meters.empty()) {
                fault(plan_.meters.front().place, "property",
                      fmt::format("there is no property \"{}\"; describe it in a .toml file", code_));
            }
        } else if (!storage::is_time_zone(tx_, plan_.property->time_zone)) {
            fault(plan_.property_place, "property.time_zone",
                  fmt::format("\"{}\" is not a time zone; write it as Asia/Shanghai",
                              plan_.property->time_zone));
        } else if (make_) {
            result_.property = storage::insert_property(tx_, *plan_.property);
            storage::grant_property(tx_, who, result_.property);
        }
    }

    void take(const PlannedBuilding& planned) {
        auto known = existing_.buildings.find(planned.code);
        if (known == existing_.buildings.end()) {
            known = existing_.buildings.emplace(planned.code, Existing::Building{{}, planned.name, {}}).first;
            ++result_.buildings;
            if (make_) {
                known->second.id = storage::insert_building(tx_, id(), {{}, planned.code, planned.name});
            }
        } else {
            ++result_.unchanged;
        }
        std::map<int, int> lines;
        for (const auto& floor : planned.floors) {
            if (!lines.emplace(floor.number, floor.place.line).second) {
                fault(floor.place, "number",
                      fmt::format("floor {} is in line {} already", floor.number, lines[floor.number]));
            } else if (known->second.floors.contains(floor.number)) {
                ++result_.unchanged;
            } else {
                auto& made = known->second.floors[floor.number];
                made.name = floor.name;
                ++result_.floors;
                new_floors_.push_back({{}, known->second.id, floor.number, floor.name});
            }
        }
    }

    void take(const PlannedGateway& planned) {
        const auto& row = planned.row;
        const auto known = existing_.gateways.find(row.code);
        if (!seen("gateway", row.code, planned.place, "code")) {
            return;
        }
        if (known != existing_.gateways.end()) {
            if (known->second.kind != row.kind || known->second.endpoint != row.endpoint) {
                fault(planned.place, "code",
                      fmt::format("gateway {} is there already, as {} at \"{}\"; an import changes nothing",
                                  row.code, known->second.kind, known->second.endpoint));
            } else {
                ++result_.unchanged;
            }
            return;
        }
        auto& made = existing_.gateways[row.code];
        made = row;
        ++result_.gateways;
        if (make_) {
            made.gateway = storage::insert_gateway(tx_, id(), row);
        }
    }

    void take(const PlannedChannel& planned) {
        auto row = planned.row;
        if (!seen("channel", row.code, planned.place, "code")) {
            return;
        }
        if (!planned.gateway.empty()) {
            const auto gateway = existing_.gateways.find(planned.gateway);
            if (gateway == existing_.gateways.end()) {
                fault(planned.place, "gateway", fmt::format("there is no gateway \"{}\"", planned.gateway));
                return;
            }
            row.gateway = gateway->second.gateway;
        } else if (row.transport != "serial") {
            fault(planned.place, "gateway", "is missing: only a serial channel has none");
        }
        if (const auto known = existing_.channels.find(row.code); known != existing_.channels.end()) {
            const auto& is = known->second;
            const auto gateway_code = is.gateway ? existing_.gateway_codes[is.gateway] : "";
            if (std::tie(is.transport, is.endpoint, is.standby_endpoint, is.baud, is.parity, is.stop_bits,
                         gateway_code) != std::tie(row.transport, row.endpoint, row.standby_endpoint,
                                                   row.baud, row.parity, row.stop_bits, planned.gateway)) {
                fault(planned.place, "code",
                      fmt::format(
                          "channel {} is there already, as {} at \"{}\" with {} 8{}{}; an import changes "
                          "nothing",
                          row.code, is.transport, is.endpoint, is.baud, is.parity, is.stop_bits));
            } else {
                ++result_.unchanged;
            }
            return;
        }
        for (const auto& [other, is] : existing_.channels) {
            if (row.transport == "serial" && is.transport == "serial" && is.endpoint == row.endpoint) {
                fault(planned.place, "endpoint",
                      fmt::format("{} is the port of channel {} already", row.endpoint, other));
                return;
            }
        }
        auto& made = existing_.channels[row.code];
        made = row;
        ++result_.channels;
        if (make_) {
            made.channel = storage::insert_channel(tx_, id(), row);
        }
    }

    /// @return false, and a fault, when the files have the same thing twice
    bool seen(const char* what, const std::string& code, const ImportPlace& place, const char* column) {
        const auto [first, is_new] = places_.emplace(std::pair{std::string{what}, code}, place);
        if (!is_new) {
            fault(place, column,
                  fmt::format("{} \"{}\" is in {}:{} already", what, code, first->second.file,
                              first->second.line));
        }
        return is_new;
    }

    /// Floors, units and meters are many: a statement for each kind, not for each row.
    void make_collected() {
        std::map<core::BuildingId, std::string> building_codes;
        for (const auto& [code, building] : existing_.buildings) {
            building_codes[building.id] = code;
        }
        if (!new_floors_.empty()) {
            for (const auto& floor : storage::insert_floors(tx_, id(), new_floors_)) {
                existing_.buildings[building_codes[floor.building]].floors[floor.number].id = floor.floor;
            }
        }
        std::vector<storage::UnitRow> units;
        for (const auto& [code, unit] : existing_.units) {
            if (!unit.id) {
                units.push_back({{}, existing_.buildings[unit.building].floors[unit.floor].id, code, ""});
            }
        }
        if (!units.empty()) {
            for (const auto& unit : storage::insert_units(tx_, id(), units)) {
                existing_.units[unit.code].id = unit.unit;
            }
        }
        std::vector<storage::MeterRow> meters;
        for (auto& [row, planned] : new_meters_) {
            row.unit = planned->unit.empty() ? core::UnitId{} : existing_.units[planned->unit].id;
            meters.push_back(std::move(row));
        }
        storage::insert_meters(tx_, meters);
        storage::insert_feeds(tx_, id(), new_feeds_);
    }

    [[nodiscard]] core::UnitId take_unit(const PlannedMeter& planned) {
        if (planned.building.empty()) {
            return {};
        }
        const auto building = existing_.buildings.find(planned.building);
        if (building == existing_.buildings.end()) {
            fault(planned.place, "building", fmt::format("there is no building \"{}\"", planned.building));
            return {};
        }
        if (!planned.floor) {
            return {};
        }
        const auto floor = building->second.floors.find(*planned.floor);
        if (floor == building->second.floors.end()) {
            fault(planned.place, "floor",
                  fmt::format("building {} has no floor {}", planned.building, *planned.floor));
            return {};
        }
        if (planned.unit.empty()) {
            return {};
        }
        if (const auto known = existing_.units.find(planned.unit); known != existing_.units.end()) {
            if (known->second.building != planned.building || known->second.floor != *planned.floor) {
                fault(planned.place, "unit",
                      fmt::format("unit {} is on floor {} of building {}", planned.unit, known->second.floor,
                                  known->second.building));
            }
            return known->second.id;
        }
        auto& made = existing_.units[planned.unit];
        made = {{}, planned.building, *planned.floor};
        ++result_.units;
        return {};
    }

    void take(const PlannedMeter& planned) {
        const auto& place = planned.place;
        const bool fresh = seen("serial number", planned.serial, place, "serial") &
                           seen("code", planned.code, place, "code") &
                           seen("address", fmt::format("{} on {}", planned.address_text(), planned.channel),
                                place, planned.address_column());
        if (planned.property != code_ && !planned.property.empty()) {
            fault(place, "property",
                  fmt::format("\"{}\" is not \"{}\"; one import is one property", planned.property, code_));
        }
        storage::MeterRow row;
        row.property = id();
        row.unit = take_unit(planned);
        row.code = planned.code;
        row.serial_number = planned.serial;
        row.profile = planned.profile;
        row.commodity = profiles_.commodity_of(planned.profile);
        row.role = planned.role;
        row.bus_address = planned.address;
        row.station_address = planned.station_address;
        const auto channel = existing_.channels.find(planned.channel);
        if (channel == existing_.channels.end()) {
            fault(place, "channel", fmt::format("there is no channel \"{}\"", planned.channel));
        } else {
            row.channel = channel->second.channel;
            if (auto why = carrier_fault(channel->second.transport, row, profiles_); !why.empty()) {
                fault(place, "channel", why);
            }
        }
        for (const auto& violation : check_meter(row, profiles_)) {
            // The rest was checked with the file; these need the profiles.
            const auto& field = violation.field;
            if (field == "profile" || field == "role" || field == "station_address") {
                fault(place, field.c_str(), violation.description);
            } else if (field == "bus_address" && !planned.station_address.empty()) {
                fault(place, "address", violation.description);
            }
        }
        if (fresh && !is_there(planned)) {
            ++result_.meters;
            new_meters_.push_back({std::move(row), &planned});
        }
    }

    /// True when the database has it already, whether the same (unchanged) or not (a fault).
    [[nodiscard]] bool is_there(const PlannedMeter& planned) {
        if (const auto known = existing_.meters.find(planned.serial); known != existing_.meters.end()) {
            const auto& is = known->second;
            const auto differs = [&](const char* column, const std::string& was, const std::string& wanted) {
                if (was != wanted) {
                    fault(planned.place, column,
                          fmt::format("meter {} is there already with {} \"{}\"; an import changes nothing",
                                      planned.serial, column, was));
                }
                return was != wanted;
            };
            const bool different =
                static_cast<int>(differs("code", is.code, planned.code)) +
                    static_cast<int>(differs("channel", is.channel_code, planned.channel)) +
                    static_cast<int>(differs(planned.address_column(),
                                             address_text(is.bus_address, is.station_address),
                                             planned.address_text())) +
                    static_cast<int>(differs("profile", is.profile, planned.profile)) +
                    static_cast<int>(differs("role", is.role, planned.role)) +
                    static_cast<int>(differs("unit", is.unit_code, planned.unit)) >
                0;
            result_.unchanged += different ? 0 : 1;
            return true;
        }
        if (const auto other = existing_.serial_of_code.find(planned.code);
            other != existing_.serial_of_code.end()) {
            fault(planned.place, "code",
                  fmt::format("\"{}\" is the code of meter {} already", planned.code, other->second));
            return true;
        }
        if (const auto other = existing_.serial_of_address.find({planned.channel, planned.address_text()});
            other != existing_.serial_of_address.end()) {
            fault(planned.place, planned.address_column(),
                  fmt::format("{} on channel {} is meter {} already", planned.address_text(), planned.channel,
                              other->second));
            return true;
        }
        return false;
    }

    storage::Transaction& tx_;
    const ImportPlan& plan_;
    const Profiles& profiles_;
    std::vector<ImportFault>& faults_;
    const bool make_;
    std::string code_;
    Existing existing_;
    std::vector<storage::FloorRow> new_floors_;
    std::vector<std::pair<storage::MeterRow, const PlannedMeter*>> new_meters_;
    std::vector<storage::FeedByCode> new_feeds_;
    std::map<std::pair<std::string, std::string>, ImportPlace> places_;
    ImportResult result_;
};

}  // namespace

ImportPlan read_import(const std::vector<ImportSource>& files, std::vector<ImportFault>& faults) {
    ImportPlan plan;
    for (const auto& file : files) {
        if (file.name.ends_with(".toml")) {
            read_site_file(file.content, file.name, plan, faults);
        } else if (file.name.ends_with(".csv")) {
            read_meters_file(file.content, file.name, plan, faults);
        } else {
            faults.push_back(
                {file.name, 1, "", "is neither .csv (meters) nor .toml (site, gateways, channels)"});
        }
    }
    return plan;
}

ImportResult apply_import(storage::Transaction& tx, const ImportPlan& plan, const Profiles& profiles,
                          core::OperatorId who, std::vector<ImportFault> faults, bool check_only) {
    auto result = Importer{tx, plan, profiles, faults, false}.run(who);
    if (faults.empty() && !check_only) {
        result = Importer{tx, plan, profiles, faults, true}.run(who);
    }
    std::stable_sort(faults.begin(), faults.end(),
                     [](auto& a, auto& b) { return std::tie(a.file, a.line) < std::tie(b.file, b.line); });
    if (faults.size() > kImportFaultsMax) {
        const auto more = faults.size() - kImportFaultsMax;
        const auto last = faults[kImportFaultsMax - 1];
        faults.resize(kImportFaultsMax);
        faults.push_back({last.file, last.line, "", fmt::format("and {} more faults after this one", more)});
    }
    if (!faults.empty()) {
        result = ImportResult{};
    }
    result.faults = std::move(faults);
    return result;
}

}  // namespace wutong::server
