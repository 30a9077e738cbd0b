#include "core/sms_parts.hpp"

#include <stdexcept>

namespace wutong::core {

namespace {

// 3GPP TS 23.038, 6.2.1: the default alphabet, and the extension table that an escape leads to. ASCII that is
// in the default alphabet is told by its ranges below.
constexpr std::u32string_view kDefaultBesidesAscii = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
constexpr std::u32string_view kExtension = U"^{}\\[~]|€";

/// Septets that a character takes; 0: it is not in the alphabet.
int septets_of(char32_t c) {
    if (kExtension.find(c) != std::u32string_view::npos) {
        return 2;
    }
    const bool ascii = (c >= U' ' && c <= U'~' && c != U'`') || c == U'\n' || c == U'\r';
    return ascii || kDefaultBesidesAscii.find(c) != std::u32string_view::npos ? 1 : 0;
}

int units_of(char32_t c) {
    return c > 0xFFFF ? 2 : 1;
}

void append_utf16(std::u16string& out, char32_t c) {
    if (c > 0xFFFF) {
        const char32_t rest = c - 0x1'0000;
        out.push_back(static_cast<char16_t>(0xD800 + (rest >> 10)));
        out.push_back(static_cast<char16_t>(0xDC00 + (rest & 0x3FF)));
    } else {
        out.push_back(static_cast<char16_t>(c));
    }
}

/// Fills one part after the other; a character that does not fit whole begins the next.
std::vector<std::u16string> split(const std::u32string& text, int (*size_of)(char32_t), int room) {
    std::vector<std::u16string> parts(1);
    int left = room;
    for (const char32_t c : text) {
        const int size = size_of(c);
        if (size > left) {
            parts.emplace_back();
            left = room;
        }
        append_utf16(parts.back(), c);
        left -= size;
    }
    return parts;
}

}  // namespace

const char* to_string(SmsAlphabet alphabet) {
    return alphabet == SmsAlphabet::gsm7 ? "gsm7" : "ucs2";
}

SmsPlan plan_sms(std::string_view utf8) {
    const auto text = characters_of(utf8);
    if (text.empty()) {
        throw std::invalid_argument("an SMS needs a text");
    }
    SmsPlan plan;
    int septets = 0;
    int units = 0;
    for (const char32_t c : text) {
        const int size = septets_of(c);
        if (size == 0) {
            plan.alphabet = SmsAlphabet::ucs2;
        }
        septets += size;
        units += units_of(c);
    }
    const bool gsm7 = plan.alphabet == SmsAlphabet::gsm7;
    const bool alone = gsm7 ? septets <= kGsm7Alone : units <= kUcs2Alone;
    const int room = gsm7 ? (alone ? kGsm7Alone : kGsm7OfSeveral) : (alone ? kUcs2Alone : kUcs2OfSeveral);
    plan.parts = split(text, gsm7 ? septets_of : units_of, room);
    if (plan.parts.size() > kSmsPartsMax) {
        throw std::invalid_argument("the text takes " + std::to_string(plan.parts.size()) + " SMS; at most " +
                                    std::to_string(kSmsPartsMax) + " are sent");
    }
    return plan;
}

std::u32string characters_of(std::string_view utf8) {
    std::u32string out;
    const auto refuse = [](std::size_t at) {
        throw std::invalid_argument("the text is not UTF-8 at byte " + std::to_string(at));
    };
    for (std::size_t i = 0; i < utf8.size();) {
        const auto first = static_cast<unsigned char>(utf8[i]);
        const std::size_t follow = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || i + follow >= utf8.size()) {
            refuse(i);
        }
        char32_t c = follow == 0 ? first : first & (0x3FU >> follow);
        for (std::size_t k = 1; k <= follow; ++k) {
            const auto next = static_cast<unsigned char>(utf8[i + k]);
            if ((next & 0xC0U) != 0x80U) {
                refuse(i + k);
            }
            c = (c << 6) | (next & 0x3FU);
        }
        // Written longer than needed, a half of a pair, or beyond Unicode.
        const bool overlong = (follow == 2 && c < 0x800) || (follow == 3 && c < 0x1'0000);
        if (overlong || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10'FFFF) {
            refuse(i);
        }
        out.push_back(c);
        i += follow + 1;
    }
    return out;
}

std::string utf8_of(std::u32string_view characters) {
    std::string out;
    const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    for (const char32_t c : characters) {
        if (c < 0x80) {
            put(c);
        } else if (c < 0x800) {
            put(0xC0 | (c >> 6));
            put(0x80 | (c & 0x3F));
        } else if (c < 0x1'0000) {
            put(0xE0 | (c >> 12));
            put(0x80 | ((c >> 6) & 0x3F));
            put(0x80 | (c & 0x3F));
        } else {
            put(0xF0 | (c >> 18));
            put(0x80 | ((c >> 12) & 0x3F));
            put(0x80 | ((c >> 6) & 0x3F));
            put(0x80 | (c & 0x3F));
        }
    }
    return out;
}

std::string shortened(std::string_view utf8, std::size_t characters_max) {
    auto text = characters_of(utf8);
    if (text.size() <= characters_max || characters_max == 0) {
        return std::string{utf8};
    }
    text.resize(characters_max - 1);
    text.push_back(U'…');
    return utf8_of(text);
}

}  // namespace wutong::core
