#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "collector/transports/gateway_stream.hpp"

namespace wutong::gateway {

struct PortSettings {
    std::string name;
    std::string device;
};

/// gateway.toml; deploy/config/gateway.toml explains each key and carries the same defaults.
struct Configuration {
    std::string address = "0.0.0.0";
    std::uint16_t port = 7610;
    collector::LinkSuite suite = collector::LinkSuite::tls;
    collector::TlsFiles tls{"/etc/wutong/gateway/authority.crt", "/etc/wutong/gateway/gateway.crt",
                            "/etc/wutong/gateway/gateway.key"};
    std::filesystem::path secrets = "/etc/wutong/gateway/secrets";  ///< triple DES: a file for each key name
    std::filesystem::path state = "/var/lib/wutong-gateway";
    std::vector<PortSettings> ports;
};

/// @param file only for messages
/// @throws std::runtime_error naming file, line and what is wrong
[[nodiscard]] Configuration parse_configuration(std::string_view toml, const std::string& file);
[[nodiscard]] Configuration load_configuration(const std::filesystem::path& file);

}  // namespace wutong::gateway
