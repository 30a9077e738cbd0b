#include "collector/protocols/iec62056.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <stdexcept>

namespace wutong::protocols::iec62056 {

namespace {

constexpr std::uint8_t kParityBit = 0x80;
constexpr std::size_t kSignOnMax = 2 + kAddressMax + 3;
constexpr std::size_t kAcknowledgementBytes = 6;
/// Mode C: 0 to 6. Mode B has letters for the same speeds, from 600 on.
constexpr std::array kSpeeds{300, 600, 1'200, 2'400, 4'800, 9'600, 19'200};

std::uint8_t seven(std::uint8_t byte) {
    return static_cast<std::uint8_t>(byte & ~kParityBit);
}

bool even(std::uint8_t byte) {
    return std::popcount(byte) % 2 == 0;
}

bool letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

bool printable(char c) {
    return c >= ' ' && c < 0x7F;
}

std::string_view without_zeros(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of('0'), text.size()));
}

Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

/// From the first byte to LF, when nothing but text is between them.
std::variant<NeedMore, FrameComplete, Skip> match_line(ByteView received, std::size_t longest) {
    for (std::size_t i = 1; i < received.size() && i < longest; ++i) {
        const auto byte = seven(received[i]);
        if (byte == '\n') {
            return FrameComplete{i + 1};
        }
        if (byte != '\r' && !printable(static_cast<char>(byte))) {
            return Skip{i};
        }
    }
    if (received.size() >= longest) {
        return Skip{1};
    }
    return NeedMore{};
}

Skip skip_to(ByteView received, std::string_view starts) {
    std::size_t i = 1;
    while (i < received.size() &&
           starts.find(static_cast<char>(seven(received[i]))) == std::string_view::npos) {
        ++i;
    }
    return Skip{i};
}

bool starts_with(ByteView received, std::string_view starts) {
    return starts.find(static_cast<char>(seven(received[0]))) != std::string_view::npos;
}

}  // namespace

Bytes with_parity(ByteView text) {
    Bytes sent{text.begin(), text.end()};
    for (auto& byte : sent) {
        if (byte > 0x7F) {
            throw std::invalid_argument("a character of seven bits can't be " + to_hex(ByteView{&byte, 1}));
        }
        byte = even(byte) ? byte : static_cast<std::uint8_t>(byte | kParityBit);
    }
    return sent;
}

std::variant<Bytes, DecodeFault> without_parity(ByteView received) {
    Bytes text{received.begin(), received.end()};
    const bool stripped =
        std::all_of(text.begin(), text.end(), [](std::uint8_t byte) { return byte < kParityBit; });
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!stripped && !even(text[i])) {
            return DecodeFault{fmt::format("byte {} is {:02X}, whose parity is odd", i, text[i])};
        }
        text[i] = seven(text[i]);
    }
    return text;
}

bool good_address(std::string_view address) {
    return address.size() <= kAddressMax && std::all_of(address.begin(), address.end(), [](char c) {
               return letter(c) || digit(c) || c == ' ';
           });
}

bool same_address(std::string_view one, std::string_view other) {
    return one.empty() || other.empty() || without_zeros(one) == without_zeros(other);
}

Bytes encode_sign_on(std::string_view address) {
    if (!good_address(address)) {
        throw std::invalid_argument("\"" + std::string{address.substr(0, kAddressMax)} +
                                    "\" is no address: at most 32 letters, digits and blanks");
    }
    return bytes_of("/?" + std::string{address} + "!\r\n");
}

Mode Identification::mode() const {
    if (digit(speed)) {
        return Mode::acknowledged;
    }
    return speed >= 'A' && speed <= 'I' ? Mode::announced : Mode::fixed;
}

std::optional<int> Identification::baud() const {
    const auto at = [](int index) {
        return index < static_cast<int>(kSpeeds.size())
                   ? std::optional{kSpeeds[static_cast<std::size_t>(index)]}
                   : std::nullopt;
    };
    switch (mode()) {
        case Mode::acknowledged:
            return at(speed - '0');
        case Mode::announced:
            return at(speed - 'A' + 1);
        case Mode::fixed:
            break;
    }
    return kSpeeds[0];
}

std::optional<char> speed_character(int baud) {
    const auto* const found = std::find(kSpeeds.begin(), kSpeeds.end(), baud);
    return found == kSpeeds.end() ? std::nullopt
                                  : std::optional{static_cast<char>('0' + (found - kSpeeds.begin()))};
}

std::variant<NeedMore, FrameComplete, Skip> match_identification(ByteView received) {
    if (received.empty()) {
        return NeedMore{};
    }
    if (!starts_with(received, "/")) {
        return skip_to(received, "/");
    }
    if (received.size() < 2) {
        return NeedMore{};
    }
    // Our own sign-on, echoed.
    if (seven(received[1]) == '?') {
        auto echo = match_line(received, kSignOnMax);
        if (const auto* whole = std::get_if<FrameComplete>(&echo)) {
            return Skip{whole->length};
        }
        return echo;
    }
    return match_line(received, kIdentificationMax);
}

std::variant<Identification, DecodeFault> decode_identification(ByteView complete) {
    auto text = without_parity(complete);
    if (auto* fault = std::get_if<DecodeFault>(&text)) {
        return DecodeFault{"identification: " + fault->reason};
    }
    const auto& bytes = std::get<Bytes>(text);
    std::string line{bytes.begin() + 1, bytes.end() - 1};
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    constexpr std::size_t kHead = 4;
    if (line.size() < kHead || line.find('\r') != std::string::npos || line.size() - kHead > kTextMax ||
        !std::all_of(line.begin(), line.begin() + 3, letter)) {
        return DecodeFault{"identification \"" + line.substr(0, kIdentificationMax) +
                           "\" does not begin with three letters and a speed"};
    }
    return Identification{line.substr(0, 3), line[3], line.substr(kHead)};
}

Bytes encode_identification(const Identification& identification) {
    if (identification.manufacturer.size() != 3 ||
        !std::all_of(identification.manufacturer.begin(), identification.manufacturer.end(), letter) ||
        !printable(identification.speed) || identification.text.size() > kTextMax ||
        !std::all_of(identification.text.begin(), identification.text.end(), printable)) {
        throw std::invalid_argument("an identification is three letters, a speed and at most 32 characters");
    }
    return bytes_of("/" + identification.manufacturer + identification.speed + identification.text + "\r\n");
}

Bytes encode_acknowledgement(const Acknowledgement& acknowledgement) {
    return {kAck,
            '0',
            static_cast<std::uint8_t>(acknowledgement.speed),
            static_cast<std::uint8_t>(acknowledgement.option),
            '\r',
            '\n'};
}

std::variant<NeedMore, FrameComplete, Skip> match_request(ByteView received) {
    if (received.empty()) {
        return NeedMore{};
    }
    constexpr std::string_view kStarts{"/\x06\x01"};
    if (!starts_with(received, kStarts)) {
        return skip_to(received, kStarts);
    }
    switch (seven(received[0])) {
        case kSoh:
            return match_message(received);
        case kAck:
            return match_line(received, kAcknowledgementBytes);
        default:
            break;
    }
    if (received.size() > 1 && seven(received[1]) != '?') {
        return skip_to(received, kStarts);
    }
    return match_line(received, kSignOnMax);
}

std::variant<Request, DecodeFault> decode_request(ByteView complete) {
    if (seven(complete[0]) == kSoh) {
        auto command = decode_command(complete);
        if (auto* fault = std::get_if<DecodeFault>(&command)) {
            return std::move(*fault);
        }
        return Request{std::get<Command>(std::move(command))};
    }
    const auto text = without_parity(complete);
    if (const auto* fault = std::get_if<DecodeFault>(&text)) {
        return *fault;
    }
    const auto& bytes = std::get<Bytes>(text);
    const std::string line{bytes.begin(), bytes.end()};
    if (bytes[0] == kAck) {
        const bool known = line.size() == kAcknowledgementBytes && line[1] == '0' && digit(line[2]) &&
                           (line[3] == '0' || line[3] == '1') && line.ends_with("\r\n");
        if (!known) {
            return DecodeFault{
                "an acknowledgement that asks for something else than a read-out or registers"};
        }
        return Request{Acknowledgement{line[2], line[3] == '0' ? Option::readout : Option::programming}};
    }
    constexpr std::string_view kEnd{"!\r\n"};
    if (line.size() < 2 + kEnd.size() || !line.ends_with(kEnd)) {
        return DecodeFault{"a sign-on without its end"};
    }
    auto address = line.substr(2, line.size() - 2 - kEnd.size());
    if (!good_address(address)) {
        return DecodeFault{"the address of a sign-on has characters that none has"};
    }
    return Request{SignOn{std::move(address)}};
}

}  // namespace wutong::protocols::iec62056
