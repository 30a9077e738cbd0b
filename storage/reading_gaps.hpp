#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/reading_gaps.hpp"

/// Which readings there are, for core/reading_gaps.hpp.
namespace wutong::storage {

class Transaction;

struct MeterReadings {
    core::PropertyId property;
    core::MeterId meter;
    std::string meter_code, unit_code;
    std::chrono::seconds interval{1'800};      ///< of its readings
    core::Timestamp since;                     ///< nothing is expected before: when the meter was installed
    std::vector<core::KnownReading> readings;  ///< in order of time
};

/// @param interval_default where neither meter, channel nor property say
/// @throws NotFound
[[nodiscard]] MeterReadings known_readings(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                           core::Timestamp from, core::Timestamp to,
                                           std::chrono::seconds interval_default);

/// The enabled meters of a property, by meter, without the registers. @param after meters with this number
/// and below are left out
[[nodiscard]] std::vector<MeterReadings> readings_of_all(Transaction& tx, core::PropertyId property,
                                                         core::Timestamp from, core::Timestamp to,
                                                         std::chrono::seconds interval_default,
                                                         core::MeterId after, int limit);

struct LocalDay {
    core::Timestamp from;
    core::Timestamp to;
};
/// A day of the property's calendar, which has 23 or 25 hours twice a year. @param day YYYY-MM-DD
/// @throws NotFound for a property out of scope
[[nodiscard]] LocalDay local_day(Transaction& tx, core::PropertyId property, const std::string& day);

}  // namespace wutong::storage
