#include "collector/protocols/modbus_rtu.hpp"

#include <stdexcept>

#include "collector/protocols/modbus_crc.hpp"

namespace wutong::protocols {
namespace {

constexpr std::size_t kEnvelope = 3;  // unit and two bytes of CRC
constexpr std::size_t kExceptionFrame = 5;

void require_pdu(ByteView pdu) {
    if (pdu.empty() || pdu.size() > kPduMax) {
        throw std::invalid_argument("a Modbus PDU has 1..253 bytes, not " + std::to_string(pdu.size()));
    }
}

RtuFrame open_envelope(ByteView frame) {
    return RtuFrame{frame[0], Bytes(frame.begin() + 1, frame.end() - 2)};
}

}  // namespace

Bytes encode_rtu(std::uint8_t unit, ByteView pdu) {
    require_pdu(pdu);
    Bytes frame;
    frame.reserve(pdu.size() + kEnvelope);
    frame.push_back(unit);
    frame.insert(frame.end(), pdu.begin(), pdu.end());
    append_modbus_crc(frame);
    return frame;
}

std::variant<NeedMore, FrameComplete, ReplyFault::Kind> match_reply(ByteView received,
                                                                    const ExpectedReply& expected) {
    if (received.empty()) {
        return NeedMore{};
    }
    if (received[0] != expected.unit) {
        return ReplyFault::Kind::wrong_unit;
    }
    if (received.size() < 2) {
        return NeedMore{};
    }
    std::size_t length = 0;
    if (received[1] == (expected.shape.function | kExceptionBit)) {
        length = kExceptionFrame;
    } else if (received[1] == expected.shape.function) {
        length = expected.shape.pdu_length + kEnvelope;
        const bool read = received[1] == kReadHolding || received[1] == kReadInput;
        if (read && received.size() > 2 && received[2] != expected.shape.pdu_length - 2) {
            return ReplyFault::Kind::wrong_length;
        }
    } else {
        return ReplyFault::Kind::wrong_function;
    }
    if (received.size() < length) {
        return NeedMore{};
    }
    if (!modbus_crc_holds(received.first(length))) {
        return ReplyFault::Kind::crc;
    }
    return FrameComplete{length};
}

std::variant<NeedMore, RtuFrame, ReplyFault::Kind> ReplyDeframer::feed(ByteView bytes) {
    // A longer buffer than the longest frame can't happen: the frame would have been told or refused before.
    const auto room = kRtuFrameMax - buffer_.size();
    const auto taken = bytes.first(std::min(room, bytes.size()));
    buffer_.insert(buffer_.end(), taken.begin(), taken.end());
    surplus_ += bytes.size() - taken.size();
    const auto match = match_reply(buffer_, expected_);
    if (const auto* fault = std::get_if<ReplyFault::Kind>(&match)) {
        return *fault;
    }
    if (const auto* complete = std::get_if<FrameComplete>(&match)) {
        surplus_ += buffer_.size() - complete->length;
        buffer_.resize(complete->length);
        return open_envelope(buffer_);
    }
    return NeedMore{};
}

std::optional<std::size_t> request_frame_length(ByteView received) {
    if (received.size() < 2) {
        return 0;
    }
    const auto with_byte_count = [&](std::size_t at) -> std::size_t {
        return received.size() > at ? at + 1 + received[at] + 2 : 0;
    };
    switch (received[1]) {
        case 0x01:
        case 0x02:
        case kReadHolding:
        case kReadInput:
        case 0x05:
        case 0x06:
            return 8;
        case 0x0F:
        case kWriteRegisters:
        case kVendorWrite:
            return with_byte_count(6);
        case 0x16:
            return 10;
        case 0x17:
            return with_byte_count(10);
        default:
            return std::nullopt;
    }
}

void RequestDeframer::feed(ByteView bytes) {
    silent_ = false;
    if (skipping_) {
        return;
    }
    // Two whole frames at most: a client has one question under way, the rest is noise.
    if (buffer_.size() + bytes.size() > 2 * kRtuFrameMax) {
        skip_until_silence();
        return;
    }
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

std::optional<RtuFrame> RequestDeframer::next() {
    if (buffer_.empty()) {
        return std::nullopt;
    }
    const auto known = request_frame_length(buffer_);
    const bool complete = known && *known != 0 && *known <= buffer_.size();
    if (!complete && !silent_) {
        const bool endless = (known && *known > kRtuFrameMax) || (!known && buffer_.size() > kRtuFrameMax);
        if (endless) {
            skip_until_silence();
        }
        return std::nullopt;
    }
    const auto length = complete ? *known : buffer_.size();
    if (length > kRtuFrameMax || (known && !complete) || !modbus_crc_holds(ByteView{buffer_}.first(length))) {
        skip_until_silence();
        if (silent_) {
            skipping_ = false;
        }
        return std::nullopt;
    }
    auto frame = open_envelope(ByteView{buffer_}.first(length));
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(length));
    return frame;
}

void RequestDeframer::silence() {
    silent_ = true;
    skipping_ = false;
}

void RequestDeframer::skip_until_silence() {
    buffer_.clear();
    skipping_ = true;
    ++faults_;
}

}  // namespace wutong::protocols
