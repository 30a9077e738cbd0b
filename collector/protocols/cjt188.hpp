#pragma once

#include <array>
#include <compare>
#include <optional>
#include <variant>

#include "collector/protocols/bcd.hpp"
#include "collector/protocols/framing.hpp"
#include "collector/protocols/meter_clock.hpp"

/// CJ/T 188-2004: water, heat and gas meters with and without a valve.
///
///     FE .. FE  68 T A0..A6 C L DI DI SER DATA CS 16
///
/// T: kind of meter. A: number (5 bytes) and manufacturer (2), decimal digits, the last two first. L: bytes
/// from DI to the end of DATA. SER: counted by the master, repeated by the meter. CS: sum from 68h up to it.
/// Sources and what is not sure: docs/protocols/cjt188.md.
namespace wutong::protocols::cjt188 {

inline constexpr std::size_t kDataMax = 100;  ///< L
inline constexpr std::size_t kEnvelope = 13;  ///< what a frame has besides DI, SER and DATA
inline constexpr std::size_t kFrameMax = kEnvelope + kDataMax;

namespace MeterKind {
inline constexpr std::uint8_t cold_water = 0x10;
inline constexpr std::uint8_t hot_water = 0x11;
inline constexpr std::uint8_t drinking_water = 0x12;
inline constexpr std::uint8_t reclaimed_water = 0x13;
inline constexpr std::uint8_t heat = 0x20;
inline constexpr std::uint8_t cooling = 0x21;
inline constexpr std::uint8_t gas = 0x30;
inline constexpr std::uint8_t electricity = 0x40;
}  // namespace MeterKind

/// As on the wire: the last two digits first, the manufacturer behind.
struct Address {
    std::array<std::uint8_t, 7> low_first{};
    friend auto operator<=>(const Address&, const Address&) = default;
};
inline constexpr Address kAnyMeter{{0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA}};

/// Up to 14 digits, manufacturer in front: "78330011223344". @throws std::invalid_argument
[[nodiscard]] Address parse_address(std::string_view digits);
[[nodiscard]] std::string to_string(const Address& address);

struct Frame {
    std::uint8_t kind = MeterKind::cold_water;
    Address address;
    std::uint8_t control = 0;
    Bytes data;  ///< DI, SER and what follows
    friend bool operator==(const Frame&, const Frame&) = default;
};

/// @throws std::invalid_argument when there are more than kDataMax bytes of data
[[nodiscard]] Bytes encode_frame(const Frame& frame, std::size_t wake_up = 0);
/// Skips FE and noise; a frame whose kind, length, sum or end is wrong is skipped up to the next 68h in it.
[[nodiscard]] std::variant<NeedMore, FrameComplete, Skip> match_frame(ByteView received);
/// @pre match_frame told FrameComplete for exactly these bytes
[[nodiscard]] Frame decode_frame(ByteView complete);

inline constexpr std::uint16_t kCurrentReading = 0x901F;
inline constexpr std::uint16_t kValve = 0xA017;
inline constexpr std::uint16_t kAddressId = 0x810A;

/// The sources send 901Fh low byte first and A017h high byte first, and vendors differ: a setting of the
/// model. In answers either order is taken.
enum class IdOrder { low_first, high_first };

struct ReadData {
    std::uint16_t id = kCurrentReading;
    IdOrder order = IdOrder::low_first;
    friend bool operator==(const ReadData&, const ReadData&) = default;
};
struct ReadAddress {
    IdOrder order = IdOrder::low_first;
    friend bool operator==(const ReadAddress&, const ReadAddress&) = default;
};
struct WriteData {
    std::uint16_t id = 0;
    Bytes data;
    IdOrder order = IdOrder::high_first;
    friend bool operator==(const WriteData&, const WriteData&) = default;
};
/// The motor takes 10 to 30 seconds: the answer says that the command was heard, the status of the next
/// readings whether the valve has moved.
struct MoveValve {
    bool open = false;
    IdOrder order = IdOrder::high_first;
    friend bool operator==(const MoveValve&, const MoveValve&) = default;
};
using Request = std::variant<ReadData, ReadAddress, WriteData, MoveValve>;

/// @throws std::invalid_argument when that is too much for a frame
[[nodiscard]] Frame encode_request(std::uint8_t kind, const Address& to, std::uint8_t sequence,
                                   const Request& request);
/// The device's side. WriteData to kValve comes back as MoveValve when its byte is one of the two.
[[nodiscard]] std::variant<Request, DecodeFault> parse_request(const Frame& frame);

struct Reply {
    Address from;
    Bytes data;  ///< what follows DI and SER
    friend bool operator==(const Reply&, const Reply&) = default;
};
struct ReplyFault {
    enum class Kind {
        not_mine,  ///< another meter or function, or a question
        late,      ///< another identifier or sequence: the answer to an earlier question
        wrong_length,
        refused,
    };
    Kind kind = Kind::not_mine;
    std::string reason;
    friend bool operator==(const ReplyFault&, const ReplyFault&) = default;
};
/// `not_mine` and `late` mean: throw this frame away and go on waiting.
[[nodiscard]] std::variant<Reply, ReplyFault> parse_reply(const Frame& reply, const Frame& request);
/// The device's side: kind, identifier and sequence are taken from the request.
[[nodiscard]] Frame encode_reply(const Address& meter, const Frame& request, ByteView data);
[[nodiscard]] Frame encode_refusal(const Address& meter, const Frame& request, ByteView status);

/// Where the two bytes of status keep what we look at.
struct StatusLayout {
    unsigned valve_shift = 0;          ///< of the first byte: two bits, 00 open, 01 closed, 11 fault
    std::uint8_t battery_mask = 0x04;  ///< of the first byte
};
/// As one vendor's program reads it.
inline constexpr StatusLayout kStatusInHighBits{6, 0x20};

enum class ValveState { open, closed, fault };
struct Status {
    ValveState valve = ValveState::open;
    bool battery_low = false;
    friend bool operator==(const Status&, const Status&) = default;
};
/// @pre at least one byte
[[nodiscard]] Status decode_status(ByteView status, const StatusLayout& layout = {});
[[nodiscard]] Bytes encode_status(const Status& status, const StatusLayout& layout = {});

inline constexpr std::uint8_t kUnitCubicMetre = 0x2C;
/// 901Fh of a water meter, 19 bytes.
struct WaterReading {
    std::int64_t total = 0;  ///< 0.01 of `unit`
    std::uint8_t unit = kUnitCubicMetre;
    std::int64_t settled = 0;  ///< on the last settlement day
    std::uint8_t settled_unit = kUnitCubicMetre;
    MeterClock clock;
    Bytes status;  ///< two bytes
    friend bool operator==(const WaterReading&, const WaterReading&) = default;
};
inline constexpr std::size_t kWaterReadingBytes = 19;
[[nodiscard]] std::variant<WaterReading, DecodeFault> decode_water_reading(ByteView data);
/// @throws std::invalid_argument when a number needs more than eight digits
[[nodiscard]] Bytes encode_water_reading(const WaterReading& reading);
/// Litres of 0.01 of the unit; nothing when the unit isn't cubic metres.
[[nodiscard]] std::optional<std::int64_t> litres(std::int64_t hundredths, std::uint8_t unit);

}  // namespace wutong::protocols::cjt188
