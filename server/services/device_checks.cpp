#include "server/services/device_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "core/link_names.hpp"
#include "core/station_address.hpp"
#include "server/call.hpp"
#include "server/services/meter_settings.hpp"
#include "storage/unfinished_work.hpp"

namespace wutong::server {

namespace {

constexpr std::array<const char*, 8> kTransports{"serial",      "modbus_tcp",   "rtu_over_tcp",  "dial_in",
                                                 "gateway_tls", "gateway_3des", "gateway_plain", "mqtt"};
constexpr const char* kUnknownTransport =
    "\"{}\" is not known; use serial, modbus_tcp, rtu_over_tcp, dial_in, gateway_tls, gateway_3des, "
    "gateway_plain or mqtt";

bool one_of_transports(const std::string& text) {
    return std::find(kTransports.begin(), kTransports.end(), text) != kTransports.end();
}

bool is_host_and_port(const std::string& text) {
    const auto colon = text.rfind(':');
    int port = 0;
    if (colon == std::string::npos || colon == 0) {
        return false;
    }
    const auto read = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() && port >= 1 && port <= 65'535 &&
           text.find_first_of(" \t\r\n/") == std::string::npos;
}

bool is_serial_device(const std::string& text) {
    const bool windows = text.starts_with("COM") || text.starts_with("\\\\.\\COM");
    return (windows || text.starts_with("/")) && text.find("..") == std::string::npos;
}

void check_endpoint(const std::string& kind, const std::string& endpoint, const char* field,
                    std::vector<FieldViolation>& violations) {
    if (endpoint.size() > 255) {
        violations.push_back({field, "has more than 255 bytes"});
    } else if (kind == "dial_in") {
        const auto name = core::parse_dial_in_name(endpoint);
        if (const auto* bad = std::get_if<core::BadName>(&name)) {
            violations.push_back({field, bad->why});
        }
    } else if (kind.starts_with("gateway_")) {
        const auto name = core::parse_gateway_port_name(endpoint);
        if (const auto* bad = std::get_if<core::BadName>(&name)) {
            violations.push_back({field, bad->why});
        }
    } else if (kind == "mqtt") {
        const auto name = core::parse_broker_name(endpoint);
        if (const auto* bad = std::get_if<core::BadName>(&name)) {
            violations.push_back({field, bad->why});
        }
    } else if (kind == "serial" ? !is_serial_device(endpoint) : !is_host_and_port(endpoint)) {
        violations.push_back(
            {field, fmt::format("\"{}\" is not {}", endpoint,
                                kind == "serial" ? "an absolute device path, as /dev/ttyUSB0"
                                                 : "an address with a port, as 192.0.2.10:502")});
    }
}

template <class Number>
void check_range(const Number& value, const char* field, std::int64_t least, std::int64_t most,
                 std::vector<FieldViolation>& violations) {
    if (value < least || value > most) {
        violations.push_back({field, fmt::format("is {}; it must be from {} to {}", value, least, most)});
    }
}

template <class Number>
void check_range(const std::optional<Number>& value, const char* field, std::int64_t least, std::int64_t most,
                 std::vector<FieldViolation>& violations) {
    if (value) {
        check_range(*value, field, least, most, violations);
    }
}

}  // namespace

void check_text(const std::string& value, const char* field, std::size_t most,
                std::vector<FieldViolation>& violations) {
    if (value.empty() || value.size() > most) {
        violations.push_back({field, value.empty() ? "must not be empty"
                                                   : fmt::format("is {} bytes long; at most {} are allowed",
                                                                 value.size(), most)});
    } else if (std::any_of(value.begin(), value.end(), [](char c) { return c >= 0 && c < ' '; })) {
        violations.push_back({field, "has a control character in it"});
    }
}

std::string carrier_fault(const std::string& transport, const storage::MeterRow& meter,
                          const Profiles& profiles) {
    const auto* profile = profiles.find(meter.profile);
    if (profile == nullptr) {
        return {};
    }
    if (profile->sends_by_itself() != (transport == "mqtt")) {
        return "meters that send by themselves, and no others, are on channels of mqtt";
    }
    return profile->needs_station_address() && transport == "modbus_tcp"
               ? "is Modbus TCP and carries nothing else; use serial or rtu_over_tcp"
               : "";
}

void refuse_if_any(std::vector<FieldViolation> violations) {
    if (!violations.empty()) {
        throw invalid(std::move(violations));
    }
}

std::vector<FieldViolation> check_gateway(const storage::GatewayRow& gateway) {
    std::vector<FieldViolation> violations;
    check_text(gateway.code, "code", 32, violations);
    if (gateway.name.size() > 200) {
        violations.push_back({"name", "has more than 200 bytes"});
    }
    if (!one_of_transports(gateway.kind)) {
        violations.push_back({"kind", fmt::format(kUnknownTransport, gateway.kind)});
    } else if (gateway.kind == "dial_in" || gateway.kind.starts_with("gateway_")) {
        // One gateway, many ports: what is dialled stands with the channels, here it is only for people.
        if (gateway.endpoint.size() > 255) {
            violations.push_back({"endpoint", "has more than 255 bytes"});
        }
    } else if (!gateway.endpoint.empty()) {
        check_endpoint(gateway.kind, gateway.endpoint, "endpoint", violations);
    }
    return violations;
}

std::vector<FieldViolation> check_channel(const storage::ChannelRow& channel) {
    std::vector<FieldViolation> violations;
    check_text(channel.code, "code", 32, violations);
    if (channel.name.size() > 200) {
        violations.push_back({"name", "has more than 200 bytes"});
    }
    if (!one_of_transports(channel.transport)) {
        violations.push_back({"transport", fmt::format(kUnknownTransport, channel.transport)});
    } else {
        check_endpoint(channel.transport, channel.endpoint, "endpoint", violations);
        if (!channel.standby_endpoint.empty()) {
            check_endpoint(channel.transport, channel.standby_endpoint, "standby_endpoint", violations);
            if (channel.transport == "dial_in") {
                violations.push_back({"standby_endpoint", "a gateway that dials in chooses its path itself"});
            } else if (channel.standby_endpoint == channel.endpoint) {
                violations.push_back({"standby_endpoint", "is the same as the endpoint"});
            }
        }
    }
    check_range(channel.baud, "baud", 300, 921'600, violations);
    if (channel.parity != "N" && channel.parity != "E" && channel.parity != "O") {
        violations.push_back({"parity", fmt::format("\"{}\" is not known; use N, E or O", channel.parity)});
    }
    check_range(channel.stop_bits, "stop_bits", 1, 2, violations);
    check_range(channel.answer_timeout_ms, "answer_timeout_ms", 20, 60'000, violations);
    check_range(channel.retries, "retries", 0, 10, violations);
    check_range(channel.reading_interval_s, "reading_interval_s", 1, 86'400, violations);
    check_range(channel.state_interval_s, "state_interval_s", 1, 86'400, violations);
    return violations;
}

std::vector<FieldViolation> check_meter(const storage::MeterRow& meter, const Profiles& profiles) {
    constexpr std::int64_t kMoneyMax = 10'000'000'000'000;  // a thousand million of the currency unit
    std::vector<FieldViolation> violations;
    check_text(meter.code, "code", 32, violations);
    check_text(meter.serial_number, "serial_number", 32, violations);
    if (meter.role != "prepaid" && meter.role != "monitor" && meter.role != "feeder") {
        violations.push_back(
            {"role", fmt::format("\"{}\" is not known; use prepaid, monitor or feeder", meter.role)});
    }
    const auto* profile = profiles.find(meter.profile);
    if (profile == nullptr) {
        violations.push_back({"profile", fmt::format("there is no profile \"{}\"; known are: {}",
                                                     meter.profile.substr(0, 64), profiles.names())});
    } else if (meter.role == "prepaid" && profile->credit == core::CreditKind::none) {
        violations.push_back(
            {"role",
             fmt::format("a meter with the profile {} holds no credit; use monitor or feeder", profile->id)});
    }
    const auto protocol = profile == nullptr ? core::MeterProtocol::modbus : profile->protocol;
    if (protocol == core::MeterProtocol::modbus) {
        check_range(meter.bus_address, "bus_address", 1, 247, violations);
    } else if (meter.bus_address != 0) {
        violations.push_back(
            {"bus_address", fmt::format("must be left out: a meter of {} has a station address",
                                        core::to_string(protocol))});
    }
    if (auto why = core::station_address_fault(protocol, meter.station_address);
        profile != nullptr && !why.empty()) {
        violations.push_back({"station_address", std::move(why)});
    }
    check_range(meter.price_e4, "price_e4", 0, 1'000'000'000, violations);
    check_range(meter.alarm_1_e4, "alarm_1_e4", 0, kMoneyMax, violations);
    check_range(meter.alarm_2_e4, "alarm_2_e4", 0, kMoneyMax, violations);
    check_range(meter.overdraft_e4, "overdraft_e4", 0, kMoneyMax, violations);
    check_range(meter.overload_w, "overload_w", 0, 100'000'000, violations);
    if (profile != nullptr && profile->switchable()) {
        for (const auto& [field, quantity, value] :
             {std::tuple{"price_e4", core::Quantity::price, meter.price_e4},
              std::tuple{"alarm_1_e4", core::Quantity::alarm_1, meter.alarm_1_e4},
              std::tuple{"alarm_2_e4", core::Quantity::alarm_2, meter.alarm_2_e4},
              std::tuple{"overdraft_e4", core::Quantity::overdraft, meter.overdraft_e4},
              std::tuple{"overload_w", core::Quantity::overload_power, meter.overload_w}}) {
            if (auto why = value ? misfit(*profile, quantity, *value) : std::string{}; !why.empty()) {
                violations.push_back({field, std::move(why)});
            }
        }
    }
    check_range(meter.balance_max_e4, "balance_max_e4", 1, kMoneyMax, violations);
    check_range(meter.reading_interval_s, "reading_interval_s", 1, 86'400, violations);
    check_range(meter.state_interval_s, "state_interval_s", 1, 86'400, violations);
    return violations;
}

void refuse_move_under_way(storage::Transaction& tx, const storage::MeterRow& before,
                           const storage::MeterRow& after) {
    std::string changes;
    const auto compare = [&changes](const char* what, const auto& from, const auto& to) {
        if (from != to) {
            changes += (changes.empty() ? "" : ", ") + std::string{what};
        }
    };
    compare("channel", before.channel, after.channel);
    compare("bus address", before.bus_address, after.bus_address);
    compare("station address", before.station_address, after.station_address);
    compare("profile", before.profile, after.profile);
    compare("serial number", before.serial_number, after.serial_number);
    if (changes.empty()) {
        return;
    }
    const auto unfinished = storage::lock_unfinished_work(tx, before.property, before.meter);
    if (unfinished.any()) {
        throw failed_precondition(
            "work_under_way",
            fmt::format(
                "Meter {} has {} unfinished payments and {} unfinished commands on their way; its {} "
                "can't be changed under them. Nothing was changed. Wait until they have ended, cancel "
                "the commands, or settle the deliveries that wait for you.",
                before.code, unfinished.deliveries, unfinished.commands, changes));
    }
}

void refuse_conflict(const storage::StatementFailed& error) {
    static const std::map<std::string, std::pair<const char*, const char*>> kKnown{
        {"property_code_key", {"code", "a property with this code is there already"}},
        {"building_property_id_code_key", {"code", "a building with this code is there already"}},
        {"floor_property_id_building_id_number_key", {"number", "the building has this floor already"}},
        {"unit_property_id_code_key", {"code", "a unit with this code is there already"}},
        {"gateway_property_id_code_key", {"code", "a gateway with this code is there already"}},
        {"channel_property_id_code_key", {"code", "a channel with this code is there already"}},
        {"channel_registration", {"endpoint", "another channel has this registration already"}},
        {"meter_property_id_code_key", {"code", "a meter with this code is there already"}},
        {"meter_property_id_serial_number_key",
         {"serial_number", "a meter with this serial number is there already"}},
        {"meter_property_id_channel_id_bus_address_key",
         {"bus_address", "another meter has this address on the channel"}},
        {"meter_station_address_key",
         {"station_address", "another meter has this station address on the channel"}},
        {"operator_name", {"name", "an operator with this name is there already"}},
        {"floor_property_id_building_id_fkey", {"building_id", "there is no such building"}},
        {"unit_property_id_floor_id_fkey", {"floor_id", "there is no such floor"}},
        {"channel_property_id_gateway_id_fkey", {"gateway_id", "there is no such gateway"}},
        {"meter_property_id_channel_id_fkey", {"channel_id", "there is no such channel"}},
        {"meter_property_id_unit_id_fkey", {"unit_id", "there is no such unit"}},
    };
    const auto known = kKnown.find(error.constraint());
    if (known == kKnown.end()) {
        throw error;
    }
    const auto& [field, text] = known->second;
    if (dynamic_cast<const storage::ReferenceViolation*>(&error) != nullptr) {
        throw invalid(field, text);
    }
    throw already_exists(field, text);
}

}  // namespace wutong::server
