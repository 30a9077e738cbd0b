#pragma once

#include <filesystem>
#include <string>

#include "simulator/building.hpp"

/// The meters' registers over a restart of the simulator. While it does not run, the building is without
/// power: no energy is counted, clocks run on.
namespace wutong::simulator {

[[nodiscard]] std::string snapshot(const Building& building);

/// Meters that are not in the snapshot stay as new; meters of the snapshot that don't exist are ignored.
/// @return number of meters restored
/// @throws std::runtime_error when the text is no snapshot; nothing is restored then
std::size_t restore(Building& building, const std::string& text);

/// Replaces the file in one step: a reader sees the old or the new text, also after a crash.
/// @throws std::runtime_error naming the file and what went wrong
void write_file_atomically(const std::filesystem::path& path, const std::string& text);

}  // namespace wutong::simulator
