#pragma once

#include <optional>

#include "collector/protocols/bytes.hpp"

/// Packed decimal digits, two a byte, the last two digits first on the wire (DL/T 645, CJ/T 188).
namespace wutong::protocols {

enum class BcdSign {
    none,
    top_bit,  ///< the highest bit of the last byte is the sign; its digit then has three bits
};

/// At most 8 bytes (16 digits). Nothing when a half byte isn't a digit: "FF FF" is how a meter says that it
/// has no such phase.
[[nodiscard]] std::optional<std::int64_t> decode_bcd(ByteView low_first, BcdSign sign = BcdSign::none);

/// @throws std::invalid_argument when the value needs more than `bytes` bytes, or is negative without a sign
[[nodiscard]] Bytes encode_bcd(std::int64_t value, std::size_t bytes, BcdSign sign = BcdSign::none);

/// One byte, 0..99. @throws std::invalid_argument
[[nodiscard]] std::uint8_t bcd_byte(int value);
/// One byte; -1 when it isn't two digits.
[[nodiscard]] int from_bcd_byte(std::uint8_t byte);

}  // namespace wutong::protocols
