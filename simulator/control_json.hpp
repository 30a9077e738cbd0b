#pragma once

#include <nlohmann/json.hpp>

#include "simulator/building.hpp"
#include "simulator/line_end.hpp"

/// The shapes of the control port's answers.
namespace wutong::simulator {

[[nodiscard]] nlohmann::json meter_summary(const InstalledMeter& meter);
/// @pre the meter was advanced
[[nodiscard]] nlohmann::json meter_truth(const InstalledMeter& meter, core::Timestamp now,
                                         std::chrono::minutes local_offset);
[[nodiscard]] nlohmann::json line_summary(const LineEnd& line, std::size_t meters);
[[nodiscard]] nlohmann::json fault_summary(const Fault& fault);
/// "2026-11-21T18:36:04.000+08:00"
[[nodiscard]] std::string iso_time(core::Timestamp at, std::chrono::minutes offset);

}  // namespace wutong::simulator
