#include "collector/protocols/dlt645_frame.hpp"

#include <algorithm>
#include <stdexcept>

#include "collector/protocols/bcd.hpp"
#include "collector/protocols/sum_frame.hpp"

namespace wutong::protocols::dlt645 {
namespace {

constexpr std::uint8_t kWakeUp = 0xFE;
constexpr std::uint8_t kOffset = 0x33;
constexpr std::uint8_t kAny = 0xAA;
constexpr std::size_t kDigits = 12;
// Places in a frame.
constexpr std::size_t kSecondStart = 7;
constexpr std::size_t kControl = 8;
constexpr std::size_t kLength = 9;
constexpr std::size_t kData = 10;

}  // namespace

Address parse_address(std::string_view digits) {
    if (digits.empty() || digits.size() > kDigits) {
        throw std::invalid_argument("a DL/T 645 address has 1 to 12 digits: \"" + std::string{digits} + "\"");
    }
    const auto full = std::string(kDigits - digits.size(), '0') + std::string{digits};
    Address address;
    bool in_front = true;
    for (std::size_t pair = 0; pair < address.low_first.size(); ++pair) {
        const auto two = full.substr(pair * 2, 2);
        auto& byte = address.low_first[address.low_first.size() - 1 - pair];
        if (in_front && two == "AA") {
            byte = kAny;
            continue;
        }
        in_front = false;
        const auto digit = [](char c) { return c >= '0' && c <= '9'; };
        if (!digit(two[0]) || !digit(two[1])) {
            throw std::invalid_argument("\"" + two + "\" in the DL/T 645 address \"" + std::string{digits} +
                                        "\": digits are needed (or AA for any, from the front)");
        }
        byte = bcd_byte((two[0] - '0') * 10 + (two[1] - '0'));
    }
    return address;
}

std::string to_string(const Address& address) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string text;
    for (std::size_t i = address.low_first.size(); i-- > 0;) {
        text.push_back(kHex[address.low_first[i] >> 4]);
        text.push_back(kHex[address.low_first[i] & 0x0F]);
    }
    return text;
}

bool meant_for(const Address& asked, const Address& answering) {
    for (std::size_t i = 0; i < asked.low_first.size(); ++i) {
        if (asked.low_first[i] != kAny && asked.low_first[i] != answering.low_first[i]) {
            return false;
        }
    }
    return true;
}

Bytes encode_frame(const Frame& frame, std::size_t wake_up) {
    if (frame.data.size() > kDataMax) {
        throw std::invalid_argument("a DL/T 645 frame holds 200 bytes of data at most, not " +
                                    std::to_string(frame.data.size()));
    }
    Bytes bytes(wake_up, kWakeUp);
    bytes.reserve(wake_up + kEnvelope + frame.data.size());
    bytes.push_back(kSumFrameStart);
    bytes.insert(bytes.end(), frame.address.low_first.begin(), frame.address.low_first.end());
    bytes.push_back(kSumFrameStart);
    bytes.push_back(frame.control);
    bytes.push_back(static_cast<std::uint8_t>(frame.data.size()));
    for (const auto byte : frame.data) {
        bytes.push_back(static_cast<std::uint8_t>((byte + kOffset) & 0xFF));
    }
    bytes.push_back(sum_of(ByteView{bytes}.subspan(wake_up)));
    bytes.push_back(kSumFrameEnd);
    return bytes;
}

std::variant<NeedMore, FrameComplete, Skip> match_frame(ByteView received) {
    if (received.empty()) {
        return NeedMore{};
    }
    if (received[0] != kSumFrameStart) {
        return skip_to_next_start(received);
    }
    if (received.size() > kSecondStart && received[kSecondStart] != kSumFrameStart) {
        return skip_to_next_start(received);
    }
    return match_sum_frame(received, kLength, kEnvelope, kDataMax);
}

Frame decode_frame(ByteView complete) {
    Frame frame;
    std::copy_n(complete.begin() + 1, frame.address.low_first.size(), frame.address.low_first.begin());
    frame.control = complete[kControl];
    frame.data.reserve(complete[kLength]);
    for (const auto byte : complete.subspan(kData, complete[kLength])) {
        frame.data.push_back(static_cast<std::uint8_t>((byte - kOffset) & 0xFF));
    }
    return frame;
}

}  // namespace wutong::protocols::dlt645
