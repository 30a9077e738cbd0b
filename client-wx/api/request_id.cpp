#include "client-wx/api/request_id.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <random>

namespace wutong::client {

std::string new_request_id() {
    std::random_device random;
    std::array<std::uint32_t, 4> words{};
    for (auto& word : words) {
        word = random();
    }
    // RFC 4122: version 4, variant 10.
    const std::uint32_t version = (words[1] & 0x0FFFU) | 0x4000U;
    const std::uint32_t variant = (words[2] >> 16 & 0x3FFFU) | 0x8000U;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", words[0], words[1] >> 16, version, variant,
                       words[2] & 0xFFFFU, words[3]);
}

}  // namespace wutong::client
