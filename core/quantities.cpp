#include "core/quantities.hpp"

#include <limits>
#include <string_view>

namespace wutong::core {

namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

/// Sign, fifteen digits, point, four decimals: the longest amount that fits, with some leading zeros.
constexpr std::size_t kTextMax = 32;
constexpr std::uint64_t kUnit = 10'000;

[[noreturn]] void overflow(std::int64_t a, char op, std::int64_t b, const char* what) {
    throw QuantityOverflow(std::string(what) + " out of range: " + std::to_string(a) + " " + op + " " +
                           std::to_string(b));
}

/// What somebody typed, made safe for a message or a log line.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text.substr(0, kTextMax)) {
        out += (c >= ' ' && c < '\x7f' && c != '"') ? c : '?';
    }
    return out + (text.size() > kTextMax ? "...\"" : "\"");
}

[[noreturn]] void not_money(std::string_view text, const char* why) {
    throw std::invalid_argument(quoted(text) + " is not an amount: " + why);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

namespace detail {

// Written without compiler built-ins: the same file is compiled by MSVC.
std::int64_t checked_add(std::int64_t a, std::int64_t b, const char* what) {
    if ((b > 0 && a > kMax - b) || (b < 0 && a < kMin - b)) {
        overflow(a, '+', b, what);
    }
    return a + b;
}

std::int64_t checked_sub(std::int64_t a, std::int64_t b, const char* what) {
    if ((b < 0 && a > kMax + b) || (b > 0 && a < kMin + b)) {
        overflow(a, '-', b, what);
    }
    return a - b;
}

std::int64_t checked_mul(std::int64_t a, std::int64_t b, const char* what) {
    if (a == 0 || b == 0) {
        return 0;
    }
    const bool negative = (a < 0) != (b < 0);
    const bool out_of_range = negative ? (b > 0 ? a < kMin / b : (b == -1 ? false : a > kMin / b))
                                       : (b > 0 ? a > kMax / b : a < kMax / b);
    if (out_of_range) {
        overflow(a, '*', b, what);
    }
    return a * b;
}

}  // namespace detail

std::string to_string(Money money) {
    const std::int64_t value = money.ten_thousandths();
    // Unsigned, because the smallest value has no positive counterpart.
    const std::uint64_t magnitude =
        value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    std::string decimals = std::to_string(kUnit + magnitude % kUnit).substr(1);
    if (decimals.compare(2, 2, "00") == 0) {
        decimals.resize(2);
    }
    return (value < 0 ? "-" : "") + std::to_string(magnitude / kUnit) + "." + decimals;
}

Money parse_money(const std::string& text) {
    if (text.empty()) {
        not_money(text, "it is empty; write for example 100 or 100.50");
    }
    if (text.size() > kTextMax) {
        not_money(text, "it is too long");
    }
    std::string_view rest = text;
    const bool negative = rest.front() == '-';
    if (negative) {
        rest.remove_prefix(1);
    }
    const std::uint64_t limit = static_cast<std::uint64_t>(kMax) + (negative ? 1 : 0);
    std::uint64_t value = 0;
    const auto append = [&](unsigned digit) {
        if (value > (limit - digit) / 10) {
            not_money(text, "it is too large");
        }
        value = value * 10 + digit;
    };

    std::size_t at = 0;
    for (; at < rest.size() && is_digit(rest[at]); ++at) {
        append(static_cast<unsigned>(rest[at] - '0'));
    }
    if (at == 0) {
        not_money(text, "digits are expected before the point; write for example 0.50");
    }
    std::size_t decimals = 0;
    if (at < rest.size() && rest[at] == '.') {
        for (++at; at < rest.size() && is_digit(rest[at]); ++at, ++decimals) {
            if (decimals == 4) {
                not_money(text, "it has more than four decimals");
            }
            append(static_cast<unsigned>(rest[at] - '0'));
        }
        if (decimals == 0) {
            not_money(text, "digits are expected after the point");
        }
    }
    if (at != rest.size()) {
        not_money(text, "only digits, one point and a leading minus are allowed");
    }
    for (; decimals < 4; ++decimals) {
        append(0);
    }
    return Money{negative ? static_cast<std::int64_t>(0 - value) : static_cast<std::int64_t>(value)};
}

}  // namespace wutong::core
