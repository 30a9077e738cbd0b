#pragma once

#include <chrono>

#include "collector/protocols/meter_clock.hpp"
#include "core/time.hpp"

namespace wutong::simulator {

/// What a meter's clock shows in the building's local time, and back.
[[nodiscard]] inline protocols::MeterClock wall_clock(core::Timestamp at, std::chrono::minutes offset) {
    const auto local = std::chrono::floor<std::chrono::seconds>(at + offset);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{local - day};
    return {static_cast<int>(date.year()),
            static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            static_cast<int>(time.hours().count()),
            static_cast<int>(time.minutes().count()),
            static_cast<int>(time.seconds().count())};
}

/// @pre there is such a moment
[[nodiscard]] inline core::Timestamp moment_of(const protocols::MeterClock& clock,
                                               std::chrono::minutes offset) {
    const auto date = std::chrono::year{clock.year} / clock.month / clock.day;
    return std::chrono::sys_days{date} + std::chrono::hours{clock.hour} + std::chrono::minutes{clock.minute} +
           std::chrono::seconds{clock.second} - offset;
}

}  // namespace wutong::simulator
