#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/commands/field_work.hpp"
#include "collector/drivers/meter_readout.hpp"
#include "storage/meter_states.hpp"
#include "storage/readings.hpp"

/// From what a meter said to the rows that are stored. Pure.
namespace wutong::collector {

/// @pre readout.answered()
[[nodiscard]] storage::MeterStateRow state_row(const FieldMeter& meter, const MeterReadout& readout);
/// A poll that failed, or a meter found to be lost.
[[nodiscard]] storage::MeterStateRow silent_row(const FieldMeter& meter, core::Timestamp at, int failures,
                                                bool lost);
/// @param source scheduled, read_now, credit, …
[[nodiscard]] storage::ReadingRow reading_row(const FieldMeter& meter, const MeterReadout& readout,
                                              const std::string& source);

/// The alarms that a state stands for, by their kinds in the alarm table; lost_meter excluded.
[[nodiscard]] std::vector<std::string> live_alarms(const storage::MeterStateRow& state);

}  // namespace wutong::collector
