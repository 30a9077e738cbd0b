#pragma once

#include <variant>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"

/// What DL/T 645 and CJ/T 188 have in common: frames that begin with 68, tell the length of their data, and
/// end with the sum of all bytes before it and 16.
namespace wutong::protocols {

inline constexpr std::uint8_t kSumFrameStart = 0x68;
inline constexpr std::uint8_t kSumFrameEnd = 0x16;

/// Of all bytes, modulo 256.
[[nodiscard]] std::uint8_t sum_of(ByteView bytes);
/// To the next byte that may begin a frame, the first one aside. @pre received is not empty
[[nodiscard]] Skip skip_to_next_start(ByteView received);
/// @param length_at where the length of the data stands @param envelope all bytes that are not data
/// @pre what is there before `length_at` has been looked at already
[[nodiscard]] std::variant<NeedMore, FrameComplete, Skip> match_sum_frame(ByteView received,
                                                                          std::size_t length_at,
                                                                          std::size_t envelope,
                                                                          std::size_t data_max);

}  // namespace wutong::protocols
