#include "storage/search_text.hpp"

#include <algorithm>

namespace wutong::storage {

std::string literal_pattern(const std::string& text) {
    std::string pattern;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') {
            pattern.push_back('\\');
        }
        pattern.push_back(c);
    }
    return pattern;
}

int characters_of(const std::string& text) {
    return static_cast<int>(std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    }));
}

std::string search_pattern(const std::string& text) {
    const auto literal = literal_pattern(text);
    return characters_of(text) < 3 ? literal + "%" : "%" + literal + "%";
}

}  // namespace wutong::storage
