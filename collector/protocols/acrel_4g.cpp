#include "collector/protocols/acrel_4g.hpp"

#include <algorithm>

#include "collector/protocols/modbus_crc.hpp"

namespace wutong::protocols::acrel_4g {

namespace {

constexpr std::uint8_t kBegin = 0x7B;
constexpr std::uint8_t kEnd = 0x7D;
constexpr std::size_t kLeast = 7;  // begin, command, check, end

bool is_serial(std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/// Where the beginning of a frame is, or may be with the next byte.
std::size_t begin_of(ByteView bytes) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (bytes[at] == kBegin && (at + 1 == bytes.size() || bytes[at + 1] == kBegin)) {
            return at;
        }
    }
    return bytes.size();
}

/// One byte more into the check.
std::uint16_t crc_step(std::uint16_t crc, std::uint8_t byte) {
    unsigned value = static_cast<unsigned>(crc) ^ byte;
    for (int bit = 0; bit < 8; ++bit) {
        value = (value & 1U) != 0 ? (value >> 1U) ^ 0xA001U : value >> 1U;
    }
    return static_cast<std::uint16_t>(value);
}

}  // namespace

Bytes encode(std::uint8_t command, ByteView body) {
    Bytes checked{command};
    checked.insert(checked.end(), body.begin(), body.end());
    append_modbus_crc(checked);
    Bytes frame{kBegin, kBegin};
    frame.insert(frame.end(), checked.begin(), checked.end());
    frame.insert(frame.end(), {kEnd, kEnd});
    return frame;
}

Found find_frame(ByteView received) {
    Found found;
    for (;;) {
        const auto rest = received.subspan(found.used);
        const auto skipped = begin_of(rest);
        found.used += skipped;
        found.rubbish += skipped;
        const auto frame = received.subspan(found.used);
        if (frame.size() < kLeast) {
            return found;
        }
        // The check runs along, so that a long frame full of 7D 7D costs no more than its bytes. `crc` covers
        // everything from the command up to, but not with, the two bytes of the check.
        std::uint16_t crc = 0xFFFF;
        const auto last = std::min(frame.size(), kFrameMax);
        std::size_t covered = 2;
        for (std::size_t end = kLeast; end <= last; ++end) {
            while (covered < end - 4) {
                crc = crc_step(crc, frame[covered++]);
            }
            if (frame[end - 1] == kEnd && frame[end - 2] == kEnd && frame[end - 4] == (crc & 0xFFU) &&
                frame[end - 3] == (crc >> 8U)) {
                found.frame = Frame{
                    frame[2], Bytes(frame.begin() + 3, frame.begin() + static_cast<std::ptrdiff_t>(end - 4))};
                found.used += end;
                return found;
            }
        }
        if (frame.size() < kFrameMax) {
            return found;
        }
        ++found.used;  // no frame begins here; perhaps further on
        ++found.rubbish;
    }
}

std::string serial_of(ByteView body) {
    std::string serial;
    for (std::size_t at = 0; at < std::min(body.size(), kSerialBytes) && body[at] != 0; ++at) {
        if (!is_serial(body[at])) {
            return {};
        }
        serial.push_back(static_cast<char>(body[at]));
    }
    return serial;
}

ByteView passed_through(ByteView body, const std::string& serial) {
    if (body.size() >= kSerialBytes && !serial.empty() && serial_of(body) == serial) {
        return body.subspan(kSerialBytes);
    }
    return body;
}

}  // namespace wutong::protocols::acrel_4g
