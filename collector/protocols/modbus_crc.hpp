#pragma once

#include "collector/protocols/bytes.hpp"

namespace wutong::protocols {

/// CRC-16 of Modbus over serial line V1.02, chapter 6.2.2: polynomial A001h (reflected), start FFFFh.
[[nodiscard]] std::uint16_t modbus_crc(ByteView bytes);

/// Appends the check as the wire wants it: low byte first.
void append_modbus_crc(Bytes& frame);

/// True when the last two bytes are the check of those before. False for fewer than four bytes:
/// a unit, a function and a check are the least a frame has.
[[nodiscard]] bool modbus_crc_holds(ByteView frame);

}  // namespace wutong::protocols
