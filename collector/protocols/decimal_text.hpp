#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wutong::protocols {

/// "123.456", "-5", "1.2e3" times num / den, to the nearest (half away from zero), without a floating-point
/// number on the way. Nothing for what is no decimal number, or doesn't fit.
/// @pre num and den are of a profile's scale: not beyond 1 000 000 000, den > 0
[[nodiscard]] std::optional<std::int64_t> scaled_decimal(std::string_view text, std::int64_t num,
                                                         std::int64_t den);

}  // namespace wutong::protocols
