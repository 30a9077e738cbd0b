#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client-wx/text/format.hpp"

/// What people type and paste, made plain.
namespace wutong::client {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::size_t kTypedMax = 64;
constexpr std::int64_t kMoneyMax = 1'000'000'000'000;  // 100 000 000.0000

/// The next character of `text`, which gets shorter by it. Damaged, overlong and surrogate forms become
/// U+FFFD, one for each byte that does not fit.
char32_t next_character(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    const std::size_t length = first < 0x80              ? 1
                               : (first & 0xE0U) == 0xC0 ? 2
                               : (first & 0xF0U) == 0xE0 ? 3
                               : (first & 0xF8U) == 0xF0 ? 4
                                                         : 0;
    if (length == 1) {
        text.remove_prefix(1);
        return first;
    }
    if (length == 0 || text.size() < length) {
        text.remove_prefix(1);
        return kReplacement;
    }
    char32_t character = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) {
            text.remove_prefix(1);
            return kReplacement;
        }
        character = character << 6 | (byte(i) & 0x3FU);
    }
    static constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (character < least[length] || character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF)) {
        text.remove_prefix(1);
        return kReplacement;
    }
    text.remove_prefix(length);
    return character;
}

void append(std::string& text, char32_t character) {
    const auto tail = [&](int shift) { text += static_cast<char>(0x80U | (character >> shift & 0x3FU)); };
    if (character < 0x80) {
        text += static_cast<char>(character);
    } else if (character < 0x800) {
        text += static_cast<char>(0xC0U | character >> 6);
        tail(0);
    } else if (character < 0x10000) {
        text += static_cast<char>(0xE0U | character >> 12);
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0U | character >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

bool is_blank(char32_t c) {
    return c == ' ' || c == '\t' || c == 0xA0 || c == 0x202F || c == 0x2009 || c == 0x3000;
}

/// Digits, points and commas; an input method's full-width ones become plain. @return nothing for all else
std::optional<std::string> plain_number(std::string_view utf8) {
    std::string plain;
    if (utf8.size() > kTypedMax) {
        return std::nullopt;
    }
    while (!utf8.empty()) {
        const char32_t c = next_character(utf8);
        if (c >= '0' && c <= '9') {
            plain += static_cast<char>(c);
        } else if (c >= 0xFF10 && c <= 0xFF19) {
            plain += static_cast<char>('0' + (c - 0xFF10));
        } else if (c == '.' || c == 0xFF0E || c == 0x3002) {
            plain += '.';
        } else if (c == ',' || c == 0xFF0C) {
            plain += ',';
        } else if ((c == 0xA5 || c == 0xFFE5) && plain.empty()) {
            continue;  // a yen sign in front
        } else if (!is_blank(c)) {
            return std::nullopt;
        }
    }
    return plain;
}

std::optional<std::int64_t> whole(std::string_view digits) {
    if (digits.size() > 15) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

/// "1,234,567" → "1234567"
std::optional<std::string> without_thousands(std::string_view text) {
    std::string digits;
    bool first = true;
    for (;;) {
        const auto comma = text.find(',');
        const auto group = text.substr(0, comma);
        if (first ? group.empty() || (comma != std::string_view::npos && group.size() > 3)
                  : group.size() != 3) {
            return std::nullopt;
        }
        digits += group;
        if (comma == std::string_view::npos) {
            return digits;
        }
        text.remove_prefix(comma + 1);
        first = false;
    }
}

std::optional<std::int64_t> amount(const std::string& digits, const std::string& decimals,
                                   std::size_t decimals_max) {
    if ((digits.empty() && decimals.empty()) || decimals.size() > decimals_max) {
        return std::nullopt;
    }
    const auto units = whole(digits);
    const auto parts = whole(decimals + std::string(4 - decimals.size(), '0'));
    if (!units || !parts || *units > kMoneyMax / 10'000 || *units * 10'000 + *parts > kMoneyMax) {
        return std::nullopt;
    }
    return *units * 10'000 + *parts;
}

}  // namespace

std::optional<std::int64_t> parse_money(std::string_view utf8) {
    const auto plain = plain_number(utf8);
    if (!plain) {
        return std::nullopt;
    }
    const auto points = std::count(plain->begin(), plain->end(), '.');
    const auto commas = std::count(plain->begin(), plain->end(), ',');
    const auto last = plain->find_last_of(".,");
    if (last == std::string::npos) {
        return amount(*plain, "", 2);
    }
    const std::string ahead = plain->substr(0, last);
    const std::string behind = plain->substr(last + 1);
    if (points == 0 && (commas > 1 || behind.size() == 3)) {
        const auto digits = without_thousands(*plain);
        return digits ? amount(*digits, "", 2) : std::nullopt;
    }
    if (points + commas == 1) {
        return amount(ahead, behind, 2);
    }
    // Both: the last one is the decimal mark, and must be there once only.
    if ((*plain)[last] != '.' || points != 1) {
        return std::nullopt;
    }
    const auto digits = without_thousands(ahead);
    return digits ? amount(*digits, behind, 2) : std::nullopt;
}

std::optional<std::int64_t> parse_price(std::string_view utf8) {
    const auto plain = plain_number(utf8);
    if (!plain) {
        return std::nullopt;
    }
    const auto mark = plain->find_first_of(".,");
    if (mark == std::string::npos) {
        return amount(*plain, "", 4);
    }
    return amount(plain->substr(0, mark), plain->substr(mark + 1), 4);
}

std::optional<std::int64_t> parse_count(std::string_view utf8) {
    const auto plain = plain_number(utf8);
    return plain && !plain->empty() ? whole(*plain) : std::nullopt;
}

std::string clipped(std::string_view utf8, std::size_t max) {
    std::string text;
    std::size_t length = 0;
    std::size_t keep = 0;  // bytes of the first max - 1 characters
    while (!utf8.empty()) {
        char32_t c = next_character(utf8);
        if (length + 1 > max) {
            text.resize(keep);
            return max == 0 ? std::string{} : text + "…";
        }
        if (length + 1 == max) {
            keep = text.size();
        }
        // Marks that turn the direction of writing around would disorder the line they stand in.
        const bool turns = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0) || turns || c == 0x2028 || c == 0x2029) {
            c = ' ';
        }
        append(text, c);
        ++length;
    }
    return text;
}

}  // namespace wutong::client
