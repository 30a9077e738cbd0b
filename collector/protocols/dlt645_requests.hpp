#pragma once

#include <optional>

#include "collector/protocols/dlt645_frame.hpp"
#include "collector/protocols/meter_clock.hpp"

/// What is asked of a DL/T 645 meter, for both sides of the wire. Multi-byte items are sent low byte first;
/// decimal digits are those of bcd.hpp. Layouts and what is sure about them: docs/protocols/dlt645.md.
namespace wutong::protocols::dlt645 {

enum class Edition {
    of_2007,  ///< data identifiers of 4 bytes
    of_1997,  ///< of 2 bytes; we only read from these meters
};

// Data identifiers of 2007 (DI3 DI2 DI1 DI0 as one number) that programs use by name. A profile has the rest.
inline constexpr std::uint32_t kEnergyForwardTotal = 0x00010000;  ///< 4 bytes, 0.01 kWh
inline constexpr std::uint32_t kDate = 0x04000101;                ///< 4 bytes: weekday, day, month, year
inline constexpr std::uint32_t kTime = 0x04000102;                ///< 3 bytes: second, minute, hour
inline constexpr std::uint32_t kStatusWord3 = 0x04000503;         ///< 2 bytes, see RunStatus
inline constexpr std::uint32_t kAmountAlarm1 = 0x04001001;        ///< 4 bytes, 0.01 of money
inline constexpr std::uint32_t kAmountAlarm2 = 0x04001002;
inline constexpr std::uint32_t kRemainingEnergy = 0x00900100;  ///< 4 bytes, 0.01 kWh
inline constexpr std::uint32_t kRemainingAmount = 0x00900200;  ///< 4 bytes, 0.01 of money
inline constexpr std::uint32_t kOverdraftAmount = 0x00900201;
inline constexpr std::uint32_t kPurchaseCount = 0x03330201;   ///< 2 bytes
inline constexpr std::uint32_t kTotalPurchased = 0x03330601;  ///< 4 bytes, 0.01 of money

/// Who writes. Level 02 is what most meters want for the relay, 04 for parameters; 98 and 99 need an
/// encryption machine and are not made here.
struct Authority {
    int level = 2;                    ///< 0..99
    std::uint32_t password = 0;       ///< six decimal digits, 0..999999
    std::uint32_t operator_code = 0;  ///< eight decimal digits; the meter only records it
    friend bool operator==(const Authority&, const Authority&) = default;
};

struct ReadData {
    Edition edition = Edition::of_2007;
    std::uint32_t id = 0;
    Bytes argument;  ///< of 2007: which load record (0, 1 or 6 bytes more); empty for everything else
    friend bool operator==(const ReadData&, const ReadData&) = default;
};
/// The next part of an answer that said "more follows". Sequence counts from 1.
struct ReadFollowing {
    std::uint32_t id = 0;
    std::uint8_t sequence = 1;
    friend bool operator==(const ReadFollowing&, const ReadFollowing&) = default;
};
/// To kAnyMeter: who is there?
struct ReadAddress {
    friend bool operator==(const ReadAddress&, const ReadAddress&) = default;
};
struct WriteData {
    std::uint32_t id = 0;
    Authority authority;
    Bytes data;
    friend bool operator==(const WriteData&, const WriteData&) = default;
};

enum class RelayCommand : std::uint8_t {
    trip = 0x1A,
    allow_closing = 0x1B,  ///< the customer presses the button
    close = 0x1C,
    alarm = 0x2A,
    alarm_off = 0x2B,
    guarantee = 0x3A,  ///< stays closed whatever the credit; trip is refused until guarantee_off
    guarantee_off = 0x3B,
};
struct ControlRelay {
    RelayCommand command = RelayCommand::trip;
    Authority authority;
    MeterClock valid_until;  ///< by the meter's clock; later than this it refuses
    friend bool operator==(const ControlRelay&, const ControlRelay&) = default;
};
/// 08h. Mostly to kBroadcast; a meter takes it only when its clock is a few minutes off at most, once a day.
struct SetTime {
    MeterClock clock;
    friend bool operator==(const SetTime&, const SetTime&) = default;
};
/// 16h. What is not set is "every": no month = each month at that day and time; nothing set = now.
struct Freeze {
    std::optional<int> month, day, hour, minute;
    friend bool operator==(const Freeze&, const Freeze&) = default;
};
/// 03h with 070101FF (opens the account) or 070102FF (top-up). A meter of the state grid wants codes that
/// only an encryption machine makes; meters without such a chip take any (zeros here).
struct Purchase {
    bool opens_account = false;
    std::uint32_t operator_code = 0;
    std::uint32_t amount = 0;  ///< 0.01 of money, added to what the meter holds; binary on the wire
    std::uint32_t count = 0;   ///< of this purchase: the meter's plus one; equal = done already, refused
    std::array<std::uint8_t, 4> mac_1{};
    Address customer;  ///< 12 digits
    std::array<std::uint8_t, 4> mac_2{};
    friend bool operator==(const Purchase&, const Purchase&) = default;
};
inline constexpr std::uint32_t kOpenAccount = 0x070101FF;
inline constexpr std::uint32_t kTopUp = 0x070102FF;

using Request =
    std::variant<ReadData, ReadFollowing, ReadAddress, WriteData, ControlRelay, SetTime, Freeze, Purchase>;

/// @throws std::invalid_argument when a field is out of its range: our bug, not the meter's
[[nodiscard]] Frame encode_request(const Address& to, const Request& request);

/// The device's side. What it can't serve is answered with these bits (RefusalBit) in an abnormal reply.
[[nodiscard]] std::variant<Request, std::uint8_t> parse_request(const Frame& frame);

/// WW DD MM YY and ss mm hh, as kDate and kTime are read and written.
[[nodiscard]] Bytes encode_date(const MeterClock& clock);
[[nodiscard]] Bytes encode_time(const MeterClock& clock);
/// The weekday is not believed, it follows from the date.
[[nodiscard]] std::variant<MeterClock, DecodeFault> decode_clock(ByteView date, ByteView time);

/// Status word 3. Of its bits the sources agree on these two.
struct RunStatus {
    bool relay_open = false;
    bool before_trip = false;  ///< the meter warns that it will open
    friend bool operator==(const RunStatus&, const RunStatus&) = default;
};
[[nodiscard]] std::variant<RunStatus, DecodeFault> decode_status_word_3(ByteView data);
[[nodiscard]] Bytes encode_status_word_3(const RunStatus& status);

}  // namespace wutong::protocols::dlt645
