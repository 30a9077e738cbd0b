#include "collector/drivers/wall_clock.hpp"

namespace wutong::collector {

protocols::MeterClock wall_clock(core::Timestamp at, std::chrono::seconds utc_offset) {
    const auto local = std::chrono::floor<std::chrono::seconds>(at) + utc_offset;
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

core::Timestamp moment_of(const protocols::MeterClock& clock, std::chrono::seconds utc_offset) {
    const auto date = std::chrono::year{clock.year} / clock.month / clock.day;
    return std::chrono::sys_days{date} + std::chrono::hours{clock.hour} + std::chrono::minutes{clock.minute} +
           std::chrono::seconds{clock.second} - utc_offset;
}

protocols::MeterClock clock_after(const protocols::MeterClock& clock, std::chrono::microseconds passed) {
    return wall_clock(moment_of(clock, {}) + passed, {});
}

}  // namespace wutong::collector
