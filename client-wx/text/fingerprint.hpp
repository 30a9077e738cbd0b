#pragma once

#include <string>

namespace wutong::client {

/// A certificate's fingerprint as people compare it: "ab12 cd34 …", eight groups of four a line.
[[nodiscard]] std::string grouped_fingerprint(const std::string& hex);

}  // namespace wutong::client
