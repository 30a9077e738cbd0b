#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "simulator/load_curves.hpp"
#include "simulator/meter_device.hpp"
#include "simulator/prepaid_meter.hpp"

/// What stands in the building and how it is wired: made by `demo_plan` or read from a file.
namespace wutong::simulator {

enum class LineKind {
    pty,           ///< a pseudo-terminal, linked at `link`
    modbus_tcp,    ///< a gateway that speaks Modbus TCP
    rtu_over_tcp,  ///< a serial server: the bytes of the bus on a TCP connection
    dial_in,       ///< a box that opens the connection to the collector itself
    mqtt,          ///< devices that publish to a broker; their meters are Modbus models without the bus
};

/// How the devices of a line of the kind mqtt talk.
enum class MqttTongue { tasmota, shelly, json, sparkplug };
[[nodiscard]] const char* to_string(MqttTongue tongue);

[[nodiscard]] const char* to_string(LineKind kind);
struct MeterPlan;
/// What a frame to this meter carries: "12", DL/T 645 "202601000101", CJ/T 188 "78332601000101".
[[nodiscard]] std::string line_address(const MeterPlan& meter);

/// One RS-485 bus, and what it is reached through.
struct LinePlan {
    std::string name;  ///< "bus1", "gw1"; also the gateway's name
    LineKind kind = LineKind::pty;
    std::filesystem::path link;  ///< pty: the symbolic link to the slave
    std::uint16_t port = 0;      ///< gateways: on 127.0.0.1; 0 = any free one; dial_in: the collector's
    std::string registration;    ///< dial_in: "plain:DTU-0042,heartbeat=ping", "acrel-4g:12307210720085",
                                 ///< "acrel-gateway:GW001/2"
    std::string secret;          ///< dial_in as an Acrel gateway: 16 characters
    int heartbeat_ms = 30'000;   ///< dial_in
    int redial_ms = 2'000;       ///< dial_in: wait before it dials again
    std::string broker;          ///< mqtt: "mqtt://127.0.0.1:1883"
    MqttTongue tongue = MqttTongue::tasmota;
    int every_ms = 10'000;  ///< mqtt: between two messages of a device
    LineFraming framing = LineFraming::modbus;
    int baud = 9600;               ///< see byte_time
    int turnaround_ms = 10;        ///< from the end of a request to the start of the answer
    std::filesystem::path replay;  ///< a recording that the line says again; it has no meters then
    int gateway_timeout_ms = 300;  ///< Modbus TCP: how long the gateway waits before it answers exception 0Bh
};

struct MeterPlan {
    std::string serial;  ///< 12 digits
    std::string code;    ///< "1201"
    Model model = Model::ddsy1352;
    std::string line;
    bool twin = false;  ///< Modbus: shares its address with another meter of the line
    int address =
        1;  ///< Modbus unit; DLMS: physical address on HDLC, destination in a wrapper. Others: unused
    int floor = 1;
    std::string unit;  ///< empty for feeders
    int box = 0;       ///< ADF300: circuits with the same box on the same line belong together
    int box_circuits = 0;
    std::string premises_id;  ///< whose curve it replays; empty for feeders
    int shift_weeks = 0;
    std::vector<std::string> feeds;  ///< feeders: codes of the meters behind it
};

struct BuildingPlan {
    std::vector<LinePlan> lines;
    std::vector<MeterPlan> meters;
    int floors = 40;
    std::chrono::minutes local_offset{480};
    Scale load_scale;
    Scale price_scale;
    std::uint64_t seed = 1;
    int loss_permille = 12;
    int history_days = 0;  ///< the meters have counted for so long before the first start
};

struct DemoPorts {
    std::uint16_t modbus_tcp = 15021;
    std::uint16_t rtu_over_tcp = 15022;
};

/// The tower: 40 floors of four units and a feeder, 160 prepaid meters, 4 buses and 2 gateways.
/// docs/simulator.md has the table.
[[nodiscard]] BuildingPlan demo_plan(const std::filesystem::path& folder, const LoadCurves& curves,
                                     DemoPorts ports);

/// @throws std::runtime_error naming each fault: names or addresses used twice, unknown lines or premises ...
void check_plan(const BuildingPlan& plan, const LoadCurves& curves);

}  // namespace wutong::simulator
