#pragma once

#include <string>

namespace wutong::collector {

/// The machine's name, or "collector" when the system does not tell.
[[nodiscard]] std::string host_name();
/// Where the configuration lives when --config is not given.
[[nodiscard]] std::string default_configuration_file();

}  // namespace wutong::collector
