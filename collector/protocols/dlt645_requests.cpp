#include "collector/protocols/dlt645_requests.hpp"

#include <algorithm>
#include <stdexcept>

#include "collector/protocols/bcd.hpp"
#include "collector/protocols/dlt645_functions.hpp"
#include "collector/protocols/dlt645_replies.hpp"

namespace wutong::protocols::dlt645 {
namespace {

constexpr std::size_t kAuthorityBytes = 8;
constexpr std::size_t kRelayBytes = 16;
constexpr std::size_t kPurchaseBytes = 30;
constexpr std::size_t kFreezeBytes = 4;
constexpr std::size_t kClockBytes = 6;
constexpr std::uint8_t kEvery = 0x99;
constexpr std::uint32_t kPasswordMax = 999'999;
constexpr std::uint32_t kOperatorMax = 99'999'999;
constexpr std::uint8_t kStatusBeforeTrip = 0x80;
constexpr std::uint8_t kStatusRelayOpen = 0x10;

void append(Bytes& to, ByteView bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void append_low_first(Bytes& to, std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xFFU));
    }
}

std::uint32_t low_first(ByteView bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = value << 8 | bytes[i];
    }
    return value;
}

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw std::invalid_argument("DL/T 645 request: " + what);
    }
}

void append_authority(Bytes& to, const Authority& authority) {
    require(authority.level >= 0 && authority.level <= 99,
            "a password's level is 0..99, not " + std::to_string(authority.level));
    require(authority.password <= kPasswordMax, "a password has six digits");
    require(authority.operator_code <= kOperatorMax, "an operator code has eight digits");
    to.push_back(bcd_byte(authority.level));
    append(to, encode_bcd(authority.password, 3));
    append(to, encode_bcd(authority.operator_code, 4));
}

std::optional<Authority> read_authority(ByteView bytes) {
    const auto level = from_bcd_byte(bytes[0]);
    const auto password = decode_bcd(bytes.subspan(1, 3));
    const auto operator_code = decode_bcd(bytes.subspan(4, 4));
    if (level < 0 || !password || !operator_code) {
        return std::nullopt;
    }
    return Authority{level, static_cast<std::uint32_t>(*password),
                     static_cast<std::uint32_t>(*operator_code)};
}

/// ss mm hh DD MM YY
Bytes clock_bytes(const MeterClock& clock) {
    if (auto fault = clock_fault(clock); !fault.empty()) {
        throw std::invalid_argument("DL/T 645 clock: " + fault);
    }
    return {bcd_byte(clock.second), bcd_byte(clock.minute), bcd_byte(clock.hour),
            bcd_byte(clock.day),    bcd_byte(clock.month),  bcd_byte(clock.year - 2000)};
}

std::optional<MeterClock> read_clock(ByteView bytes) {
    const MeterClock clock{2000 + from_bcd_byte(bytes[5]), from_bcd_byte(bytes[4]), from_bcd_byte(bytes[3]),
                           from_bcd_byte(bytes[2]),        from_bcd_byte(bytes[1]), from_bcd_byte(bytes[0])};
    return clock_fault(clock).empty() ? std::optional{clock} : std::nullopt;
}

std::optional<RelayCommand> relay_command(std::uint8_t byte) {
    using enum RelayCommand;
    for (const auto known : {trip, allow_closing, close, alarm, alarm_off, guarantee, guarantee_off}) {
        if (byte == static_cast<std::uint8_t>(known)) {
            return known;
        }
    }
    return std::nullopt;
}

Frame encode(const ReadData& read) {
    if (read.edition == Edition::of_1997) {
        require(read.id <= 0xFFFF && read.argument.empty(),
                "an identifier of 1997 has two bytes and nothing after it");
        Frame frame{{}, kFnRead1997, {}};
        append_low_first(frame.data, read.id, kIdBytes1997);
        return frame;
    }
    require(read.argument.size() <= kDataMax - kIdBytes, "too much after the identifier");
    Frame frame{{}, kFnRead, {}};
    append_low_first(frame.data, read.id, kIdBytes);
    append(frame.data, read.argument);
    return frame;
}

Frame encode(const ReadFollowing& read) {
    Frame frame{{}, kFnReadFollowing, {}};
    append_low_first(frame.data, read.id, kIdBytes);
    frame.data.push_back(read.sequence);
    return frame;
}

Frame encode(const ReadAddress&) {
    return {{}, kFnReadAddress, {}};
}

Frame encode(const WriteData& write) {
    Frame frame{{}, kFnWrite, {}};
    append_low_first(frame.data, write.id, kIdBytes);
    append_authority(frame.data, write.authority);
    append(frame.data, write.data);
    return frame;
}

Frame encode(const ControlRelay& control) {
    Frame frame{{}, kFnRelay, {}};
    append_authority(frame.data, control.authority);
    frame.data.push_back(static_cast<std::uint8_t>(control.command));
    frame.data.push_back(0);
    append(frame.data, clock_bytes(control.valid_until));
    return frame;
}

Frame encode(const SetTime& set) {
    return {{}, kFnSetTime, clock_bytes(set.clock)};
}

Frame encode(const Freeze& freeze) {
    const auto field = [](std::optional<int> value, int low, int high) {
        require(!value || (*value >= low && *value <= high), "a freeze has a month, day, hour and minute");
        return value ? bcd_byte(*value) : kEvery;
    };
    return {{},
            kFnFreeze,
            {field(freeze.minute, 0, 59), field(freeze.hour, 0, 23), field(freeze.day, 1, 31),
             field(freeze.month, 1, 12)}};
}

Frame encode(const Purchase& purchase) {
    Frame frame{{}, kFnSecurity, {}};
    append_low_first(frame.data, purchase.opens_account ? kOpenAccount : kTopUp, kIdBytes);
    require(purchase.operator_code <= kOperatorMax, "an operator code has eight digits");
    append(frame.data, encode_bcd(purchase.operator_code, 4));
    append_low_first(frame.data, purchase.amount, 4);
    append_low_first(frame.data, purchase.count, 4);
    append(frame.data, purchase.mac_1);
    append(frame.data, purchase.customer.low_first);
    append(frame.data, purchase.mac_2);
    return frame;
}

std::optional<Request> parse_freeze(ByteView data) {
    if (data.size() != kFreezeBytes) {
        return std::nullopt;
    }
    std::array<std::optional<int>, kFreezeBytes> fields;
    constexpr std::array<int, kFreezeBytes> kLow{0, 0, 1, 1};
    constexpr std::array<int, kFreezeBytes> kHigh{59, 23, 31, 12};
    for (std::size_t i = 0; i < kFreezeBytes; ++i) {
        if (data[i] != kEvery) {
            fields[i] = from_bcd_byte(data[i]);
            if (*fields[i] < kLow[i] || *fields[i] > kHigh[i]) {
                return std::nullopt;
            }
        }
    }
    return Freeze{fields[3], fields[2], fields[1], fields[0]};
}

std::optional<Request> parse_purchase(ByteView data) {
    if (data.size() != kPurchaseBytes) {
        return std::nullopt;
    }
    const auto operator_code = decode_bcd(data.subspan(4, 4));
    const auto id = low_first(data.first(kIdBytes));
    if (!operator_code || (id != kOpenAccount && id != kTopUp)) {
        return std::nullopt;
    }
    Purchase purchase;
    purchase.opens_account = id == kOpenAccount;
    purchase.operator_code = static_cast<std::uint32_t>(*operator_code);
    purchase.amount = low_first(data.subspan(8, 4));
    purchase.count = low_first(data.subspan(12, 4));
    std::copy_n(data.begin() + 16, 4, purchase.mac_1.begin());
    std::copy_n(data.begin() + 20, 6, purchase.customer.low_first.begin());
    std::copy_n(data.begin() + 26, 4, purchase.mac_2.begin());
    return purchase;
}

std::optional<Request> parse_relay(ByteView data) {
    if (data.size() != kRelayBytes) {
        return std::nullopt;
    }
    const auto authority = read_authority(data.first(kAuthorityBytes));
    const auto command = relay_command(data[kAuthorityBytes]);
    // The byte between is reserved; some masters write 01.
    const auto valid_until = read_clock(data.subspan(kAuthorityBytes + 2));
    if (!authority || !command || !valid_until) {
        return std::nullopt;
    }
    return ControlRelay{*command, *authority, *valid_until};
}

std::optional<Request> parse_write(ByteView data) {
    if (data.size() < kIdBytes + kAuthorityBytes) {
        return std::nullopt;
    }
    const auto authority = read_authority(data.subspan(kIdBytes, kAuthorityBytes));
    if (!authority) {
        return std::nullopt;
    }
    const auto rest = data.subspan(kIdBytes + kAuthorityBytes);
    return WriteData{low_first(data.first(kIdBytes)), *authority, {rest.begin(), rest.end()}};
}

std::optional<Request> parse_known(std::uint8_t function, ByteView data) {
    switch (function) {
        case kFnRead1997:
            if (data.size() == kIdBytes1997) {
                return ReadData{Edition::of_1997, low_first(data), {}};
            }
            return std::nullopt;
        case kFnRead:
            if (data.size() >= kIdBytes) {
                const auto rest = data.subspan(kIdBytes);
                return ReadData{
                    Edition::of_2007, low_first(data.first(kIdBytes)), {rest.begin(), rest.end()}};
            }
            return std::nullopt;
        case kFnReadFollowing:
            if (data.size() == kIdBytes + 1) {
                return ReadFollowing{low_first(data.first(kIdBytes)), data[kIdBytes]};
            }
            return std::nullopt;
        case kFnReadAddress:
            return data.empty() ? std::optional<Request>{ReadAddress{}} : std::nullopt;
        case kFnWrite:
            return parse_write(data);
        case kFnRelay:
            return parse_relay(data);
        case kFnSetTime:
            if (data.size() == kClockBytes) {
                if (const auto clock = read_clock(data)) {
                    return SetTime{*clock};
                }
            }
            return std::nullopt;
        case kFnFreeze:
            return parse_freeze(data);
        case kFnSecurity:
            return parse_purchase(data);
        default:
            return std::nullopt;
    }
}

}  // namespace

Frame encode_request(const Address& to, const Request& request) {
    auto frame = std::visit([](const auto& known) { return encode(known); }, request);
    frame.address = to;
    require(frame.data.size() <= kDataMax, "more than 200 bytes of data");
    return frame;
}

std::variant<Request, std::uint8_t> parse_request(const Frame& frame) {
    if ((frame.control & ~kFunctionMask) == 0) {
        if (auto known = parse_known(frame.control, frame.data)) {
            return std::move(*known);
        }
    }
    return RefusalBit::other;
}

Bytes encode_date(const MeterClock& clock) {
    return {bcd_byte(weekday(clock)), bcd_byte(clock.day), bcd_byte(clock.month),
            bcd_byte(clock.year - 2000)};
}

Bytes encode_time(const MeterClock& clock) {
    const auto all = clock_bytes(clock);
    return {all.begin(), all.begin() + 3};
}

std::variant<MeterClock, DecodeFault> decode_clock(ByteView date, ByteView time) {
    if (date.size() != 4 || time.size() != 3) {
        return DecodeFault{"date and time have " + std::to_string(date.size()) + " and " +
                           std::to_string(time.size()) + " bytes, must have 4 and 3"};
    }
    const Bytes all{time[0], time[1], time[2], date[1], date[2], date[3]};
    if (const auto clock = read_clock(all)) {
        return *clock;
    }
    return DecodeFault{"no such moment: date " + to_hex(date) + ", time " + to_hex(time)};
}

std::variant<RunStatus, DecodeFault> decode_status_word_3(ByteView data) {
    if (data.size() != 2) {
        return DecodeFault{"status word 3 has " + std::to_string(data.size()) + " bytes, must have 2"};
    }
    return RunStatus{(data[0] & kStatusRelayOpen) != 0, (data[0] & kStatusBeforeTrip) != 0};
}

Bytes encode_status_word_3(const RunStatus& status) {
    return {static_cast<std::uint8_t>((status.relay_open ? kStatusRelayOpen : 0) |
                                      (status.before_trip ? kStatusBeforeTrip : 0)),
            0};
}

}  // namespace wutong::protocols::dlt645
