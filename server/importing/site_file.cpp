#include <fmt/format.h>

#include "server/configuration/toml_reader.hpp"
#include "server/importing/import_plan.hpp"
#include "server/services/device_checks.hpp"

namespace wutong::server {

namespace {

constexpr std::size_t kBuildingsMax = 200;
constexpr std::size_t kFloorsMax = 500;
constexpr std::size_t kLinksMax = 5'000;

void code(TomlReader& reader, std::string& into) {
    reader.require("code");
    reader.text("code", into, 32, 1);
}

void read_floors(TomlReader& building, const std::string& file, PlannedBuilding& planned) {
    if (building.has("floors") && building.has("floor")) {
        building.fault("floors", "either a number of floors, or [[building.floor]] for each, not both");
    }
    int count = 0;
    building.number("floors", count, 1, static_cast<std::int64_t>(kFloorsMax));
    for (int number = 1; number <= count; ++number) {
        planned.floors.push_back({{file, building.line_of("floors")}, number, fmt::format("{}F", number)});
    }
    building.sections("floor", kFloorsMax, [&](TomlReader& reader) {
        PlannedFloor floor{{file, reader.line()}, 0, ""};
        reader.require("number");
        reader.number("number", floor.number, -100, 1'000);
        floor.name = fmt::format("{}F", floor.number);
        reader.text("name", floor.name, 100, 1);
        planned.floors.push_back(std::move(floor));
    });
}

void read_channel(TomlReader& reader, const std::string& file, ImportPlan& plan) {
    PlannedChannel channel;
    channel.place = {file, reader.line()};
    auto& row = channel.row;
    code(reader, row.code);
    row.name = row.code;
    reader.text("name", row.name, 200);
    reader.text("gateway", channel.gateway, 32, 1);
    row.transport = "";
    reader.require("transport");
    reader.text("transport", row.transport, 20);
    reader.require("endpoint");
    reader.text("endpoint", row.endpoint, 255);
    reader.text("standby_endpoint", row.standby_endpoint, 255);
    reader.number("baud", row.baud, 300, 921'600);
    reader.text("parity", row.parity, 1, 1);
    reader.number("stop_bits", row.stop_bits, 1, 2);
    reader.number("answer_timeout_ms", row.answer_timeout_ms, 20, 60'000);
    reader.number("retries", row.retries, 0, 10);
    const auto interval = [&reader](const char* key, std::optional<std::int32_t>& into) {
        if (const auto value = reader.integer(key, 1, 86'400)) {
            into = static_cast<std::int32_t>(*value);
        }
    };
    interval("reading_interval_s", row.reading_interval_s);
    interval("state_interval_s", row.state_interval_s);
    for (const auto& violation : check_channel(row)) {
        if (reader.has(violation.field)) {
            reader.fault(violation.field, violation.description);
        }
    }
    plan.channels.push_back(std::move(channel));
}

void read_all(TomlReader& root, const std::string& file, ImportPlan& plan, std::vector<ImportFault>& faults) {
    root.section("property", [&](TomlReader& reader) {
        if (plan.property) {
            faults.push_back({file, reader.line(), "property",
                              fmt::format("is in {}:{} already; one import is one property",
                                          plan.property_place.file, plan.property_place.line)});
        }
        storage::PropertyRow property{{}, "", "", "Asia/Shanghai", "CNY"};
        code(reader, property.code);
        property.name = property.code;
        reader.text("name", property.name, 200, 1);
        reader.text("time_zone", property.time_zone, 64, 1);
        reader.text("currency", property.currency, 3, 3);
        if (property.currency.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos) {
            reader.fault("currency", "must be three capital letters, as CNY");
        }
        plan.property = std::move(property);
        plan.property_place = {file, reader.line()};
    });
    root.sections("building", kBuildingsMax, [&](TomlReader& reader) {
        PlannedBuilding building;
        building.place = {file, reader.line()};
        code(reader, building.code);
        building.name = building.code;
        reader.text("name", building.name, 200, 1);
        read_floors(reader, file, building);
        plan.buildings.push_back(std::move(building));
    });
    root.sections("gateway", kLinksMax, [&](TomlReader& reader) {
        PlannedGateway gateway;
        gateway.place = {file, reader.line()};
        code(reader, gateway.row.code);
        gateway.row.name = gateway.row.code;
        reader.text("name", gateway.row.name, 200);
        reader.require("kind");
        reader.text("kind", gateway.row.kind, 20);
        reader.text("endpoint", gateway.row.endpoint, 255);
        for (const auto& violation : check_gateway(gateway.row)) {
            if (reader.has(violation.field)) {
                reader.fault(violation.field, violation.description);
            }
        }
        plan.gateways.push_back(std::move(gateway));
    });
    root.sections("channel", kLinksMax, [&](TomlReader& reader) { read_channel(reader, file, plan); });
    root.refuse_unknown();
}

}  // namespace

void read_site_file(std::string_view text, const std::string& file, ImportPlan& plan,
                    std::vector<ImportFault>& faults) {
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    std::vector<TomlFault> found;
    if (const auto table = parse_toml(text, found)) {
        TomlReader root{*table, "", found};
        read_all(root, file, plan, faults);
    }
    for (auto& fault : found) {
        faults.push_back({file, fault.line, std::move(fault.key), std::move(fault.text)});
    }
}

}  // namespace wutong::server
