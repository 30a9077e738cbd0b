#include "collector/protocols/decimal_text.hpp"

#include <charconv>
#include <limits>

namespace wutong::protocols {

namespace {

/// As many digits as a 64-bit number certainly holds; what comes after them is below any meter's accuracy.
constexpr int kDigitsMax = 18;
constexpr int kExponentMax = 40;

struct Decimal {
    bool negative = false;
    std::uint64_t digits = 0;
    int exponent = 0;  ///< of ten
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<Decimal> parse(std::string_view text) {
    Decimal decimal;
    std::size_t i = 0;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
        decimal.negative = text[i++] == '-';
    }
    int kept = 0;
    bool any = false;
    bool after_point = false;
    for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !after_point)); ++i) {
        if (text[i] == '.') {
            after_point = true;
            continue;
        }
        any = true;
        if (kept < kDigitsMax) {
            decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(text[i] - '0');
            kept += decimal.digits != 0 ? 1 : 0;
            decimal.exponent -= after_point ? 1 : 0;
        } else if (!after_point) {
            ++decimal.exponent;
        }
        if (decimal.exponent > kExponentMax || decimal.exponent < -1'000) {
            return std::nullopt;
        }
    }
    if (any && i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        int exponent = 0;
        const char* begin = text.data() + i + 1;
        begin += begin < text.data() + text.size() && *begin == '+' ? 1 : 0;
        const auto read = std::from_chars(begin, text.data() + text.size(), exponent);
        if (read.ec != std::errc{} || exponent > 1'000 || exponent < -1'000) {
            return std::nullopt;
        }
        decimal.exponent += exponent;
        i = static_cast<std::size_t>(read.ptr - text.data());
    }
    return any && i == text.size() ? std::optional{decimal} : std::nullopt;
}

__extension__ using Wide = unsigned __int128;

}  // namespace

std::optional<std::int64_t> scaled_decimal(std::string_view text, std::int64_t num, std::int64_t den) {
    const auto decimal = parse(text);
    if (!decimal) {
        return std::nullopt;
    }
    const bool negative = decimal->negative != (num < 0);
    // 10^18 times 10^9 leaves eleven digits of room.
    Wide top = static_cast<Wide>(decimal->digits) * static_cast<std::uint64_t>(num < 0 ? -num : num);
    Wide bottom = static_cast<std::uint64_t>(den);
    constexpr Wide kFits = static_cast<Wide>(std::numeric_limits<std::int64_t>::max()) * 1'000'000'000U;
    for (int e = decimal->exponent; e > 0 && top != 0; --e) {
        if (top > kFits) {
            return std::nullopt;
        }
        top *= 10;
    }
    for (int e = decimal->exponent; e < 0; ++e) {
        if (bottom > (static_cast<Wide>(1) << 120)) {
            return 0;  // less than half of the smallest step
        }
        bottom *= 10;
    }
    const Wide rounded = (top + bottom / 2) / bottom;
    if (rounded > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
    }
    const auto value = static_cast<std::int64_t>(rounded);
    return negative ? -value : value;
}

}  // namespace wutong::protocols
