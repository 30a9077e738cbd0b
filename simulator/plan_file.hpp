#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/building_plan.hpp"

namespace wutong::simulator {

/// What a configuration file may say; everything is optional but one of `demo` and [[line]]/[[meter]].
/// docs/simulator.md describes the keys.
struct SimConfig {
    std::optional<std::filesystem::path> demo;  ///< the tower, its links in this folder
    DemoPorts demo_ports;
    std::optional<std::filesystem::path> data;
    std::optional<std::filesystem::path> state;
    std::optional<std::uint16_t> control_port;
    std::optional<std::uint64_t> seed;
    std::optional<Scale> load_scale;
    std::optional<Scale> price_scale;
    std::vector<LinePlan> lines;
    std::vector<MeterPlan> meters;
};

/// @param name used in messages
/// @throws std::runtime_error "file:line: what is wrong, what is expected"; unknown keys are errors
[[nodiscard]] SimConfig parse_config(std::string_view toml, const std::string& name);
[[nodiscard]] SimConfig read_config(const std::filesystem::path& path);

/// "480", "0.25": more than 0, at most 100000, three decimals. @throws std::runtime_error
[[nodiscard]] Scale parse_scale(const std::string& text, const std::string& what);

}  // namespace wutong::simulator
