#pragma once

#include <chrono>

#include "collector/protocols/dlms_apdu.hpp"

/// Load profiles and event logs (class 7, profile generic): which part to read, and what its rows say.
namespace wutong::protocols::dlms {

inline constexpr std::uint16_t kClassClock = 8;
inline constexpr std::uint16_t kClassProfile = 7;
inline constexpr std::uint16_t kClassDisconnect = 70;
inline constexpr Obis kClockObject{{0, 0, 1, 0, 0, 255}};
inline constexpr Obis kDisconnectObject{{0, 0, 96, 3, 10, 255}};

/// A column of a profile (its attribute 3 lists them).
struct CaptureObject {
    std::uint16_t class_id = kClassClock;
    Obis object = kClockObject;
    std::int8_t attribute = 2;
    std::uint16_t data_index = 0;
    friend bool operator==(const CaptureObject&, const CaptureObject&) = default;
};
[[nodiscard]] Data encode_capture_objects(const std::vector<CaptureObject>& objects);
[[nodiscard]] std::variant<std::vector<CaptureObject>, DecodeFault> decode_capture_objects(const Data& list);

/// Selector 1: rows whose `column` lies from..to, both included. @param columns empty = all
struct RangeSelection {
    CaptureObject column;
    DateTime from, to;
    std::vector<CaptureObject> columns;
    friend bool operator==(const RangeSelection&, const RangeSelection&) = default;
};
/// Selector 2: rows first..last counted from 1; last 0 = to the end; columns likewise.
struct EntrySelection {
    std::uint32_t first = 1, last = 0;
    std::uint16_t first_column = 1, last_column = 0;
    friend bool operator==(const EntrySelection&, const EntrySelection&) = default;
};
[[nodiscard]] Selection encode_selection(const RangeSelection& range);
[[nodiscard]] Selection encode_selection(const EntrySelection& entries);
/// The device's side.
[[nodiscard]] std::variant<RangeSelection, EntrySelection, DecodeFault> decode_selection(
    const Selection& selection);

struct ProfileRow {
    DateTime at;
    std::vector<Data> values;  ///< all columns, the time too; null = the meter says nothing
};
/// @param time_column place of the clock among the columns that were read
/// @param period between rows: a row with null for its time follows its predecessor by this
[[nodiscard]] std::variant<std::vector<ProfileRow>, DecodeFault> decode_profile(const Data& buffer,
                                                                                std::size_t time_column,
                                                                                std::chrono::seconds period);

/// Scaler and unit of a register (attribute 3): value x 10^scaler, unit as in the standard's list.
struct ScalerUnit {
    int scaler = 0;
    int unit = 255;  ///< 30 Wh, 27 W, 35 V, 33 A, 13 m3, 255 none
    friend bool operator==(const ScalerUnit&, const ScalerUnit&) = default;
};
[[nodiscard]] std::variant<ScalerUnit, DecodeFault> decode_scaler_unit(const Data& data);
[[nodiscard]] Data encode_scaler_unit(const ScalerUnit& scaler_unit);

/// Methods of disconnect control: 1 opens, 2 closes (or makes ready, by the meter's mode).
[[nodiscard]] ActionRequest disconnect_request();
[[nodiscard]] ActionRequest reconnect_request();

}  // namespace wutong::protocols::dlms
