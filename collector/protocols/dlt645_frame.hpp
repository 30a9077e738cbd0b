#pragma once

#include <array>
#include <compare>
#include <variant>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"

/// The frame of DL/T 645, the same in the editions of 1997 and 2007:
///
///     FE .. FE  68 A0 A1 A2 A3 A4 A5 68 C L DATA CS 16
///
/// A: 12 decimal digits, the last two first. L: bytes of DATA. DATA: 33h is added to each byte on the wire.
/// CS: sum of all from the first 68h up to it. FE: up to four to wake the line; a receiver skips any number.
/// Sources: docs/protocols/dlt645.md.
namespace wutong::protocols::dlt645 {

inline constexpr std::size_t kDataMax = 200;
inline constexpr std::size_t kEnvelope = 12;  ///< what a frame has besides DATA
inline constexpr std::size_t kFrameMax = kEnvelope + kDataMax;

/// As on the wire: the last two digits first.
struct Address {
    std::array<std::uint8_t, 6> low_first{};
    friend auto operator<=>(const Address&, const Address&) = default;
};
/// "any": the only meter on the line answers, with its own address.
inline constexpr Address kAnyMeter{{0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA}};
/// All act, nobody answers.
inline constexpr Address kBroadcast{{0x99, 0x99, 0x99, 0x99, 0x99, 0x99}};

/// 1..12 digits, filled with zeros on the left; pairs "AA" in front stand for any two digits.
/// @throws std::invalid_argument
[[nodiscard]] Address parse_address(std::string_view digits);
/// "201000000012"
[[nodiscard]] std::string to_string(const Address& address);
/// The address in a question may hold AA for "any"; the one in an answer never does.
[[nodiscard]] bool meant_for(const Address& asked, const Address& answering);

// The control byte: function in the low five bits, and these.
inline constexpr std::uint8_t kFromMeter = 0x80;
inline constexpr std::uint8_t kAbnormal = 0x40;
inline constexpr std::uint8_t kMoreFollows = 0x20;
inline constexpr std::uint8_t kFunctionMask = 0x1F;

struct Frame {
    Address address;
    std::uint8_t control = 0;
    Bytes data;  ///< without the 33h
    friend bool operator==(const Frame&, const Frame&) = default;
};

/// @param wake_up so many FE in front
/// @throws std::invalid_argument when there are more than kDataMax bytes of data
[[nodiscard]] Bytes encode_frame(const Frame& frame, std::size_t wake_up = 0);

/// What the first bytes are. FE and noise before a 68h are to be skipped; a frame whose second 68h, length,
/// sum or 16h is wrong is skipped up to the next 68h in it, so that a frame inside of noise is found.
[[nodiscard]] std::variant<NeedMore, FrameComplete, Skip> match_frame(ByteView received);

/// @pre match_frame told FrameComplete for exactly these bytes
[[nodiscard]] Frame decode_frame(ByteView complete);

}  // namespace wutong::protocols::dlt645
