#pragma once

#include <spdlog/logger.h>

#include <memory>

#include "server/configuration/configuration.hpp"

namespace wutong::server {

/// To standard output, a line per event. As text: time, level, message; as JSON: {"time","level","text"}.
[[nodiscard]] std::shared_ptr<spdlog::logger> make_log(const Configuration::Log& settings);

}  // namespace wutong::server
