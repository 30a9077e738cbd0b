#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/tariff_plan.hpp"

/// A plan that was found without fault, made ready for looking up rates fast.
namespace wutong::core {

class PlanError : public std::runtime_error {
public:
    explicit PlanError(std::vector<PlanFault> faults);
    [[nodiscard]] const std::vector<PlanFault>& faults() const { return faults_; }

private:
    std::vector<PlanFault> faults_;
};

/// One version's calendar as tables.
class PreparedCalendar {
public:
    explicit PreparedCalendar(const RateCalendar& calendar);

    /// What holds at this minute of the wall clock, and the minutes around it with the same rate.
    [[nodiscard]] const RatePeriod& at(std::chrono::local_days day, int minute) const;

private:
    [[nodiscard]] int day_type(std::chrono::local_days day, std::size_t slot) const;

    static constexpr std::size_t kSlots = 372;
    std::array<int, 7> type_of_weekday_{};
    std::array<int, kSlots> yearly_type_{};                         ///< -1: no special day
    std::vector<std::pair<std::chrono::local_days, int>> special_;  ///< sorted
    std::array<std::uint8_t, kSlots> season_{};
    std::size_t day_types_ = 0;
    std::vector<std::size_t> day_plan_;           ///< [season × day_types_ + type] → plans_
    std::vector<std::vector<RatePeriod>> plans_;  ///< sorted, neighbours of one rate joined
};

class PreparedPlan {
public:
    /// @throws PlanError with everything that `check` finds
    explicit PreparedPlan(TariffPlan plan);

    [[nodiscard]] const TariffPlan& plan() const { return plan_; }
    [[nodiscard]] const PlanVersion& version(std::size_t index) const { return plan_.versions[index]; }
    /// Null for a version with a single rate.
    [[nodiscard]] const PreparedCalendar* calendar(std::size_t version) const {
        return calendars_[version] ? &*calendars_[version] : nullptr;
    }

private:
    TariffPlan plan_;
    std::vector<std::optional<PreparedCalendar>> calendars_;
};

}  // namespace wutong::core
