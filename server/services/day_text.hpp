#pragma once

#include <chrono>
#include <string>

namespace wutong::server {

/// A real date of a property's calendar, YYYY-MM-DD. @throws Refused INVALID_ARGUMENT for `field`
[[nodiscard]] std::chrono::local_days parse_day(const std::string& text, const std::string& field);

/// Both included.
struct DaySpan {
    std::chrono::local_days from, to;
};
/// Two days, the later not before the first, at most `most` days with both. @throws Refused
DaySpan check_days(const std::string& from_day, const std::string& to_day, std::chrono::days most);

}  // namespace wutong::server
