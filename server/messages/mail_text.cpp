#include "server/messages/mail_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <string_view>

namespace wutong::server {

namespace {

constexpr std::size_t kBytesPerLine = 57;  ///< 76 characters of base64
constexpr std::size_t kBytesPerWord = 42;  ///< an encoded word has at most 75 characters (RFC 2047)

std::string mail_base64(std::string_view bytes) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t k) -> unsigned {
            return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
        };
        const unsigned three = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        const std::size_t there = bytes.size() - i;
        out += kDigits[three >> 18];
        out += kDigits[(three >> 12) & 63];
        out += there > 1 ? kDigits[(three >> 6) & 63] : '=';
        out += there > 2 ? kDigits[three & 63] : '=';
    }
    return out;
}

/// Each word holds whole characters.
std::string encoded_words(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t size = std::min(text.size(), kBytesPerWord);
        while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
            --size;
        }
        out += (out.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + mail_base64(text.substr(0, size)) + "?=");
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace

std::string mail_text(const Mail& mail) {
    const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(mail.at);
    // English names whatever the locale: fmt's format strings use none.
    std::string out = fmt::format(
        "Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\nFrom: <{}>\r\nTo: <{}>\r\nSubject: {}\r\nMessage-ID: "
        "{}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
        "base64\r\nAuto-Submitted: auto-generated\r\n\r\n",
        fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), mail.from, mail.to,
        encoded_words(mail.subject), mail.message_id);
    const std::string body = mail.body + "\r\n";
    for (std::size_t i = 0; i < body.size(); i += kBytesPerLine) {
        out += mail_base64(std::string_view{body}.substr(i, kBytesPerLine)) + "\r\n";
    }
    return out;
}

}  // namespace wutong::server
