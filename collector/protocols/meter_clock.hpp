#pragma once

#include <string>

namespace wutong::protocols {

/// The meter's own wall clock: local time, years 2000..2099, no time zone.
struct MeterClock {
    int year = 2000, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    friend bool operator==(const MeterClock&, const MeterClock&) = default;
};

/// Empty when there is such a moment in 2000..2099, else what is wrong: "no such date: 2026-2-30".
[[nodiscard]] std::string clock_fault(const MeterClock& clock);
/// Sunday = 0. @throws std::invalid_argument with clock_fault
[[nodiscard]] int weekday(const MeterClock& clock);

}  // namespace wutong::protocols
