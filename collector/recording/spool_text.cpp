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

std::int64_t us_of(core::Timestamp at) {
    return at.time_since_epoch().count();
}

core::Timestamp time_of(const nlohmann::json& us) {
    return core::Timestamp{std::chrono::microseconds{us.get<std::int64_t>()}};
}

}  // namespace

std::string to_spool_text(const storage::ReadingRow& reading) {
    nlohmann::json object{{"property", reading.property.value},
                          {"meter", reading.meter.value},
                          {"read_at_us", us_of(reading.read_at)},
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
                             {"before_at_us", us_of(doubt->before_at)},
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
    reading.read_at = time_of(object.at("read_at_us"));
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
        doubt.before_at = time_of(found->at("before_at_us"));
        doubt.text = found->at("text").get<std::string>();
        if (found->contains("capacity_wh")) {
            doubt.capacity = core::Energy{found->at("capacity_wh").get<std::int64_t>()};
        }
        reading.doubted = std::move(doubt);
    }
    return reading;
}

std::string to_spool_text(const storage::MeterEventsRow& events) {
    nlohmann::json object{{"property", events.property.value},
                          {"meter", events.meter.value},
                          {"at_us", us_of(events.report.at)},
                          {"shown", nlohmann::json::object()},
                          {"records", nlohmann::json::array()}};
    for (const auto& [kind, stands] : events.report.shown) {
        object["shown"][core::to_string(kind)] = stands;
    }
    for (const auto& record : events.report.records) {
        nlohmann::json one{{"kind", core::to_string(record.kind)}, {"began_us", us_of(record.began_at)}};
        if (record.ended_at) {
            one["ended_us"] = us_of(*record.ended_at);
        }
        object["records"].push_back(std::move(one));
    }
    return object.dump();
}

storage::MeterEventsRow events_from_spool_text(const std::string& text) {
    const auto object = nlohmann::json::parse(text);
    storage::MeterEventsRow events;
    events.property.value = object.at("property").get<std::int64_t>();
    events.meter.value = object.at("meter").get<std::int64_t>();
    events.report.at = time_of(object.at("at_us"));
    for (const auto& [kind, stands] : object.at("shown").items()) {
        events.report.shown[core::parse_meter_event_kind(kind)] = stands.get<bool>();
    }
    for (const auto& one : object.at("records")) {
        core::EventRecord record;
        record.kind = core::parse_meter_event_kind(one.at("kind").get<std::string>());
        record.began_at = time_of(one.at("began_us"));
        if (one.contains("ended_us")) {
            record.ended_at = time_of(one.at("ended_us"));
        }
        events.report.records.push_back(record);
    }
    return events;
}

}  // namespace wutong::collector
