#include "simulator/plan_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <stdexcept>

namespace wutong::simulator {
namespace {

constexpr double kScaleMax = 100'000.0;

/// A TOML table whose keys have to be known and of the right kind.
class Section {
public:
    Section(const toml::table& table, std::string file, std::string title)
        : table_{table}, file_{std::move(file)}, title_{std::move(title)} {}

    void allow(std::initializer_list<std::string_view> keys) const {
        for (const auto& [key, node] : table_) {
            bool known = false;
            for (const auto allowed : keys) {
                known = known || key.str() == allowed;
            }
            if (!known) {
                fail(node, fmt::format("unknown key {}{}; known: {}", title_, std::string{key.str()},
                                       fmt::join(keys, ", ")));
            }
        }
    }

    [[nodiscard]] std::optional<std::string> text(const char* key) const {
        const auto* node = table_.get(key);
        if (node == nullptr) {
            return std::nullopt;
        }
        const auto value = node->value_exact<std::string>();
        if (!value || value->empty()) {
            fail(*node, fmt::format("{}{} must be a text in quotes", title_, key));
        }
        return value;
    }

    [[nodiscard]] std::optional<std::int64_t> integer(const char* key, std::int64_t low,
                                                      std::int64_t high) const {
        const auto* node = table_.get(key);
        if (node == nullptr) {
            return std::nullopt;
        }
        const auto value = node->value_exact<std::int64_t>();
        if (!value || *value < low || *value > high) {
            fail(*node, fmt::format("{}{} must be a whole number from {} to {}", title_, key, low, high));
        }
        return value;
    }

    [[nodiscard]] std::optional<Scale> scale(const char* key) const {
        const auto* node = table_.get(key);
        if (node == nullptr) {
            return std::nullopt;
        }
        const auto value = node->value<double>();
        if (!value) {
            fail(*node, fmt::format("{}{} must be a number", title_, key));
        }
        try {
            return parse_scale(fmt::format("{}", *value), key);
        } catch (const std::runtime_error& fault) {
            fail(*node, fault.what());
        }
    }

    [[nodiscard]] bool flag(const char* key) const {
        const auto* node = table_.get(key);
        if (node == nullptr) {
            return false;
        }
        const auto value = node->value_exact<bool>();
        if (!value) {
            fail(*node, fmt::format("{}{} must be true or false", title_, key));
        }
        return *value;
    }

    [[nodiscard]] std::string required(const char* key) const {
        auto value = text(key);
        if (!value) {
            fail(table_, fmt::format("{}{} is missing", title_, key));
        }
        return *value;
    }

    [[nodiscard]] std::vector<std::string> texts(const char* key) const {
        std::vector<std::string> all;
        const auto* node = table_.get(key);
        if (node == nullptr) {
            return all;
        }
        const auto* list = node->as_array();
        if (list == nullptr) {
            fail(*node, fmt::format("{}{} must be a list of texts", title_, key));
        }
        for (const auto& element : *list) {
            const auto value = element.value_exact<std::string>();
            if (!value) {
                fail(element, fmt::format("{}{} must be a list of texts", title_, key));
            }
            all.push_back(*value);
        }
        return all;
    }

    template <class Each>
    void each_table(const char* key, Each each) const {
        const auto* node = table_.get(key);
        if (node == nullptr) {
            return;
        }
        const auto* list = node->as_array();
        if (list == nullptr) {
            fail(*node, fmt::format("{} must be written as [[{}]]", key, key));
        }
        for (const auto& element : *list) {
            const auto* table = element.as_table();
            if (table == nullptr) {
                fail(element, fmt::format("{} must be written as [[{}]]", key, key));
            }
            each(Section{*table, file_, fmt::format("{}.", key)});
        }
    }

    [[noreturn]] void fail(const toml::node& at, const std::string& message) const {
        throw std::runtime_error(fmt::format("{}:{}: {}", file_, at.source().begin.line, message));
    }
    [[noreturn]] void fail_key(const char* key, const std::string& message) const {
        fail(table_.get(key) != nullptr ? *table_.get(key) : static_cast<const toml::node&>(table_), message);
    }

private:
    const toml::table& table_;
    std::string file_;
    std::string title_;
};

void parse_mqtt(const Section& section, LinePlan& line) {
    line.kind = LineKind::mqtt;
    line.broker = section.required("broker");
    const auto tongue = section.required("tongue");
    constexpr MqttTongue kTongues[] = {MqttTongue::tasmota, MqttTongue::shelly, MqttTongue::json,
                                       MqttTongue::sparkplug};
    const auto* known = std::find_if(std::begin(kTongues), std::end(kTongues),
                                     [&](MqttTongue one) { return tongue == to_string(one); });
    if (known == std::end(kTongues)) {
        section.fail_key(
            "tongue",
            fmt::format("line.tongue is \"{}\", expected tasmota, shelly, json or sparkplug", tongue));
    }
    line.tongue = *known;
    line.every_ms = static_cast<int>(section.integer("every_ms", 100, 86'400'000).value_or(line.every_ms));
}

LinePlan parse_line(const Section& section) {
    section.allow({"name", "kind", "framing", "link", "port", "baud", "turnaround_ms", "gateway_timeout_ms",
                   "registration", "secret", "heartbeat_ms", "redial_ms", "replay", "broker", "tongue",
                   "every_ms"});
    LinePlan line;
    line.name = section.required("name");
    const auto kind = section.required("kind");
    if (kind == to_string(LineKind::pty)) {
        line.kind = LineKind::pty;
        line.link = section.required("link");
    } else if (kind == to_string(LineKind::modbus_tcp)) {
        line.kind = LineKind::modbus_tcp;
    } else if (kind == to_string(LineKind::rtu_over_tcp)) {
        line.kind = LineKind::rtu_over_tcp;
    } else if (kind == to_string(LineKind::dial_in)) {
        line.kind = LineKind::dial_in;
        line.registration = section.required("registration");
        line.secret = section.text("secret").value_or("");
        line.heartbeat_ms =
            static_cast<int>(section.integer("heartbeat_ms", 10, 3'600'000).value_or(line.heartbeat_ms));
        line.redial_ms =
            static_cast<int>(section.integer("redial_ms", 10, 3'600'000).value_or(line.redial_ms));
    } else if (kind == to_string(LineKind::mqtt)) {
        parse_mqtt(section, line);
    } else {
        section.fail_key(
            "kind",
            fmt::format("line.kind is \"{}\", expected serial, modbus_tcp, rtu_over_tcp, dial_in or mqtt",
                        kind));
    }
    if (const auto framing = section.text("framing")) {
        constexpr LineFraming kFramings[] = {LineFraming::modbus,       LineFraming::dlt645,
                                             LineFraming::cjt188,       LineFraming::hdlc,
                                             LineFraming::dlms_wrapper, LineFraming::iec62056};
        const auto* known = std::find_if(std::begin(kFramings), std::end(kFramings),
                                         [&](LineFraming one) { return *framing == to_string(one); });
        if (known == std::end(kFramings)) {
            section.fail_key("framing",
                             fmt::format("line.framing is \"{}\", expected modbus, dlt645, cjt188, "
                                         "hdlc, dlms_wrapper or iec62056",
                                         *framing));
        }
        line.framing = *known;
    }
    line.replay = section.text("replay").value_or("");
    if (!line.replay.empty() && line.kind == LineKind::dial_in) {
        section.fail_key("replay", "line.replay is for serial, modbus_tcp and rtu_over_tcp");
    }
    line.port = static_cast<std::uint16_t>(section.integer("port", 0, 65'535).value_or(0));
    line.baud = static_cast<int>(section.integer("baud", 300, 115'200).value_or(line.baud));
    line.turnaround_ms =
        static_cast<int>(section.integer("turnaround_ms", 0, 1000).value_or(line.turnaround_ms));
    line.gateway_timeout_ms =
        static_cast<int>(section.integer("gateway_timeout_ms", 1, 60'000).value_or(line.gateway_timeout_ms));
    return line;
}

MeterPlan parse_meter(const Section& section) {
    section.allow({"serial", "code", "profile", "line", "address", "floor", "unit", "box", "box_circuits",
                   "premises", "shift_weeks", "feeds", "twin"});
    MeterPlan meter;
    meter.serial = section.required("serial");
    meter.code = section.text("code").value_or(meter.serial);
    const auto profile = section.required("profile");
    const auto* model = std::find_if(std::begin(kModels), std::end(kModels),
                                     [&](Model one) { return profile == profile_of(one); });
    if (model == std::end(kModels)) {
        std::vector<std::string> all;
        for (const auto one : kModels) {
            all.emplace_back(profile_of(one));
        }
        section.fail_key("profile", fmt::format("meter.profile is \"{}\", expected one of {}", profile,
                                                fmt::join(all, ", ")));
    }
    meter.model = *model;
    meter.line = section.required("line");
    meter.address = static_cast<int>(section.integer("address", 1, 247).value_or(0));
    meter.floor = static_cast<int>(section.integer("floor", 1, 200).value_or(1));
    meter.unit = section.text("unit").value_or(is_prepaid(meter.model) ? meter.code : "");
    meter.box = static_cast<int>(section.integer("box", 0, 20).value_or(0));
    meter.box_circuits = static_cast<int>(
        section.integer("box_circuits", 12, 36).value_or(meter.model == Model::adf300 ? 12 : 0));
    meter.premises_id = section.text("premises").value_or("");
    meter.shift_weeks = static_cast<int>(section.integer("shift_weeks", 0, 51).value_or(0));
    meter.feeds = section.texts("feeds");
    meter.twin = section.flag("twin");
    return meter;
}

}  // namespace

Scale parse_scale(const std::string& text, const std::string& what) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const auto thousandths = std::isfinite(value) ? std::llround(value * 1000.0) : 0;
    if (text.empty() || *end != '\0' || thousandths < 1 || value > kScaleMax) {
        throw std::runtime_error(fmt::format("{} is '{}', expected a number from 0.001 to {}", what, text,
                                             static_cast<int>(kScaleMax)));
    }
    return Scale{thousandths};
}

SimConfig parse_config(std::string_view text, const std::string& name) {
    toml::table table;
    try {
        table = toml::parse(text, name);
    } catch (const toml::parse_error& fault) {
        throw std::runtime_error(
            fmt::format("{}:{}: {}", name, fault.source().begin.line, std::string{fault.description()}));
    }
    const Section root{table, name, ""};
    root.allow({"demo", "demo_modbus_tcp_port", "demo_rtu_over_tcp_port", "data", "state", "control_port",
                "seed", "load_scale", "price_scale", "line", "meter"});
    SimConfig config;
    config.demo = root.text("demo");
    config.demo_ports.modbus_tcp = static_cast<std::uint16_t>(
        root.integer("demo_modbus_tcp_port", 1, 65'535).value_or(config.demo_ports.modbus_tcp));
    config.demo_ports.rtu_over_tcp = static_cast<std::uint16_t>(
        root.integer("demo_rtu_over_tcp_port", 1, 65'535).value_or(config.demo_ports.rtu_over_tcp));
    config.data = root.text("data");
    config.state = root.text("state");
    if (const auto port = root.integer("control_port", 0, 65'535)) {
        config.control_port = static_cast<std::uint16_t>(*port);
    }
    if (const auto seed = root.integer("seed", 0, std::numeric_limits<std::int64_t>::max())) {
        config.seed = static_cast<std::uint64_t>(*seed);
    }
    config.load_scale = root.scale("load_scale");
    config.price_scale = root.scale("price_scale");
    root.each_table("line", [&](const Section& line) { config.lines.push_back(parse_line(line)); });
    root.each_table("meter", [&](const Section& meter) { config.meters.push_back(parse_meter(meter)); });
    if (config.demo && (!config.lines.empty() || !config.meters.empty())) {
        throw std::runtime_error(name +
                                 ": demo brings its own lines and meters; leave [[line]] and [[meter]] out");
    }
    return config;
}

SimConfig read_config(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        throw std::runtime_error(fmt::format("{}: can't be opened", path.string()));
    }
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    return parse_config(text, path.string());
}

}  // namespace wutong::simulator
