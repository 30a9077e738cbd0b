#pragma once

#include <array>
#include <optional>
#include <variant>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"

/// Security suite 0 of DLMS (IEC 62056-5-3): AES-128-GCM with tags of 12 bytes. Crypto++ computes; what goes
/// into it (titles, counters, what is authenticated) is written here.
///
///     glo-APDU:  tag, length, SC, IC(4), ciphertext, tag(12)
///     IV = system title of the sender (8) and IC (4); AAD = SC, authentication key [, plaintext]
namespace wutong::protocols::dlms {

using Key = std::array<std::uint8_t, 16>;
using SystemTitle = std::array<std::uint8_t, 8>;

struct SecurityKeys {
    Key encryption{};
    Key authentication{};
};

namespace SecurityControl {
inline constexpr std::uint8_t authenticated = 0x10;
inline constexpr std::uint8_t encrypted = 0x20;
inline constexpr std::uint8_t both = 0x30;
}  // namespace SecurityControl

inline constexpr std::size_t kTagBytes = 12;

/// The ciphered form of a plain APDU's tag: GET request C0 -> C8, and so on. 0: there is none.
[[nodiscard]] std::uint8_t global_tag(std::uint8_t plain_tag);

/// @param tag one of global_tag. @param counter must never be used twice with a key
/// @throws std::invalid_argument for a security control that isn't one of the three
[[nodiscard]] Bytes protect(std::uint8_t tag, std::uint8_t security_control, const SystemTitle& sender,
                            std::uint32_t counter, const SecurityKeys& keys, ByteView plain);

struct Unprotected {
    std::uint8_t tag = 0;
    std::uint8_t security_control = 0;
    std::uint32_t counter = 0;
    Bytes plain;
};
/// General-glo-ciphering (DB) names its sender, which has to be `sender`.
/// The caller compares the counter with the last one it saw: see ReplayGuard.
[[nodiscard]] std::variant<Unprotected, DecodeFault> unprotect(ByteView apdu, const SystemTitle& sender,
                                                               const SecurityKeys& keys);

/// Answer to a challenge (HLS 5): SC 10, counter, tag over it. 17 bytes.
[[nodiscard]] Bytes answer_challenge(ByteView challenge, const SystemTitle& sender, std::uint32_t counter,
                                     const SecurityKeys& keys);
/// @return the counter, when the answer is right
[[nodiscard]] std::optional<std::uint32_t> check_answer(ByteView answer, ByteView challenge,
                                                        const SystemTitle& sender, const SecurityKeys& keys);

/// Counters of the other side only grow: what came before is a replay.
class ReplayGuard {
public:
    /// False for a counter that isn't above all before it.
    [[nodiscard]] bool accept(std::uint32_t counter);

private:
    std::optional<std::uint32_t> last_;
};

}  // namespace wutong::protocols::dlms
