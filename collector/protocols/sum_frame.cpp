#include "collector/protocols/sum_frame.hpp"

#include <algorithm>

namespace wutong::protocols {

std::uint8_t sum_of(ByteView bytes) {
    unsigned sum = 0;
    for (const auto byte : bytes) {
        sum += byte;
    }
    return static_cast<std::uint8_t>(sum & 0xFFU);
}

Skip skip_to_next_start(ByteView received) {
    const auto next = std::find(received.begin() + 1, received.end(), kSumFrameStart);
    return Skip{static_cast<std::size_t>(next - received.begin())};
}

std::variant<NeedMore, FrameComplete, Skip> match_sum_frame(ByteView received, std::size_t length_at,
                                                            std::size_t envelope, std::size_t data_max) {
    if (received.size() <= length_at) {
        return NeedMore{};
    }
    if (received[length_at] > data_max) {
        return skip_to_next_start(received);
    }
    const std::size_t length = envelope + received[length_at];
    if (received.size() < length) {
        return NeedMore{};
    }
    if (received[length - 1] != kSumFrameEnd || received[length - 2] != sum_of(received.first(length - 2))) {
        return skip_to_next_start(received);
    }
    return FrameComplete{length};
}

}  // namespace wutong::protocols
