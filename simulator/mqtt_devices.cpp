#include "simulator/mqtt_devices.hpp"

#include <fmt/format.h>

#include <array>

#include "collector/protocols/sparkplug.hpp"

namespace wutong::simulator {

namespace spb = protocols::sparkplug;

namespace {

constexpr const char* kGroup = "WUTONG";
constexpr std::int64_t kVoltageMv = 230'000;

std::uint64_t milliseconds(core::Timestamp at) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count());
}

/// 1234 thousandths are "1.234".
std::string thousandths(std::int64_t value) {
    return fmt::format("{}{}.{:03}", value < 0 ? "-" : "", std::abs(value) / 1000, std::abs(value) % 1000);
}

std::string digits(core::Timestamp at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{seconds - day};
    return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

spb::Metric metric(const char* name, std::uint64_t alias, spb::DataType type, spb::Value value) {
    spb::Metric made;
    made.name = name;
    made.alias = alias;
    made.type = type;
    made.value = std::move(value);
    return made;
}

}  // namespace

MqttDevices::MqttDevices(const LinePlan& plan, Building& building) : plan_{plan}, building_{building} {}

std::string MqttDevices::address_of(const LinePlan& line, const MeterPlan& meter) {
    switch (line.tongue) {
        case MqttTongue::tasmota:
            return "plug-" + meter.code;
        case MqttTongue::shelly:
            return "shellypro3em-" + meter.serial;
        case MqttTongue::json:
            return line.name + '/' + meter.code;
        case MqttTongue::sparkplug:
            return fmt::format("{}/{}/{}", kGroup, line.name, meter.code);
    }
    return meter.code;
}

const char* MqttDevices::profile_of(MqttTongue tongue) {
    switch (tongue) {
        case MqttTongue::tasmota:
            return "tasmota-energy";
        case MqttTongue::shelly:
            return "shelly-pro-3em";
        case MqttTongue::json:
            return "mqtt-json-gateway";
        case MqttTongue::sparkplug:
            break;
    }
    return "sparkplug-meter";
}

std::vector<InstalledMeter*> MqttDevices::alive(core::Timestamp now) const {
    std::vector<InstalledMeter*> meters;
    for (const auto& meter : building_.meters()) {
        if (meter->plan.line == plan_.name && !meter->dead && now >= meter->silent_until) {
            meters.push_back(meter.get());
        }
    }
    return meters;
}

MqttDevices::Values MqttDevices::values_of(const InstalledMeter& meter, core::Timestamp now) {
    meter.advance(now);
    Values values;
    if (const auto* prepaid = meter.prepaid()) {
        values.energy_wh = prepaid->registers().energy_mwh / 1000;
        values.power_w = prepaid->load_w();
        values.closed = prepaid->relay_closed();
        values.voltage_mv = kVoltageMv;
        values.current_ma = values.power_w * 1'000'000 / kVoltageMv;
    }
    return values;
}

std::vector<std::string> MqttDevices::subscriptions() const {
    switch (plan_.tongue) {
        case MqttTongue::tasmota:
            return {"cmnd/+/POWER", "cmnd/+/Backlog"};
        case MqttTongue::shelly:
            return {"+/rpc"};
        case MqttTongue::json:
            return {"site/" + plan_.name + "/down/+"};
        case MqttTongue::sparkplug:
            return {spb::topic_of("NCMD", kGroup, plan_.name),
                    spb::topic_of("DCMD", kGroup, plan_.name, "+")};
    }
    return {};
}

MqttMessage MqttDevices::will() {
    if (plan_.tongue != MqttTongue::sparkplug) {
        return {};  // each plug has its own; they are one connection here
    }
    ++birth_death_sequence_;
    spb::Payload payload;
    payload.metrics.push_back(metric("bdSeq", 0, spb::DataType::uint64, birth_death_sequence_));
    payload.metrics.back().alias.reset();
    const auto bytes = spb::encode(payload);
    return {spb::topic_of("NDEATH", kGroup, plan_.name), {bytes.begin(), bytes.end()}, false};
}

std::vector<MqttMessage> MqttDevices::births(core::Timestamp now) {
    std::vector<MqttMessage> said;
    if (plan_.tongue == MqttTongue::sparkplug) {
        sequence_ = 0;
        said.push_back(sparkplug("NBIRTH", nullptr, now));
    }
    for (auto* meter : alive(now)) {
        const auto address = address_of(plan_, meter->plan);
        if (plan_.tongue == MqttTongue::tasmota) {
            said.push_back({"tele/" + address + "/LWT", "Online", true});
        } else if (plan_.tongue == MqttTongue::shelly) {
            said.push_back({address + "/online", "true", true});
        } else if (plan_.tongue == MqttTongue::sparkplug) {
            said.push_back(sparkplug("DBIRTH", meter, now));
        }
    }
    return said;
}

std::vector<MqttMessage> MqttDevices::telemetry(core::Timestamp now) {
    if (plan_.tongue == MqttTongue::json) {
        return {tell_all(now)};
    }
    std::vector<MqttMessage> said;
    for (auto* meter : alive(now)) {
        for (auto& message : tell(*meter, now)) {
            said.push_back(std::move(message));
        }
    }
    return said;
}

std::vector<MqttMessage> MqttDevices::tell(InstalledMeter& meter, core::Timestamp now) {
    const auto values = values_of(meter, now);
    const auto address = address_of(plan_, meter.plan);
    switch (plan_.tongue) {
        case MqttTongue::tasmota:
            return {{"tele/" + address + "/STATE",
                     fmt::format(R"({{"POWER":"{}"}})", values.closed ? "ON" : "OFF")},
                    {"tele/" + address + "/SENSOR",
                     fmt::format(R"({{"ENERGY":{{"Total":{},"Power":{},"Voltage":{},"Current":{}}}}})",
                                 thousandths(values.energy_wh), values.power_w, values.voltage_mv / 1000,
                                 thousandths(values.current_ma))}};
        case MqttTongue::shelly:
            return {
                {address + "/status/em:0",
                 fmt::format(R"({{"id":0,"total_act_power":{},"a_voltage":{},"a_current":{}}})",
                             values.power_w, thousandths(values.voltage_mv), thousandths(values.current_ma))},
                {address + "/status/emdata:0",
                 fmt::format(R"({{"id":0,"total_act":{}.00,"total_act_ret":0.00}})", values.energy_wh)}};
        case MqttTongue::json:
            return {tell_all(now)};
        case MqttTongue::sparkplug:
            return {sparkplug("DDATA", &meter, now)};
    }
    return {};
}

MqttMessage MqttDevices::tell_all(core::Timestamp now) const {
    std::string batch;
    for (const auto* meter : alive(now)) {
        const auto values = values_of(*meter, now);
        batch += fmt::format(
            R"({}{{"id":"{}","status":"ok","timestamp":"{}","wh":{},"wh_export":0,"w":{},"v":[{}],"a":[{}],"relay":{}}})",
            batch.empty() ? "" : ",", meter->plan.code, digits(now + building_.plan().local_offset),
            values.energy_wh, values.power_w, thousandths(values.voltage_mv), thousandths(values.current_ma),
            values.closed ? 1 : 0);
    }
    return {"site/" + plan_.name + "/up",
            fmt::format(R"({{"gateway":"{}","batch":[{}]}})", plan_.name, batch)};
}

MqttMessage MqttDevices::sparkplug(const char* type, const InstalledMeter* meter, core::Timestamp now) {
    spb::Payload payload;
    payload.timestamp_ms = milliseconds(now);
    payload.sequence = sequence_++ % 256;
    const std::string kind = type;
    if (meter == nullptr) {
        payload.metrics.push_back(metric("bdSeq", 0, spb::DataType::uint64, birth_death_sequence_));
        payload.metrics.push_back(metric("Node Control/Rebirth", 0, spb::DataType::boolean, false));
        for (auto& told : payload.metrics) {
            told.alias.reset();
        }
    } else {
        const auto values = values_of(*meter, now);
        // Aliases are the node's, so each device has its own.
        std::uint64_t base = 0;
        while (building_.meters()[static_cast<std::size_t>(base)].get() != meter) {
            ++base;
        }
        base *= 10;
        payload.metrics = {metric("Energy/Import", base + 1, spb::DataType::int64, values.energy_wh),
                           metric("Power/Active", base + 2, spb::DataType::int32, values.power_w),
                           metric("Voltage/L1", base + 3, spb::DataType::float64,
                                  static_cast<double>(values.voltage_mv) / 1000.0),
                           metric("Current/L1", base + 4, spb::DataType::float64,
                                  static_cast<double>(values.current_ma) / 1000.0),
                           metric("Relay/Closed", base + 5, spb::DataType::boolean, values.closed)};
        if (kind == "DDATA") {
            for (auto& told : payload.metrics) {
                told.name.clear();
            }
        }
    }
    const auto bytes = spb::encode(payload);
    return {spb::topic_of(kind, kGroup, plan_.name, meter == nullptr ? "" : meter->plan.code),
            {bytes.begin(), bytes.end()},
            false};
}

std::vector<MqttMessage> MqttDevices::relay_told(InstalledMeter& meter, bool close, core::Timestamp now) {
    meter.advance(now);
    auto* prepaid = meter.prepaid();
    if (prepaid == nullptr) {
        return {};
    }
    prepaid->set_forced(!close, !close);
    prepaid->note_write(close ? "relay_close" : "relay_open");
    if (plan_.tongue == MqttTongue::tasmota) {
        return {{"stat/" + address_of(plan_, meter.plan) + "/POWER", prepaid->relay_closed() ? "ON" : "OFF"}};
    }
    return tell(meter, now);
}

std::vector<MqttMessage> MqttDevices::obey(const MqttMessage& order, core::Timestamp now) {
    if (plan_.tongue == MqttTongue::sparkplug && order.topic == spb::topic_of("NCMD", kGroup, plan_.name)) {
        return births(now);
    }
    for (auto* meter : alive(now)) {
        const auto address = address_of(plan_, meter->plan);
        switch (plan_.tongue) {
            case MqttTongue::tasmota:
                if (order.topic == "cmnd/" + address + "/POWER") {
                    return relay_told(*meter, order.payload == "ON", now);
                }
                if (order.topic == "cmnd/" + address + "/Backlog") {
                    return tell(*meter, now);
                }
                break;
            case MqttTongue::shelly:
                if (order.topic == address + "/rpc") {
                    return tell(*meter, now);
                }
                break;
            case MqttTongue::json:
                if (order.topic == "site/" + plan_.name + "/down/" + meter->plan.code) {
                    const bool relay = order.payload.find("\"relay\"") != std::string::npos;
                    return relay ? relay_told(*meter, order.payload.find(":1") != std::string::npos, now)
                                 : tell(*meter, now);
                }
                break;
            case MqttTongue::sparkplug: {
                const auto* bytes = reinterpret_cast<const std::uint8_t*>(order.payload.data());
                const auto payload = spb::decode({bytes, order.payload.size()});
                if (order.topic == spb::topic_of("DCMD", kGroup, plan_.name, meter->plan.code) && payload &&
                    !payload->metrics.empty()) {
                    return relay_told(*meter, payload->metrics.front().value == spb::Value{true}, now);
                }
                break;
            }
        }
    }
    return {};
}

}  // namespace wutong::simulator
