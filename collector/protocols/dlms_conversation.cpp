#include "collector/protocols/dlms_conversation.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace wutong::protocols::dlms {
namespace {

constexpr std::uint16_t kClassAssociation = 15;
constexpr Obis kThisAssociation{{0, 0, 40, 0, 0, 255}};
constexpr std::size_t kChallengeMin = 8;
constexpr std::size_t kChallengeMax = 64;
constexpr std::uint8_t kException = 0xD8;
constexpr std::uint8_t kGeneralGlobal = 0xDB;

}  // namespace

DlmsConversation::DlmsConversation(Credentials credentials) : credentials_{std::move(credentials)} {
    const auto mechanism = credentials_.mechanism;
    if (mechanism != Mechanism::none && mechanism != Mechanism::low && mechanism != Mechanism::gmac) {
        throw std::invalid_argument("DLMS authentication mechanism " +
                                    std::to_string(static_cast<int>(mechanism)) + " is not spoken");
    }
    const auto length = credentials_.challenge.size();
    if (mechanism == Mechanism::gmac && (length < kChallengeMin || length > kChallengeMax)) {
        throw std::invalid_argument("a DLMS challenge has 8 to 64 bytes, not " + std::to_string(length));
    }
}

Bytes DlmsConversation::sealed(Bytes plain) {
    if (!credentials_.ciphered) {
        return plain;
    }
    if (credentials_.counter == std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument("the DLMS invocation counter is used up: the meter needs new keys");
    }
    return protect(global_tag(plain[0]), SecurityControl::both, credentials_.title, ++credentials_.counter,
                   credentials_.keys, plain);
}

/// Only what was authenticated and encrypted is believed, and only once.
std::variant<Bytes, DecodeFault> DlmsConversation::opened(ByteView apdu) {
    auto told = unprotect(apdu, meter_title_, credentials_.keys);
    if (auto* fault = std::get_if<DecodeFault>(&told)) {
        return std::move(*fault);
    }
    auto& inner = std::get<Unprotected>(told);
    if (inner.security_control != SecurityControl::both) {
        return DecodeFault{"the meter answers with security control " +
                           to_hex(Bytes{inner.security_control}) + ", agreed was 30"};
    }
    if (!heard_.accept(inner.counter)) {
        return DecodeFault{"counter " + std::to_string(inner.counter) +
                           " of the meter came before: a replay"};
    }
    // The outer tag is not authenticated.
    if (inner.plain.empty() || (inner.tag != global_tag(inner.plain[0]) && inner.tag != kGeneralGlobal)) {
        return DecodeFault{"another APDU inside of the cipher than outside"};
    }
    return std::move(inner.plain);
}

DlmsConversation::Step DlmsConversation::fail(std::string reason) {
    state_ = State::closed;
    long_get_.reset();
    return Failed{std::move(reason)};
}

Bytes DlmsConversation::open() {
    state_ = State::opening;
    long_get_.reset();
    AssociationRequest request;
    request.ciphered = credentials_.ciphered;
    request.mechanism = credentials_.mechanism;
    if (credentials_.ciphered || credentials_.mechanism == Mechanism::gmac) {
        request.title.assign(credentials_.title.begin(), credentials_.title.end());
    }
    request.secret =
        credentials_.mechanism == Mechanism::gmac ? credentials_.challenge : credentials_.password;
    request.initiate = sealed(encode_initiate(InitiateRequest{{}, kOurConformance, credentials_.pdu_max}));
    return encode_association(request);
}

Bytes DlmsConversation::ask(const Request& request) {
    if (state_ != State::open) {
        throw std::invalid_argument(
            "a DLMS request outside of an open association, or before the last answer");
    }
    auto apdu = sealed(encode_request(request));
    list_asked_ = std::holds_alternative<GetListRequest>(request);
    long_get_.reset();
    state_ = State::asking;
    return apdu;
}

Bytes DlmsConversation::close() {
    state_ = State::closing;
    return encode_release(false);
}

DlmsConversation::Step DlmsConversation::take(ByteView apdu) {
    if (apdu.empty()) {
        return fail("an empty APDU");
    }
    switch (state_) {
        case State::opening:
            return take_association(apdu);
        case State::closing:
            state_ = State::closed;
            return is_release_response(apdu) ? Step{Closed{}}
                                             : fail("no answer to the release: " + to_hex(apdu));
        case State::proving:
        case State::asking: {
            auto response = read_response(apdu);
            if (auto* fault = std::get_if<DecodeFault>(&response)) {
                return fail(std::move(fault->reason));
            }
            auto& told = std::get<Response>(response);
            return state_ == State::proving ? take_proof(told) : take_answer(std::move(told));
        }
        default:
            return fail("an answer that nobody asked for");
    }
}

std::variant<Response, DecodeFault> DlmsConversation::read_response(ByteView apdu) {
    // A meter that can't decipher us says so in plain.
    if (!credentials_.ciphered || apdu[0] == kException) {
        return parse_response(apdu);
    }
    auto plain = opened(apdu);
    if (auto* fault = std::get_if<DecodeFault>(&plain)) {
        return std::move(*fault);
    }
    return parse_response(std::get<Bytes>(plain));
}

DlmsConversation::Step DlmsConversation::take_association(ByteView apdu) {
    const auto parsed = parse_association_response(apdu);
    if (const auto* fault = std::get_if<DecodeFault>(&parsed)) {
        return fail(fault->reason);
    }
    const auto& response = std::get<AssociationResponse>(parsed);
    const bool gmac = credentials_.mechanism == Mechanism::gmac;
    if (response.result != 0) {
        return fail("the meter " + to_string(response));
    }
    if (credentials_.ciphered || gmac) {
        if (response.title.size() != meter_title_.size()) {
            return fail("the meter doesn't tell its system title");
        }
        std::copy(response.title.begin(), response.title.end(), meter_title_.begin());
        heard_ = {};
        // Our own bytes sent back at us would otherwise prove themselves.
        if (meter_title_ == credentials_.title) {
            return fail("the meter uses our own system title");
        }
    }
    Bytes initiate = response.initiate;
    if (credentials_.ciphered) {
        auto plain = opened(initiate);
        if (auto* fault = std::get_if<DecodeFault>(&plain)) {
            return fail(std::move(fault->reason));
        }
        initiate = std::get<Bytes>(std::move(plain));
    }
    const auto granted = parse_initiate_response(initiate);
    if (const auto* fault = std::get_if<DecodeFault>(&granted)) {
        return fail(fault->reason);
    }
    granted_ = std::get<InitiateResponse>(granted);
    if (!gmac) {
        state_ = State::open;
        return Opened{};
    }
    if (response.mechanism != Mechanism::gmac || response.challenge.size() < kChallengeMin ||
        response.challenge.size() > kChallengeMax || response.challenge == credentials_.challenge) {
        return fail("the meter sends no challenge of its own");
    }
    state_ = State::proving;
    ActionRequest proof;
    proof.class_id = kClassAssociation;
    proof.object = kThisAssociation;
    proof.method = 1;
    proof.parameters = octets(
        answer_challenge(response.challenge, credentials_.title, ++credentials_.counter, credentials_.keys));
    return Send{sealed(encode_request(proof))};
}

/// The meter has to prove itself too: else anybody could sit there and collect our commands.
DlmsConversation::Step DlmsConversation::take_proof(const Response& response) {
    if (const auto* exception = std::get_if<ExceptionResponse>(&response)) {
        return fail("the meter refuses our proof: " + to_string(*exception));
    }
    const auto* action = std::get_if<ActionResponse>(&response);
    if (action == nullptr || action->result != AccessResult::success || !action->returned) {
        return fail(action == nullptr ? std::string{"no answer to our proof"}
                                      : "the meter refuses our proof: " + to_string(action->result));
    }
    const auto* proof = std::get_if<Data>(&*action->returned);
    if (proof == nullptr ||
        !check_answer(proof->bytes, credentials_.challenge, meter_title_, credentials_.keys)) {
        return fail("the meter can't prove that it has our keys");
    }
    state_ = State::open;
    return Opened{};
}

DlmsConversation::Step DlmsConversation::take_answer(Response response) {
    const auto* block = std::get_if<GetBlockResponse>(&response);
    if (block == nullptr) {
        state_ = State::open;
        return Answer{std::move(response)};
    }
    if (!long_get_) {
        long_get_.emplace();
    }
    auto told = long_get_->take(*block);
    if (auto* next = std::get_if<LongGet::Ask>(&told)) {
        return Send{sealed(encode_request(next->next))};
    }
    long_get_.reset();
    if (auto* failed = std::get_if<LongGet::Failed>(&told)) {
        return fail(std::move(failed->reason));
    }
    state_ = State::open;
    const auto& whole = std::get<Bytes>(told);
    if (list_asked_) {
        auto results = decode_result_list(whole);
        if (auto* fault = std::get_if<DecodeFault>(&results)) {
            return fail(std::move(fault->reason));
        }
        return Answer{
            GetListResponse{std::get<std::vector<ReadResult>>(std::move(results)), block->invoke_id}};
    }
    auto value = decode_data(whole);
    if (auto* fault = std::get_if<DecodeFault>(&value)) {
        return fail(std::move(fault->reason));
    }
    return Answer{GetResponse{std::get<Data>(std::move(value)), block->invoke_id}};
}

}  // namespace wutong::protocols::dlms
