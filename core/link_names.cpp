#include "core/link_names.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace wutong::core {

namespace {

constexpr std::string_view kHexPrefix = "0x";

bool is_plain_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < '\x7F' && c != ',' && c != '/'; });
}

bool is_word(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && !text.empty() && text.front() != '-' ? std::optional{value} : std::nullopt;
}

/// Text as it is, or bytes after 0x. Empty when it is neither.
std::optional<std::string> bytes_of(std::string_view text) {
    if (!text.starts_with(kHexPrefix)) {
        return is_plain_text(text) ? std::optional{std::string{text}} : std::nullopt;
    }
    text.remove_prefix(kHexPrefix.size());
    if (text.size() % 2 != 0) {
        return std::nullopt;
    }
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); at += 2) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 2, value, 16);
        if (error != std::errc{} || end != text.data() + at + 2) {
            return std::nullopt;
        }
        bytes.push_back(static_cast<char>(static_cast<unsigned char>(value)));
    }
    return bytes;
}

std::string text_of(const std::string& bytes) {
    if (is_plain_text(bytes) && !bytes.starts_with(kHexPrefix)) {
        return bytes;
    }
    static constexpr const char* kDigits = "0123456789ABCDEF";
    std::string text{kHexPrefix};
    for (const char c : bytes) {
        const auto value = static_cast<unsigned char>(c);
        text.push_back(kDigits[value >> 4U]);
        text.push_back(kDigits[value & 0x0FU]);
    }
    return text;
}

BadName bad(std::string_view text, const std::string& what) {
    return {"\"" + std::string{text.substr(0, 80)} + "\" " + what};
}

std::variant<DialInName, BadName> parse_plain(std::string_view text, std::string_view rest) {
    static constexpr std::string_view kHeartbeat = "heartbeat=";
    DialInName name;
    const auto comma = rest.find(',');
    const auto id = bytes_of(rest.substr(0, comma));
    if (!id || id->size() < 2 || id->size() > kRegistrationBytesMax) {
        return bad(text,
                   "does not name a registration packet: 2 to 64 bytes, as text without blank, comma and "
                   "slash, or as 0x and hexadecimal digits");
    }
    name.id = *id;
    if (comma != std::string_view::npos) {
        const auto option = rest.substr(comma + 1);
        const auto beat =
            option.starts_with(kHeartbeat) ? bytes_of(option.substr(kHeartbeat.size())) : std::nullopt;
        if (!beat || beat->empty() || beat->size() > kRegistrationBytesMax) {
            return bad(text,
                       "may only have heartbeat=TEXT or heartbeat=0xHEX after the comma, at most 64 bytes");
        }
        name.heartbeat = *beat;
    }
    return name;
}

}  // namespace

const char* to_string(DialInKind kind) {
    switch (kind) {
        case DialInKind::plain:
            return "plain";
        case DialInKind::acrel_4g:
            return "acrel-4g";
        case DialInKind::acrel_gateway:
            return "acrel-gateway";
    }
    return "unknown";
}

std::variant<DialInName, BadName> parse_dial_in_name(std::string_view text) {
    const auto colon = text.find(':');
    const auto kind = text.substr(0, colon);
    const auto rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    DialInName name;
    if (kind == to_string(DialInKind::plain)) {
        return parse_plain(text, rest);
    }
    if (kind == to_string(DialInKind::acrel_4g)) {
        name.kind = DialInKind::acrel_4g;
        if (!is_word(rest, 20)) {
            return bad(text, "needs the meter's serial number of at most 20 letters and digits");
        }
        name.id = rest;
        return name;
    }
    if (kind == to_string(DialInKind::acrel_gateway)) {
        name.kind = DialInKind::acrel_gateway;
        const auto slash = rest.find('/');
        const auto port = slash == std::string_view::npos ? std::nullopt : number(rest.substr(slash + 1));
        if (!is_word(rest.substr(0, slash), kRegistrationBytesMax) || !port || *port < 1 || *port > 99) {
            return bad(text, "needs gateway_id and serial port, as acrel-gateway:GW001/1 (port 1 to 99)");
        }
        name.id = rest.substr(0, slash);
        name.port = *port;
        return name;
    }
    return bad(text,
               "does not say how the gateway names itself; write plain:REGISTRATION, acrel-4g:SERIAL or "
               "acrel-gateway:ID/PORT");
}

std::string registration_of(const DialInName& name) {
    std::string text = to_string(name.kind);
    text += ':';
    text += name.kind == DialInKind::plain ? text_of(name.id) : name.id;
    return name.port == 0 ? text : text + '/' + std::to_string(name.port);
}

bool is_serial_port_name(std::string_view text) {
    return is_word(text, 32);
}

std::variant<GatewayPortName, BadName> parse_gateway_port_name(std::string_view text) {
    static constexpr const char* kForm =
        "is not host:port/serial-port of a wutong-gateway, as 10.0.0.9:7610/bus1";
    const auto slash = text.rfind('/');
    if (slash == std::string_view::npos || !is_serial_port_name(text.substr(slash + 1))) {
        return bad(text, kForm);
    }
    const auto address = text.substr(0, slash);
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
        return bad(text, kForm);
    }
    const auto host = address.substr(0, colon);
    const auto port = number(address.substr(colon + 1));
    const bool brackets = host.front() == '[' && host.back() == ']' && host.size() > 2;
    if (!port || *port < 1 || *port > 65'535 || host.find_first_of(" \t\r\n/") != std::string_view::npos ||
        (!brackets && host.find_first_of(":[]") != std::string_view::npos)) {
        return bad(text, kForm);
    }
    return GatewayPortName{std::string{host}, static_cast<std::uint16_t>(*port),
                           std::string{text.substr(slash + 1)}};
}

std::variant<BrokerName, BadName> parse_broker_name(std::string_view text) {
    static constexpr const char* kForm =
        "is not the address of an MQTT broker, as mqtts://broker.example:8883 or mqtt://10.0.0.5:1883";
    constexpr int kPort = 1883;
    constexpr int kTlsPort = 8883;
    BrokerName name;
    name.tls = text.starts_with("mqtts://");
    if (!name.tls && !text.starts_with("mqtt://")) {
        return bad(text, kForm);
    }
    auto rest = text.substr(text.find("//") + 2);
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        name.installation = std::string{rest.substr(slash + 1)};
        rest = rest.substr(0, slash);
        if (!is_word(name.installation, 32)) {
            return bad(text, kForm);
        }
    }
    const auto colon = rest.find(':');
    name.host = std::string{rest.substr(0, colon)};
    const auto port = colon == std::string_view::npos ? std::optional{name.tls ? kTlsPort : kPort}
                                                      : number(rest.substr(colon + 1));
    const bool good_host = !name.host.empty() && name.host.front() != '-' && name.host.front() != '.' &&
                           std::all_of(name.host.begin(), name.host.end(), [](char c) {
                               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                      (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
                           });
    if (!good_host || !port || *port < 1 || *port > 65'535) {
        return bad(text, kForm);
    }
    name.port = static_cast<std::uint16_t>(*port);
    return name;
}

}  // namespace wutong::core
