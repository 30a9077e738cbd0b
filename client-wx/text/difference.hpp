#pragma once

#include <cstdint>
#include <limits>

namespace wutong::client {

/// a - b of figures that a server told, which may be anything: at the end of the range it stays there.
[[nodiscard]] constexpr std::int64_t difference(std::int64_t a, std::int64_t b) {
    using Limits = std::numeric_limits<std::int64_t>;
    if (b > 0 && a < Limits::min() + b) {
        return Limits::min();
    }
    if (b < 0 && a > Limits::max() + b) {
        return Limits::max();
    }
    return a - b;
}

}  // namespace wutong::client
