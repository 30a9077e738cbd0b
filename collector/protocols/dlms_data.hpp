#pragma once

#include <array>
#include <compare>
#include <optional>
#include <variant>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/framing.hpp"
#include "collector/protocols/meter_clock.hpp"

/// The values of DLMS/COSEM (IEC 62056-5-3 "Data") in their A-XDR form: a tag, then the value; lengths under
/// 128 are one byte, others 81 xx or 82 xx xx. Sources: docs/protocols/dlms.md.
namespace wutong::protocols {
class ByteCursor;
}

namespace wutong::protocols::dlms {

enum class Type : std::uint8_t {
    null = 0,
    array = 1,
    structure = 2,
    boolean = 3,
    bit_string = 4,
    int32 = 5,
    uint32 = 6,
    octet_string = 9,
    visible_string = 10,
    utf8_string = 12,
    bcd = 13,
    int8 = 15,
    int16 = 16,
    uint8 = 17,
    uint16 = 18,
    compact_array = 19,  ///< read as an array of its contents; never written
    int64 = 20,
    uint64 = 21,
    enumeration = 22,
    float32 = 23,
    float64 = 24,
    date_time = 25,
    date = 26,
    time = 27,
};

/// One value with its type, as it came. What a type doesn't use stays empty.
struct Data {
    Type type = Type::null;
    std::uint64_t bits = 0;   ///< numbers, two's complement widened to 64; boolean; length of a bit string
    double real = 0;          ///< floats
    Bytes bytes;              ///< strings, bit strings, date and time
    std::vector<Data> items;  ///< array, structure
    friend bool operator==(const Data&, const Data&) = default;
};

/// Values nest no deeper and hold no more: an APDU of ours has 64 KiB at most.
inline constexpr int kDepthMax = 10;
inline constexpr std::size_t kItemsMax = 65'535;

// ---- making values ----------------------------------------------------------------------------------
[[nodiscard]] Data null_data();
/// @pre the type is one of the whole numbers, boolean or enumeration. @throws std::invalid_argument when it
/// doesn't hold the value
[[nodiscard]] Data number(Type type, std::int64_t value);
[[nodiscard]] Data octets(ByteView bytes);
[[nodiscard]] Data text(std::string_view value);  ///< visible string
[[nodiscard]] Data structure(std::vector<Data> items);
[[nodiscard]] Data array(std::vector<Data> items);

/// Any whole number, boolean or enumeration; nothing for other types and for uint64 over 2^63-1.
[[nodiscard]] std::optional<std::int64_t> as_integer(const Data& data);

// ---- A-XDR ------------------------------------------------------------------------------------------
/// @throws std::invalid_argument for what can't be written: compact arrays, too deep, too many
void append_data(Bytes& to, const Data& data);
[[nodiscard]] Bytes encode_data(const Data& data);
/// Nothing when the bytes are no value; the cursor is then broken.
[[nodiscard]] std::optional<Data> read_data(ByteCursor& from);
/// All of the bytes are one value.
[[nodiscard]] std::variant<Data, DecodeFault> decode_data(ByteView bytes);
void append_length(Bytes& to, std::size_t length);
[[nodiscard]] std::size_t read_length(ByteCursor& from);

// ---- OBIS -------------------------------------------------------------------------------------------
struct Obis {
    std::array<std::uint8_t, 6> code{};
    friend auto operator<=>(const Obis&, const Obis&) = default;
};
/// "1.0.1.8.0.255", or "1-0:1.8.0*255", or without the last ("1.0.1.8.0": 255). @throws std::invalid_argument
[[nodiscard]] Obis parse_obis(std::string_view text);
[[nodiscard]] std::string to_string(const Obis& obis);

// ---- date and time ----------------------------------------------------------------------------------
/// 12 bytes: year 2, month, day, weekday (1 = Monday), hour, minute, second, hundredths, deviation 2, status.
struct DateTime {
    MeterClock clock;                      ///< the date has to be given, a missing second is read as 0
    std::optional<int> weekday;            ///< 1..7
    std::optional<int> hundredths;         ///< of a second
    std::optional<int> deviation_minutes;  ///< from local to UTC: UTC+1 has -60
    std::uint8_t status = 0;               ///< 80h daylight saving, 01 invalid
    friend bool operator==(const DateTime&, const DateTime&) = default;
};
inline constexpr std::size_t kDateTimeBytes = 12;
/// @throws std::invalid_argument with clock_fault
[[nodiscard]] Bytes encode_date_time(const DateTime& moment);
[[nodiscard]] std::variant<DateTime, DecodeFault> decode_date_time(ByteView bytes);

}  // namespace wutong::protocols::dlms
