#include "collector/protocols/bytes.hpp"

#include <stdexcept>

namespace wutong::protocols {

void append_u16(Bytes& to, std::uint16_t value) {
    to.push_back(static_cast<std::uint8_t>(value >> 8));
    to.push_back(static_cast<std::uint8_t>(value & 0xFF));
}

void append_u32(Bytes& to, std::uint32_t value) {
    append_u16(to, static_cast<std::uint16_t>(value >> 16));
    append_u16(to, static_cast<std::uint16_t>(value & 0xFFFF));
}

std::uint16_t read_u16(ByteView from, std::size_t at) {
    return static_cast<std::uint16_t>((from[at] << 8) | from[at + 1]);
}

std::uint32_t read_u32(ByteView from, std::size_t at) {
    return (static_cast<std::uint32_t>(read_u16(from, at)) << 16) | read_u16(from, at + 2);
}

std::string to_hex(ByteView bytes) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string text;
    text.reserve(bytes.size() * 3);
    for (const auto byte : bytes) {
        if (!text.empty()) {
            text.push_back(' ');
        }
        text.push_back(kDigits[byte >> 4]);
        text.push_back(kDigits[byte & 0x0F]);
    }
    return text;
}

namespace {
int digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return -1;
}
}  // namespace

Bytes from_hex(std::string_view text) {
    Bytes bytes;
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == ' ' || text[at] == '\n') {
            ++at;
            continue;
        }
        const int high = digit(text[at]);
        const int low = at + 1 < text.size() ? digit(text[at + 1]) : -1;
        if (high < 0 || low < 0) {
            throw std::invalid_argument("not a byte in hexadecimal at position " + std::to_string(at) +
                                        " of \"" + std::string{text} + "\"");
        }
        bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
        at += 2;
    }
    return bytes;
}

}  // namespace wutong::protocols
