#include <algorithm>

#include "core/tariff_plan.hpp"
#include "core/tariff_plan_faults.hpp"

namespace wutong::core {

namespace detail {

namespace {
std::string two(unsigned number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}
}  // namespace

std::string to_text(std::chrono::month_day day) {
    return two(static_cast<unsigned>(day.month())) + "-" + two(static_cast<unsigned>(day.day()));
}

std::string to_text(std::chrono::year_month_day day) {
    return std::to_string(static_cast<int>(day.year())) + "-" + to_text(day.month() / day.day());
}

std::string minute_text(int minute) {
    return minute < 0
               ? std::to_string(minute) + " min"
               : two(static_cast<unsigned>(minute / 60)) + ":" + two(static_cast<unsigned>(minute % 60));
}

void PlanFaults::check_names(const std::vector<std::string>& names, const std::string& where,
                             const std::string& what, const std::vector<std::string>& fields) {
    constexpr std::size_t kNameMax = 60;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string which = what + " " + std::to_string(i + 1);
        if (names[i].empty() || names[i].size() > kNameMax) {
            add(PlanFaultKind::bad_name, where, which + " needs a name of 1 to 60 bytes", fields[i]);
        } else if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
                   names.begin() + static_cast<std::ptrdiff_t>(i)) {
            add(PlanFaultKind::bad_name, where, which + " has the name \"" + names[i] + "\" a second time",
                fields[i]);
        }
    }
}

}  // namespace detail

namespace {

using detail::element;
using detail::PlanFaults;
using K = PlanFaultKind;

constexpr Price kPriceMax{1'000'000'000};
constexpr Money kAmountMax{10'000'000'000'000};
constexpr int kWholeInBasisPoints = 10'000;

void check_price(Price price, const std::string& where, const std::string& what, const std::string& field,
                 PlanFaults& faults) {
    if (price < Price{0} || price > kPriceMax) {
        faults.add(K::price_out_of_range, where,
                   what + " costs " + to_string(Money{price.ten_thousandths_per_kwh()}) +
                       " per kWh; a price is from 0 to " +
                       to_string(Money{kPriceMax.ten_thousandths_per_kwh()}),
                   field);
    }
}

void check_amount(Money amount, const std::string& where, const std::string& what, const std::string& field,
                  PlanFaults& faults) {
    if (amount < Money{0} || amount > kAmountMax) {
        faults.add(K::amount_out_of_range, where,
                   what + " is " + to_string(amount) + "; it is from 0 to " + to_string(kAmountMax), field);
    }
}

std::array<bool, kRates> rates_used(const PlanVersion& version) {
    std::array<bool, kRates> used{};
    if (!version.calendar) {
        used[static_cast<std::size_t>(Rate::flat)] = true;
        return used;
    }
    for (const auto& plan : version.calendar->day_plans) {
        for (const auto& period : plan.periods) {
            used[static_cast<std::size_t>(period.rate)] = true;
        }
    }
    return used;
}

void check_steps(const PlanVersion& version, const std::string& where, PlanFaults& faults) {
    const auto& steps = version.steps;
    if (steps.empty()) {
        faults.add(K::no_step, where, "no price at all; a plan without steps has one step without a limit",
                   "steps");
    }
    if (steps.size() > kStepsMax) {
        faults.add(K::too_many, where, std::to_string(steps.size()) + " steps; at most 12", "steps");
    }
    const auto used = rates_used(version);
    Energy below{0};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string step = "step " + std::to_string(i + 1);
        const std::string field = element("steps", i);
        const bool last = i + 1 == steps.size();
        if (steps[i].up_to && last) {
            faults.add(K::last_step_has_limit, where,
                       step + " is the last and has a limit of " +
                           std::to_string(steps[i].up_to->watt_hours()) +
                           " Wh: energy above it would have no price",
                       field + ".up_to_wh");
        } else if (!steps[i].up_to && !last) {
            faults.add(K::limit_missing, where, step + " has no limit, but is not the last",
                       field + ".up_to_wh");
        }
        if (steps[i].up_to) {
            if (*steps[i].up_to <= below) {
                faults.add(K::steps_not_ascending, where,
                           step + " ends at " + std::to_string(steps[i].up_to->watt_hours()) +
                               " Wh, which is not above " + std::to_string(below.watt_hours()) + " Wh",
                           field + ".up_to_wh");
            }
            below = std::max(below, *steps[i].up_to);
        }
        for (const auto rate : kAllRates) {
            const auto& price = steps[i].prices[static_cast<std::size_t>(rate)];
            const std::string priced = field + ".prices." + to_string(rate) + "_e4";
            if (price) {
                check_price(*price, where, step + ", " + to_string(rate) + ",", priced, faults);
            } else if (used[static_cast<std::size_t>(rate)]) {
                faults.add(K::price_missing, where,
                           step + " has no price for the rate " + to_string(rate) + ", which is used",
                           priced);
            }
        }
    }
    if (version.step_rule.year_begins < 1 || version.step_rule.year_begins > 12) {
        faults.add(K::year_begins_nowhere, where,
                   "the year of the steps begins with month " + std::to_string(version.step_rule.year_begins),
                   "step_rule.year_begins");
    }
}

void check_charges(const PlanVersion& version, const std::string& where, PlanFaults& faults) {
    std::vector<std::string> names, fields;
    for (const auto& charge : version.energy_charges) {
        const auto field = element("energy_charges", names.size());
        names.push_back(charge.name);
        fields.push_back(field + ".name");
        check_price(charge.price, where, "the charge \"" + charge.name + "\"", field + ".price_e4", faults);
    }
    for (const auto& charge : version.fixed_charges) {
        const auto field = element("fixed_charges", names.size() - version.energy_charges.size());
        names.push_back(charge.name);
        fields.push_back(field + ".name");
        check_amount(charge.monthly, where, "the charge \"" + charge.name + "\"", field + ".monthly_e4",
                     faults);
    }
    if (names.size() > kChargesMax) {
        faults.add(K::too_many, where, std::to_string(names.size()) + " charges; at most 20",
                   "fixed_charges");
    }
    faults.check_names(names, where, "charge", fields);
    if (version.minimum) {
        check_amount(version.minimum->monthly, where, "the minimum", "minimum.monthly_e4", faults);
    }
    check_amount(version.credit.deposit, where, "the deposit", "deposit_e4", faults);
    check_amount(version.credit.overdraft, where, "the overdraft", "overdraft_e4", faults);
    if (version.tax.basis_points < 0 || version.tax.basis_points > kWholeInBasisPoints) {
        faults.add(K::tax_out_of_range, where,
                   "a tax of " + std::to_string(version.tax.basis_points) +
                       " basis points; it is from 0 to 10000, which is 100 %",
                   "tax.basis_points");
    }
}

}  // namespace

std::vector<PlanFault> check(const TariffPlan& plan) {
    PlanFaults faults;
    faults.check_names({plan.name}, "plan", "it", {"name"});
    if (plan.versions.empty()) {
        faults.add(K::no_version, "plan", "it has no version, so it says nothing", "effective_from");
    }
    if (plan.versions.size() > kVersionsMax) {
        faults.add(K::too_many, "plan", std::to_string(plan.versions.size()) + " versions; at most 200",
                   "effective_from");
        return faults.take();
    }
    for (std::size_t i = 0; i < plan.versions.size(); ++i) {
        const auto& version = plan.versions[i];
        const std::chrono::year_month_day from{version.from};
        const std::string where = "version of " + detail::to_text(from);
        if (!from.ok() || from.year() < std::chrono::year{1970} || from.year() > std::chrono::year{2200}) {
            faults.add(K::bad_date, where, "a version begins between 1970 and 2200", "effective_from");
        }
        if (i > 0 && version.from <= plan.versions[i - 1].from) {
            faults.add(K::versions_not_ascending, where, "it does not begin after the version before it",
                       "effective_from");
        }
        check_steps(version, where, faults);
        check_charges(version, where, faults);
        if (version.calendar) {
            detail::check_calendar(*version.calendar, where, faults);
        }
    }
    return faults.take();
}

}  // namespace wutong::core
