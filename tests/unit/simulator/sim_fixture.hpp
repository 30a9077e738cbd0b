#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>

#include "collector/protocols/modbus_pdu.hpp"
#include "simulator/building.hpp"
#include "simulator/load_curves.hpp"

namespace wutong::simulator::test {

inline std::filesystem::path data_folder() {
    return std::filesystem::path{WUTONG_SOURCE_DIR} / "simulator" / "data";
}

inline const LoadCurves& curves() {
    static const LoadCurves loaded{data_folder()};
    return loaded;
}

/// 2026-03-04 12:30:00 in the building.
inline core::Timestamp noon() {
    return std::chrono::sys_days{std::chrono::year{2026} / 3 / 4} + std::chrono::minutes{4 * 60 + 30};
}

/// One bus with a single-phase, a three-phase meter, two circuits of a box and the feeder of all four.
inline BuildingPlan small_plan() {
    BuildingPlan plan;
    LinePlan line;
    line.name = "bus1";
    line.kind = LineKind::rtu_over_tcp;
    plan.lines.push_back(line);
    const auto add = [&](const char* serial, const char* code, Model model, int address) {
        MeterPlan meter;
        meter.serial = serial;
        meter.code = code;
        meter.unit = code;
        meter.model = model;
        meter.line = "bus1";
        meter.address = address;
        meter.box_circuits = model == Model::adf300 ? 12 : 0;
        meter.premises_id = is_prepaid(model) ? "R002" : "";
        plan.meters.push_back(meter);
    };
    add("202600000001", "101", Model::ddsy1352, 1);
    add("202600000002", "102", Model::dtsy1352, 2);
    add("202600000013", "103", Model::adf300, 13);
    add("202600000014", "104", Model::adf300, 14);
    add("202600000101", "F01", Model::sdm630, 101);
    plan.meters.back().feeds = {"101", "102", "103", "104"};
    plan.meters.back().unit.clear();
    for (auto& meter : plan.meters) {
        if (is_prepaid(meter.model)) {
            meter.premises_id = curves().of_use(Use::apartment).front()->premises_id;
        }
    }
    return plan;
}

}  // namespace wutong::simulator::test
