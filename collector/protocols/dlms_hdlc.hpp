#pragma once

#include <optional>
#include <variant>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"

/// The HDLC frame of DLMS (IEC 62056-46, frame type 3):
///
///     7E  format 2 | destination 1..4 | source 1..4 | control | [HCS 2 | information] | FCS 2  7E
///
/// format: A, one bit "segmented" (08), 11 bits of length without the flags. An address ends with the byte
/// whose lowest bit is set. HCS and FCS: CRC-16/X-25, low byte first; HCS only in front of information.
namespace wutong::protocols::dlms {

inline constexpr std::size_t kHdlcLengthMax = 0x7FF;

struct HdlcAddress {
    std::uint16_t logical = 1;              ///< client id, or logical device
    std::optional<std::uint16_t> physical;  ///< the meter on the line; clients have none
    friend bool operator==(const HdlcAddress&, const HdlcAddress&) = default;
};

/// How many bytes a meter wants for its own address; clients always have one.
enum class HdlcAddressBytes : std::uint8_t { shortest = 0, one = 1, two = 2, four = 4 };

namespace HdlcControl {
inline constexpr std::uint8_t snrm = 0x93;  ///< connect
inline constexpr std::uint8_t ua = 0x73;    ///< accepted
inline constexpr std::uint8_t disc = 0x53;
inline constexpr std::uint8_t dm = 0x1F;  ///< not connected
inline constexpr std::uint8_t frmr = 0x97;
inline constexpr std::uint8_t ui = 0x13;
}  // namespace HdlcControl

/// I-frame number `send`, next one expected `receive`, poll/final set.
[[nodiscard]] constexpr std::uint8_t information_control(unsigned send, unsigned receive) {
    return static_cast<std::uint8_t>(receive << 5 | 0x10U | send << 1);
}
[[nodiscard]] constexpr std::uint8_t ready_control(unsigned receive) {
    return static_cast<std::uint8_t>(receive << 5 | 0x11U);
}
[[nodiscard]] constexpr bool is_information(std::uint8_t control) {
    return (control & 0x01U) == 0;
}
[[nodiscard]] constexpr bool is_ready(std::uint8_t control) {
    return (control & 0x0FU) == 0x01U;
}
[[nodiscard]] constexpr unsigned send_number(std::uint8_t control) {
    return control >> 1 & 7U;
}
[[nodiscard]] constexpr unsigned receive_number(std::uint8_t control) {
    return control >> 5 & 7U;
}

struct HdlcFrame {
    HdlcAddress destination;
    HdlcAddress source;
    std::uint8_t control = 0;
    bool segmented = false;
    Bytes information;
    friend bool operator==(const HdlcFrame&, const HdlcFrame&) = default;
};

/// @param width how many bytes the address with a physical part has
/// @throws std::invalid_argument when an address doesn't fit or the frame is longer than 2047 bytes
[[nodiscard]] Bytes encode_hdlc(const HdlcFrame& frame, HdlcAddressBytes width = HdlcAddressBytes::shortest);

/// Whole frames with both flags. A frame with a wrong format, length, HCS, FCS or flag is skipped up to the
/// next flag. A flag shared by two frames is given to the first; meters with a window of 1 don't share any.
[[nodiscard]] std::variant<NeedMore, FrameComplete, Skip> match_hdlc(ByteView received);
/// @pre match_hdlc told FrameComplete for exactly these bytes
[[nodiscard]] HdlcFrame decode_hdlc(ByteView complete);

/// CRC-16/X-25.
[[nodiscard]] std::uint16_t hdlc_crc(ByteView bytes);

/// What SNRM offers and UA grants. Without any, 128 bytes and windows of 1 hold.
struct HdlcLimits {
    std::uint16_t send_max = 128;  ///< bytes of information in what the writer of this sends
    std::uint16_t receive_max = 128;
    std::uint8_t send_window = 1;
    std::uint8_t receive_window = 1;
    friend bool operator==(const HdlcLimits&, const HdlcLimits&) = default;
};
[[nodiscard]] Bytes encode_hdlc_limits(const HdlcLimits& limits);
/// Empty information gives the defaults.
[[nodiscard]] std::variant<HdlcLimits, DecodeFault> decode_hdlc_limits(ByteView information);

}  // namespace wutong::protocols::dlms
