#include "collector/protocols/bcd.hpp"

#include <stdexcept>
#include <string>

namespace wutong::protocols {
namespace {

constexpr std::size_t kBytesMax = 8;
constexpr std::uint8_t kSignBit = 0x80;

}  // namespace

int from_bcd_byte(std::uint8_t byte) {
    const int high = byte >> 4;
    const int low = byte & 0x0F;
    return high > 9 || low > 9 ? -1 : high * 10 + low;
}

std::uint8_t bcd_byte(int value) {
    if (value < 0 || value > 99) {
        throw std::invalid_argument("two decimal digits hold 0..99, not " + std::to_string(value));
    }
    return static_cast<std::uint8_t>(value / 10 * 16 + value % 10);
}

std::optional<std::int64_t> decode_bcd(ByteView low_first, BcdSign sign) {
    if (low_first.empty() || low_first.size() > kBytesMax) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    bool negative = false;
    for (std::size_t i = low_first.size(); i-- > 0;) {
        auto byte = low_first[i];
        if (i + 1 == low_first.size() && sign == BcdSign::top_bit) {
            negative = (byte & kSignBit) != 0;
            byte = static_cast<std::uint8_t>(byte & ~kSignBit);
        }
        const int two = from_bcd_byte(byte);
        if (two < 0) {
            return std::nullopt;
        }
        value = value * 100 + two;
    }
    return negative ? -value : value;
}

Bytes encode_bcd(std::int64_t value, std::size_t bytes, BcdSign sign) {
    const auto refuse = [&] {
        return std::invalid_argument(std::to_string(value) + " doesn't fit into " + std::to_string(bytes) +
                                     " bytes of decimal digits" +
                                     (sign == BcdSign::none ? " without a sign" : " with a sign"));
    };
    const bool negative = value < 0;
    if (bytes == 0 || bytes > kBytesMax || (negative && sign == BcdSign::none)) {
        throw refuse();
    }
    auto rest = negative ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    Bytes coded;
    coded.reserve(bytes);
    for (std::size_t i = 0; i < bytes; ++i) {
        coded.push_back(bcd_byte(static_cast<int>(rest % 100)));
        rest /= 100;
    }
    if (rest != 0 || (sign == BcdSign::top_bit && (coded.back() & kSignBit) != 0)) {
        throw refuse();
    }
    if (negative) {
        coded.back() = static_cast<std::uint8_t>(coded.back() | kSignBit);
    }
    return coded;
}

}  // namespace wutong::protocols
