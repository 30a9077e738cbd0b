#pragma once

#include <string>
#include <string_view>
#include <vector>

/// How a text travels by SMS: in the 7-bit alphabet of the network when every character is in it, otherwise
/// as UCS-2; in one part when it fits, otherwise in parts that say which they are. Lengths are those of 3GPP
/// TS 23.038 and 23.040: 140 octets a part, of which a part of several gives 6 to its header.
namespace wutong::core {

enum class SmsAlphabet { gsm7, ucs2 };
[[nodiscard]] const char* to_string(SmsAlphabet alphabet);

inline constexpr int kGsm7Alone = 160;  ///< septets; a character of the extension table takes two
inline constexpr int kGsm7OfSeveral = 153;
inline constexpr int kUcs2Alone = 70;  ///< UTF-16 units; what lies beyond the first plane takes two
inline constexpr int kUcs2OfSeveral = 67;
/// More than this nobody pays for, and some networks carry no more.
inline constexpr int kSmsPartsMax = 8;

struct SmsPlan {
    SmsAlphabet alphabet = SmsAlphabet::gsm7;
    /// UTF-16, also of the 7-bit alphabet. No character is torn between two parts.
    std::vector<std::u16string> parts;
};

/// @throws std::invalid_argument for an empty text, bytes that are no UTF-8, or more than kSmsPartsMax parts
[[nodiscard]] SmsPlan plan_sms(std::string_view utf8);

/// The characters of a text. @throws std::invalid_argument at the first byte that is no UTF-8
[[nodiscard]] std::u32string characters_of(std::string_view utf8);
[[nodiscard]] std::string utf8_of(std::u32string_view characters);
/// At most so many characters of the text, "…" in the place of the last when it was longer.
[[nodiscard]] std::string shortened(std::string_view utf8, std::size_t characters_max);

}  // namespace wutong::core
