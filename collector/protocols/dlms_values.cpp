#include <charconv>
#include <stdexcept>

#include "collector/protocols/dlms_data.hpp"

/// OBIS codes, dates and times.
namespace wutong::protocols::dlms {
namespace {

constexpr std::int16_t kNoDeviation = -0x8000;
constexpr std::uint8_t kNotSpecified = 0xFF;

}  // namespace

Obis parse_obis(std::string_view text) {
    Obis obis;
    obis.code[5] = 0xFF;
    std::size_t field = 0;
    const char* at = text.data();
    const char* end = at + text.size();
    while (at < end && field < obis.code.size()) {
        const auto [next, fault] = std::from_chars(at, end, obis.code[field]);
        if (fault != std::errc{}) {
            break;
        }
        at = next;
        ++field;
        if (at == end) {
            break;
        }
        if (*at != '.' && *at != '-' && *at != ':' && *at != '*') {
            break;
        }
        ++at;
        if (at == end) {
            field = 0;  // a separator and nothing behind it
        }
    }
    if (at != end || field < 5) {
        throw std::invalid_argument("\"" + std::string{text} +
                                    "\" is no OBIS code, such as 1.0.1.8.0.255 or 1-0:1.8.0");
    }
    return obis;
}

std::string to_string(const Obis& obis) {
    std::string text;
    for (const auto part : obis.code) {
        text += (text.empty() ? "" : ".") + std::to_string(part);
    }
    return text;
}

Bytes encode_date_time(const DateTime& moment) {
    const auto& clock = moment.clock;
    if (const auto fault = clock_fault(clock); !fault.empty()) {
        throw std::invalid_argument("DLMS clock: " + fault);
    }
    Bytes bytes;
    append_u16(bytes, static_cast<std::uint16_t>(clock.year));
    for (const int value : {clock.month, clock.day, moment.weekday.value_or(kNotSpecified), clock.hour,
                            clock.minute, clock.second, moment.hundredths.value_or(kNotSpecified)}) {
        bytes.push_back(static_cast<std::uint8_t>(value));
    }
    append_u16(bytes, static_cast<std::uint16_t>(moment.deviation_minutes.value_or(kNoDeviation)));
    bytes.push_back(moment.status);
    return bytes;
}

std::variant<DateTime, DecodeFault> decode_date_time(ByteView bytes) {
    if (bytes.size() != kDateTimeBytes) {
        return DecodeFault{"a date and time has 12 bytes, this has " + std::to_string(bytes.size())};
    }
    const auto optional_byte = [&](std::size_t at) {
        return bytes[at] == kNotSpecified ? std::nullopt : std::optional<int>{bytes[at]};
    };
    DateTime moment;
    moment.clock = {read_u16(bytes, 0), bytes[2], bytes[3], bytes[5], bytes[6], optional_byte(7).value_or(0)};
    if (auto fault = clock_fault(moment.clock); !fault.empty()) {
        return DecodeFault{std::move(fault)};
    }
    moment.weekday = optional_byte(4);
    moment.hundredths = optional_byte(8);
    if (const auto deviation = static_cast<std::int16_t>(read_u16(bytes, 9)); deviation != kNoDeviation) {
        moment.deviation_minutes = deviation;
    }
    moment.status = bytes[11];
    return moment;
}

}  // namespace wutong::protocols::dlms
