#include "collector/protocols/dlms_wrapper.hpp"

#include <stdexcept>

namespace wutong::protocols::dlms {
namespace {

constexpr std::uint16_t kVersion = 1;

}  // namespace

Bytes encode_wrapper(const WrapperFrame& frame) {
    if (frame.apdu.empty() || frame.apdu.size() > kWrapperApduMax) {
        throw std::invalid_argument("a DLMS APDU in a wrapper has 1..16384 bytes, not " +
                                    std::to_string(frame.apdu.size()));
    }
    Bytes bytes;
    bytes.reserve(kWrapperHeader + frame.apdu.size());
    append_u16(bytes, kVersion);
    append_u16(bytes, frame.source);
    append_u16(bytes, frame.destination);
    append_u16(bytes, static_cast<std::uint16_t>(frame.apdu.size()));
    bytes.insert(bytes.end(), frame.apdu.begin(), frame.apdu.end());
    return bytes;
}

std::variant<NeedMore, FrameComplete, Skip> match_wrapper(ByteView received) {
    const auto skip = [&] {
        std::size_t at = 1;
        while (at < received.size() &&
               !(received[at] == 0 && (at + 1 == received.size() || received[at + 1] == kVersion))) {
            ++at;
        }
        return Skip{at};
    };
    if (received.empty()) {
        return NeedMore{};
    }
    if (received[0] != 0 || (received.size() > 1 && received[1] != kVersion)) {
        return skip();
    }
    if (received.size() < kWrapperHeader) {
        return NeedMore{};
    }
    const std::size_t length = read_u16(received, 6);
    if (length == 0 || length > kWrapperApduMax) {
        return skip();
    }
    if (received.size() < kWrapperHeader + length) {
        return NeedMore{};
    }
    return FrameComplete{kWrapperHeader + length};
}

WrapperFrame decode_wrapper(ByteView complete) {
    return {
        read_u16(complete, 2), read_u16(complete, 4), {complete.begin() + kWrapperHeader, complete.end()}};
}

}  // namespace wutong::protocols::dlms
