#pragma once

#include <variant>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"

/// The TCP envelope of DLMS (IEC 62056-47, port 4059): version 0001, source, destination, length, then the
/// APDU.
namespace wutong::protocols::dlms {

inline constexpr std::size_t kWrapperHeader = 8;
/// The header could say 65535; what we negotiate is far below.
inline constexpr std::size_t kWrapperApduMax = 16'384;

struct WrapperFrame {
    std::uint16_t source = 16;      ///< client: its id (16 public, 1 management); meter: its logical device
    std::uint16_t destination = 1;  ///< 1 = management logical device
    Bytes apdu;
    friend bool operator==(const WrapperFrame&, const WrapperFrame&) = default;
};

/// @throws std::invalid_argument when the APDU is empty or too long
[[nodiscard]] Bytes encode_wrapper(const WrapperFrame& frame);
/// A header that can't be is skipped up to the next 00 01 in it; on TCP that means: close the connection.
[[nodiscard]] std::variant<NeedMore, FrameComplete, Skip> match_wrapper(ByteView received);
/// @pre match_wrapper told FrameComplete for exactly these bytes
[[nodiscard]] WrapperFrame decode_wrapper(ByteView complete);

}  // namespace wutong::protocols::dlms
