#pragma once

#include <optional>
#include <string>

#include "core/quantities.hpp"
#include "core/time.hpp"

namespace wutong::core {

enum class AlarmLevel { none, alarm_1, alarm_2, arrears };

/// From the balance alone, for meters that do not say it themselves. A level is reached at its threshold
/// (balance <= threshold); an alarm threshold of zero is off. `overdraft` is the debt that is allowed (>= 0).
[[nodiscard]] AlarmLevel alarm_level(Money balance, Money alarm_1, Money alarm_2, Money overdraft);

/// The state that a wall of meters shows, in the order of precedence of docs/architecture.md:
/// lost > delivering > arrears > forced off > guaranteed > alarm 2 > alarm 1 > no account > normal.
/// Without an account the alarm is not looked at: a cleared meter holds 0.00, and nobody is in arrears there.
enum class MeterStatus {
    normal,
    alarm_1,
    alarm_2,
    arrears,
    no_account,
    lost,
    guaranteed,
    forced_off,
    delivering
};

struct MeterFacts {
    bool lost = false;
    bool delivering = false;
    bool has_account = false;
    bool prepaid = true;  ///< monitoring meters are `normal` unless lost
    std::optional<bool> relay_closed;
    bool forced = false;  ///< forced state is in force; relay_closed says which
    AlarmLevel alarm = AlarmLevel::none;
};

[[nodiscard]] MeterStatus meter_status(const MeterFacts& facts);
/// The next state that applies behind the first, for the small second sign; none when the first says it all.
[[nodiscard]] std::optional<MeterStatus> second_status(const MeterFacts& facts);
[[nodiscard]] const char* to_string(MeterStatus status);
[[nodiscard]] const char* to_string(AlarmLevel level);

}  // namespace wutong::core
