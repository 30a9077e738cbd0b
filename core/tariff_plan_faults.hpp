#pragma once

#include <string>
#include <vector>

#include "core/tariff_plan.hpp"

/// Inside of core: the two halves of `check` collect into one list.
namespace wutong::core::detail {

class PlanFaults {
public:
    static constexpr std::size_t kMost = 100;
    void add(PlanFaultKind kind, const std::string& where, const std::string& what,
             const std::string& field) {
        if (faults_.size() < kMost) {
            faults_.push_back({kind, where + ": " + what, field});
        }
    }
    /// Names are there, short, and each only once. @param fields one for each name
    void check_names(const std::vector<std::string>& names, const std::string& where, const std::string& what,
                     const std::vector<std::string>& fields);
    [[nodiscard]] std::vector<PlanFault> take() { return std::move(faults_); }

private:
    std::vector<PlanFault> faults_;
};

/// "calendar.seasons[2]"
[[nodiscard]] inline std::string element(const std::string& list, std::size_t index) {
    return list + "[" + std::to_string(index) + "]";
}

void check_calendar(const RateCalendar& calendar, const std::string& where, PlanFaults& faults);

/// 0..371: a place for every day of the year, and for some that don't exist.
[[nodiscard]] inline std::size_t day_of_year_slot(std::chrono::month_day day) {
    return (static_cast<unsigned>(day.month()) - 1U) * 31U + static_cast<unsigned>(day.day()) - 1U;
}
inline constexpr std::size_t kDaySlots = 372;

/// "02-29"
[[nodiscard]] std::string to_text(std::chrono::month_day day);
/// "2026-02-28"
[[nodiscard]] std::string to_text(std::chrono::year_month_day day);
/// "07:30"
[[nodiscard]] std::string minute_text(int minute);

}  // namespace wutong::core::detail
