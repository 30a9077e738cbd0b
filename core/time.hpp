#pragma once

#include <chrono>
#include <functional>

namespace wutong::core {

/// UTC, to the microsecond, which is what the database keeps.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Rules and daemons are given the time; they never fetch it themselves.
using Clock = std::function<Timestamp()>;

}  // namespace wutong::core
