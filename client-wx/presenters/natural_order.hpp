#pragma once

#include <string_view>

namespace wutong::client {

/// As people sort codes: "A-2" before "A-10", "B1" before "B02". Letters by their bytes.
/// @return < 0, 0, > 0
[[nodiscard]] inline int natural_order(std::string_view a, std::string_view b) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto take_number = [&](std::string_view& text) {
        while (text.size() > 1 && text.front() == '0' && is_digit(text[1])) {
            text.remove_prefix(1);
        }
        std::size_t length = 0;
        while (length < text.size() && is_digit(text[length])) {
            ++length;
        }
        const auto number = text.substr(0, length);
        text.remove_prefix(length);
        return number;
    };
    const std::string_view whole_a = a;
    const std::string_view whole_b = b;
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            const auto left = take_number(a);
            const auto right = take_number(b);
            if (left.size() != right.size()) {
                return left.size() < right.size() ? -1 : 1;
            }
            if (const int order = left.compare(right); order != 0) {
                return order;
            }
            continue;
        }
        if (a.front() != b.front()) {
            return static_cast<unsigned char>(a.front()) < static_cast<unsigned char>(b.front()) ? -1 : 1;
        }
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    if (a.empty() && b.empty()) {
        return whole_a.compare(whole_b);  // "1" and "01": different, and always in the same order
    }
    return a.empty() ? -1 : 1;
}

}  // namespace wutong::client
