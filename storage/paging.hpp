#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace wutong::storage {

inline constexpr int kPageMax = 1'000;

/// @throws std::invalid_argument outside 1 to kPageMax
inline int checked_limit(int limit, int maximum = kPageMax) {
    if (limit < 1 || limit > maximum) {
        throw std::invalid_argument("a page holds 1 to " + std::to_string(maximum) + " rows, not " +
                                    std::to_string(limit));
    }
    return limit;
}

/// Lists that begin with the newest ask for keys below this one; 0 asks for the first page.
inline std::int64_t below(std::int64_t key) {
    return key == 0 ? std::numeric_limits<std::int64_t>::max() : key;
}

}  // namespace wutong::storage
