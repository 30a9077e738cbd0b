#include "collector/protocols/cjt188.hpp"

#include <algorithm>
#include <stdexcept>

#include "collector/protocols/sum_frame.hpp"

namespace wutong::protocols::cjt188 {
namespace {

constexpr std::uint8_t kWakeUp = 0xFE;
constexpr std::uint8_t kAny = 0xAA;
constexpr std::size_t kDigits = 14;
// Places in a frame.
constexpr std::size_t kKind = 1;
constexpr std::size_t kAddress = 2;
constexpr std::size_t kControl = 9;
constexpr std::size_t kLength = 10;
constexpr std::size_t kData = 11;
/// DI and SER.
constexpr std::size_t kHead = 3;

constexpr std::uint8_t kFromMeter = 0x80;
constexpr std::uint8_t kAbnormal = 0x40;
constexpr std::uint8_t kFnRead = 0x01;
constexpr std::uint8_t kFnReadAddress = 0x03;
constexpr std::uint8_t kFnWrite = 0x04;
constexpr std::uint8_t kOpenValve = 0x55;
constexpr std::uint8_t kCloseValve = 0x99;
constexpr std::uint8_t kValveMask = 0x03;
constexpr std::uint8_t kValveFault = 0x03;

/// Water 10..19, heat 20..29, gas 30..39, others 40..49 (hexadecimal), or any.
bool known_kind(std::uint8_t kind) {
    return (kind >= 0x10 && kind <= 0x49) || kind == kAny;
}

void append_head(Bytes& to, std::uint16_t id, IdOrder order, std::uint8_t sequence) {
    const auto high = static_cast<std::uint8_t>(id >> 8);
    const auto low = static_cast<std::uint8_t>(id & 0xFF);
    to.push_back(order == IdOrder::low_first ? low : high);
    to.push_back(order == IdOrder::low_first ? high : low);
    to.push_back(sequence);
}

bool is_id(ByteView data, std::uint16_t id) {
    const auto read = read_u16(data, 0);
    return read == id || read == static_cast<std::uint16_t>(id << 8 | id >> 8);
}

IdOrder order_of(ByteView data, std::uint16_t id) {
    return read_u16(data, 0) == id ? IdOrder::high_first : IdOrder::low_first;
}

bool same_id(ByteView a, ByteView b) {
    return is_id(a, read_u16(b, 0));
}

/// Which of the two orders was meant shows in the first digit: identifiers begin with 8, 9, A, C or D, and
/// none of them ends so.
std::pair<std::uint16_t, IdOrder> read_id(ByteView data) {
    if (data[0] >= 0x80) {
        return {read_u16(data, 0), IdOrder::high_first};
    }
    return {static_cast<std::uint16_t>(data[1] << 8 | data[0]), IdOrder::low_first};
}

bool meant_for(const Frame& asked, const Frame& reply) {
    for (std::size_t i = 0; i < asked.address.low_first.size(); ++i) {
        const auto wanted = asked.address.low_first[i];
        if (wanted != kAny && wanted != reply.address.low_first[i]) {
            return false;
        }
    }
    return true;
}

ReplyFault fault(ReplyFault::Kind kind, std::string reason) {
    return {kind, std::move(reason)};
}

}  // namespace

Address parse_address(std::string_view digits) {
    if (digits.empty() || digits.size() > kDigits) {
        throw std::invalid_argument("a CJ/T 188 address has 1 to 14 digits: \"" + std::string{digits} + "\"");
    }
    const auto full = std::string(kDigits - digits.size(), '0') + std::string{digits};
    Address address;
    for (std::size_t pair = 0; pair < address.low_first.size(); ++pair) {
        const char high = full[pair * 2];
        const char low = full[pair * 2 + 1];
        auto& byte = address.low_first[address.low_first.size() - 1 - pair];
        if (high == 'A' && low == 'A') {
            byte = kAny;
        } else if (high >= '0' && high <= '9' && low >= '0' && low <= '9') {
            byte = bcd_byte((high - '0') * 10 + (low - '0'));
        } else {
            throw std::invalid_argument("the CJ/T 188 address \"" + std::string{digits} +
                                        "\" holds something else than digits (or AA for any)");
        }
    }
    return address;
}

std::string to_string(const Address& address) {
    Bytes high_first{address.low_first.rbegin(), address.low_first.rend()};
    auto text = to_hex(high_first);
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    return text;
}

Bytes encode_frame(const Frame& frame, std::size_t wake_up) {
    if (frame.data.size() > kDataMax) {
        throw std::invalid_argument("a CJ/T 188 frame holds 100 bytes of data at most, not " +
                                    std::to_string(frame.data.size()));
    }
    Bytes bytes(wake_up, kWakeUp);
    bytes.push_back(kSumFrameStart);
    bytes.push_back(frame.kind);
    bytes.insert(bytes.end(), frame.address.low_first.begin(), frame.address.low_first.end());
    bytes.push_back(frame.control);
    bytes.push_back(static_cast<std::uint8_t>(frame.data.size()));
    bytes.insert(bytes.end(), frame.data.begin(), frame.data.end());
    bytes.push_back(sum_of(ByteView{bytes}.subspan(wake_up)));
    bytes.push_back(kSumFrameEnd);
    return bytes;
}

std::variant<NeedMore, FrameComplete, Skip> match_frame(ByteView received) {
    if (received.empty()) {
        return NeedMore{};
    }
    if (received[0] != kSumFrameStart || (received.size() > kKind && !known_kind(received[kKind]))) {
        return skip_to_next_start(received);
    }
    return match_sum_frame(received, kLength, kEnvelope, kDataMax);
}

Frame decode_frame(ByteView complete) {
    Frame frame;
    frame.kind = complete[kKind];
    std::copy_n(complete.begin() + kAddress, frame.address.low_first.size(), frame.address.low_first.begin());
    frame.control = complete[kControl];
    const auto data = complete.subspan(kData, complete[kLength]);
    frame.data.assign(data.begin(), data.end());
    return frame;
}

Frame encode_request(std::uint8_t kind, const Address& to, std::uint8_t sequence, const Request& request) {
    Frame frame{kind, to, 0, {}};
    if (const auto* read = std::get_if<ReadData>(&request)) {
        frame.control = kFnRead;
        append_head(frame.data, read->id, read->order, sequence);
    } else if (const auto* address = std::get_if<ReadAddress>(&request)) {
        frame.control = kFnReadAddress;
        append_head(frame.data, kAddressId, address->order, sequence);
    } else if (const auto* write = std::get_if<WriteData>(&request)) {
        frame.control = kFnWrite;
        append_head(frame.data, write->id, write->order, sequence);
        frame.data.insert(frame.data.end(), write->data.begin(), write->data.end());
    } else {
        const auto& move = std::get<MoveValve>(request);
        frame.control = kFnWrite;
        append_head(frame.data, kValve, move.order, sequence);
        frame.data.push_back(move.open ? kOpenValve : kCloseValve);
    }
    if (frame.data.size() > kDataMax) {
        throw std::invalid_argument("CJ/T 188 request: more than 100 bytes of data");
    }
    return frame;
}

std::variant<Request, DecodeFault> parse_request(const Frame& frame) {
    if (frame.data.size() < kHead) {
        return DecodeFault{"a question has an identifier and a sequence number, this has " +
                           std::to_string(frame.data.size()) + " bytes"};
    }
    const auto [id, order] = read_id(frame.data);
    const auto rest = ByteView{frame.data}.subspan(kHead);
    switch (frame.control) {
        case kFnRead:
            if (!rest.empty()) {
                return DecodeFault{"a read with " + std::to_string(rest.size()) + " bytes too many"};
            }
            return ReadData{id, order};
        case kFnReadAddress:
            if (!rest.empty() || id != kAddressId) {
                return DecodeFault{"function 03 reads the address (810A) and nothing else"};
            }
            return ReadAddress{order};
        case kFnWrite:
            if (is_id(frame.data, kValve)) {
                if (rest.size() != 1 || (rest[0] != kOpenValve && rest[0] != kCloseValve)) {
                    return DecodeFault{"the valve is told 55 (open) or 99 (close), not \"" + to_hex(rest) +
                                       "\""};
                }
                return MoveValve{rest[0] == kOpenValve, order_of(frame.data, kValve)};
            }
            return WriteData{id, {rest.begin(), rest.end()}, order};
        default:
            return DecodeFault{"function " + to_hex(Bytes{frame.control}) + " is not served"};
    }
}

std::variant<Reply, ReplyFault> parse_reply(const Frame& reply, const Frame& request) {
    using Kind = ReplyFault::Kind;
    if ((reply.control & kFromMeter) == 0) {
        return fault(Kind::not_mine, "a question, not an answer (the line may echo)");
    }
    if (!meant_for(request, reply)) {
        return fault(Kind::not_mine, "meter " + to_string(reply.address) + " answered, " +
                                         to_string(request.address) + " was asked");
    }
    if ((reply.control & ~(kFromMeter | kAbnormal)) != request.control) {
        return fault(Kind::not_mine, "answer " + to_hex(Bytes{reply.control}) + " to function " +
                                         to_hex(Bytes{request.control}));
    }
    if ((reply.control & kAbnormal) != 0) {
        return fault(Kind::refused,
                     "meter " + to_string(reply.address) + " refuses, status \"" + to_hex(reply.data) + "\"");
    }
    if (reply.data.size() < kHead || request.data.size() < kHead) {
        return fault(Kind::wrong_length, "an answer of " + std::to_string(reply.data.size()) +
                                             " bytes has no identifier and sequence number");
    }
    if (!same_id(reply.data, request.data) || reply.data[kHead - 1] != request.data[kHead - 1]) {
        return fault(Kind::late, "answer " + to_hex(ByteView{reply.data}.first(kHead)) + " to question " +
                                     to_hex(ByteView{request.data}.first(kHead)) +
                                     " (identifier and sequence number)");
    }
    return Reply{reply.address, {reply.data.begin() + kHead, reply.data.end()}};
}

Frame encode_reply(const Address& meter, const Frame& request, ByteView data) {
    Frame reply{request.kind, meter, static_cast<std::uint8_t>(request.control | kFromMeter), {}};
    const auto head = std::min(kHead, request.data.size());
    reply.data.assign(request.data.begin(), request.data.begin() + static_cast<std::ptrdiff_t>(head));
    reply.data.insert(reply.data.end(), data.begin(), data.end());
    return reply;
}

Frame encode_refusal(const Address& meter, const Frame& request, ByteView status) {
    return {request.kind,
            meter,
            static_cast<std::uint8_t>(request.control | kFromMeter | kAbnormal),
            {status.begin(), status.end()}};
}

Status decode_status(ByteView status, const StatusLayout& layout) {
    const auto valve = status[0] >> layout.valve_shift & kValveMask;
    return {valve == 0   ? ValveState::open
            : valve == 1 ? ValveState::closed
                         : ValveState::fault,
            (status[0] & layout.battery_mask) != 0};
}

Bytes encode_status(const Status& status, const StatusLayout& layout) {
    const unsigned valve = status.valve == ValveState::open     ? 0U
                           : status.valve == ValveState::closed ? 1U
                                                                : kValveFault;
    return {static_cast<std::uint8_t>(valve << layout.valve_shift |
                                      (status.battery_low ? layout.battery_mask : 0U)),
            0};
}

std::variant<WaterReading, DecodeFault> decode_water_reading(ByteView data) {
    if (data.size() != kWaterReadingBytes) {
        return DecodeFault{"a water reading has 19 bytes, this has " + std::to_string(data.size()) +
                           ": another vendor's layout"};
    }
    const auto total = decode_bcd(data.first(4));
    const auto settled = decode_bcd(data.subspan(5, 4));
    if (!total || !settled) {
        return DecodeFault{"a total is not made of digits: " + to_hex(data.first(9))};
    }
    // Two bytes of year, the century behind: 31 01 22 11 05 15 20 is 2015-05-11 22:01:31.
    const auto digits = [&](std::size_t at) { return from_bcd_byte(data[at]); };
    const MeterClock clock{
        digits(16) * 100 + digits(15), digits(14), digits(13), digits(12), digits(11), digits(10)};
    if (const auto wrong = clock_fault(clock); !wrong.empty()) {
        return DecodeFault{"the meter's clock: " + wrong + " (" + to_hex(data.subspan(10, 7)) + ")"};
    }
    return WaterReading{*total, data[4], *settled, data[9], clock, {data.begin() + 17, data.end()}};
}

Bytes encode_water_reading(const WaterReading& reading) {
    if (const auto wrong = clock_fault(reading.clock); !wrong.empty() || reading.status.size() != 2) {
        throw std::invalid_argument("CJ/T 188 reading: " + (wrong.empty() ? "two bytes of status" : wrong));
    }
    auto data = encode_bcd(reading.total, 4);
    data.push_back(reading.unit);
    const auto settled = encode_bcd(reading.settled, 4);
    data.insert(data.end(), settled.begin(), settled.end());
    data.push_back(reading.settled_unit);
    const auto& clock = reading.clock;
    for (const int two : {clock.second, clock.minute, clock.hour, clock.day, clock.month, clock.year % 100,
                          clock.year / 100}) {
        data.push_back(bcd_byte(two));
    }
    data.insert(data.end(), reading.status.begin(), reading.status.end());
    return data;
}

std::optional<std::int64_t> litres(std::int64_t hundredths, std::uint8_t unit) {
    constexpr std::int64_t kLitresPerHundredth = 10;
    return unit == kUnitCubicMetre ? std::optional{hundredths * kLitresPerHundredth} : std::nullopt;
}

}  // namespace wutong::protocols::cjt188
