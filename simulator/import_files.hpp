#pragma once

#include <filesystem>
#include <string>

#include "simulator/building_plan.hpp"

/// The building as the server imports it; the formats are the server's (docs/import.md).
namespace wutong::simulator {

[[nodiscard]] std::string import_toml(const BuildingPlan& plan);
[[nodiscard]] std::string meters_csv(const BuildingPlan& plan);
/// Writes import.toml and meters.csv into the folder, which is made if need be.
void write_import(const BuildingPlan& plan, const std::filesystem::path& folder);

}  // namespace wutong::simulator
