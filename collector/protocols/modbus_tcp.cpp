#include "collector/protocols/modbus_tcp.hpp"

#include <stdexcept>

namespace wutong::protocols {
namespace {
/// What may wait unread. A peer that sends more without being asked isn't speaking with us.
constexpr std::size_t kBufferMax = 64 * kTcpFrameMax;
}  // namespace

Bytes encode_tcp(const TcpFrame& frame) {
    if (frame.pdu.empty() || frame.pdu.size() > kPduMax) {
        throw std::invalid_argument("a Modbus PDU has 1..253 bytes, not " + std::to_string(frame.pdu.size()));
    }
    Bytes bytes;
    bytes.reserve(kMbapHeader + frame.pdu.size());
    append_u16(bytes, frame.transaction);
    append_u16(bytes, 0);
    append_u16(bytes, static_cast<std::uint16_t>(frame.pdu.size() + 1));
    bytes.push_back(frame.unit);
    bytes.insert(bytes.end(), frame.pdu.begin(), frame.pdu.end());
    return bytes;
}

void TcpDeframer::feed(ByteView bytes) {
    if (out_of_step_ || buffer_.size() + bytes.size() > kBufferMax) {
        out_of_step_ = true;
        return;
    }
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

std::optional<TcpFrame> TcpDeframer::next() {
    if (out_of_step_) {
        return std::nullopt;
    }
    // Told as early as the bytes allow: a wrong protocol must not make us wait for a length that means
    // nothing.
    if (buffer_.size() >= 4 && read_u16(buffer_, 2) != 0) {
        out_of_step_ = true;
        return std::nullopt;
    }
    if (buffer_.size() < 6) {
        return std::nullopt;
    }
    const std::size_t length = read_u16(buffer_, 4);
    if (length < 2 || length > kPduMax + 1) {
        out_of_step_ = true;
        return std::nullopt;
    }
    const std::size_t total = 6 + length;
    if (buffer_.size() < total) {
        return std::nullopt;
    }
    const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(total);
    TcpFrame frame{read_u16(buffer_, 0), buffer_[6],
                   Bytes(buffer_.begin() + static_cast<std::ptrdiff_t>(kMbapHeader), end)};
    buffer_.erase(buffer_.begin(), end);
    return frame;
}

void TcpDeframer::reset() {
    buffer_.clear();
    out_of_step_ = false;
}

}  // namespace wutong::protocols
