#include "collector/protocols/dlms_association.hpp"

#include <algorithm>
#include <stdexcept>

#include "collector/protocols/byte_cursor.hpp"

namespace wutong::protocols::dlms {
namespace {

constexpr std::uint8_t kAarq = 0x60;
constexpr std::uint8_t kAare = 0x61;
constexpr std::uint8_t kRlrq = 0x62;
constexpr std::uint8_t kRlre = 0x63;
constexpr std::uint8_t kContextName = 0xA1;
constexpr std::uint8_t kResult = 0xA2;
constexpr std::uint8_t kDiagnostic = 0xA3;
constexpr std::uint8_t kRespondingTitle = 0xA4;
constexpr std::uint8_t kCallingTitle = 0xA6;
constexpr std::uint8_t kSenderRequirements = 0x8A;
constexpr std::uint8_t kSenderMechanism = 0x8B;
constexpr std::uint8_t kSenderSecret = 0xAC;
constexpr std::uint8_t kResponderRequirements = 0x88;
constexpr std::uint8_t kResponderMechanism = 0x89;
constexpr std::uint8_t kResponderSecret = 0xAA;
constexpr std::uint8_t kUserInformation = 0xBE;
constexpr std::uint8_t kOctetString = 0x04;
constexpr std::uint8_t kSecretString = 0x80;
constexpr std::uint8_t kInitiateRequest = 0x01;
constexpr std::uint8_t kInitiateResponse = 0x08;
constexpr std::uint8_t kServiceError = 0x0E;
constexpr std::uint16_t kLogicalNames = 0x0007;
constexpr std::size_t kTitleBytes = 8;
constexpr std::size_t kSecretMax = 64;
/// 2.16.756.5.8.x.y without the last two arcs.
constexpr std::uint8_t kDlmsArcs[] = {0x60, 0x85, 0x74, 0x05, 0x08};
constexpr std::uint8_t kContextArc = 1;
constexpr std::uint8_t kMechanismArc = 2;

void put(Bytes& to, std::uint8_t tag, ByteView value) {
    to.push_back(tag);
    append_length(to, value.size());
    to.insert(to.end(), value.begin(), value.end());
}

Bytes inside(std::uint8_t tag, ByteView value) {
    Bytes bytes;
    put(bytes, tag, value);
    return bytes;
}

Bytes oid(std::uint8_t arc, std::uint8_t last) {
    Bytes bytes{std::begin(kDlmsArcs), std::end(kDlmsArcs)};
    bytes.push_back(arc);
    bytes.push_back(last);
    return bytes;
}

/// The last arc, if it is one of ours.
std::optional<std::uint8_t> last_arc(ByteView bytes, std::uint8_t arc) {
    constexpr auto kArcs = std::size(kDlmsArcs);
    if (bytes.size() != kArcs + 2 || bytes[kArcs] != arc ||
        !std::equal(std::begin(kDlmsArcs), std::end(kDlmsArcs), bytes.begin())) {
        return std::nullopt;
    }
    return bytes[kArcs + 1];
}

std::uint8_t context_of(bool ciphered) {
    return ciphered ? 3 : 1;
}

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::invalid_argument(std::string{"DLMS association: "} + what);
    }
}

/// Tag and value, one after the other; both APDUs are made of them.
struct Field {
    std::uint8_t tag = 0;
    ByteView value;
};
std::optional<std::vector<Field>> fields_of(ByteView apdu, std::uint8_t tag) {
    ByteCursor all{apdu};
    all.expect(tag);
    ByteCursor from{all.take(read_length(all))};
    std::vector<Field> fields;
    while (all.done() && from.left() > 0) {
        const auto field = from.u8();
        fields.push_back({field, from.take(read_length(from))});
        if (!from.ok()) {
            return std::nullopt;
        }
    }
    return all.done() ? std::optional{std::move(fields)} : std::nullopt;
}

/// The value inside of `tag length value`, all of it.
std::optional<Bytes> unwrapped(ByteView bytes, std::uint8_t tag) {
    ByteCursor from{bytes};
    from.expect(tag);
    const auto value = from.take(read_length(from));
    return from.done() ? std::optional{Bytes{value.begin(), value.end()}} : std::nullopt;
}

void append_conformance(Bytes& to, std::uint32_t conformance) {
    to.insert(to.end(), {0x5F, 0x1F, 0x04, 0x00});
    to.push_back(static_cast<std::uint8_t>(conformance >> 16 & 0xFFU));
    append_u16(to, static_cast<std::uint16_t>(conformance & 0xFFFFU));
}

std::uint32_t read_conformance(ByteCursor& from) {
    from.expect(0x5F);
    // Some meters leave the second byte of the tag out.
    auto length = from.u8();
    if (length == 0x1F) {
        length = from.u8();
    }
    if (length != 4) {
        from.fail();
    }
    from.u8();
    return static_cast<std::uint32_t>(from.number(3));
}

/// Fields that both APDUs have in another place; false when one is damaged.
bool read_common(const Field& field, bool& ciphered, Bytes& initiate, bool& context_known) {
    if (field.tag == kContextName) {
        const auto name = unwrapped(field.value, 0x06);
        const auto arc = name ? last_arc(*name, kContextArc) : std::nullopt;
        context_known = arc && (*arc == 1 || *arc == 3);
        ciphered = arc == std::uint8_t{3};
        return context_known;
    }
    if (field.tag == kUserInformation) {
        auto value = unwrapped(field.value, kOctetString);
        if (!value) {
            return false;
        }
        initiate = std::move(*value);
    }
    return true;
}

bool read_mechanism(ByteView value, Mechanism& mechanism) {
    const auto arc = last_arc(value, kMechanismArc);
    if (arc) {
        mechanism = static_cast<Mechanism>(*arc);
    }
    return arc.has_value();
}

bool read_bytes(const Field& field, std::uint8_t tag, Bytes& to) {
    auto value = unwrapped(field.value, tag);
    if (value) {
        to = std::move(*value);
    }
    return value.has_value();
}

}  // namespace

Bytes encode_initiate(const InitiateRequest& initiate) {
    Bytes bytes{kInitiateRequest};
    bytes.push_back(initiate.dedicated_key.empty() ? 0 : 1);
    if (!initiate.dedicated_key.empty()) {
        append_length(bytes, initiate.dedicated_key.size());
        bytes.insert(bytes.end(), initiate.dedicated_key.begin(), initiate.dedicated_key.end());
    }
    bytes.insert(bytes.end(), {0, 0, kDlmsVersion});  // answer allowed; no quality of service
    append_conformance(bytes, initiate.conformance);
    append_u16(bytes, initiate.pdu_max);
    return bytes;
}

Bytes encode_initiate(const InitiateResponse& initiate) {
    Bytes bytes{kInitiateResponse, 0, initiate.version};
    append_conformance(bytes, initiate.conformance);
    append_u16(bytes, initiate.pdu_max);
    append_u16(bytes, kLogicalNames);
    return bytes;
}

std::variant<InitiateRequest, DecodeFault> parse_initiate_request(ByteView bytes) {
    ByteCursor from{bytes};
    InitiateRequest initiate;
    from.expect(kInitiateRequest);
    if (from.u8() != 0) {
        const auto key = from.take(read_length(from));
        initiate.dedicated_key.assign(key.begin(), key.end());
    }
    if (from.u8() != 0) {
        from.u8();
    }
    if (from.u8() != 0) {
        from.u8();
    }
    const auto version = from.u8();
    initiate.conformance = read_conformance(from);
    initiate.pdu_max = from.u16();
    if (!from.done() || version != kDlmsVersion) {
        return DecodeFault{"no DLMS initiate request of version 6: " + to_hex(bytes)};
    }
    return initiate;
}

std::variant<InitiateResponse, DecodeFault> parse_initiate_response(ByteView bytes) {
    ByteCursor from{bytes};
    const auto tag = from.u8();
    if (tag == kServiceError) {
        from.u8();
        const auto kind = from.u8();
        const auto value = from.u8();
        static constexpr const char* kReasons[] = {"other", "DLMS version too low",
                                                   "incompatible conformance", "PDU size too short",
                                                   "refused by the VDE handler"};
        return DecodeFault{
            "the meter refuses the initiate request: " +
            (kind == 6 && value < std::size(kReasons) ? std::string{kReasons[value]} : to_hex(bytes))};
    }
    InitiateResponse initiate;
    if (tag != kInitiateResponse) {
        from.fail();
    }
    if (from.u8() != 0) {
        from.u8();
    }
    initiate.version = from.u8();
    initiate.conformance = read_conformance(from);
    initiate.pdu_max = from.u16();
    const auto name = from.u16();
    if (!from.done() || name != kLogicalNames) {
        return DecodeFault{"no DLMS initiate response for logical names: " + to_hex(bytes)};
    }
    return initiate;
}

Bytes encode_association(const AssociationRequest& request) {
    require(request.title.empty() || request.title.size() == kTitleBytes, "a system title has 8 bytes");
    require(request.secret.size() <= kSecretMax, "a secret has 64 bytes at most");
    Bytes body;
    put(body, kContextName, inside(0x06, oid(kContextArc, context_of(request.ciphered))));
    if (!request.title.empty()) {
        put(body, kCallingTitle, inside(kOctetString, request.title));
    }
    if (request.mechanism != Mechanism::none) {
        put(body, kSenderRequirements, Bytes{0x07, 0x80});
        put(body, kSenderMechanism, oid(kMechanismArc, static_cast<std::uint8_t>(request.mechanism)));
        put(body, kSenderSecret, inside(kSecretString, request.secret));
    }
    put(body, kUserInformation, inside(kOctetString, request.initiate));
    return inside(kAarq, body);
}

Bytes encode_association(const AssociationResponse& response) {
    require(response.title.empty() || response.title.size() == kTitleBytes, "a system title has 8 bytes");
    Bytes body;
    put(body, kContextName, inside(0x06, oid(kContextArc, context_of(response.ciphered))));
    put(body, kResult, Bytes{0x02, 0x01, response.result});
    put(body, kDiagnostic,
        inside(response.by_provider ? 0xA2 : 0xA1, Bytes{0x02, 0x01, response.diagnostic}));
    if (!response.title.empty()) {
        put(body, kRespondingTitle, inside(kOctetString, response.title));
    }
    if (response.mechanism != Mechanism::none) {
        put(body, kResponderRequirements, Bytes{0x07, 0x80});
        put(body, kResponderMechanism, oid(kMechanismArc, static_cast<std::uint8_t>(response.mechanism)));
        put(body, kResponderSecret, inside(kSecretString, response.challenge));
    }
    if (!response.initiate.empty()) {
        put(body, kUserInformation, inside(kOctetString, response.initiate));
    }
    return inside(kAare, body);
}

std::variant<AssociationRequest, DecodeFault> parse_association_request(ByteView apdu) {
    const auto fields = fields_of(apdu, kAarq);
    AssociationRequest request;
    bool context_known = false;
    bool sound = fields.has_value();
    for (std::size_t i = 0; sound && i < fields->size(); ++i) {
        const auto& field = (*fields)[i];
        sound = read_common(field, request.ciphered, request.initiate, context_known);
        if (field.tag == kCallingTitle) {
            sound = read_bytes(field, kOctetString, request.title);
        } else if (field.tag == kSenderMechanism) {
            sound = read_mechanism(field.value, request.mechanism);
        } else if (field.tag == kSenderSecret) {
            sound = read_bytes(field, kSecretString, request.secret);
        }
    }
    if (!sound || !context_known) {
        return DecodeFault{"no DLMS association request with logical names: " + to_hex(apdu)};
    }
    return request;
}

std::variant<AssociationResponse, DecodeFault> parse_association_response(ByteView apdu) {
    const auto fields = fields_of(apdu, kAare);
    AssociationResponse response;
    bool context_known = false;
    bool has_result = false;
    bool sound = fields.has_value();
    for (std::size_t i = 0; sound && i < fields->size(); ++i) {
        const auto& field = (*fields)[i];
        sound = read_common(field, response.ciphered, response.initiate, context_known);
        if (field.tag == kResult) {
            sound = field.value.size() == 3 && field.value[0] == 0x02 && field.value[1] == 0x01;
            has_result = sound;
            response.result = sound ? field.value[2] : std::uint8_t{1};
        } else if (field.tag == kDiagnostic) {
            sound = field.value.size() == 5 && (field.value[0] == 0xA1 || field.value[0] == 0xA2);
            if (sound) {
                response.by_provider = field.value[0] == 0xA2;
                response.diagnostic = field.value[4];
            }
        } else if (field.tag == kRespondingTitle) {
            sound = read_bytes(field, kOctetString, response.title);
        } else if (field.tag == kResponderMechanism) {
            sound = read_mechanism(field.value, response.mechanism);
        } else if (field.tag == kResponderSecret) {
            sound = read_bytes(field, kSecretString, response.challenge);
        }
    }
    if (!sound || !has_result) {
        return DecodeFault{"no DLMS association response: " + to_hex(apdu)};
    }
    return response;
}

std::string to_string(const AssociationResponse& response) {
    if (response.result == 0) {
        return "accepted";
    }
    static constexpr const char* kUser[] = {"no diagnostic",
                                            "no reason given",
                                            "application context not supported",
                                            "calling title not recognised",
                                            "calling invocation id not recognised",
                                            "calling qualifier not recognised",
                                            "calling entity not recognised",
                                            "called title not recognised",
                                            "called invocation id not recognised",
                                            "called qualifier not recognised",
                                            "called entity not recognised",
                                            "authentication mechanism not recognised",
                                            "authentication mechanism required",
                                            "authentication failure",
                                            "authentication required"};
    static constexpr const char* kProvider[] = {"no diagnostic", "no reason given",
                                                "no common version of the association service"};
    const auto code = " (" + std::to_string(response.diagnostic) + ")";
    std::string reason = "diagnostic" + code;
    if (response.by_provider && response.diagnostic < std::size(kProvider)) {
        reason = kProvider[response.diagnostic] + code;
    } else if (!response.by_provider && response.diagnostic < std::size(kUser)) {
        reason = kUser[response.diagnostic] + code;
    }
    return (response.result == 2 ? "rejected for now: " : "rejected for good: ") + reason;
}

Bytes encode_release(bool response, ByteView initiate) {
    Bytes body{0x80, 0x01, 0x00};
    if (!initiate.empty()) {
        put(body, kUserInformation, inside(kOctetString, initiate));
    }
    return inside(response ? kRlre : kRlrq, body);
}

bool is_release_response(ByteView apdu) {
    return fields_of(apdu, kRlre).has_value();
}
bool is_release_request(ByteView apdu) {
    return fields_of(apdu, kRlrq).has_value();
}

}  // namespace wutong::protocols::dlms
