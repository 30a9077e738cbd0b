#pragma once

#include <string>
#include <string_view>

namespace wutong::storage {

/// 32 raw bytes.
[[nodiscard]] std::string sha256(std::string_view data);
/// Small letters.
[[nodiscard]] std::string hex(std::string_view bytes);

}  // namespace wutong::storage
