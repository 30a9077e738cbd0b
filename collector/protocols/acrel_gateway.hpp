#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collector/protocols/bytes.hpp"

/// Frames of Acrel gateways, which dial in over TCP: 1F 1F, type, length (4 bytes, big-endian), data. The
/// data of types 01 and 02 is XML; that of F1 and F2 is "PPAAA|hex" (serial port, address, frame) under
/// AES-128-CBC with the gateway's secret of 16 characters as key and first block. Facts and sources:
/// docs/protocols/dial-in.md.
namespace wutong::protocols::acrel_gateway {

enum Type : std::uint8_t {
    kAuthenticate = 0x01,
    kHeartbeat = 0x02,
    kData = 0x03,
    kPackedData = 0x04,
    kDown = 0xF1,
    kUp = 0xF2,
};

inline constexpr std::size_t kDataMax = 64 * 1024;
inline constexpr std::size_t kSecretLength = 16;

struct Frame {
    std::uint8_t type = 0;
    Bytes data;
};
[[nodiscard]] Bytes encode(std::uint8_t type, ByteView data);

struct Found {
    std::optional<Frame> frame;  ///< none: more has to come
    std::size_t used = 0;        ///< bytes to drop from the beginning
    bool broken = false;         ///< no such frame, or longer than allowed: nothing after it can be trusted
};
[[nodiscard]] Found find_frame(ByteView received);

/// What a type 01 frame says. Elements that are missing are empty.
struct Authentication {
    std::string building_id, gateway_id;
    std::string operation;  ///< request, sequence, md5, result
    std::string sequence, md5, result;
};
/// Reads only these elements; there are no entities, and ids hold letters, digits, - and _ only.
/// @return nothing when that is not what it is
[[nodiscard]] std::optional<Authentication> read_authentication(ByteView xml);
[[nodiscard]] Bytes authentication_xml(const Authentication& content);
/// @param local_time "20261121083000"
[[nodiscard]] Bytes heartbeat_xml(const std::string& gateway_id, const std::string& local_time);

/// md5(secret + sequence) in hexadecimal digits, which is how a gateway shows that it has the secret.
[[nodiscard]] std::string proof(const std::string& secret, const std::string& sequence);

/// AES-128-CBC, PKCS #5. @throws std::invalid_argument when the secret has not 16 characters
[[nodiscard]] Bytes seal(ByteView plain, const std::string& secret);
/// @return nothing when it was not sealed with this secret
[[nodiscard]] std::optional<Bytes> unseal(ByteView sealed, const std::string& secret);

struct Passed {
    int port = 0;     ///< 1..99
    int address = 0;  ///< 0..999, of the meter on that port
    Bytes frame;
};
/// "02017|01030000..."
[[nodiscard]] Bytes encode_passed(const Passed& passed);
[[nodiscard]] std::optional<Passed> parse_passed(ByteView text);

}  // namespace wutong::protocols::acrel_gateway
