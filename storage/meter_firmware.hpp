#pragma once

#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"

/// Which firmware meters run, as they tell it themselves.
namespace wutong::storage {

class Transaction;

inline constexpr std::size_t kFirmwareMax = 80;

struct FirmwareNote {
    core::PropertyId property;
    core::MeterId meter;
    std::string version;  ///< not empty, at most kFirmwareMax bytes
    core::Timestamp at;
};
/// An older look than the one that is there changes nothing; a meter that was deleted meanwhile is left out.
/// @return whether the version is another one than before, the first one included
bool note_firmware(Transaction& tx, const FirmwareNote& note);

struct MeterFirmwareRow {
    core::MeterId meter;
    std::string meter_code, unit_code, profile;
    std::string version;
    core::Timestamp read_at;  ///< last
    core::Timestamp since;    ///< seen first
    std::string before;       ///< what it was until then; empty: nothing else was seen
};
/// By meter. @param meter 0: any @param after meters with this number and below are left out
[[nodiscard]] std::vector<MeterFirmwareRow> list_firmware(Transaction& tx, core::PropertyId property,
                                                          core::MeterId meter, core::MeterId after,
                                                          int limit);

}  // namespace wutong::storage
