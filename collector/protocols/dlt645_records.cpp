#include "collector/protocols/dlt645_records.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "collector/protocols/bcd.hpp"

namespace wutong::protocols::dlt645 {

namespace {

constexpr std::size_t kTimeBytes = 6;
constexpr std::size_t kFreezeTimeBytes = 5;

constexpr unsigned kBattery = 1U << 2;
constexpr unsigned kVoltage = 1U << 0;
constexpr unsigned kCurrent = 1U << 3;
constexpr unsigned kOverload = 1U << 5;
constexpr unsigned kReversed = 1U << 6;
constexpr unsigned kBroken = 1U << 7;
constexpr std::size_t kWord7 = 12;  ///< its low byte
constexpr unsigned kVoltageOrder = 1U << 0;
constexpr unsigned kCurrentOrder = 1U << 1;
constexpr unsigned kVoltageUnbalance = 1U << 2;
constexpr unsigned kCurrentUnbalance = 1U << 3;
constexpr unsigned kSevereCurrentUnbalance = 1U << 0;  ///< of the high byte

/// @param bytes second (or minute, when there are five) … year
std::optional<MeterClock> clock_of(ByteView bytes) {
    std::array<int, kTimeBytes> digits{};
    const std::size_t skipped = kTimeBytes - bytes.size();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        digits[i + skipped] = from_bcd_byte(bytes[i]);
    }
    MeterClock clock;
    clock.second = digits[0];
    clock.minute = digits[1];
    clock.hour = digits[2];
    clock.day = digits[3];
    clock.month = digits[4];
    clock.year = digits[5] < 0 ? -1 : 2000 + digits[5];
    return clock_fault(clock).empty() ? std::optional{clock} : std::nullopt;
}

Bytes bytes_of(const MeterClock& clock) {
    if (const auto fault = clock_fault(clock); !fault.empty()) {
        throw std::invalid_argument{fault};
    }
    return {bcd_byte(clock.second), bcd_byte(clock.minute), bcd_byte(clock.hour),
            bcd_byte(clock.day),    bcd_byte(clock.month),  bcd_byte(clock.year - 2000)};
}

}  // namespace

std::optional<MeterTroubles> decode_status_words(ByteView words) {
    if (words.size() < 2 * kStatusWordCount) {
        return std::nullopt;
    }
    // The bits of phases that are looked at are all in the low byte, which comes first.
    unsigned phases = 0;
    for (std::size_t word = 4; word <= 6; ++word) {
        const unsigned low = words[2 * (word - 1)];
        // FFh is how a meter says that it has no such phase.
        phases |= low == 0xFF ? 0U : low;
    }
    MeterTroubles troubles;
    troubles.battery_low = (words[0] & kBattery) != 0;
    troubles.voltage_lost = (phases & (kVoltage | kBroken)) != 0;
    troubles.current_lost = (phases & kCurrent) != 0;
    troubles.overload = (phases & kOverload) != 0;
    troubles.reversed = (phases & kReversed) != 0;
    if (const unsigned all = words[kWord7]; all != 0xFF) {
        troubles.voltage_order = (all & kVoltageOrder) != 0;
        troubles.current_order = (all & kCurrentOrder) != 0;
        troubles.voltage_unbalance = (all & kVoltageUnbalance) != 0;
        troubles.current_unbalance =
            (all & kCurrentUnbalance) != 0 || (words[kWord7 + 1] & kSevereCurrentUnbalance) != 0;
    }
    return troubles;
}

Bytes encode_status_words(const MeterTroubles& troubles, ByteView word_3, int phases) {
    Bytes words(2 * kStatusWordCount, 0);
    words[0] = static_cast<std::uint8_t>(troubles.battery_low ? kBattery : 0U);
    std::copy_n(word_3.begin(), std::min<std::size_t>(word_3.size(), 2), words.begin() + 4);
    const unsigned of_phase = (troubles.voltage_lost ? kVoltage : 0U) |
                              (troubles.current_lost ? kCurrent : 0U) | (troubles.overload ? kOverload : 0U) |
                              (troubles.reversed ? kReversed : 0U);
    for (int phase = 0; phase < phases; ++phase) {
        words[static_cast<std::size_t>(6 + 2 * phase)] = static_cast<std::uint8_t>(of_phase);
    }
    if (phases == 3) {
        words[kWord7] = static_cast<std::uint8_t>((troubles.voltage_order ? kVoltageOrder : 0U) |
                                                  (troubles.current_order ? kCurrentOrder : 0U) |
                                                  (troubles.voltage_unbalance ? kVoltageUnbalance : 0U) |
                                                  (troubles.current_unbalance ? kCurrentUnbalance : 0U));
    }
    return words;
}

std::optional<Opening> decode_opening(ByteView record) {
    if (record.size() < 2 * kTimeBytes) {
        return std::nullopt;
    }
    const auto began = clock_of(record.first(kTimeBytes));
    if (!began) {
        return std::nullopt;
    }
    return Opening{*began, clock_of(record.subspan(kTimeBytes, kTimeBytes))};
}

Bytes encode_opening(const Opening& opening, std::size_t bytes) {
    Bytes record = bytes_of(opening.began);
    if (opening.ended) {
        const Bytes end = bytes_of(*opening.ended);
        record.insert(record.end(), end.begin(), end.end());
    }
    record.resize(bytes, 0);
    return record;
}

std::optional<MeterClock> decode_freeze_time(ByteView time) {
    return time.size() < kFreezeTimeBytes ? std::nullopt : clock_of(time.first(kFreezeTimeBytes));
}

Bytes encode_freeze_time(const MeterClock& clock) {
    const Bytes all = bytes_of(clock);
    return {all.begin() + 1, all.end()};
}

}  // namespace wutong::protocols::dlt645
