#pragma once

#include <optional>
#include <string>

#include "collector/protocols/bytes.hpp"

/// Frames of Acrel 4G meters, which dial in over TCP: 7B 7B, command, body, check (Modbus CRC over command
/// and body, low byte first), 7D 7D. Facts and frames: docs/protocols/dial-in.md.
namespace wutong::protocols::acrel_4g {

enum Command : std::uint8_t {
    kRegister = 0x84,     ///< body: serial number (20 bytes, zero padded), SIM, signal, firmware, interval
    kHeartbeat = 0x94,    ///< no body, no answer
    kTime = 0x93,         ///< body: serial number; answer: year, month, day, weekday, hour, minute, second
    kUpload = 0x91,       ///< body: serial number and read frames
    kPassThrough = 0x90,  ///< down: a frame for the meter's bus; up: serial number and frame, or one of both
};

/// No frame is longer; what is, is rubbish.
inline constexpr std::size_t kFrameMax = 2'048;
inline constexpr std::size_t kSerialBytes = 20;

struct Frame {
    std::uint8_t command = 0;
    Bytes body;
};
[[nodiscard]] Bytes encode(std::uint8_t command, ByteView body);

struct Found {
    std::optional<Frame> frame;  ///< none: more has to come
    std::size_t used = 0;        ///< bytes to drop from the beginning, rubbish and frame
    std::size_t rubbish = 0;     ///< of them, bytes that belong to no frame
};
/// The first whole frame. A frame has no length: its end is the first 7D 7D whose check holds, so that a body
/// may hold these bytes too.
[[nodiscard]] Found find_frame(ByteView received);

/// The serial number at the beginning of a body; empty when there is none (too short, or no digits and
/// letters).
[[nodiscard]] std::string serial_of(ByteView body);
/// What a pass-through body holds behind the serial number, if that is at its beginning.
[[nodiscard]] ByteView passed_through(ByteView body, const std::string& serial);

}  // namespace wutong::protocols::acrel_4g
