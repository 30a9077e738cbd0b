#pragma once

#include "collector/protocols/dlms_data.hpp"

/// Opening and closing an application association (IEC 62056-5-3, ACSE in BER): who asks, with what proof,
/// for which services. Logical names only.
namespace wutong::protocols::dlms {

enum class Mechanism : std::uint8_t {
    none = 0,
    low = 1,   ///< a password, readable on the line
    high = 2,  ///< the meter maker's own; 3 MD5, 4 SHA-1 and 6, 7 are not spoken here
    gmac = 5,  ///< two challenges, answered with AES-GMAC: see dlms_security.hpp
};

/// Bits of the conformance block as one 24-bit number.
namespace Conformance {
inline constexpr std::uint32_t general_protection = 1U << 22;
inline constexpr std::uint32_t block_transfer_get = 1U << 12;
inline constexpr std::uint32_t block_transfer_set = 1U << 11;
inline constexpr std::uint32_t block_transfer_action = 1U << 10;
inline constexpr std::uint32_t multiple_references = 1U << 9;
inline constexpr std::uint32_t get = 1U << 4;
inline constexpr std::uint32_t set = 1U << 3;
inline constexpr std::uint32_t selective_access = 1U << 2;
inline constexpr std::uint32_t action = 1U << 0;
}  // namespace Conformance
inline constexpr std::uint32_t kOurConformance =
    Conformance::block_transfer_get | Conformance::multiple_references | Conformance::get | Conformance::set |
    Conformance::selective_access | Conformance::action;
inline constexpr std::uint8_t kDlmsVersion = 6;

/// The xDLMS part, itself ciphered in a ciphered association.
struct InitiateRequest {
    Bytes dedicated_key;  ///< 16 bytes or none; keys of one association alone, not used by us
    std::uint32_t conformance = kOurConformance;
    std::uint16_t pdu_max = 0xFFFF;  ///< what we take; FFFFh or 0: no limit
    friend bool operator==(const InitiateRequest&, const InitiateRequest&) = default;
};
struct InitiateResponse {
    std::uint8_t version = kDlmsVersion;
    std::uint32_t conformance = kOurConformance;
    std::uint16_t pdu_max = 1024;  ///< what the meter takes
    friend bool operator==(const InitiateResponse&, const InitiateResponse&) = default;
};
[[nodiscard]] Bytes encode_initiate(const InitiateRequest& initiate);
[[nodiscard]] Bytes encode_initiate(const InitiateResponse& initiate);
[[nodiscard]] std::variant<InitiateRequest, DecodeFault> parse_initiate_request(ByteView bytes);
/// A confirmed service error (0E) is told as a fault with its reason.
[[nodiscard]] std::variant<InitiateResponse, DecodeFault> parse_initiate_response(ByteView bytes);

struct AssociationRequest {
    bool ciphered = false;  ///< application context 3 instead of 1
    Mechanism mechanism = Mechanism::none;
    Bytes title;   ///< system title of the client, 8 bytes; needed for ciphering and GMAC
    Bytes secret;  ///< low: the password; high: our challenge, 8..64 bytes
    Bytes initiate;
    friend bool operator==(const AssociationRequest&, const AssociationRequest&) = default;
};
struct AssociationResponse {
    bool ciphered = false;
    std::uint8_t result = 0;      ///< 0 accepted, 1 rejected for good, 2 rejected for now
    bool by_provider = false;     ///< the diagnostic is of the service provider, not of the user
    std::uint8_t diagnostic = 0;  ///< 14: go on with the challenge
    Mechanism mechanism = Mechanism::none;
    Bytes title;
    Bytes challenge;  ///< the meter's
    Bytes initiate;
    friend bool operator==(const AssociationResponse&, const AssociationResponse&) = default;
};
inline constexpr std::uint8_t kAuthenticationRequired = 14;

/// @throws std::invalid_argument when a title hasn't 8 bytes or a secret is longer than 64
[[nodiscard]] Bytes encode_association(const AssociationRequest& request);
[[nodiscard]] Bytes encode_association(const AssociationResponse& response);
[[nodiscard]] std::variant<AssociationRequest, DecodeFault> parse_association_request(ByteView apdu);
[[nodiscard]] std::variant<AssociationResponse, DecodeFault> parse_association_response(ByteView apdu);
/// "rejected for good: authentication failure (13)"; of an accepted one "accepted".
[[nodiscard]] std::string to_string(const AssociationResponse& response);

/// RLRQ and RLRE with the normal reason. `initiate` as in the request, ciphered, or empty.
[[nodiscard]] Bytes encode_release(bool response, ByteView initiate = {});
/// True for any RLRE.
[[nodiscard]] bool is_release_response(ByteView apdu);
[[nodiscard]] bool is_release_request(ByteView apdu);

}  // namespace wutong::protocols::dlms
