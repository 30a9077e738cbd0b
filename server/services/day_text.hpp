#pragma once

#include <chrono>
#include <string>

namespace wutong::server {

/// A real date, YYYY-MM-DD. @throws Refused INVALID_ARGUMENT for `field`
[[nodiscard]] std::chrono::sys_days parse_day(const std::string& text, const char* field);

/// Two days, the later not before the first, at most `most` days with both. @throws Refused
void check_days(const std::string& from_day, const std::string& to_day, std::chrono::days most);

}  // namespace wutong::server
