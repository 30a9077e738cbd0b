#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock_keeping.hpp"
#include "core/identity.hpp"

/// How meters' clocks go, and what was done about it.
namespace wutong::storage {

class Transaction;

/// What was done on the day of `at`, and which times of day a step must not cross: of all tariffs of the
/// property.
[[nodiscard]] core::ClockDay clock_day(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                       core::Timestamp at);

struct ClockNote {
    core::PropertyId property;
    core::MeterId meter;
    core::Timestamp at;
    std::chrono::seconds drift{0};
    std::string text;
    std::chrono::seconds step{0};  ///< that is about to be made; 0: none
    /// The alarm clock_drift: raised, cleared, or left as it is.
    std::optional<bool> alarm;
};
/// Written down before a step is made: a step that nobody can count is not made.
/// @return false when others have used up the day meanwhile, against `rules`; nothing was written then
bool note_clock(Transaction& tx, const ClockNote& note, const core::ClockRules& rules);

struct MeterClockRow {
    core::MeterId meter;
    std::string meter_code, unit_code;
    core::Timestamp measured_at;
    std::int64_t drift_s = 0;
    std::string note;
    std::int64_t moved_s = 0;
    int steps = 0;
    std::optional<core::Timestamp> stepped_at;
};
/// By meter. @param after meters with this number and below are left out
/// @param drift_min_s with at least so much drift, either way
[[nodiscard]] std::vector<MeterClockRow> list_meter_clocks(Transaction& tx, core::PropertyId property,
                                                           core::MeterId meter, std::int64_t drift_min_s,
                                                           core::MeterId after, int limit);

}  // namespace wutong::storage
