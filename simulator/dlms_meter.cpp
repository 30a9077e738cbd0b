#include "simulator/dlms_meter.hpp"

#include <algorithm>
#include <utility>

#include "collector/protocols/dlms_wrapper.hpp"

namespace wutong::simulator {
namespace {

namespace co = protocols::dlms;
using protocols::Bytes;
using protocols::ByteView;

constexpr std::uint8_t kAarq = 0x60;
constexpr std::uint8_t kGet = 0xC0;
constexpr std::uint8_t kSet = 0xC1;
constexpr std::uint8_t kAction = 0xC3;
constexpr std::uint16_t kPduMax = 1024;
/// Room for head and length around a block.
constexpr std::size_t kBlockOverhead = 32;
constexpr std::size_t kPduMin = 64;
constexpr std::uint16_t kClassAssociation = 15;
constexpr std::uint8_t kRejected = 1;
constexpr std::uint8_t kContextNotSupported = 2;
constexpr std::uint8_t kMechanismNotRecognised = 11;
constexpr std::uint8_t kAuthenticationFailure = 13;
constexpr co::HdlcLimits kHdlcLimits{512, 512, 1, 1};

co::ExceptionResponse not_allowed() {
    return {1, 1, std::nullopt};
}

/// The plain APDU's tag behind each ciphered one; 0 for others.
std::uint8_t plain_tag(std::uint8_t tag) {
    for (const auto plain : {kGet, kSet, kAction}) {
        if (co::global_tag(plain) == tag) {
            return plain;
        }
    }
    return 0;
}

}  // namespace

const co::SecurityKeys& dlms_test_keys() {
    // Those of the standard's example, so that a capture can be opened with any tool.
    static const co::SecurityKeys keys{
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        {0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}};
    return keys;
}

DlmsMeter::DlmsMeter(Identity identity, PrepaidMeter meter)
    : FrameDevice{std::move(meter)},
      identity_{std::move(identity)},
      link_{co::HdlcLink::Role::meter, {1, identity_.address}, {}, kHdlcLimits},
      next_capture_{
          std::chrono::ceil<std::chrono::duration<std::int64_t, std::ratio<900>>>(this->meter().now())} {}

co::SystemTitle DlmsMeter::title() const {
    co::SystemTitle title{'S', 'I', 'M'};
    std::uint64_t number = std::stoull(identity_.serial);
    for (std::size_t i = title.size(); i-- > 3;) {
        title[i] = static_cast<std::uint8_t>(number & 0xFFU);
        number >>= 8;
    }
    return title;
}

bool DlmsMeter::hears(ByteView frame) const {
    if (identity_.wrapper) {
        return co::decode_wrapper(frame).destination == identity_.address;
    }
    return co::decode_hdlc(frame).destination == co::HdlcAddress{1, identity_.address};
}

FrameKind DlmsMeter::kind_of(ByteView frame) const {
    std::uint8_t tag = 0;
    if (identity_.wrapper) {
        tag = co::decode_wrapper(frame).apdu[0];
    } else {
        const auto heard = co::decode_hdlc(frame);
        constexpr std::size_t kLlc = 3;
        tag = co::is_information(heard.control) && heard.information.size() > kLlc ? heard.information[kLlc]
                                                                                   : heard.control;
    }
    const auto plain = plain_tag(tag) == 0 ? tag : plain_tag(tag);
    return {tag, plain == kSet || plain == kAction};
}

/// Rows are captured at the quarter of an hour, whoever asks and when.
void DlmsMeter::advance(core::Timestamp now) {
    while (next_capture_ <= now) {
        meter().advance(next_capture_);
        rows_.push_back({next_capture_, meter().registers().energy_mwh / 1000});
        if (rows_.size() > kRowsMax) {
            rows_.pop_front();
        }
        next_capture_ += kCapturePeriod;
    }
    meter().advance(now);
}

Bytes DlmsMeter::answer(ByteView frame, core::Timestamp now) {
    advance(now);
    if (identity_.wrapper) {
        const auto heard = co::decode_wrapper(frame);
        return co::encode_wrapper({heard.destination, heard.source, serve(heard.apdu)});
    }
    auto step = link_.take(co::decode_hdlc(frame));
    if (auto* send = std::get_if<co::HdlcLink::Send>(&step)) {
        if (!link_.connected()) {
            access_ = Access::none;
        }
        return std::move(send->frame);
    }
    if (const auto* request = std::get_if<co::HdlcLink::Apdu>(&step)) {
        return link_.send(serve(request->apdu));
    }
    return {};
}

Bytes DlmsMeter::as_foreign(const Bytes& answer) const {
    if (identity_.wrapper) {
        auto frame = co::decode_wrapper(answer);
        frame.source = static_cast<std::uint16_t>(frame.source + 1);
        return co::encode_wrapper(frame);
    }
    auto frame = co::decode_hdlc(answer);
    frame.source.physical = static_cast<std::uint16_t>(identity_.address + 1);
    return co::encode_hdlc(frame);
}

Bytes DlmsMeter::serve(ByteView apdu) {
    const auto tag = apdu[0];
    if (tag == kAarq) {
        return associate(apdu);
    }
    if (co::is_release_request(apdu)) {
        access_ = Access::none;
        return co::encode_release(true);
    }
    const auto plain = plain_tag(tag);
    if (access_ == Access::none || ciphered_ != (plain != 0)) {
        return co::encode_response(not_allowed());
    }
    if (!ciphered_) {
        return serve_plain(apdu);
    }
    const auto opened = co::unprotect(apdu, client_title_, dlms_test_keys());
    const auto* told = std::get_if<co::Unprotected>(&opened);
    if (told == nullptr || told->security_control != co::SecurityControl::both) {
        constexpr std::uint8_t kDeciphering = 5;
        return co::encode_response(co::ExceptionResponse{2, kDeciphering, std::nullopt});
    }
    if (!heard_counters_.accept(told->counter)) {
        constexpr std::uint8_t kCounter = 6;
        return co::encode_response(co::ExceptionResponse{2, kCounter, last_heard_counter_ + 1});
    }
    last_heard_counter_ = told->counter;
    const auto response = serve_plain(told->plain);
    const auto sealed_tag = co::global_tag(response[0]);
    return sealed_tag == 0 ? response
                           : co::protect(sealed_tag, co::SecurityControl::both, title(), ++own_counter_,
                                         dlms_test_keys(), response);
}

Bytes DlmsMeter::associate(ByteView apdu) {
    access_ = Access::none;
    long_value_.clear();
    const auto parsed = co::parse_association_request(apdu);
    co::AssociationResponse response;
    response.result = kRejected;
    const auto* request = std::get_if<co::AssociationRequest>(&parsed);
    if (request == nullptr) {
        response.diagnostic = kContextNotSupported;
        return co::encode_association(response);
    }
    const auto refuse = [&](std::uint8_t diagnostic) {
        response.ciphered = request->ciphered;
        response.diagnostic = diagnostic;
        return co::encode_association(response);
    };
    const bool gmac = request->mechanism == co::Mechanism::gmac;
    const bool needs_title = gmac || request->ciphered;
    if (needs_title && request->title.size() != client_title_.size()) {
        return refuse(kAuthenticationFailure);
    }
    if (needs_title) {
        // Counters of one client; another one has its own.
        co::SystemTitle title{};
        std::copy(request->title.begin(), request->title.end(), title.begin());
        if (title != client_title_) {
            heard_counters_ = {};
        }
        client_title_ = title;
    }
    auto initiate = request->initiate;
    if (request->ciphered) {
        const auto opened = co::unprotect(initiate, client_title_, dlms_test_keys());
        const auto* told = std::get_if<co::Unprotected>(&opened);
        if (told == nullptr || !heard_counters_.accept(told->counter)) {
            return refuse(kAuthenticationFailure);
        }
        last_heard_counter_ = told->counter;
        initiate = told->plain;
    }
    const auto asked = co::parse_initiate_request(initiate);
    if (std::holds_alternative<protocols::DecodeFault>(asked)) {
        return refuse(1);
    }
    const Bytes password{kDlmsPassword, kDlmsPassword + std::char_traits<char>::length(kDlmsPassword)};
    if (request->mechanism == co::Mechanism::none && !request->ciphered) {
        access_ = Access::reads_identity;
    } else if (request->mechanism == co::Mechanism::low) {
        if (request->secret != password) {
            return refuse(kAuthenticationFailure);
        }
        access_ = Access::full;
    } else if (gmac) {
        constexpr std::size_t kChallengeMin = 8;
        if (request->secret.size() < kChallengeMin) {
            return refuse(kAuthenticationFailure);
        }
        access_ = Access::proving;
        client_challenge_ = request->secret;
        own_challenge_.clear();
        protocols::append_u32(own_challenge_, static_cast<std::uint32_t>(identity_.seed));
        protocols::append_u32(own_challenge_, ++own_counter_);
        response.diagnostic = co::kAuthenticationRequired;
        response.mechanism = co::Mechanism::gmac;
        response.challenge = own_challenge_;
    } else {
        return refuse(kMechanismNotRecognised);
    }
    ciphered_ = request->ciphered;
    const auto client_max = std::get<co::InitiateRequest>(asked).pdu_max;
    pdu_max_ = client_max == 0 ? kPduMax : std::clamp<std::size_t>(client_max, kPduMin, kPduMax);
    response.result = 0;
    response.ciphered = ciphered_;
    const auto system_title = title();
    if (needs_title) {
        response.title.assign(system_title.begin(), system_title.end());
    }
    response.initiate = co::encode_initiate(co::InitiateResponse{
        co::kDlmsVersion, co::kOurConformance & std::get<co::InitiateRequest>(asked).conformance, kPduMax});
    if (ciphered_) {
        response.initiate = co::protect(co::global_tag(response.initiate[0]), co::SecurityControl::both,
                                        system_title, ++own_counter_, dlms_test_keys(), response.initiate);
    }
    return co::encode_association(response);
}

Bytes DlmsMeter::serve_plain(ByteView apdu) {
    const auto parsed = co::parse_request(apdu);
    const auto* request = std::get_if<co::Request>(&parsed);
    if (request == nullptr) {
        constexpr std::uint8_t kNotSupported = 2;
        return co::encode_response(co::ExceptionResponse{2, kNotSupported, std::nullopt});
    }
    return co::encode_response(run(*request));
}

co::Response DlmsMeter::run(const co::Request& request) {
    const auto* action = std::get_if<co::ActionRequest>(&request);
    if (action != nullptr && action->class_id == kClassAssociation) {
        return prove(*action);
    }
    if (access_ == Access::proving) {
        return not_allowed();
    }
    if (action != nullptr) {
        return act(*action);
    }
    if (const auto* get = std::get_if<co::GetRequest>(&request)) {
        co::GetResponse response{read(get->read), get->invoke_id};
        if (const auto* value = std::get_if<co::Data>(&response.result);
            value != nullptr && co::encode_response(response).size() > pdu_max_) {
            return in_blocks(co::encode_data(*value), get->invoke_id);
        }
        return response;
    }
    if (const auto* list = std::get_if<co::GetListRequest>(&request)) {
        co::GetListResponse response;
        response.invoke_id = list->invoke_id;
        for (const auto& one : list->reads) {
            response.results.push_back(read(one));
        }
        return co::encode_response(response).size() > pdu_max_
                   ? in_blocks(co::encode_result_list(response.results), list->invoke_id)
                   : co::Response{std::move(response)};
    }
    if (const auto* next = std::get_if<co::GetNextRequest>(&request)) {
        if (long_sent_ >= long_value_.size()) {
            return co::GetBlockResponse{true, next->block + 1, co::AccessResult::no_long_get_in_progress,
                                        next->invoke_id};
        }
        if (next->block != long_block_) {
            long_value_.clear();
            return co::GetBlockResponse{true, next->block + 1, co::AccessResult::data_block_number_invalid,
                                        next->invoke_id};
        }
        return in_blocks({}, next->invoke_id);
    }
    const auto& setting = std::get<co::SetRequest>(request);
    return co::SetResponse{set(setting), setting.invoke_id};
}

/// The first block of a new value, or the next one of the old.
co::Response DlmsMeter::in_blocks(Bytes value, std::uint8_t invoke_id) {
    if (!value.empty()) {
        long_value_ = std::move(value);
        long_sent_ = 0;
        long_block_ = 0;
    }
    const auto end = std::min(long_value_.size(), long_sent_ + pdu_max_ - kBlockOverhead);
    co::GetBlockResponse block{end == long_value_.size(), ++long_block_,
                               Bytes{long_value_.begin() + static_cast<std::ptrdiff_t>(long_sent_),
                                     long_value_.begin() + static_cast<std::ptrdiff_t>(end)},
                               invoke_id};
    long_sent_ = end;
    return block;
}

/// Pass three and four of the proof: the client answers our challenge, we answer its.
co::Response DlmsMeter::prove(const co::ActionRequest& action) {
    co::ActionResponse response{co::AccessResult::read_write_denied, std::nullopt, action.invoke_id};
    const bool asked = access_ == Access::proving && action.method == 1 && action.parameters;
    const auto counter =
        asked ? co::check_answer(action.parameters->bytes, own_challenge_, client_title_, dlms_test_keys())
              : std::nullopt;
    if (!counter) {  // the challenge was fresh, so an old answer can't be right
        access_ = Access::none;
        return response;
    }
    access_ = Access::full;
    response.result = co::AccessResult::success;
    response.returned =
        co::octets(co::answer_challenge(client_challenge_, title(), ++own_counter_, dlms_test_keys()));
    return response;
}

co::Response DlmsMeter::act(const co::ActionRequest& action) {
    co::ActionResponse response{co::AccessResult::success, std::nullopt, action.invoke_id};
    if (access_ != Access::full) {
        response.result = co::AccessResult::read_write_denied;
    } else if (action.class_id != co::kClassDisconnect || action.object != co::kDisconnectObject) {
        response.result = co::AccessResult::object_undefined;
    } else if (action.method != 1 && action.method != 2) {
        response.result = co::AccessResult::scope_of_access_violated;
    } else {
        meter().set_forced(action.method == 1, action.method == 1);
        meter().note_write("relay");
    }
    return response;
}

}  // namespace wutong::simulator
