#include "simulator/building_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

namespace wutong::simulator {
namespace {

constexpr int kFloors = 40;
constexpr int kUnitsPerFloor = 4;
constexpr int kLastShopFloor = 3;
constexpr int kLastOfficeFloor = 14;
constexpr int kBoxCircuits = 12;
/// Addresses of feeders start here, clear of units and boxes.
constexpr int kFirstFeederAddress = 101;
/// A premises that plays another unit too does so ten weeks on, on the same weekdays. (Up to five in a year.)
constexpr int kReuseShiftWeeks = 10;
/// Households were measured in the southern hemisphere: half a year on, their summer is ours.
constexpr int kHemisphereShiftWeeks = 26;

struct LineFloors {
    const char* line;
    int first, last;
};
constexpr LineFloors kLineFloors[] = {{"bus1", 1, 7},   {"bus2", 8, 14}, {"bus3", 15, 21},
                                      {"bus4", 22, 28}, {"gw1", 29, 34}, {"gw2", 35, 40}};

const LineFloors& line_of(int floor) {
    for (const auto& line : kLineFloors) {
        if (floor >= line.first && floor <= line.last) {
            return line;
        }
    }
    throw std::logic_error("a floor without a line");
}

/// Floors 26 to 31 hold ADF300 boxes, one for three floors; so both a bus and a gateway have them.
bool has_box(int floor) {
    return floor >= 26 && floor <= 31;
}

Use use_of(int floor) {
    return floor <= kLastShopFloor ? Use::shop : floor <= kLastOfficeFloor ? Use::office : Use::apartment;
}

/// Hands out the premises of each use in turn.
class PremisesDealer {
public:
    explicit PremisesDealer(const LoadCurves& curves) : curves_{curves} {}

    void deal(Use use, MeterPlan& meter) {
        const auto choice = curves_.of_use(use);
        if (choice.empty()) {
            throw std::runtime_error(fmt::format("premises.csv: no premises for use '{}'", to_string(use)));
        }
        const auto turn = turns_[use]++;
        meter.premises_id = choice[turn % choice.size()]->premises_id;
        meter.shift_weeks = static_cast<int>(turn / choice.size()) * kReuseShiftWeeks +
                            (use == Use::apartment ? kHemisphereShiftWeeks : 0);
    }

private:
    const LoadCurves& curves_;
    std::map<Use, std::size_t> turns_;
};

std::vector<LinePlan> demo_lines(const std::filesystem::path& folder, DemoPorts ports) {
    std::vector<LinePlan> lines;
    for (const auto* name : {"bus1", "bus2", "bus3", "bus4"}) {
        LinePlan line;
        line.name = name;
        line.link = folder / name;
        lines.push_back(line);
    }
    LinePlan modbus_tcp;
    modbus_tcp.name = "gw1";
    modbus_tcp.kind = LineKind::modbus_tcp;
    modbus_tcp.port = ports.modbus_tcp;
    lines.push_back(modbus_tcp);
    LinePlan rtu;
    rtu.name = "gw2";
    rtu.kind = LineKind::rtu_over_tcp;
    rtu.port = ports.rtu_over_tcp;
    lines.push_back(rtu);
    return lines;
}

}  // namespace

const char* to_string(LineKind kind) {
    switch (kind) {
        case LineKind::pty:
            return "serial";
        case LineKind::modbus_tcp:
            return "modbus_tcp";
        case LineKind::rtu_over_tcp:
            return "rtu_over_tcp";
        case LineKind::dial_in:
            return "dial_in";
        case LineKind::mqtt:
            return "mqtt";
    }
    return "?";
}

const char* to_string(MqttTongue tongue) {
    switch (tongue) {
        case MqttTongue::tasmota:
            return "tasmota";
        case MqttTongue::shelly:
            return "shelly";
        case MqttTongue::json:
            return "json";
        case MqttTongue::sparkplug:
            return "sparkplug";
    }
    return "?";
}

std::string line_address(const MeterPlan& meter) {
    switch (meter.model) {
        case Model::dlt645_single_phase:
        case Model::dlt645_three_phase:
        case Model::iec62056_single_phase:
        case Model::iec62056_three_phase:
            return meter.serial;
        case Model::cjt188_valve_water:
            // The maker of the public example frames, then ten digits.
            return meter.serial.size() == 12 ? "7833" + meter.serial.substr(2) : meter.serial;
        default:
            return std::to_string(meter.address);
    }
}

BuildingPlan demo_plan(const std::filesystem::path& folder, const LoadCurves& curves, DemoPorts ports) {
    BuildingPlan plan;
    plan.floors = kFloors;
    plan.lines = demo_lines(folder, ports);
    PremisesDealer dealer{curves};
    for (int floor = 1; floor <= kFloors; ++floor) {
        const auto& line = line_of(floor);
        const auto floor_on_line = floor - line.first;
        MeterPlan feeder;
        feeder.model = Model::sdm630;
        feeder.serial = fmt::format("2026019{:03}00", floor);
        feeder.code = fmt::format("F{:02}", floor);
        feeder.line = line.line;
        feeder.address = kFirstFeederAddress + floor_on_line;
        feeder.floor = floor;
        for (int room = 1; room <= kUnitsPerFloor; ++room) {
            MeterPlan meter;
            meter.unit = fmt::format("{}{:02}", floor, room);
            meter.code = meter.unit;
            meter.serial = fmt::format("2026010{:03}{:02}", floor, room);
            meter.line = line.line;
            meter.floor = floor;
            meter.address = floor_on_line * kUnitsPerFloor + room;
            meter.model = use_of(floor) == Use::apartment ? Model::ddsy1352 : Model::dtsy1352;
            if (has_box(floor)) {
                meter.model = Model::adf300;
                meter.box_circuits = kBoxCircuits;
                // Box n starts at n x 12 + 1.
                const int circuit_on_box = (floor - 26) % 3 * kUnitsPerFloor + room;
                meter.box = floor < 29 ? 2 : 0;
                meter.address = meter.box * kBoxCircuits + circuit_on_box;
            }
            dealer.deal(use_of(floor), meter);
            feeder.feeds.push_back(meter.code);
            plan.meters.push_back(meter);
        }
        plan.meters.push_back(feeder);
    }
    return plan;
}

void check_plan(const BuildingPlan& plan, const LoadCurves& curves) {
    std::vector<std::string> faults;
    std::map<std::string, LineFraming> lines;
    std::set<std::string> without_bus;
    for (const auto& line : plan.lines) {
        if (line.kind == LineKind::mqtt) {
            without_bus.insert(line.name);
        }
        if (!lines.emplace(line.name, line.framing).second) {
            faults.push_back(fmt::format("line {}: name used twice", line.name));
        }
        if (line.kind == LineKind::modbus_tcp && line.framing != LineFraming::modbus) {
            faults.push_back(fmt::format("line {}: a Modbus TCP gateway carries modbus, not {}", line.name,
                                         to_string(line.framing)));
        }
    }
    std::set<std::string> serials;
    std::set<std::string> codes;
    std::set<std::pair<std::string, std::string>> addresses;
    const auto check_curve = [&](const MeterPlan& meter, const std::string& where) {
        if (is_prepaid(meter.model) && curves.find(meter.premises_id) == nullptr) {
            faults.push_back(
                fmt::format("{}: there is no load curve of premises '{}'", where, meter.premises_id));
        }
    };
    for (const auto& meter : plan.meters) {
        const auto where = fmt::format("meter {}", meter.serial);
        if (meter.serial.size() != 12 || !std::all_of(meter.serial.begin(), meter.serial.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; })) {
            faults.push_back(where + ": a serial number has 12 digits");
        }
        if (!serials.insert(meter.serial).second) {
            faults.push_back(where + ": serial number used twice");
        }
        if (!codes.insert(meter.code).second) {
            faults.push_back(fmt::format("{}: code {} used twice", where, meter.code));
        }
        if (const auto line = lines.find(meter.line); line == lines.end()) {
            faults.push_back(fmt::format("{}: there is no line {}", where, meter.line));
        } else if (!speaks(meter.model, line->second)) {
            faults.push_back(fmt::format("{}: {} doesn't speak {}, the framing of line {}", where,
                                         profile_of(meter.model), to_string(line->second), meter.line));
        }
        check_curve(meter, where);
        if (without_bus.contains(meter.line)) {
            continue;  // named by its code
        }
        const auto address = line_address(meter);
        const bool by_number = address == std::to_string(meter.address);
        if (by_number && (meter.address < 1 || meter.address > 247)) {
            faults.push_back(fmt::format("{}: address {} is not in 1..247", where, meter.address));
        }
        if (meter.twin && (!by_number || !speaks(meter.model, LineFraming::modbus))) {
            faults.push_back(fmt::format("{}: only Modbus meters can be twins", where));
        }
        if (!meter.twin && !addresses.emplace(meter.line, address).second) {
            faults.push_back(fmt::format("{}: address {} on {} used twice", where, address, meter.line));
        }
    }
    for (const auto& meter : plan.meters) {
        for (const auto& code : meter.feeds) {
            if (!codes.contains(code)) {
                faults.push_back(fmt::format("meter {}: feeds {}, which does not exist", meter.serial, code));
            }
        }
    }
    if (!faults.empty()) {
        throw std::runtime_error(fmt::format("{}", fmt::join(faults, "\n")));
    }
}

}  // namespace wutong::simulator
