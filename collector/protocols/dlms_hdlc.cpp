#include "collector/protocols/dlms_hdlc.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "collector/protocols/byte_cursor.hpp"

namespace wutong::protocols::dlms {
namespace {

constexpr std::uint8_t kFlag = 0x7E;
constexpr std::uint8_t kFormat = 0xA0;
constexpr std::uint8_t kFormatMask = 0xF0;
constexpr std::uint8_t kSegmented = 0x08;
/// Format, two one-byte addresses, control, FCS.
constexpr std::size_t kShortest = 7;

constexpr std::array<std::uint16_t, 256> make_crc_table() {
    std::array<std::uint16_t, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        unsigned crc = byte;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? crc >> 1 ^ 0x8408U : crc >> 1;
        }
        table[byte] = static_cast<std::uint16_t>(crc);
    }
    return table;
}
constexpr auto kCrcTable = make_crc_table();

void append_crc(Bytes& to, ByteView of) {
    const auto crc = hdlc_crc(of);
    to.push_back(static_cast<std::uint8_t>(crc & 0xFF));
    to.push_back(static_cast<std::uint8_t>(crc >> 8));
}

bool crc_holds(ByteView with_crc) {
    const auto crc = hdlc_crc(with_crc.first(with_crc.size() - 2));
    return with_crc[with_crc.size() - 2] == (crc & 0xFF) && with_crc[with_crc.size() - 1] == crc >> 8;
}

void append_address(Bytes& to, const HdlcAddress& address, HdlcAddressBytes width) {
    auto bytes = static_cast<unsigned>(width);
    if (!address.physical) {
        bytes = 1;
    } else if (width == HdlcAddressBytes::shortest) {
        bytes = address.logical < 0x80 && *address.physical < 0x80 ? 2 : 4;
    }
    const unsigned physical = address.physical.value_or(0);
    const unsigned limit = bytes == 4 ? 0x4000U : 0x80U;
    if (address.logical >= limit || physical >= limit) {
        throw std::invalid_argument("HDLC address " + std::to_string(address.logical) + "/" +
                                    std::to_string(physical) + " doesn't fit into " + std::to_string(bytes) +
                                    " bytes");
    }
    const auto seven = [&](unsigned value, unsigned shift, bool last) {
        to.push_back(static_cast<std::uint8_t>((value >> shift & 0x7FU) << 1 | (last ? 1U : 0U)));
    };
    switch (bytes) {
        case 1:
            seven(address.logical, 0, true);
            break;
        case 2:
            seven(address.logical, 0, false);
            seven(physical, 0, true);
            break;
        default:
            seven(address.logical, 7, false);
            seven(address.logical, 0, false);
            seven(physical, 7, false);
            seven(physical, 0, true);
            break;
    }
}

std::optional<HdlcAddress> read_address(ByteCursor& from) {
    std::array<unsigned, 4> parts{};
    std::size_t count = 0;
    bool last = false;
    while (!last && count < parts.size() && from.left() > 0) {
        const auto byte = from.u8();
        parts[count++] = byte >> 1U;
        last = (byte & 1U) != 0;
    }
    const auto part = [&](std::size_t at) { return static_cast<std::uint16_t>(parts[at]); };
    const auto pair = [&](std::size_t at) {
        return static_cast<std::uint16_t>(parts[at] << 7 | parts[at + 1]);
    };
    if (!last || count == 3) {
        return std::nullopt;
    }
    switch (count) {
        case 1:
            return HdlcAddress{part(0), std::nullopt};
        case 2:
            return HdlcAddress{part(0), part(1)};
        default:
            return HdlcAddress{pair(0), pair(2)};
    }
}

struct Parsed {
    HdlcFrame frame;
    std::size_t header = 0;  ///< bytes from the format up to the control byte, included
};

/// @param inner what is between the flags
std::optional<Parsed> parse(ByteView inner) {
    Parsed parsed;
    ByteCursor from{inner.first(inner.size() - 2)};
    parsed.frame.segmented = (from.u8() & kSegmented) != 0;
    from.u8();
    const auto destination = read_address(from);
    const auto source = read_address(from);
    parsed.frame.control = from.u8();
    if (!destination || !source || !from.ok()) {
        return std::nullopt;
    }
    parsed.frame.destination = *destination;
    parsed.frame.source = *source;
    parsed.header = inner.size() - 2 - from.left();
    if (from.left() == 0) {
        return parsed;
    }
    // A header check, then at least one byte.
    if (from.left() < 3 || !crc_holds(inner.first(parsed.header + 2))) {
        return std::nullopt;
    }
    from.take(2);
    const auto information = from.rest();
    parsed.frame.information.assign(information.begin(), information.end());
    return parsed;
}

}  // namespace

std::uint16_t hdlc_crc(ByteView bytes) {
    unsigned crc = 0xFFFF;
    for (const auto byte : bytes) {
        crc = crc >> 8 ^ kCrcTable[(crc ^ byte) & 0xFFU];
    }
    return static_cast<std::uint16_t>(crc ^ 0xFFFFU);
}

Bytes encode_hdlc(const HdlcFrame& frame, HdlcAddressBytes width) {
    Bytes inner{0, 0};
    append_address(inner, frame.destination, width);
    append_address(inner, frame.source, width);
    inner.push_back(frame.control);
    const auto length = inner.size() + 2 + (frame.information.empty() ? 0 : 2 + frame.information.size());
    if (length > kHdlcLengthMax) {
        throw std::invalid_argument("an HDLC frame has 2047 bytes at most, not " + std::to_string(length));
    }
    inner[0] = static_cast<std::uint8_t>(kFormat | (frame.segmented ? kSegmented : 0U) | length >> 8);
    inner[1] = static_cast<std::uint8_t>(length & 0xFF);
    if (!frame.information.empty()) {
        append_crc(inner, inner);
        inner.insert(inner.end(), frame.information.begin(), frame.information.end());
    }
    append_crc(inner, inner);
    Bytes bytes{kFlag};
    bytes.insert(bytes.end(), inner.begin(), inner.end());
    bytes.push_back(kFlag);
    return bytes;
}

std::variant<NeedMore, FrameComplete, Skip> match_hdlc(ByteView received) {
    if (received.empty()) {
        return NeedMore{};
    }
    const auto skip = [&] {
        const auto next = std::find(received.begin() + 1, received.end(), kFlag);
        return Skip{static_cast<std::size_t>(next - received.begin())};
    };
    if (received[0] != kFlag || (received.size() > 1 && (received[1] & kFormatMask) != kFormat)) {
        return skip();
    }
    if (received.size() < 3) {
        return NeedMore{};
    }
    const auto length = static_cast<std::size_t>((received[1] & 0x07U) << 8 | received[2]);
    if (length < kShortest) {
        return skip();
    }
    if (received.size() < length + 2) {
        return NeedMore{};
    }
    const auto inner = received.subspan(1, length);
    if (received[length + 1] != kFlag || !crc_holds(inner) || !parse(inner)) {
        return skip();
    }
    return FrameComplete{length + 2};
}

HdlcFrame decode_hdlc(ByteView complete) {
    return parse(complete.subspan(1, complete.size() - 2)).value().frame;
}

Bytes encode_hdlc_limits(const HdlcLimits& limits) {
    Bytes parameters;
    const auto maximum = [&](std::uint8_t id, std::uint16_t value) {
        parameters.push_back(id);
        parameters.push_back(value > 0xFF ? 2 : 1);
        if (value > 0xFF) {
            append_u16(parameters, value);
        } else {
            parameters.push_back(static_cast<std::uint8_t>(value));
        }
    };
    const auto window = [&](std::uint8_t id, std::uint8_t value) {
        parameters.push_back(id);
        parameters.push_back(4);
        append_u32(parameters, value);
    };
    maximum(5, limits.send_max);
    maximum(6, limits.receive_max);
    window(7, limits.send_window);
    window(8, limits.receive_window);
    Bytes information{0x81, 0x80, static_cast<std::uint8_t>(parameters.size())};
    information.insert(information.end(), parameters.begin(), parameters.end());
    return information;
}

std::variant<HdlcLimits, DecodeFault> decode_hdlc_limits(ByteView information) {
    HdlcLimits limits;
    if (information.empty()) {
        return limits;
    }
    ByteCursor from{information};
    from.expect(0x81);
    from.expect(0x80);
    const std::size_t length = from.u8();
    bool fits = from.ok() && length == from.left();
    while (fits && from.left() > 0) {
        const auto id = from.u8();
        const std::size_t bytes = from.u8();
        const auto value = bytes <= 4 ? from.number(bytes) : std::uint64_t{0};
        const bool window = id == 7 || id == 8;
        fits = from.ok() && bytes >= 1 && bytes <= 4 && value >= 1 && value <= (window ? 7U : 2030U);
        if (id == 5) {
            limits.send_max = static_cast<std::uint16_t>(value);
        } else if (id == 6) {
            limits.receive_max = static_cast<std::uint16_t>(value);
        } else if (id == 7) {
            limits.send_window = static_cast<std::uint8_t>(value);
        } else if (id == 8) {
            limits.receive_window = static_cast<std::uint8_t>(value);
        }
    }
    if (!fits) {
        return DecodeFault{"HDLC parameters that can't be: " + to_hex(information)};
    }
    return limits;
}

}  // namespace wutong::protocols::dlms
