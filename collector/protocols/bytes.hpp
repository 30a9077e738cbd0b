#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Byte sequences and big-endian numbers, as every protocol here uses them.
namespace wutong::protocols {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Words = std::vector<std::uint16_t>;  ///< registers in host order

void append_u16(Bytes& to, std::uint16_t value);
void append_u32(Bytes& to, std::uint32_t value);
/// @pre the bytes are there: at + 2 (or + 4) <= from.size()
[[nodiscard]] std::uint16_t read_u16(ByteView from, std::size_t at);
[[nodiscard]] std::uint32_t read_u32(ByteView from, std::size_t at);

/// "01 10 00 57", for logs and messages.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// Reads "01 10 0057" (blanks anywhere between bytes). @throws std::invalid_argument
[[nodiscard]] Bytes from_hex(std::string_view text);

}  // namespace wutong::protocols
