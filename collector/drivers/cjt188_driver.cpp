#include "collector/drivers/cjt188_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "collector/drivers/woken_frame.hpp"
#include "collector/protocols/cjt188.hpp"
#include "core/meter_items.hpp"

namespace wutong::collector {

namespace cjt188 = protocols::cjt188;
using protocols::Bytes;
using protocols::ByteView;

namespace {

constexpr std::size_t kWakeUps = 4;  // some meters need two
constexpr std::uint8_t kStart = 0x68;
constexpr std::size_t kControlAt = 9;
constexpr std::size_t kLengthAt = 10;
constexpr std::uint8_t kFromMeter = 0x80;
constexpr std::size_t kUsualAnswer = 22;

class Cjt188Session final : public MeterSession {
public:
    std::uint8_t sequence = 0;
};

struct Answer {
    BusReply::Kind kind = BusReply::Kind::silent;
    Bytes data;
    std::string reason;

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered; }
};

std::uint8_t next_sequence(MeterBus& bus) {
    auto session = std::dynamic_pointer_cast<Cjt188Session>(bus.session());
    if (!session) {
        session = std::make_shared<Cjt188Session>();
        bus.session() = session;
    }
    return ++session->sequence;
}

/// What is no frame because only its sum or its end is wrong, and which is else the answer: its length, or 0.
std::size_t spoiled_length(ByteView bytes, const cjt188::Frame& request) {
    if (bytes.size() < cjt188::kEnvelope || bytes[0] != kStart || bytes[1] != request.kind ||
        (bytes[kControlAt] & kFromMeter) == 0 ||
        !std::equal(request.address.low_first.begin(), request.address.low_first.end(), bytes.begin() + 2)) {
        return 0;
    }
    const std::size_t length = cjt188::kEnvelope + bytes[kLengthAt];
    return bytes.size() >= length ? length : 0;
}

FrameMatch match_answer(ByteView received, const cjt188::Frame& request) {
    return match_woken<cjt188::ReplyFault>(
        received, [](ByteView bytes) { return cjt188::match_frame(bytes); },
        [&](ByteView bytes) { return spoiled_length(bytes, request); },
        [&](ByteView whole) { return cjt188::parse_reply(cjt188::decode_frame(whole), request); });
}

Answer ask(MeterBus& bus, const FieldMeter& meter, const cjt188::Request& request, Repeat repeat) {
    Answer answer;
    cjt188::Address address;
    try {
        address = cjt188::parse_address(meter.station_address);
    } catch (const std::invalid_argument&) {
        answer.kind = BusReply::Kind::refused;
        answer.reason = fmt::format("meter {} needs a station address of 14 digits, and has \"{}\"",
                                    meter.code, meter.station_address);
        return answer;
    }
    const auto frame = cjt188::encode_request(static_cast<std::uint8_t>(meter.profile->cjt188.kind), address,
                                              next_sequence(bus), request);
    FrameExchange exchange;
    exchange.request = cjt188::encode_frame(frame, kWakeUps);
    exchange.match = [frame](ByteView received) { return match_answer(received, frame); };
    exchange.answer_bytes = kWakeUps + cjt188::kEnvelope + kUsualAnswer;
    // Answers repeat identifier and sequence, so only the same question is like another.
    exchange.key = "cjt188 " + meter.station_address + ' ' + protocols::to_hex(frame.data);
    BusReply reply = bus.transact(exchange, repeat);
    answer.kind = reply.kind;
    answer.reason = std::move(reply.reason);
    if (!reply.answered()) {
        return answer;
    }
    const ByteView whole = ByteView{reply.frame}.subspan(wake_ups(reply.frame));
    auto parsed = cjt188::parse_reply(cjt188::decode_frame(whole), frame);
    if (auto* good = std::get_if<cjt188::Reply>(&parsed)) {
        answer.data = std::move(good->data);
        return answer;
    }
    auto& fault = std::get<cjt188::ReplyFault>(parsed);
    answer.kind =
        fault.kind == cjt188::ReplyFault::Kind::refused ? BusReply::Kind::refused : BusReply::Kind::garbled;
    answer.reason = std::move(fault.reason);
    return answer;
}

cjt188::IdOrder order_of(bool high_first) {
    return high_first ? cjt188::IdOrder::high_first : cjt188::IdOrder::low_first;
}

cjt188::ReadData question_of(const FieldMeter& meter, const core::Block& item) {
    return {static_cast<std::uint16_t>(item.id), order_of(meter.profile->cjt188.read_high_first)};
}

/// Is it the body that the profile describes? Empty when it is.
std::string another_body(const core::Block& item, const Bytes& data) {
    if (item.bytes != 0 && data.size() != static_cast<std::size_t>(item.bytes)) {
        return fmt::format("{}: the answer has {} bytes, the profile says {}: another kind of meter",
                           item.name, data.size(), item.bytes);
    }
    for (const auto& [place, byte] : item.expects) {
        const auto at = static_cast<std::size_t>(place);
        if (at >= data.size() || data[at] != byte) {
            return fmt::format("{}: byte {} is {}, the profile says {:02X}: another unit or kind of meter",
                               item.name, place,
                               at < data.size() ? fmt::format("{:02X}", data[at]) : "missing", byte);
        }
    }
    return {};
}

BusReply as_reply(Answer answer) {
    BusReply reply;
    reply.kind = answer.kind;
    reply.reason = std::move(answer.reason);
    return reply;
}

}  // namespace

MeterReadout Cjt188Driver::read_groups(MeterBus& bus, const FieldMeter& meter, const Groups& groups) const {
    MeterReadout readout;
    readout.kind = BusReply::Kind::refused;
    readout.reason = "profile " + meter.profile->id + " has no items of this kind";
    core::ItemDecoder decoder;
    for (const core::Block* item : core::plan_items(*meter.profile, groups)) {
        auto answer = ask(bus, meter, question_of(meter, *item), Repeat::allowed);
        readout.at = bus.now();
        if (answer.answered()) {
            answer.reason = another_body(*item, answer.data);
            answer.kind = answer.reason.empty() ? BusReply::Kind::answered : BusReply::Kind::refused;
        }
        readout.kind = answer.kind;
        readout.reason = std::move(answer.reason);
        if (!readout.answered()) {
            return readout;
        }
        decoder.add(*item, answer.data);
    }
    if (readout.answered()) {
        readout.values = decoder.values();
    }
    return readout;
}

BusReply Cjt188Driver::probe(MeterBus& bus, const FieldMeter& meter) const {
    const auto items = core::plan_items(*meter.profile, {core::Block::Group::state});
    if (items.empty()) {
        BusReply reply;
        reply.kind = BusReply::Kind::refused;
        reply.reason = "profile " + meter.profile->id + " has no items";
        return reply;
    }
    return as_reply(ask(bus, meter, question_of(meter, *items.front()), Repeat::allowed));
}

BusReply Cjt188Driver::switch_relay(MeterBus& bus, const FieldMeter& meter, RelayOrder order) const {
    if (meter.profile->dialect != core::CommandDialect::cjt188_valve) {
        return MeterDriver::switch_relay(bus, meter, order);
    }
    const cjt188::MoveValve move{order != RelayOrder::open, order_of(meter.profile->cjt188.write_high_first)};
    return as_reply(ask(bus, meter, move, Repeat::never));
}

}  // namespace wutong::collector
