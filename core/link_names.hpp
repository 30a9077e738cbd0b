#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// How a channel's endpoint names what can't be named by host and port alone: a gateway that dials in, and a
/// serial port of a wutong-gateway. The server refuses bad names with the same words as the collector.
namespace wutong::core {

/// Why a name can't be used, for people.
struct BadName {
    std::string why;
};

/// How a gateway that dials in says who it is.
enum class DialInKind {
    plain,          ///< a registration packet of any bytes, as DTU boxes send it
    acrel_4g,       ///< Acrel 4G meters: 7B 7B frames, registered with their serial number
    acrel_gateway,  ///< Acrel gateways: 1F 1F frames with XML, registered with gateway_id and a shared secret
};
[[nodiscard]] const char* to_string(DialInKind kind);

inline constexpr std::size_t kRegistrationBytesMax = 64;

struct DialInName {
    DialInKind kind = DialInKind::plain;
    std::string id;         ///< plain: the registration packet's bytes; else the serial number or gateway_id
    int port = 0;           ///< acrel_gateway: 1..99, one of its serial ports; else 0
    std::string heartbeat;  ///< plain: bytes that it sends to keep the link alive; empty: none
    friend bool operator==(const DialInName&, const DialInName&) = default;
};

/// "plain:DTU-0042", "plain:0xA1B2C3,heartbeat=0xFE", "acrel-4g:12307210720085", "acrel-gateway:GW001/1".
/// Text is printable ASCII without blank, comma and slash; everything else is written as 0x and hexadecimal
/// digits. An id has 1 to 64 bytes (plain: at least 2, so that noise is no registration).
[[nodiscard]] std::variant<DialInName, BadName> parse_dial_in_name(std::string_view text);
/// "plain:DTU-0042", without the heartbeat: what is unique among all channels of one database.
[[nodiscard]] std::string registration_of(const DialInName& name);

/// A serial port behind a wutong-gateway: "10.0.0.9:7610/bus1".
struct GatewayPortName {
    std::string host;
    std::uint16_t tcp_port = 0;
    std::string serial_port;  ///< the name that the gateway's configuration gives it: letters, digits, -, _
    friend bool operator==(const GatewayPortName&, const GatewayPortName&) = default;
};
[[nodiscard]] std::variant<GatewayPortName, BadName> parse_gateway_port_name(std::string_view text);
[[nodiscard]] bool is_serial_port_name(std::string_view text);

/// An MQTT broker: "mqtts://broker.example:8883", "mqtt://10.0.0.5" (not encrypted, port 1883), and with a
/// name that tells installations at one broker apart: "mqtts://broker.example:8883/site-a".
struct BrokerName {
    bool tls = false;
    std::string host;
    std::uint16_t port = 0;
    std::string installation = "wutong";
    friend bool operator==(const BrokerName&, const BrokerName&) = default;
};
[[nodiscard]] std::variant<BrokerName, BadName> parse_broker_name(std::string_view text);

}  // namespace wutong::core
