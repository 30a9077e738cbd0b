#include "collector/protocols/meter_clock.hpp"

#include <chrono>
#include <stdexcept>

namespace wutong::protocols {
namespace {

std::chrono::year_month_day date_of(const MeterClock& clock) {
    return std::chrono::year{clock.year} / clock.month / clock.day;
}

}  // namespace

std::string clock_fault(const MeterClock& clock) {
    if (clock.year < 2000 || clock.year > 2099) {
        return "year " + std::to_string(clock.year) + ", the meter knows 2000..2099";
    }
    // The ranges first: <chrono> narrows month and day to a byte.
    if (clock.month < 1 || clock.month > 12 || clock.day < 1 || clock.day > 31 || !date_of(clock).ok()) {
        return "no such date: " + std::to_string(clock.year) + "-" + std::to_string(clock.month) + "-" +
               std::to_string(clock.day);
    }
    if (clock.hour < 0 || clock.hour > 23 || clock.minute < 0 || clock.minute > 59 || clock.second < 0 ||
        clock.second > 59) {
        return "no such time: " + std::to_string(clock.hour) + ":" + std::to_string(clock.minute) + ":" +
               std::to_string(clock.second);
    }
    return {};
}

int weekday(const MeterClock& clock) {
    if (const auto fault = clock_fault(clock); !fault.empty()) {
        throw std::invalid_argument("meter clock: " + fault);
    }
    return static_cast<int>(std::chrono::weekday{std::chrono::sys_days{date_of(clock)}}.c_encoding());
}

}  // namespace wutong::protocols
