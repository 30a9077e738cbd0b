#include "core/tariff_calendar.hpp"

#include <algorithm>

#include "core/tariff_plan_faults.hpp"

namespace wutong::core {

namespace {

std::string all_of(const std::vector<PlanFault>& faults) {
    std::string text = "the plan has " + std::to_string(faults.size()) + " faults";
    for (const auto& fault : faults) {
        text += "\n" + fault.text;
    }
    return text;
}

std::vector<RatePeriod> joined(std::vector<RatePeriod> periods) {
    std::sort(periods.begin(), periods.end(),
              [](const RatePeriod& a, const RatePeriod& b) { return a.from_minute < b.from_minute; });
    std::vector<RatePeriod> out;
    for (const auto& period : periods) {
        if (!out.empty() && out.back().rate == period.rate) {
            out.back().to_minute = period.to_minute;
        } else {
            out.push_back(period);
        }
    }
    return out;
}

}  // namespace

PlanError::PlanError(std::vector<PlanFault> faults)
    : std::runtime_error(all_of(faults)), faults_{std::move(faults)} {}

PreparedCalendar::PreparedCalendar(const RateCalendar& calendar)
    : type_of_weekday_{calendar.type_of_weekday}, day_types_{calendar.day_types.size()} {
    static_assert(kSlots == detail::kDaySlots);
    yearly_type_.fill(-1);
    for (const auto& special : calendar.special_days) {
        if (special.year) {
            special_.emplace_back(std::chrono::local_days{*special.year / special.day}, special.day_type);
        } else {
            yearly_type_[detail::day_of_year_slot(special.day)] = special.day_type;
        }
    }
    std::sort(special_.begin(), special_.end());
    for (const auto& plan : calendar.day_plans) {
        plans_.push_back(joined(plan.periods));
    }
    for (std::size_t season = 0; season < calendar.seasons.size(); ++season) {
        const auto& one = calendar.seasons[season];
        for (const auto& name : one.day_plans) {
            const auto found = std::find_if(calendar.day_plans.begin(), calendar.day_plans.end(),
                                            [&](const DayPlan& plan) { return plan.name == name; });
            day_plan_.push_back(static_cast<std::size_t>(found - calendar.day_plans.begin()));
        }
        const auto last = detail::day_of_year_slot(one.to);
        for (auto slot = detail::day_of_year_slot(one.from);; slot = (slot + 1) % kSlots) {
            season_[slot] = static_cast<std::uint8_t>(season);
            if (slot == last) {
                break;
            }
        }
    }
}

int PreparedCalendar::day_type(std::chrono::local_days day, std::size_t slot) const {
    const auto found = std::lower_bound(special_.begin(), special_.end(), day,
                                        [](const auto& one, auto wanted) { return one.first < wanted; });
    if (found != special_.end() && found->first == day) {
        return found->second;
    }
    if (yearly_type_[slot] >= 0) {
        return yearly_type_[slot];
    }
    return type_of_weekday_[std::chrono::weekday{day}.iso_encoding() - 1];
}

const RatePeriod& PreparedCalendar::at(std::chrono::local_days day, int minute) const {
    const std::chrono::year_month_day date{day};
    const auto slot = detail::day_of_year_slot(date.month() / date.day());
    const auto type = static_cast<std::size_t>(day_type(day, slot));
    const auto& periods = plans_[day_plan_[season_[slot] * day_types_ + type]];
    auto found = periods.begin();
    while (found->to_minute <= minute) {
        ++found;
    }
    return *found;
}

PreparedPlan::PreparedPlan(TariffPlan plan) : plan_{std::move(plan)} {
    if (auto faults = check(plan_); !faults.empty()) {
        throw PlanError(std::move(faults));
    }
    for (const auto& version : plan_.versions) {
        calendars_.emplace_back();
        if (version.calendar) {
            calendars_.back().emplace(*version.calendar);
        }
    }
}

}  // namespace wutong::core
