#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/quantities.hpp"

/// What a tariff plan says. The rules it is used by are in docs/tariffs.md; `check` finds what is wrong with
/// it.
namespace wutong::core {

/// In the order in which bills list them and registers are taken.
enum class Rate { sharp, peak, flat, valley };
inline constexpr std::size_t kRates = 4;
inline constexpr std::array<Rate, kRates> kAllRates{Rate::sharp, Rate::peak, Rate::flat, Rate::valley};
[[nodiscard]] const char* to_string(Rate rate);

// ---- which rate when ------------------------------------------------------------------------------
inline constexpr int kMinutesPerDay = 1'440;

/// Minutes of the wall clock; `to` is the first minute that is no longer in it (1440 = the day's end).
struct RatePeriod {
    int from_minute = 0;
    int to_minute = kMinutesPerDay;
    Rate rate = Rate::flat;
    friend bool operator==(const RatePeriod&, const RatePeriod&) = default;
};

struct DayPlan {
    std::string name;
    std::vector<RatePeriod> periods;  ///< in any order; together they cover the day once
    friend bool operator==(const DayPlan&, const DayPlan&) = default;
};

/// First and last day, both included; a season may go over New Year. 29 February belongs to whatever season
/// holds it.
struct Season {
    std::string name;
    std::chrono::month_day from;
    std::chrono::month_day to;
    std::vector<std::string> day_plans;  ///< the name of one day plan for each day type
    friend bool operator==(const Season&, const Season&) = default;
};

/// A day that is of another type than its weekday. Of the given year, or of every year.
struct SpecialDay {
    std::optional<std::chrono::year> year;
    std::chrono::month_day day;
    int day_type = 0;
    friend bool operator==(const SpecialDay&, const SpecialDay&) = default;
};

struct RateCalendar {
    std::vector<std::string> day_types;
    std::array<int, 7> type_of_weekday{};  ///< Monday first; an index into day_types
    std::vector<SpecialDay> special_days;  ///< one with a year goes before one without
    std::vector<Season> seasons;
    std::vector<DayPlan> day_plans;
    friend bool operator==(const RateCalendar&, const RateCalendar&) = default;
};

// ---- what it costs --------------------------------------------------------------------------------
struct TariffStep {
    std::optional<Energy> up_to;  ///< used in the step period, this much included; the last step has none
    std::array<std::optional<Price>, kRates> prices;
    friend bool operator==(const TariffStep&, const TariffStep&) = default;
};

enum class CountOn { keep, restart };
enum class StepPeriod { month, year };

struct StepRule {
    StepPeriod period = StepPeriod::month;
    unsigned year_begins = 1;  ///< month, for StepPeriod::year
    CountOn when_version_begins = CountOn::keep;
    CountOn when_meter_exchanged = CountOn::keep;
    friend bool operator==(const StepRule&, const StepRule&) = default;
};

enum class Spread { whole, by_day };

struct EnergyCharge {
    std::string name;
    Price price;
    bool taxed = true;
    friend bool operator==(const EnergyCharge&, const EnergyCharge&) = default;
};

struct FixedCharge {
    std::string name;
    Money monthly;
    Spread spread = Spread::by_day;
    bool taxed = true;
    friend bool operator==(const FixedCharge&, const FixedCharge&) = default;
};

struct MinimumCharge {
    Money monthly;
    Spread spread = Spread::whole;
    friend bool operator==(const MinimumCharge&, const MinimumCharge&) = default;
};

struct Tax {
    int basis_points = 0;
    bool included = true;
    friend bool operator==(const Tax&, const Tax&) = default;
};

/// @see credit_terms.hpp
struct CreditTerms {
    Money deposit;
    Money overdraft;
    friend bool operator==(const CreditTerms&, const CreditTerms&) = default;
};

struct PlanVersion {
    std::chrono::local_days from;          ///< the property's calendar
    std::optional<RateCalendar> calendar;  ///< none: everything at Rate::flat
    std::vector<TariffStep> steps;         ///< one: no steps
    StepRule step_rule;
    std::vector<EnergyCharge> energy_charges;
    std::vector<FixedCharge> fixed_charges;
    std::optional<MinimumCharge> minimum;
    Tax tax;
    CreditTerms credit;
    friend bool operator==(const PlanVersion&, const PlanVersion&) = default;
};

struct TariffPlan {
    std::string name;
    std::vector<PlanVersion> versions;  ///< ascending by `from`
    friend bool operator==(const TariffPlan&, const TariffPlan&) = default;
};

// ---- what is wrong with it ------------------------------------------------------------------------
enum class PlanFaultKind {
    no_version,
    versions_not_ascending,
    too_many,             ///< of anything; the text says of what and how many there may be
    bad_date,             ///< a day that the calendar does not have
    no_step,              ///< a version without a single price
    steps_not_ascending,  ///< each limit above the one before it, the first above zero
    last_step_has_limit,  ///< energy above it would have no price
    limit_missing,        ///< a step without a limit that is not the last
    price_missing,        ///< a rate that the calendar uses has no price in a step
    price_out_of_range,   ///< below zero or above 100 000 per kWh
    amount_out_of_range,  ///< below zero or above 1 000 000 000
    tax_out_of_range,     ///< below zero or above 100 %
    year_begins_nowhere,  ///< no month from 1 to 12
    bad_name,             ///< empty, too long, or there twice
    period_out_of_day,    ///< not within 0..1440, or no longer than nothing
    periods_overlap,
    gap_in_day,  ///< minutes without a rate
    unknown_day_plan,
    unknown_day_type,
    day_plans_missing,  ///< a season does not have one day plan for each day type
    seasons_overlap,
    gap_in_year,  ///< days without a season
    special_day_twice,
};
[[nodiscard]] const char* to_string(PlanFaultKind kind);

struct PlanFault {
    PlanFaultKind kind;
    std::string text;  ///< where, what is wrong, and with which figures
    std::string
        field;  ///< of the version, named as in the API: "steps[1].prices.peak_e4"; "name" for the plan
};

inline constexpr std::size_t kVersionsMax = 200;
inline constexpr std::size_t kStepsMax = 12;
inline constexpr std::size_t kChargesMax = 20;
inline constexpr std::size_t kPeriodsMax = 48;
inline constexpr std::size_t kSeasonsMax = 12;
inline constexpr std::size_t kDayTypesMax = 8;
inline constexpr std::size_t kDayPlansMax = 96;
inline constexpr std::size_t kSpecialDaysMax = 1'000;

/// Every fault of the plan, in the order of its text; at most 100 of them. Empty: it can be used.
[[nodiscard]] std::vector<PlanFault> check(const TariffPlan& plan);

}  // namespace wutong::core
