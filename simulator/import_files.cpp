#include "simulator/import_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <stdexcept>

#include "simulator/mqtt_devices.hpp"
#include "simulator/state_file.hpp"

namespace wutong::simulator {
namespace {

constexpr const char* kProperty = "TOWER";
constexpr const char* kBuilding = "A";
/// A gateway answers for a dead meter itself, after its own time-out; the collector has to wait for that.
constexpr int kGatewayMarginMs = 500;
constexpr int kSerialAnswerTimeoutMs = 300;

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string channel_code(const LinePlan& line) {
    return line.kind == LineKind::pty ? upper(line.name) : upper(line.name) + "-1";
}

std::string endpoint(const LinePlan& line) {
    if (line.kind == LineKind::dial_in) {
        return line.registration;
    }
    if (line.kind == LineKind::mqtt) {
        return line.broker;
    }
    if (line.kind == LineKind::pty) {
        return std::filesystem::absolute(line.link).lexically_normal().string();
    }
    if (line.port == 0) {
        throw std::runtime_error(fmt::format("line {}: an import needs a fixed port", line.name));
    }
    return fmt::format("127.0.0.1:{}", line.port);
}

/// A basic string of TOML.
std::string quoted(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "\"";
}

/// A field of RFC 4180.
std::string field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string escaped = "\"";
    for (const char c : text) {
        escaped += c;
        if (c == '"') {
            escaped += c;
        }
    }
    return escaped + "\"";
}

/// The profile that fits the model and what its line carries.
std::string profile_on(Model model, LineFraming framing) {
    return std::string{profile_of(model)} + (framing == LineFraming::dlms_wrapper ? "-tcp" : "");
}

/// A water meter holds no money itself, but is sold to like any other: the server keeps its credit. What is
/// only read can't be sold to.
const char* role_of(Model model) {
    switch (model) {
        case Model::iec62056_single_phase:
        case Model::iec62056_three_phase:
            return "monitor";
        default:
            return is_prepaid(model) ? "prepaid" : "feeder";
    }
}

/// As these meters have it.
const char* parity(LineFraming framing) {
    return framing == LineFraming::dlt645 || framing == LineFraming::cjt188 ? "E" : "N";
}

}  // namespace

std::string import_toml(const BuildingPlan& plan) {
    std::string text;
    const auto out = std::back_inserter(text);
    fmt::format_to(out,
                   "[property]\ncode = \"{}\"\nname = \"Wutong Tower\"\ntime_zone = \"Asia/Shanghai\"\n"
                   "currency = \"CNY\"\n\n[[building]]\ncode = \"{}\"\nname = \"Tower A\"\nfloors = {}\n",
                   kProperty, kBuilding, plan.floors);
    for (const auto& line : plan.lines) {
        if (line.kind != LineKind::pty) {
            fmt::format_to(
                out, "\n[[gateway]]\ncode = \"{}\"\nkind = \"{}\"\nname = \"Gateway {}\"\nendpoint = {}\n",
                upper(line.name), to_string(line.kind), line.name, quoted(endpoint(line)));
        }
    }
    for (const auto& line : plan.lines) {
        fmt::format_to(out, "\n[[channel]]\ncode = \"{}\"\n", channel_code(line));
        if (line.kind != LineKind::pty) {
            fmt::format_to(out, "gateway = \"{}\"\n", upper(line.name));
        }
        fmt::format_to(
            out,
            "transport = \"{}\"\nendpoint = {}\nbaud = {}\nparity = \"{}\"\nstop_bits = 1\n"
            "answer_timeout_ms = {}\n",
            to_string(line.kind), quoted(endpoint(line)), line.baud, parity(line.framing),
            line.kind == LineKind::pty ? kSerialAnswerTimeoutMs : line.gateway_timeout_ms + kGatewayMarginMs);
    }
    return text;
}

std::string meters_csv(const BuildingPlan& plan) {
    std::string text =
        "property,building,floor,unit,channel,address,station_address,profile,serial,code,role,feeds\n";
    for (const auto& meter : plan.meters) {
        const auto line = std::find_if(plan.lines.begin(), plan.lines.end(),
                                       [&](const LinePlan& one) { return one.name == meter.line; });
        const bool mqtt = line->kind == LineKind::mqtt;
        const bool modbus = line->framing == LineFraming::modbus && !mqtt;
        const bool measures_only = mqtt && line->tongue == MqttTongue::shelly;
        const auto station = mqtt ? MqttDevices::address_of(*line, meter) : line_address(meter);
        text += fmt::format(
            "{},{},{},{},{},{},{},{},{},{},{},{}\n", kProperty, kBuilding, meter.floor, field(meter.unit),
            channel_code(*line), modbus ? line_address(meter) : "", modbus ? "" : station,
            mqtt ? MqttDevices::profile_of(line->tongue) : profile_on(meter.model, line->framing),
            meter.serial, field(meter.code), measures_only ? "monitor" : role_of(meter.model),
            field(fmt::format("{}", fmt::join(meter.feeds, " "))));
    }
    return text;
}

void write_import(const BuildingPlan& plan, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    write_file_atomically(folder / "import.toml", import_toml(plan));
    write_file_atomically(folder / "meters.csv", meters_csv(plan));
}

}  // namespace wutong::simulator
