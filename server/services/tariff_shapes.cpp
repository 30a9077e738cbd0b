#include "server/services/tariff_shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "server/services/convert.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

std::optional<std::chrono::month_day> month_day_of(const std::string& text) {
    unsigned month = 0, day = 0;
    int used = 0;
    if (std::sscanf(text.c_str(), "%2u-%2u%n", &month, &day, &used) != 2 ||
        used != static_cast<int>(text.size())) {
        return std::nullopt;
    }
    return std::chrono::month{month} / std::chrono::day{day};
}

std::string text_of(std::chrono::month_day day) {
    return fmt::format("{:02}-{:02}", static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

core::StepPeriod step_period(v1::TariffStepPeriod period, bool several_steps, TariffFaults& faults) {
    switch (period) {
        case v1::TARIFF_STEP_PERIOD_MONTH:
            return core::StepPeriod::month;
        case v1::TARIFF_STEP_PERIOD_YEAR:
            return core::StepPeriod::year;
        default:
            if (several_steps) {
                faults.unreadable("terms.step_rule.period",
                                  "say whether the steps count by month or by year");
            }
            return core::StepPeriod::month;
    }
}

core::Spread spread_of(v1::TariffSpread spread, const std::string& field, TariffFaults& faults) {
    if (spread != v1::TARIFF_SPREAD_WHOLE && spread != v1::TARIFF_SPREAD_BY_DAY) {
        faults.unreadable(field, "say whether it is due whole for a month that has begun, or by day");
    }
    return spread == v1::TARIFF_SPREAD_WHOLE ? core::Spread::whole : core::Spread::by_day;
}

v1::TariffSpread spread_in_api(core::Spread spread) {
    return spread == core::Spread::whole ? v1::TARIFF_SPREAD_WHOLE : v1::TARIFF_SPREAD_BY_DAY;
}

/// @return -1 when there is no such day type; that is a fault
int day_type_of(const std::string& name, const core::RateCalendar& calendar, const std::string& field,
                TariffFaults& faults) {
    const auto found = std::find(calendar.day_types.begin(), calendar.day_types.end(), name);
    if (found == calendar.day_types.end()) {
        faults.unreadable(field, "there is no day type \"" + name + "\"");
        return -1;
    }
    return static_cast<int>(found - calendar.day_types.begin());
}

std::chrono::month_day season_day(const std::string& text, const std::string& field, TariffFaults& faults) {
    const auto day = month_day_of(text);
    if (!day) {
        faults.unreadable(field, "\"" + text + "\" is no day like 06-01");
    }
    return day.value_or(std::chrono::January / 1);
}

std::vector<core::SpecialDay> special_days_of(const v1::TariffCalendar& in, const core::RateCalendar& types,
                                              TariffFaults& faults) {
    std::vector<core::SpecialDay> out;
    for (int i = 0; i < in.special_days_size(); ++i) {
        const auto& special = in.special_days(i);
        const auto field = fmt::format("terms.calendar.special_days[{}]", i);
        core::SpecialDay one;
        try {
            if (const auto every_year = month_day_of(special.day())) {
                one.day = *every_year;
            } else {
                const std::chrono::year_month_day date{storage::parse_local_day(special.day())};
                one.year = date.year();
                one.day = date.month() / date.day();
            }
        } catch (const std::invalid_argument&) {
            faults.unreadable(field + ".day",
                              "\"" + special.day() + "\" is no day like 2026-10-01, or 10-01 for every year");
            continue;
        }
        one.day_type = day_type_of(special.day_type(), types, field + ".day_type", faults);
        out.push_back(one);
    }
    return out;
}

core::RateCalendar calendar_of(const v1::TariffCalendar& in, TariffFaults& faults) {
    core::RateCalendar out;
    out.day_types.assign(in.day_types().begin(), in.day_types().end());
    if (in.weekdays_size() != 7) {
        faults.unreadable("terms.calendar.weekdays", "needs the day type of seven weekdays, Monday first");
    } else {
        for (int i = 0; i < 7; ++i) {
            out.type_of_weekday[static_cast<std::size_t>(i)] =
                day_type_of(in.weekdays(i), out, fmt::format("terms.calendar.weekdays[{}]", i), faults);
        }
    }
    out.special_days = special_days_of(in, out, faults);
    for (int i = 0; i < in.seasons_size(); ++i) {
        const auto& season = in.seasons(i);
        const auto field = fmt::format("terms.calendar.seasons[{}]", i);
        out.seasons.push_back({season.name(),
                               season_day(season.from(), field + ".from", faults),
                               season_day(season.to(), field + ".to", faults),
                               {season.day_plans().begin(), season.day_plans().end()}});
    }
    for (int i = 0; i < in.day_plans_size(); ++i) {
        core::DayPlan plan{in.day_plans(i).name(), {}};
        for (int j = 0; j < in.day_plans(i).periods_size(); ++j) {
            const auto& period = in.day_plans(i).periods(j);
            if (period.rate() < v1::TARIFF_RATE_SHARP || period.rate() > v1::TARIFF_RATE_VALLEY) {
                faults.unreadable(fmt::format("terms.calendar.day_plans[{}].periods[{}].rate", i, j),
                                  "must be sharp, peak, flat or valley");
                continue;
            }
            plan.periods.push_back({period.from_minute(), period.to_minute(),
                                    core::kAllRates[static_cast<std::size_t>(period.rate()) - 1]});
        }
        out.day_plans.push_back(std::move(plan));
    }
    return out;
}

core::TariffStep step_of(const v1::TariffStep& in) {
    core::TariffStep out;
    if (in.has_up_to_wh()) {
        out.up_to = core::Energy{in.up_to_wh()};
    }
    const auto set = [&](core::Rate rate, bool has, std::int64_t e4) {
        if (has) {
            out.prices[static_cast<std::size_t>(rate)] = core::Price{e4};
        }
    };
    set(core::Rate::sharp, in.prices().has_sharp_e4(), in.prices().sharp_e4());
    set(core::Rate::peak, in.prices().has_peak_e4(), in.prices().peak_e4());
    set(core::Rate::flat, in.prices().has_flat_e4(), in.prices().flat_e4());
    set(core::Rate::valley, in.prices().has_valley_e4(), in.prices().valley_e4());
    return out;
}

void fill(const core::RateCalendar& calendar, v1::TariffCalendar& out) {
    const auto type = [&](int index) { return calendar.day_types.at(static_cast<std::size_t>(index)); };
    for (const auto& name : calendar.day_types) {
        out.add_day_types(name);
    }
    for (const int index : calendar.type_of_weekday) {
        out.add_weekdays(type(index));
    }
    for (const auto& special : calendar.special_days) {
        auto& one = *out.add_special_days();
        one.set_day((special.year ? fmt::format("{:04}-", static_cast<int>(*special.year)) : "") +
                    text_of(special.day));
        one.set_day_type(type(special.day_type));
    }
    for (const auto& season : calendar.seasons) {
        auto& one = *out.add_seasons();
        one.set_name(season.name);
        one.set_from(text_of(season.from));
        one.set_to(text_of(season.to));
        for (const auto& name : season.day_plans) {
            one.add_day_plans(name);
        }
    }
    for (const auto& plan : calendar.day_plans) {
        auto& one = *out.add_day_plans();
        one.set_name(plan.name);
        for (const auto& period : plan.periods) {
            auto& row = *one.add_periods();
            row.set_from_minute(period.from_minute);
            row.set_to_minute(period.to_minute);
            row.set_rate(to_proto(period.rate));
        }
    }
}

}  // namespace

void TariffFaults::unreadable(const std::string& field, const std::string& text) {
    v1::TariffFault fault;
    fault.set_field(prefix_ + field);
    fault.set_kind("bad_field");
    fault.set_text(text);
    faults_.push_back(std::move(fault));
}

void TariffFaults::add(const std::vector<core::PlanFault>& faults) {
    for (const auto& found : faults) {
        const auto field = found.field == "name"             ? found.field
                           : found.field == "effective_from" ? prefix_ + found.field
                                                             : prefix_ + "terms." + found.field;
        if (std::any_of(faults_.begin(), faults_.end(), [&](const v1::TariffFault& other) {
                return other.kind() == "bad_field" && other.field().rfind(field, 0) == 0;
            })) {
            continue;
        }
        v1::TariffFault fault;
        fault.set_field(field);
        fault.set_kind(core::to_string(found.kind));
        fault.set_text(found.text);
        faults_.push_back(std::move(fault));
    }
}

void TariffFaults::refuse() const {
    if (faults_.empty()) {
        return;
    }
    std::vector<FieldViolation> violations;
    for (const auto& fault : faults_) {
        violations.push_back({fault.field(), fault.text()});
    }
    throw invalid(std::move(violations));
}

core::PlanVersion plan_version_of(const v1::TariffTerms& terms, std::chrono::local_days from,
                                  TariffFaults& faults) {
    core::PlanVersion out;
    out.from = from;
    if (terms.has_calendar()) {
        out.calendar = calendar_of(terms.calendar(), faults);
    }
    for (const auto& step : terms.steps()) {
        out.steps.push_back(step_of(step));
    }
    const auto& rule = terms.step_rule();
    out.step_rule.period = step_period(rule.period(), terms.steps_size() > 1, faults);
    out.step_rule.year_begins =
        rule.year_begins() == 0 ? 1U : static_cast<unsigned>(std::clamp(rule.year_begins(), -1, 13));
    out.step_rule.when_version_begins =
        rule.restart_with_version() ? core::CountOn::restart : core::CountOn::keep;
    out.step_rule.when_meter_exchanged =
        rule.restart_with_meter() ? core::CountOn::restart : core::CountOn::keep;
    for (const auto& charge : terms.energy_charges()) {
        out.energy_charges.push_back({charge.name(), core::Price{charge.price_e4()}, !charge.untaxed()});
    }
    for (int i = 0; i < terms.fixed_charges_size(); ++i) {
        const auto& charge = terms.fixed_charges(i);
        out.fixed_charges.push_back(
            {charge.name(), core::Money{charge.monthly_e4()},
             spread_of(charge.spread(), fmt::format("terms.fixed_charges[{}].spread", i), faults),
             !charge.untaxed()});
    }
    if (terms.has_minimum()) {
        out.minimum =
            core::MinimumCharge{core::Money{terms.minimum().monthly_e4()},
                                spread_of(terms.minimum().spread(), "terms.minimum.spread", faults)};
    }
    out.tax = {terms.tax().basis_points(), !terms.tax().added()};
    out.credit = {core::Money{terms.deposit_e4()}, core::Money{terms.overdraft_e4()}};
    return out;
}

core::PlanVersion plan_version_of(const v1::TariffVersion& version, TariffFaults& faults) {
    std::chrono::local_days from{std::chrono::year{2000} / 1 / 1};
    try {
        from = storage::parse_local_day(version.effective_from());
    } catch (const std::invalid_argument& wrong) {
        faults.unreadable("effective_from", wrong.what());
    }
    return plan_version_of(version.terms(), from, faults);
}

void fill(const core::PlanVersion& version, v1::TariffVersion& out) {
    out.Clear();
    out.set_effective_from(storage::local_day_text(version.from));
    auto& terms = *out.mutable_terms();
    if (version.calendar) {
        fill(*version.calendar, *terms.mutable_calendar());
    }
    for (const auto& step : version.steps) {
        auto& one = *terms.add_steps();
        if (step.up_to) {
            one.set_up_to_wh(step.up_to->watt_hours());
        }
        fill(step.prices, *one.mutable_prices());
    }
    auto& rule = *terms.mutable_step_rule();
    rule.set_period(version.step_rule.period == core::StepPeriod::year ? v1::TARIFF_STEP_PERIOD_YEAR
                                                                       : v1::TARIFF_STEP_PERIOD_MONTH);
    rule.set_year_begins(static_cast<int>(version.step_rule.year_begins));
    rule.set_restart_with_version(version.step_rule.when_version_begins == core::CountOn::restart);
    rule.set_restart_with_meter(version.step_rule.when_meter_exchanged == core::CountOn::restart);
    for (const auto& charge : version.energy_charges) {
        auto& one = *terms.add_energy_charges();
        one.set_name(charge.name);
        one.set_price_e4(charge.price.ten_thousandths_per_kwh());
        one.set_untaxed(!charge.taxed);
    }
    for (const auto& charge : version.fixed_charges) {
        auto& one = *terms.add_fixed_charges();
        one.set_name(charge.name);
        one.set_monthly_e4(charge.monthly.ten_thousandths());
        one.set_spread(spread_in_api(charge.spread));
        one.set_untaxed(!charge.taxed);
    }
    if (version.minimum) {
        terms.mutable_minimum()->set_monthly_e4(version.minimum->monthly.ten_thousandths());
        terms.mutable_minimum()->set_spread(spread_in_api(version.minimum->spread));
    }
    terms.mutable_tax()->set_basis_points(version.tax.basis_points);
    terms.mutable_tax()->set_added(!version.tax.included);
    terms.set_deposit_e4(version.credit.deposit.ten_thousandths());
    terms.set_overdraft_e4(version.credit.overdraft.ten_thousandths());
}

void fill(const std::array<std::optional<core::Price>, core::kRates>& prices, v1::RatePrices& out) {
    const auto of = [&](core::Rate rate) { return prices[static_cast<std::size_t>(rate)]; };
    if (const auto price = of(core::Rate::sharp)) {
        out.set_sharp_e4(price->ten_thousandths_per_kwh());
    }
    if (const auto price = of(core::Rate::peak)) {
        out.set_peak_e4(price->ten_thousandths_per_kwh());
    }
    if (const auto price = of(core::Rate::flat)) {
        out.set_flat_e4(price->ten_thousandths_per_kwh());
    }
    if (const auto price = of(core::Rate::valley)) {
        out.set_valley_e4(price->ten_thousandths_per_kwh());
    }
}

void fill(const storage::TariffPlanRow& row, core::PropertyId property, v1::TariffPlan& out) {
    out.set_plan_id(row.plan.value);
    out.set_property_id(property.value);
    out.set_name(row.name);
    out.set_commodity(core::to_string(row.commodity));
    out.set_version_count(row.versions);
    out.set_first_from(row.first_from ? storage::local_day_text(*row.first_from) : "");
    out.set_last_from(row.last_from ? storage::local_day_text(*row.last_from) : "");
    if (row.retired_at) {
        *out.mutable_retired_at() = to_timestamp(*row.retired_at);
    }
}

v1::TariffRate to_proto(core::Rate rate) {
    return static_cast<v1::TariffRate>(static_cast<int>(rate) + 1);
}

}  // namespace wutong::server
