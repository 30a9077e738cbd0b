#pragma once

#include <chrono>
#include <optional>

#include "core/quantities.hpp"
#include "core/time.hpp"

/// How much a meter uses, and how long its credit will last. Estimates for people; nothing is booked by them.
namespace wutong::core {

struct RegisterLook {
    Energy energy;
    Timestamp at;
    friend bool operator==(const RegisterLook&, const RegisterLook&) = default;
};

struct DailyUse {
    Energy per_day;
    int days = 0;  ///< whole days that the average rests on; 0: less than one, a first guess
    friend bool operator==(const DailyUse&, const DailyUse&) = default;
};

/// So many days back the average looks.
inline constexpr int kDailyUseDays = 14;
/// With less than this between the two looks nothing is said.
inline constexpr std::chrono::hours kDailyUseSpanMin{1};

/// What was used between two looks at the register, per 24 hours, rounded down. Days without a reading in
/// between don't matter. Nothing when the looks are too close, or the register went backwards.
[[nodiscard]] std::optional<DailyUse> daily_use(const RegisterLook& first, const RegisterLook& last);

/// More than anybody plans ahead.
inline constexpr int kDaysLeftMax = 9'999;

/// Whole days until the balance is used up, if every day is like the average; 0 when it is used up already.
/// Nothing when the price or the use is zero: then nobody can say.
[[nodiscard]] std::optional<int> days_left(Money balance, Energy per_day, Price price);

}  // namespace wutong::core
