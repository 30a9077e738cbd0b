#include <nlohmann/json.hpp>

#include "collector/recording/spool.hpp"

namespace wutong::collector {

namespace {

/// Every field with its name, once for both directions.
template <class Row, class Visit>
void for_each_number(Row& row, const Visit& visit) {
    visit("energy_wh", row.energy_wh);
    visit("sharp_wh", row.sharp_wh);
    visit("peak_wh", row.peak_wh);
    visit("flat_wh", row.flat_wh);
    visit("valley_wh", row.valley_wh);
    visit("reverse_wh", row.reverse_wh);
    visit("balance_e4", row.balance_e4);
    visit("purchase_number", row.purchase_number);
    visit("power_w", row.power_w);
    visit("reactive_var", row.reactive_var);
    visit("power_factor_e3", row.power_factor_e3);
    visit("frequency_mhz", row.frequency_mhz);
}

}  // namespace

std::string to_spool_text(const storage::ReadingRow& reading) {
    nlohmann::json object{{"property", reading.property.value},
                          {"meter", reading.meter.value},
                          {"read_at_us", reading.read_at.time_since_epoch().count()},
                          {"source", reading.source}};
    for_each_number(reading, [&](const char* name, const std::optional<std::int64_t>& value) {
        if (value) {
            object[name] = *value;
        }
    });
    if (!reading.voltage_mv.empty()) {
        object["voltage_mv"] = reading.voltage_mv;
    }
    if (!reading.current_ma.empty()) {
        object["current_ma"] = reading.current_ma;
    }
    if (reading.relay_closed) {
        object["relay_closed"] = *reading.relay_closed;
    }
    if (const auto& doubt = reading.doubted) {
        object["doubted"] = {{"verdict", core::to_string(doubt->verdict)},
                             {"shown_wh", doubt->shown.watt_hours()},
                             {"before_wh", doubt->before.watt_hours()},
                             {"before_at_us", doubt->before_at.time_since_epoch().count()},
                             {"text", doubt->text}};
        if (doubt->capacity) {
            object["doubted"]["capacity_wh"] = doubt->capacity->watt_hours();
        }
    }
    return object.dump();
}

storage::ReadingRow from_spool_text(const std::string& text) {
    const auto object = nlohmann::json::parse(text);
    storage::ReadingRow reading;
    reading.property.value = object.at("property").get<std::int64_t>();
    reading.meter.value = object.at("meter").get<std::int64_t>();
    reading.read_at = core::Timestamp{std::chrono::microseconds{object.at("read_at_us").get<std::int64_t>()}};
    reading.source = object.at("source").get<std::string>();
    for_each_number(reading, [&](const char* name, std::optional<std::int64_t>& value) {
        if (const auto found = object.find(name); found != object.end()) {
            value = found->get<std::int64_t>();
        }
    });
    if (const auto found = object.find("voltage_mv"); found != object.end()) {
        reading.voltage_mv = found->get<std::vector<std::int64_t>>();
    }
    if (const auto found = object.find("current_ma"); found != object.end()) {
        reading.current_ma = found->get<std::vector<std::int64_t>>();
    }
    if (const auto found = object.find("relay_closed"); found != object.end()) {
        reading.relay_closed = found->get<bool>();
    }
    if (const auto found = object.find("doubted"); found != object.end()) {
        core::DoubtedRegister doubt;
        doubt.verdict = core::parse_plausibility(found->at("verdict").get<std::string>());
        doubt.shown = core::Energy{found->at("shown_wh").get<std::int64_t>()};
        doubt.before = core::Energy{found->at("before_wh").get<std::int64_t>()};
        doubt.before_at =
            core::Timestamp{std::chrono::microseconds{found->at("before_at_us").get<std::int64_t>()}};
        doubt.text = found->at("text").get<std::string>();
        if (found->contains("capacity_wh")) {
            doubt.capacity = core::Energy{found->at("capacity_wh").get<std::int64_t>()};
        }
        reading.doubted = std::move(doubt);
    }
    return reading;
}

}  // namespace wutong::collector
