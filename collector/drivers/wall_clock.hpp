#pragma once

#include <chrono>

#include "collector/protocols/meter_clock.hpp"
#include "core/time.hpp"

/// Between our time and the wall clock of a meter, which knows no time zone.
namespace wutong::collector {

/// @pre within the years 2000 to 2099
[[nodiscard]] protocols::MeterClock wall_clock(core::Timestamp at, std::chrono::seconds utc_offset);
/// @pre there is such a moment, see protocols::clock_fault
[[nodiscard]] core::Timestamp moment_of(const protocols::MeterClock& clock, std::chrono::seconds utc_offset);
/// What a clock shows when it has gone on for so long, in whole seconds.
[[nodiscard]] protocols::MeterClock clock_after(const protocols::MeterClock& clock,
                                                std::chrono::microseconds passed);

}  // namespace wutong::collector
