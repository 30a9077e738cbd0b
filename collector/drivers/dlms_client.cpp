#include "collector/drivers/dlms_client.hpp"

#include <algorithm>

#include "collector/drivers/dlms_frames.hpp"
#include "collector/protocols/dlms_wrapper.hpp"

namespace wutong::collector {

namespace dlms = protocols::dlms;
using core::DlmsLink;
using protocols::Bytes;
using protocols::ByteView;

namespace {

/// Meters give up a connection that nobody uses, most after two minutes, some after half of one.
constexpr std::chrono::seconds kKept{20};
constexpr std::size_t kShortAnswer = 64;
constexpr std::size_t kListMax = 16;
/// An attribute in a request for several takes so many bytes; the head and the cipher around them.
constexpr std::size_t kListItemBytes = 10;
constexpr std::size_t kListHeadBytes = 40;
constexpr std::size_t kNumberBytes = 10;
constexpr std::size_t kBlockBytes = 1'024;  // what we say that we take at once
constexpr int kFramesMax = 1'100;

DlmsAnswer failure(BusReply::Kind kind, std::string reason) {
    DlmsAnswer answer;
    answer.kind = kind;
    answer.reason = std::move(reason);
    return answer;
}

DlmsAnswer success() {
    return failure(BusReply::Kind::answered, {});
}

/// Attributes in one request. @param pdu_max what the meter takes; 0: no limit
std::size_t list_room(std::size_t pdu_max) {
    const std::size_t most = pdu_max == 0 ? kBlockBytes : std::max(pdu_max, kListHeadBytes + kListItemBytes);
    return std::min(kListMax, (most - kListHeadBytes) / kListItemBytes);
}

dlms::AttributeRef ref_of(const core::ObjectAttribute& what) {
    return {what.class_id, dlms::Obis{what.obis}, what.attribute};
}

}  // namespace

DlmsClient::DlmsClient(MeterBus& bus, const FieldMeter& meter) : bus_{bus}, meter_{meter} {
    session_ = std::dynamic_pointer_cast<DlmsSession>(bus.session());
    if (!session_) {
        session_ = std::make_shared<DlmsSession>();
        bus.session() = session_;
    }
    client_ = meter.profile->dlms.client;
}

/// Counters that went out are used up, whatever came of it.
void DlmsClient::drop() {
    if (session_->talk) {
        session_->counter = std::max(session_->counter, session_->talk->counter());
    }
    session_->hdlc.reset();
    session_->talk.reset();
}

bool DlmsClient::usable() const {
    const auto idle = bus_.now() - session_->used_at;
    return session_->talk && session_->talk->is_open() && idle >= std::chrono::seconds{0} && idle < kKept;
}

BusReply DlmsClient::frame(const Bytes& bytes, std::size_t answer_bytes, Repeat repeat, bool confidential) {
    auto exchange = dlms_exchange(meter_, client_, bytes, answer_bytes);
    exchange.confidential = confidential;
    return bus_.transact(exchange, repeat);
}

DlmsClient::Carried DlmsClient::carry(const Bytes& apdu, std::size_t answer_bytes, Repeat repeat,
                                      bool confidential) {
    if (meter_.profile->dlms.envelope == DlmsLink::Envelope::hdlc) {
        return carry_in_hdlc(apdu, answer_bytes, repeat, confidential);
    }
    const auto ask = dlms::encode_wrapper(
        {static_cast<std::uint16_t>(client_), static_cast<std::uint16_t>(dlms_station(meter_)), apdu});
    auto reply = frame(ask, dlms::kWrapperHeader + answer_bytes, repeat, confidential);
    Carried carried{reply.kind, {}, std::move(reply.reason), false};
    if (reply.answered()) {
        carried.apdu = dlms::decode_wrapper(reply.frame).apdu;
    }
    return carried;
}

DlmsClient::Carried DlmsClient::carry_in_hdlc(const Bytes& apdu, std::size_t answer_bytes, Repeat repeat,
                                              bool confidential) {
    auto& link = *session_->hdlc;
    Bytes sent = link.send(apdu);
    for (int frames = 0; frames < kFramesMax; ++frames) {
        // The meter knows a repeated frame by its number and does not do it twice.
        auto reply =
            frame(sent, std::min<std::size_t>(answer_bytes, kDlmsHdlcLimits.receive_max) + kShortAnswer,
                  repeat, confidential);
        if (!reply.answered()) {
            return {reply.kind, {}, std::move(reply.reason), false};
        }
        auto step = link.take(dlms::decode_hdlc(reply.frame));
        if (auto* whole = std::get_if<dlms::HdlcLink::Apdu>(&step)) {
            return {BusReply::Kind::answered, std::move(whole->apdu), {}, false};
        }
        if (auto* broken = std::get_if<dlms::HdlcLink::Broken>(&step)) {
            return {BusReply::Kind::garbled, {}, std::move(broken->reason), !link.connected()};
        }
        auto* next = std::get_if<dlms::HdlcLink::Send>(&step);
        if (next == nullptr) {
            return {BusReply::Kind::garbled, {}, "the meter repeats itself", false};
        }
        sent = std::move(next->frame);
    }
    return {BusReply::Kind::garbled, {}, "the answer does not end", false};
}

BusReply DlmsClient::knock() {
    if (meter_.profile->dlms.envelope == DlmsLink::Envelope::hdlc) {
        return connect(meter_.profile->dlms.client);
    }
    const auto answer = associate(kDlmsPublicClient, {});
    BusReply reply;
    reply.kind = answer.kind;
    reply.reason = answer.reason;
    disconnect();
    return reply;
}

/// Until the conversation has said its piece: an association is open, or a question is answered.
/// @param gone set when the meter has no association of ours
DlmsAnswer DlmsClient::converse(Bytes apdu, std::size_t answer_bytes, Repeat repeat, bool& gone) {
    const bool opening = !session_->talk->is_open();
    for (int sent = 0; sent < kFramesMax; ++sent) {
        // A password stands in the first APDU. Proofs and keys never do.
        auto carried = carry(apdu, answer_bytes, repeat, opening);
        if (carried.kind != BusReply::Kind::answered) {
            gone = carried.gone;
            drop();
            return failure(carried.kind, std::move(carried.reason));
        }
        auto step = session_->talk->take(carried.apdu);
        session_->used_at = bus_.now();
        if (auto* next = std::get_if<dlms::DlmsConversation::Send>(&step)) {
            apdu = std::move(next->apdu);
            answer_bytes = std::max(answer_bytes, kBlockBytes);
            continue;
        }
        if (auto* failed = std::get_if<dlms::DlmsConversation::Failed>(&step)) {
            drop();
            return failure(opening ? BusReply::Kind::refused : BusReply::Kind::garbled,
                           std::move(failed->reason));
        }
        auto answer = success();
        if (auto* told = std::get_if<dlms::DlmsConversation::Answer>(&step)) {
            if (const auto* exception = std::get_if<dlms::ExceptionResponse>(&told->response)) {
                gone = true;
                session_->counter_known = false;
                drop();
                return failure(BusReply::Kind::refused, dlms::to_string(*exception));
            }
            answer.response = std::move(told->response);
        }
        return answer;
    }
    drop();
    return failure(BusReply::Kind::garbled, "the answer does not end");
}

DlmsAnswer DlmsClient::ask(const dlms::Request& request, std::size_t answer_bytes, Repeat repeat) {
    for (int attempt = 0;; ++attempt) {
        const bool kept = usable();
        if (!kept) {
            if (auto opened = open(); !opened.answered()) {
                return opened;
            }
        }
        client_ = meter_.profile->dlms.client;
        bool gone = false;
        auto apdu = session_->talk->ask(request);
        auto answer = converse(std::move(apdu), answer_bytes, repeat, gone);
        if (answer.answered() || !gone || !kept || attempt > 0) {
            return answer;
        }
        // The meter has forgotten the association that we kept.
    }
}

DlmsClient::Read DlmsClient::read(const std::vector<core::ObjectAttribute>& what) {
    Read read;
    const auto fail = [&read](BusReply::Kind kind, std::string reason) {
        read = {kind, {}, std::move(reason)};
        return read;
    };
    for (std::size_t at = 0; at < what.size();) {
        if (!usable()) {
            if (auto opened = open(); !opened.answered()) {
                return fail(opened.kind, std::move(opened.reason));
            }
        }
        const auto& granted = session_->talk->granted();
        const bool lists =
            meter_.profile->dlms.lists && (granted.conformance & dlms::Conformance::multiple_references) != 0;
        const std::size_t count = std::min(lists ? list_room(granted.pdu_max) : 1, what.size() - at);
        dlms::Request request = dlms::GetRequest{{ref_of(what[at]), {}}};
        if (count > 1) {
            dlms::GetListRequest list;
            for (std::size_t i = 0; i < count; ++i) {
                list.reads.push_back({ref_of(what[at + i]), {}});
            }
            request = std::move(list);
        }
        auto answer = ask(request, kListHeadBytes + count * kNumberBytes, Repeat::allowed);
        if (!answer.answered()) {
            return fail(answer.kind, std::move(answer.reason));
        }
        if (auto* one = std::get_if<dlms::GetResponse>(&*answer.response); one != nullptr && count == 1) {
            read.results.push_back(std::move(one->result));
        } else if (auto* several = std::get_if<dlms::GetListResponse>(&*answer.response);
                   several != nullptr && several->results.size() == count) {
            std::move(several->results.begin(), several->results.end(), std::back_inserter(read.results));
        } else {
            drop();
            return fail(BusReply::Kind::garbled, "an answer to something else than what was asked");
        }
        at += count;
    }
    return read;
}

}  // namespace wutong::collector
