#include <algorithm>
#include <bitset>
#include <set>

#include "core/tariff_plan_faults.hpp"

namespace wutong::core::detail {

namespace {

using K = PlanFaultKind;

bool exists(std::chrono::month_day day) {
    return day.ok();  // 29 February is a day
}

void check_day_plan(const DayPlan& plan, const std::string& where, const std::string& field,
                    PlanFaults& faults) {
    const std::string which = where + ", day plan \"" + plan.name + "\"";
    if (plan.periods.size() > kPeriodsMax) {
        faults.add(K::too_many, which, std::to_string(plan.periods.size()) + " periods; at most 48", field);
        return;
    }
    auto periods = plan.periods;
    std::erase_if(periods, [&](const RatePeriod& period) {
        const bool wrong = period.from_minute < 0 || period.to_minute > kMinutesPerDay ||
                           period.from_minute >= period.to_minute;
        if (wrong) {
            faults.add(
                K::period_out_of_day, which,
                "a period from " + minute_text(period.from_minute) + " to " + minute_text(period.to_minute) +
                    "; it begins before it ends, within 00:00 and 24:00 (over midnight it is two periods)",
                field);
        }
        return wrong;
    });
    std::sort(periods.begin(), periods.end(),
              [](const RatePeriod& a, const RatePeriod& b) { return a.from_minute < b.from_minute; });
    int covered = 0;
    for (const auto& period : periods) {
        if (period.from_minute > covered) {
            faults.add(K::gap_in_day, which,
                       "no rate from " + minute_text(covered) + " to " + minute_text(period.from_minute),
                       field);
        } else if (period.from_minute < covered) {
            faults.add(K::periods_overlap, which,
                       "two periods for " + minute_text(period.from_minute) + " to " +
                           minute_text(std::min(covered, period.to_minute)),
                       field);
        }
        covered = std::max(covered, period.to_minute);
    }
    if (covered < kMinutesPerDay) {
        faults.add(K::gap_in_day, which, "no rate from " + minute_text(covered) + " to 24:00", field);
    }
}

void check_seasons(const RateCalendar& calendar, const std::string& where, PlanFaults& faults) {
    std::bitset<kDaySlots> covered;
    for (std::size_t i = 0; i < calendar.seasons.size(); ++i) {
        const auto& season = calendar.seasons[i];
        const std::string field = element("calendar.seasons", i);
        const std::string which = where + ", season \"" + season.name + "\"";
        if (season.day_plans.size() != calendar.day_types.size()) {
            faults.add(K::day_plans_missing, which,
                       std::to_string(season.day_plans.size()) + " day plans for " +
                           std::to_string(calendar.day_types.size()) + " day types; it needs one for each",
                       field + ".day_plans");
        }
        for (const auto& name : season.day_plans) {
            if (std::none_of(calendar.day_plans.begin(), calendar.day_plans.end(),
                             [&](const DayPlan& plan) { return plan.name == name; })) {
                faults.add(K::unknown_day_plan, which, "there is no day plan \"" + name + "\"",
                           field + ".day_plans");
            }
        }
        if (!exists(season.from) || !exists(season.to)) {
            faults.add(K::bad_date, which, "it begins or ends on a day that does not exist", field + ".from");
            continue;
        }
        const auto first = day_of_year_slot(season.from);
        const auto last = day_of_year_slot(season.to);
        bool twice = false;
        for (auto slot = first;; slot = (slot + 1) % kDaySlots) {
            twice = twice || covered.test(slot);
            covered.set(slot);
            if (slot == last) {
                break;
            }
        }
        if (twice) {
            faults.add(K::seasons_overlap, which,
                       "from " + to_text(season.from) + " to " + to_text(season.to) +
                           " there are days of another season",
                       field + ".from");
        }
    }
    for (unsigned month = 1; month <= 12; ++month) {
        for (unsigned day = 1; day <= 31; ++day) {
            const std::chrono::month_day one{std::chrono::month{month}, std::chrono::day{day}};
            if (exists(one) && !covered.test(day_of_year_slot(one))) {
                faults.add(K::gap_in_year, where, to_text(one) + " and perhaps more days have no season",
                           "calendar.seasons");
                return;
            }
        }
    }
}

void check_special_days(const RateCalendar& calendar, const std::string& where, PlanFaults& faults) {
    if (calendar.special_days.size() > kSpecialDaysMax) {
        faults.add(K::too_many, where,
                   std::to_string(calendar.special_days.size()) + " special days; at most 1000",
                   "calendar.special_days");
        return;
    }
    std::set<std::pair<int, std::size_t>> seen;
    for (std::size_t i = 0; i < calendar.special_days.size(); ++i) {
        const auto& special = calendar.special_days[i];
        const std::string field = element("calendar.special_days", i);
        const std::string which = where + ", special day " + to_text(special.day);
        if (!exists(special.day) || (special.year && !(*special.year / special.day).ok())) {
            faults.add(K::bad_date, which, "this day does not exist", field + ".day");
        } else if (!seen.insert({special.year ? static_cast<int>(*special.year) : 0,
                                 day_of_year_slot(special.day)})
                        .second) {
            faults.add(K::special_day_twice, which, "it is there a second time", field + ".day");
        }
        if (special.day_type < 0 || static_cast<std::size_t>(special.day_type) >= calendar.day_types.size()) {
            faults.add(K::unknown_day_type, which,
                       "there is no day type number " + std::to_string(special.day_type),
                       field + ".day_type");
        }
    }
}

std::vector<std::string> fields_of(const std::string& list, std::size_t count, const char* suffix) {
    std::vector<std::string> fields;
    for (std::size_t i = 0; i < count; ++i) {
        fields.push_back(element(list, i) + suffix);
    }
    return fields;
}

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
    std::vector<std::string> names;
    for (const auto& one : all) {
        names.push_back(one.name);
    }
    return names;
}

}  // namespace

void check_calendar(const RateCalendar& calendar, const std::string& where, PlanFaults& faults) {
    if (calendar.day_types.size() > kDayTypesMax || calendar.seasons.size() > kSeasonsMax ||
        calendar.day_plans.size() > kDayPlansMax) {
        faults.add(K::too_many, where, "at most 8 day types, 12 seasons and 96 day plans", "calendar");
        return;
    }
    faults.check_names(calendar.day_types, where, "day type",
                       fields_of("calendar.day_types", calendar.day_types.size(), ""));
    faults.check_names(names_of(calendar.seasons), where, "season",
                       fields_of("calendar.seasons", calendar.seasons.size(), ".name"));
    faults.check_names(names_of(calendar.day_plans), where, "day plan",
                       fields_of("calendar.day_plans", calendar.day_plans.size(), ".name"));
    for (std::size_t weekday = 0; weekday < calendar.type_of_weekday.size(); ++weekday) {
        const int type = calendar.type_of_weekday[weekday];
        if (type < 0 || static_cast<std::size_t>(type) >= calendar.day_types.size()) {
            faults.add(K::unknown_day_type, where,
                       "weekday " + std::to_string(weekday + 1) + " is of day type number " +
                           std::to_string(type) + ", which there is not",
                       element("calendar.weekdays", weekday));
        }
    }
    for (std::size_t i = 0; i < calendar.day_plans.size(); ++i) {
        check_day_plan(calendar.day_plans[i], where, element("calendar.day_plans", i) + ".periods", faults);
    }
    check_seasons(calendar, where, faults);
    check_special_days(calendar, where, faults);
}

}  // namespace wutong::core::detail
