#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"

/// The newest values of each meter.
namespace wutong::storage {

class Transaction;

struct MeterStateRow {
    core::PropertyId property;
    core::MeterId meter;
    core::Timestamp attempted_at;
    /// Set when the meter answered this time: the values below replace the old ones. Otherwise the old ones
    /// stay.
    std::optional<core::Timestamp> answered_at;
    int failures = 0;  ///< in a row
    bool lost = false;

    std::optional<std::int64_t> energy_wh;
    /// What the register shows can't be: the one that was believed last stays.
    bool register_doubted = false;
    std::string doubt;  ///< for the alarm implausible
    std::optional<std::int64_t> balance_e4;
    std::optional<std::int64_t> purchase_number;
    std::optional<std::int64_t> power_w;
    std::optional<std::int64_t> voltage_mv;
    std::optional<std::int64_t> current_ma;
    std::optional<bool> relay_closed;
    std::optional<bool> prepaid_enabled;
    std::optional<bool> forced;
    int alarm_level = 0;       ///< core::AlarmLevel
    std::string flags = "{}";  ///< JSON object by quantity name

    /// The alarms that are live on this meter now, when that may have changed; others of these kinds are
    /// cleared. Kinds: alarm_1, alarm_2, arrears, implausible; what happens to a meter otherwise is
    /// meter_records.hpp's.
    std::optional<std::vector<std::string>> alarms;
    /// Raise or clear lost_meter.
    std::optional<bool> lost_alarm;
};

/// Inserts or updates; a row that is older than what is stored changes nothing. Each meter once per call.
/// Credit that moved without us raises foreign_write, see meter_watch.hpp.
void put_meter_states(Transaction& tx, const std::vector<MeterStateRow>& rows);

}  // namespace wutong::storage
