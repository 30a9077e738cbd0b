#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// The first line on each connection to a wutong-gateway, whatever carries it, and the answer to it:
///   WGL1 port=bus1 channel=17/42 epoch=9 baud=9600 parity=N stop=1\n     →     OK\n   or   NO stale_epoch
///   …\n
/// After OK the bytes of the serial port follow in both directions. docs/protocols/gateway-link.md.
namespace wutong::protocols {

inline constexpr std::size_t kHelloMax = 256;

struct GatewayHello {
    std::string port;     ///< as the gateway's configuration names it
    std::string channel;  ///< "property/channel": whose epoch it is
    std::int64_t epoch =
        0;  ///< of the channel's lease; the gateway refuses one that is lower than it has seen
    int baud = 9600;
    char parity = 'N';
    int stop_bits = 1;
    friend bool operator==(const GatewayHello&, const GatewayHello&) = default;
};

[[nodiscard]] std::string encode_hello(const GatewayHello& hello);
/// @param line without its line feed @return what is wrong with it, for the answer
[[nodiscard]] std::variant<GatewayHello, std::string> parse_hello(std::string_view line);

/// Codes of a refusal; a sentence follows on the line.
inline constexpr const char* kStaleEpoch = "stale_epoch";
inline constexpr const char* kUnknownPort = "unknown_port";
inline constexpr const char* kBadHello = "bad_hello";
inline constexpr const char* kPortUnusable = "port_unusable";

inline constexpr std::string_view kHelloAccepted = "OK";
[[nodiscard]] std::string encode_refusal(const char* code, const std::string& sentence);
/// @return empty when the line says OK; else why not
[[nodiscard]] std::string refusal_of(std::string_view line);

}  // namespace wutong::protocols
