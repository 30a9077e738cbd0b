#pragma once

namespace wutong::server {

/// "0.1.0", from the build.
[[nodiscard]] const char* version();

}  // namespace wutong::server
