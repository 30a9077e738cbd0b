#pragma once

#include <optional>

#include "collector/protocols/bytes.hpp"
#include "collector/protocols/meter_clock.hpp"

/// What a meter of DL/T 645-2007 writes down by itself: its status words, records of what was opened, and
/// registers frozen every hour. For both sides of the wire. Sources: docs/protocols/dlt645.md.
namespace wutong::protocols::dlt645 {

inline constexpr std::uint32_t kStatusWords = 0x040005FF;  ///< seven words of 2 bytes, low byte first
inline constexpr std::uint32_t kStatusWord1 = 0x04000501;  ///< and 2 … 7 behind it
inline constexpr std::size_t kStatusWordCount = 7;

/// Counted opening of the meter's cover: 3 bytes. The last record is one more, the one before it two more, …
inline constexpr std::uint32_t kCoverOpenings = 0x03300D00;
inline constexpr std::uint32_t kTerminalOpenings = 0x03300E00;
inline constexpr int kOpeningsKept = 10;
inline constexpr std::size_t kOpeningBytes = 60;  ///< beginning, end, and registers before and after

/// The newest hourly freeze; the one before is one more.
inline constexpr std::uint32_t kHourlyTime = 0x05040001;    ///< 5 bytes: minute … year
inline constexpr std::uint32_t kHourlyEnergy = 0x05040101;  ///< 4 bytes, 0.01 kWh: forward active, total
inline constexpr int kHourlyKept = 254;

/// Disturbances of three phases, counted and recorded the same way: 3 bytes of count and 3 of minutes, and a
/// record begins with beginning and end; what follows differs.
inline constexpr std::uint32_t kVoltageOrders = 0x03070000;  ///< reversed order of the voltages
inline constexpr std::uint32_t kCurrentOrders = 0x03080000;
inline constexpr std::uint32_t kVoltageUnbalances = 0x03090000;
inline constexpr std::uint32_t kCurrentUnbalances = 0x030A0000;
inline constexpr int kDisturbancesKept = 10;
inline constexpr std::size_t kDisturbanceBytes = 80;  ///< of an unbalance; of an order 76

/// What the status words say of disturbances, over all phases.
struct MeterTroubles {
    bool battery_low = false;        ///< word 1, bit 2
    bool voltage_lost = false;       ///< words 4 … 6 (A … C), bit 0, and bit 7: the phase is broken
    bool current_lost = false;       ///< bit 3
    bool overload = false;           ///< bit 5
    bool reversed = false;           ///< bit 6
    bool voltage_order = false;      ///< word 7, bit 0: the voltages follow one another the wrong way round
    bool current_order = false;      ///< bit 1
    bool voltage_unbalance = false;  ///< bit 2
    bool current_unbalance = false;  ///< bit 3, and bit 0 of the high byte: severe
    friend bool operator==(const MeterTroubles&, const MeterTroubles&) = default;
};
/// @param words as of kStatusWords; nothing when it is too short
[[nodiscard]] std::optional<MeterTroubles> decode_status_words(ByteView words);
/// In all phases that there are; of word 7 only what meters with three have. @param word_3 goes in between as
/// it is
[[nodiscard]] Bytes encode_status_words(const MeterTroubles& troubles, ByteView word_3, int phases);

struct Opening {
    MeterClock began;
    std::optional<MeterClock> ended;
    friend bool operator==(const Opening&, const Opening&) = default;
};
/// Nothing when there is none (zeros, FFh), or no such time.
[[nodiscard]] std::optional<Opening> decode_opening(ByteView record);
/// Registers are left at zero. @throws std::invalid_argument for a clock that can't be
[[nodiscard]] Bytes encode_opening(const Opening& opening, std::size_t bytes = kOpeningBytes);

/// minute hour day month year
[[nodiscard]] std::optional<MeterClock> decode_freeze_time(ByteView time);
[[nodiscard]] Bytes encode_freeze_time(const MeterClock& clock);

}  // namespace wutong::protocols::dlt645
