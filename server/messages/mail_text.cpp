#include "server/messages/mail_text.hpp"

#include <cryptopp/base64.h>
#include <cryptopp/filters.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <string_view>

namespace wutong::server {

namespace {

constexpr std::size_t kBytesPerLine = 57;  ///< 76 characters of base64
constexpr std::size_t kBytesPerWord =
    39;  ///< a line with encoded words has at most 76 characters (RFC 2047, 2)

std::string mail_base64(std::string_view bytes) {
    std::string out;
    const CryptoPP::StringSource encoded{reinterpret_cast<const CryptoPP::byte*>(bytes.data()), bytes.size(),
                                         true,
                                         new CryptoPP::Base64Encoder(new CryptoPP::StringSink(out), false)};
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
