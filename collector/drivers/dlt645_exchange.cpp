#include "collector/drivers/dlt645_exchange.hpp"

#include <algorithm>

#include "collector/drivers/woken_frame.hpp"
#include "core/meter_items.hpp"

namespace wutong::collector {

namespace dlt645 = protocols::dlt645;
using protocols::Bytes;
using protocols::ByteView;

namespace {

constexpr std::size_t kWakeUps = 4;
constexpr std::uint8_t kStart = 0x68;
constexpr std::uint8_t kReadFunctions[] = {0x01, 0x11, 0x12};  // they repeat what was asked for
constexpr int kFollowingMax = 16;

/// What is no frame because only its check, or its end, is wrong, and which is else the answer: its length,
/// or 0.
std::size_t spoiled_length(ByteView bytes, const dlt645::Frame& request) {
    if (bytes.size() < dlt645::kEnvelope || bytes[0] != kStart || bytes[7] != kStart) {
        return 0;
    }
    dlt645::Address from;
    std::copy_n(bytes.begin() + 1, from.low_first.size(), from.low_first.begin());
    const std::size_t length = dlt645::kEnvelope + bytes[9];
    const bool answers = (bytes[8] & dlt645::kFromMeter) != 0 &&
                         (bytes[8] & dlt645::kFunctionMask) == (request.control & dlt645::kFunctionMask);
    return answers && dlt645::meant_for(request.address, from) && bytes.size() >= length ? length : 0;
}

FrameMatch match_answer(ByteView received, const dlt645::Frame& request) {
    return match_woken<dlt645::ReplyFault>(
        received, [](ByteView bytes) { return dlt645::match_frame(bytes); },
        [&](ByteView bytes) { return spoiled_length(bytes, request); },
        [&](ByteView whole) { return dlt645::parse_reply(dlt645::decode_frame(whole), request); });
}

/// Answers to reads repeat what was asked for; those to writes only the function.
std::string key_of(const dlt645::Frame& request) {
    const bool read = std::find(std::begin(kReadFunctions), std::end(kReadFunctions), request.control) !=
                      std::end(kReadFunctions);
    return "dlt645 " + dlt645::to_string(request.address) + ' ' +
           protocols::to_hex(ByteView{&request.control, 1}) +
           (read ? ' ' + protocols::to_hex(request.data) : "");
}

}  // namespace

FrameExchange dlt645_exchange(const dlt645::Frame& request, std::size_t answer_bytes) {
    FrameExchange exchange;
    exchange.request = dlt645::encode_frame(request, kWakeUps);
    if (dlt645::wants_reply(request)) {
        exchange.match = [request](ByteView received) { return match_answer(received, request); };
        exchange.key = key_of(request);
        // Its identifier comes back, and it may be woken up for too.
        exchange.answer_bytes = kWakeUps + dlt645::kEnvelope + request.data.size() + answer_bytes;
    }
    return exchange;
}

Dlt645Answer dlt645_ask(MeterBus& bus, const dlt645::Address& address, const dlt645::Request& request,
                        std::size_t answer_bytes, Repeat repeat) {
    const dlt645::Frame frame = dlt645::encode_request(address, request);
    FrameExchange exchange = dlt645_exchange(frame, answer_bytes);
    exchange.confidential = std::holds_alternative<dlt645::ControlRelay>(request) ||
                            std::holds_alternative<dlt645::WriteData>(request);
    BusReply reply = bus.transact(exchange, repeat);
    Dlt645Answer answer;
    answer.kind = reply.kind;
    answer.reason = std::move(reply.reason);
    if (!reply.answered() || reply.frame.empty()) {
        return answer;
    }
    const ByteView whole = ByteView{reply.frame}.subspan(wake_ups(reply.frame));
    auto parsed = dlt645::parse_reply(dlt645::decode_frame(whole), frame);
    if (auto* good = std::get_if<dlt645::Reply>(&parsed)) {
        answer.data = std::move(good->data);
        answer.more = good->more;
        return answer;
    }
    auto& fault = std::get<dlt645::ReplyFault>(parsed);
    const bool refused = fault.kind == dlt645::ReplyFault::Kind::refused;
    answer.kind = refused ? BusReply::Kind::refused : BusReply::Kind::garbled;
    answer.no_such_data = refused && (fault.bits & dlt645::RefusalBit::no_such_data) != 0;
    answer.reason = std::move(fault.reason);
    return answer;
}

Dlt645Answer dlt645_read(MeterBus& bus, const dlt645::Address& address, dlt645::Edition edition,
                         std::uint32_t id, std::size_t answer_bytes) {
    auto whole = dlt645_ask(bus, address, dlt645::ReadData{edition, id, {}}, answer_bytes, Repeat::allowed);
    for (int part = 1; whole.answered() && whole.more; ++part) {
        if (part > kFollowingMax) {
            whole.kind = BusReply::Kind::garbled;
            whole.reason = "the answer does not end";
            break;
        }
        auto next = dlt645_ask(bus, address, dlt645::ReadFollowing{id, static_cast<std::uint8_t>(part)},
                               core::kItemBytesMax, Repeat::allowed);
        if (!next.answered()) {
            return next;
        }
        whole.data.insert(whole.data.end(), next.data.begin(), next.data.end());
        whole.more = next.more;
    }
    return whole;
}

}  // namespace wutong::collector
