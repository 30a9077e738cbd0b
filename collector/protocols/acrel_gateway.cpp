#define CRYPTOPP_ENABLE_NAMESPACE_WEAK 1
#include "collector/protocols/acrel_gateway.hpp"

#include <cryptopp/aes.h>
#include <cryptopp/filters.h>
#include <cryptopp/hex.h>
#include <cryptopp/md5.h>
#include <cryptopp/modes.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace wutong::protocols::acrel_gateway {

namespace {

constexpr std::uint8_t kMark = 0x1F;
constexpr std::size_t kHeader = 7;

bool is_id(std::string_view text) {
    return text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '-' || c == '_';
           });
}

std::string_view trimmed(std::string_view text) {
    static constexpr std::string_view kBlank = " \t\r\n";
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view element(std::string_view xml, std::string_view name) {
    const auto open = fmt::format("<{}>", name);
    const auto begin = xml.find(open);
    if (begin == std::string_view::npos) {
        return {};
    }
    const auto inside = xml.substr(begin + open.size());
    const auto end = inside.find(fmt::format("</{}>", name));
    return end == std::string_view::npos ? std::string_view{} : trimmed(inside.substr(0, end));
}

/// The attribute of the first <id_validate …>; blanks around = are seen in the field.
std::string_view operation_of(std::string_view xml) {
    const auto begin = xml.find("<id_validate");
    if (begin == std::string_view::npos) {
        return {};
    }
    const auto tag = xml.substr(begin, xml.find('>', begin) - begin);
    const auto name = tag.find("operation");
    const auto equals = name == std::string_view::npos ? name : tag.find('=', name);
    const auto open = equals == std::string_view::npos ? equals : tag.find_first_of("\"'", equals);
    if (open == std::string_view::npos) {
        return {};
    }
    const auto close = tag.find(tag[open], open + 1);
    return close == std::string_view::npos ? std::string_view{} : tag.substr(open + 1, close - open - 1);
}

Bytes bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

std::string_view text_of(ByteView bytes) {
    // Characters and bytes may alias; nothing is changed through it.
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const CryptoPP::byte* key_of(const std::string& secret) {
    if (secret.size() != kSecretLength) {
        throw std::invalid_argument(
            fmt::format("a gateway's secret has {} characters, not {}", kSecretLength, secret.size()));
    }
    return reinterpret_cast<const CryptoPP::byte*>(secret.data());
}

int digits(std::string_view text) {
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return -1;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

}  // namespace

Bytes encode(std::uint8_t type, ByteView data) {
    Bytes frame{kMark, kMark, type};
    append_u32(frame, static_cast<std::uint32_t>(data.size()));
    frame.insert(frame.end(), data.begin(), data.end());
    return frame;
}

Found find_frame(ByteView received) {
    Found found;
    for (std::size_t at = 0; at < std::min<std::size_t>(2, received.size()); ++at) {
        found.broken = found.broken || received[at] != kMark;
    }
    if (found.broken || received.size() < kHeader) {
        return found;
    }
    const std::size_t length = read_u32(received, 3);
    if (length > kDataMax) {
        found.broken = true;
    } else if (received.size() >= kHeader + length) {
        const auto data = received.subspan(kHeader, length);
        found.frame = Frame{received[2], {data.begin(), data.end()}};
        found.used = kHeader + length;
    }
    return found;
}

std::optional<Authentication> read_authentication(ByteView bytes) {
    const auto xml = text_of(bytes);
    Authentication content{std::string{element(xml, "building_id")}, std::string{element(xml, "gateway_id")},
                           std::string{operation_of(xml)},           std::string{element(xml, "sequence")},
                           std::string{element(xml, "md5")},         std::string{element(xml, "result")}};
    for (const auto* text : {&content.building_id, &content.gateway_id, &content.operation, &content.sequence,
                             &content.md5, &content.result}) {
        if (!is_id(*text)) {
            return std::nullopt;
        }
    }
    if (content.gateway_id.empty() || content.operation.empty()) {
        return std::nullopt;
    }
    return content;
}

Bytes authentication_xml(const Authentication& content) {
    const auto& [building, gateway, operation, sequence, md5, result] = content;
    std::string inner;
    for (const auto& [name, text] :
         {std::pair{"sequence", &sequence}, std::pair{"md5", &md5}, std::pair{"result", &result}}) {
        if (!text->empty()) {
            inner += fmt::format("<{}>{}</{}>", name, *text, name);
        }
    }
    return bytes_of(fmt::format(
        R"(<?xml version="1.0" encoding="utf-8"?><root><common><building_id>{}</building_id><gateway_id>{}</gateway_id>)"
        R"(<type>id_validate</type></common><id_validate operation="{}">{}</id_validate></root>)",
        building, gateway, operation, inner));
}

Bytes heartbeat_xml(const std::string& gateway_id, const std::string& local_time) {
    return bytes_of(fmt::format(
        R"(<?xml version="1.0" encoding="utf-8"?><root><common><building_id></building_id><gateway_id>{}</gateway_id>)"
        R"(<type>heart_beat</type></common><heart_beat operation="time"><time>{}</time></heart_beat></root>)",
        gateway_id, local_time));
}

std::string proof(const std::string& secret, const std::string& sequence) {
    CryptoPP::Weak::MD5 md5;
    std::string hex;
    const CryptoPP::StringSource run{
        secret + sequence, true,
        new CryptoPP::HashFilter{md5, new CryptoPP::HexEncoder{new CryptoPP::StringSink{hex}, false}}};
    return hex;
}

Bytes seal(ByteView plain, const std::string& secret) {
    const auto* key = key_of(secret);
    CryptoPP::CBC_Mode<CryptoPP::AES>::Encryption cipher{key, kSecretLength, key};
    Bytes sealed;
    const CryptoPP::VectorSource run{
        Bytes{plain.begin(), plain.end()}, true,
        new CryptoPP::StreamTransformationFilter{cipher, new CryptoPP::VectorSink{sealed},
                                                 CryptoPP::BlockPaddingSchemeDef::PKCS_PADDING}};
    return sealed;
}

std::optional<Bytes> unseal(ByteView sealed, const std::string& secret) {
    const auto* key = key_of(secret);
    CryptoPP::CBC_Mode<CryptoPP::AES>::Decryption cipher{key, kSecretLength, key};
    Bytes plain;
    try {
        const CryptoPP::VectorSource run{
            Bytes{sealed.begin(), sealed.end()}, true,
            new CryptoPP::StreamTransformationFilter{cipher, new CryptoPP::VectorSink{plain},
                                                     CryptoPP::BlockPaddingSchemeDef::PKCS_PADDING}};
    } catch (const CryptoPP::Exception&) {
        return std::nullopt;
    }
    return plain;
}

Bytes encode_passed(const Passed& passed) {
    auto text = fmt::format("{:02}{:03}|", passed.port, passed.address);
    for (const auto byte : passed.frame) {
        text += fmt::format("{:02X}", byte);
    }
    return bytes_of(text);
}

std::optional<Passed> parse_passed(ByteView bytes) {
    const auto text = text_of(bytes);
    if (text.size() < 8 || text.size() > 2'048 || text[5] != '|') {
        return std::nullopt;
    }
    Passed passed{digits(text.substr(0, 2)), digits(text.substr(2, 3)), {}};
    if (passed.port < 1 || passed.address < 0) {
        return std::nullopt;
    }
    try {
        passed.frame = from_hex(text.substr(6));
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
    return passed;
}

}  // namespace wutong::protocols::acrel_gateway
