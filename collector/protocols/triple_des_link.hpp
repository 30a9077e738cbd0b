#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collector/protocols/bytes.hpp"

/// The triple-DES suite between collector and wutong-gateway: 3DES-CBC, then HMAC-SHA-256 over what was
/// encrypted; keys for each direction from a secret that both have and a nonce of each; record numbers that
/// are not sent; new keys by volume and time. It exists because it is asked for; TLS 1.3 is better in every
/// way. Frame by frame, with its limits: docs/protocols/gateway-link.md. Pure: bytes in, bytes out; time and
/// randomness are given.
namespace wutong::protocols::triple_des {

inline constexpr std::size_t kNonceBytes = 32;
inline constexpr std::size_t kSecretBytesMin = 24;
inline constexpr std::size_t kKeyNameMax = 32;
/// Most plain bytes in one record; what is longer goes into several.
inline constexpr std::size_t kPlainMax = 1'024;

using Nonce = std::array<std::uint8_t, kNonceBytes>;
using Random = std::function<void(std::span<std::uint8_t>)>;

/// 57 47 4C 33 ("WGL3"), version 1, length of the key's name, name, nonce of the collector.
struct ClientHello {
    std::string key_name;  ///< which secret: letters, digits, - and _
    Nonce nonce{};
};
[[nodiscard]] Bytes encode(const ClientHello& hello);
struct FoundClientHello {
    std::optional<ClientHello> hello;
    std::size_t used = 0;
    bool broken = false;
};
[[nodiscard]] FoundClientHello find_client_hello(ByteView received);

/// 57 47 4C 33, version 1, nonce of the gateway.
inline constexpr std::size_t kServerHelloBytes = 5 + kNonceBytes;
[[nodiscard]] Bytes encode_server_hello(const Nonce& nonce);
/// @pre received.size() == kServerHelloBytes @return nothing when it is none
[[nodiscard]] std::optional<Nonce> read_server_hello(ByteView received);

enum class Direction { to_gateway, to_collector };

/// What the keys of one direction come from; HKDF-SHA-256 of the secret with both nonces as salt.
using DirectionSecret = std::array<std::uint8_t, 32>;
/// @throws std::invalid_argument when the secret is too short
[[nodiscard]] DirectionSecret direction_secret(ByteView secret, const Nonce& collector, const Nonce& gateway,
                                               Direction direction);

enum class RecordType : std::uint8_t { data = 1, new_keys = 2 };

struct RekeyRules {
    std::uint64_t bytes = 1'048'576;  ///< far below the 32 GB where blocks of 64 bits begin to repeat
    std::chrono::seconds time{3'600};
};

/// Encrypts one direction.
class Sealer {
public:
    using Time = std::chrono::steady_clock::time_point;
    Sealer(const DirectionSecret& secret, Random random, RekeyRules rules, Time now);
    ~Sealer();
    Sealer(Sealer&&) noexcept;
    Sealer& operator=(Sealer&&) noexcept;

    /// One or more records; before them one that announces new keys, when it is time for that.
    [[nodiscard]] Bytes seal(ByteView plain, Time now);
    [[nodiscard]] std::uint32_t generation() const;  ///< how often the keys were changed

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Checks and decrypts the other direction.
class Opener {
public:
    explicit Opener(const DirectionSecret& secret);
    ~Opener();
    Opener(Opener&&) noexcept;
    Opener& operator=(Opener&&) noexcept;

    struct Opened {
        Bytes plain;
        bool broken =
            false;  ///< changed, repeated, left out, in another order, or from somebody else: hang up
    };
    /// After `broken` nothing is opened any more.
    [[nodiscard]] Opened open(ByteView received);
    [[nodiscard]] std::uint32_t generation() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace wutong::protocols::triple_des
