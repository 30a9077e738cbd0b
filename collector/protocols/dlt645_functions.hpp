#pragma once

#include <cstddef>
#include <cstdint>

/// Function codes of the control byte; for the codec's own files.
namespace wutong::protocols::dlt645 {

inline constexpr std::uint8_t kFnSecurity = 0x03;
inline constexpr std::uint8_t kFnSetTime = 0x08;
inline constexpr std::uint8_t kFnRead = 0x11;
inline constexpr std::uint8_t kFnReadFollowing = 0x12;
inline constexpr std::uint8_t kFnReadAddress = 0x13;
inline constexpr std::uint8_t kFnWrite = 0x14;
inline constexpr std::uint8_t kFnFreeze = 0x16;
inline constexpr std::uint8_t kFnRelay = 0x1C;
inline constexpr std::uint8_t kFnRead1997 = 0x01;

inline constexpr std::size_t kIdBytes = 4;
inline constexpr std::size_t kIdBytes1997 = 2;

}  // namespace wutong::protocols::dlt645
