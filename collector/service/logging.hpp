#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "collector/configuration/configuration.hpp"

namespace wutong::collector {

/// Sets spdlog's default logger up: standard output, each line flushed. Messages are key=value pairs with an
/// `event`.
void set_up_logging(const Configuration::Log& log);

/// `channel=BUS1 event=silent reason="no answer"` becomes
/// {"time":…,"level":…,"channel":"BUS1","event":"silent",…}. What is not a pair is kept under "message".
[[nodiscard]] std::string json_line(std::string_view time, std::string_view level, std::string_view message);

}  // namespace wutong::collector
