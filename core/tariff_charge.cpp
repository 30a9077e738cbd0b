#include "core/tariff_charge.hpp"

#include <algorithm>
#include <map>

#include "core/energy_sorter.hpp"

namespace wutong::core {

namespace {

using K = TariffFaultKind;
using std::chrono::local_days;
using std::chrono::year_month;

constexpr Energy kStepUsedMax{1'000'000'000'000'000'000};

std::optional<std::string> wrong_with(const TariffState& state, Commodity commodity) {
    if (state.rest < Remainder{0} || state.rest >= Remainder{kExactPerTenThousandth}) {
        return "the rest is " + std::to_string(state.rest.ten_millionths()) + ", not from 0 to 999";
    }
    if (state.step_used < Energy{0} || state.step_used > kStepUsedMax) {
        return "the steps have counted " + small_quantity_text(state.step_used, commodity);
    }
    if (state.below_quantum < Money{0} || state.month_charged < 0 || state.month_minimum < 0) {
        return "an amount that is carried is below zero";
    }
    for (const auto& one : state.tax_rests) {
        if (one.tax.basis_points < 0 || one.tax.basis_points > 10'000 || one.parts < 0 ||
            one.parts >= tax_denominator(one.tax)) {
            return "the rest of a tax of " + std::to_string(one.tax.basis_points) + " basis points is " +
                   std::to_string(one.parts) + " parts";
        }
    }
    return std::nullopt;
}

class Calculation {
public:
    Calculation(const PreparedPlan& plan, const LocalTime& local, const EnergySeries& energy,
                const ChargePeriod& period, const TariffState& state)
        : plan_{plan},
          local_{local},
          period_{period},
          commodity_{energy.commodity},
          sorter_{local, energy, period.from} {
        bill_.from = period.from;
        bill_.to = period.to;
        bill_.state = state;
    }

    std::variant<Bill, TariffFault> run() {
        if (auto fault = refuse()) {
            return *fault;
        }
        for (std::size_t i = 0; i < plan_.plan().versions.size(); ++i) {
            starts_.push_back(local_.start_of(plan_.version(i).from));
        }
        const auto last = std::upper_bound(starts_.begin(), starts_.end(), period_.from);
        if (last == starts_.begin()) {
            return TariffFault{K::no_version_in_force,
                               "the first version begins " + to_text(starts_.front()) +
                                   ", after the beginning of the period, " + to_text(period_.from)};
        }
        auto version = static_cast<std::size_t>(last - starts_.begin()) - 1;
        open_version();
        for (Instant at = period_.from; at < period_.to;) {
            const auto month = month_at(at);
            const Instant month_end = local_.start_of(local_days{(month + std::chrono::months{1}) / 1});
            Instant until = std::min(month_end, period_.to);
            const bool changes = version + 1 < starts_.size() && starts_[version + 1] <= until;
            if (changes) {
                until = starts_[version + 1];
            }
            if (auto fault = charge_stretch(version, month, at, until, until == month_end)) {
                return *fault;
            }
            at = until;
            if (changes && at < period_.to) {
                close_version(version);
                ++version;
                open_version();
            }
        }
        close_version(version);
        finish();
        return std::move(bill_);
    }

private:
    std::optional<TariffFault> refuse() const {
        const auto& [from, to, quantum, closing] = period_;
        if (from < kTimeMin || to < kTimeMin || from > kTimeMax || to > kTimeMax) {
            return TariffFault{K::time_out_of_range, "a period lies between 1970 and 2200"};
        }
        if (from >= to) {
            return TariffFault{K::period_empty, "the period from " + to_text(from) + " to " + to_text(to)};
        }
        if (to - from > kPeriodMax) {
            return TariffFault{K::period_too_long, "the period from " + to_text(from) + " to " + to_text(to) +
                                                       "; at most ten years"};
        }
        if (quantum <= Money{0}) {
            return TariffFault{K::bad_quantum, "what is booked is no multiple of " + to_string(quantum)};
        }
        if (!local_.knows(from)) {
            return TariffFault{K::local_time_unknown,
                               "the table of UTC offsets begins after " + to_text(from)};
        }
        if (const auto wrong = wrong_with(bill_.state, commodity_)) {
            return TariffFault{K::bad_state, "carried from the bill before: " + *wrong};
        }
        if (bill_.state.through && *bill_.state.through != from) {
            return TariffFault{K::period_does_not_follow, "charged until " + to_text(*bill_.state.through) +
                                                              ", but the period begins " + to_text(from)};
        }
        return std::nullopt;
    }

    [[nodiscard]] year_month month_at(Instant at) const {
        const std::chrono::year_month_day date{local_.date(at)};
        year_month month = date.year() / date.month();
        // Across a change over midnight the wall can show the month before once more.
        while (local_.start_of(local_days{(month + std::chrono::months{1}) / 1}) <= at) {
            month += std::chrono::months{1};
        }
        return month;
    }

    /// [from, to) lies in one month and one version.
    std::optional<TariffFault> charge_stretch(std::size_t index, year_month month, Instant from, Instant to,
                                              bool ends_month) {
        const auto& version = plan_.version(index);
        auto& state = bill_.state;
        begin_steps(version, month);
        if (state.month != month) {
            state.month = month;
            state.month_charged = state.month_minimum = 0;
        }
        const int first = day_number(month, from);
        const int days = day_number(month, to) - first;
        charge_fixed(version, month, first, days);

        sorter_.begin(version, plan_.calendar(index), state.step_used, state.meter);
        if (const auto rate = sorter_.take(from, to)) {
            return TariffFault{K::rate_not_in_plan, std::string("the meter counted at the rate ") +
                                                        to_string(*rate) +
                                                        ", for which this version has no price, between " +
                                                        to_text(from) + " and " + to_text(to)};
        }
        state.step_used = sorter_.used();
        state.meter = sorter_.meter();
        state.version = version.from;
        charge_energy(version);
        charge_minimum(version, month, first, days, ends_month || (period_.closing && to == period_.to));
        return std::nullopt;
    }

    void begin_steps(const PlanVersion& version, year_month month) {
        auto& state = bill_.state;
        const auto& rule = version.step_rule;
        year_month begins = month;
        if (rule.period == StepPeriod::year) {
            const std::chrono::month first{rule.year_begins};
            begins = (month.month() < first ? month.year() - std::chrono::years{1} : month.year()) / first;
        }
        const bool another_version = state.version && *state.version != version.from;
        if (state.step_period != begins ||
            (another_version && rule.when_version_begins == CountOn::restart)) {
            state.step_period = begins;
            state.step_used = Energy{0};
        }
    }

    /// How many days of the month begin before `at`; `at` lies in the month or is its end.
    [[nodiscard]] int day_number(year_month month, Instant at) const {
        return static_cast<int>((local_.day_from(at) - local_days{month / 1}).count());
    }

    static int days_in(year_month month) {
        return static_cast<int>(static_cast<unsigned>((month / std::chrono::last).day()));
    }

    BillLine line(const PlanVersion& version, LineKind kind) const {
        BillLine out;
        out.kind = kind;
        out.version = version.from;
        out.tax = version.tax;
        return out;
    }

    void count(ExactAmount exact) {
        bill_.state.month_charged = detail::checked_add(bill_.state.month_charged, exact, "month");
    }

    void charge_fixed(const PlanVersion& version, year_month month, int first, int days) {
        const bool whole_due = bill_.state.whole_charged != month;
        for (const auto& charge : version.fixed_charges) {
            const bool whole = charge.spread == Spread::whole;
            if (whole ? !whole_due : days == 0) {
                continue;
            }
            auto fixed = line(version, LineKind::fixed_charge);
            fixed.name = charge.name;
            fixed.month = month;
            fixed.monthly = charge.monthly;
            if (!whole) {
                fixed.first_day = first;
                fixed.days = days;
            }
            fixed.exact = whole ? share_of_month(charge.monthly, 0, 1, 1)
                                : share_of_month(charge.monthly, first, days, days_in(month));
            if (!charge.taxed) {
                fixed.tax.basis_points = 0;
            }
            count(fixed.exact);
            fixed_.push_back(std::move(fixed));
        }
        bill_.state.whole_charged = month;
    }

    void charge_energy(const PlanVersion& version) {
        Energy all{0};
        for (std::size_t i = 0; i < sorter_.sums().size(); ++i) {
            const Energy used{sorter_.sums()[i]};
            if (used == Energy{0}) {
                continue;
            }
            sums_[i] = sums_[i] + used;
            all = all + used;
            count(detail::checked_mul(version.steps[i / kRates].prices[i % kRates]->ten_thousandths_per_kwh(),
                                      used.watt_hours(), "amount"));
        }
        for (const auto& charge : version.energy_charges) {
            count(detail::checked_mul(charge.price.ten_thousandths_per_kwh(), all.watt_hours(), "amount"));
        }
        bill_.energy = bill_.energy + all;
    }

    void charge_minimum(const PlanVersion& version, year_month month, int first, int days, bool due) {
        auto& state = bill_.state;
        if (version.minimum && version.minimum->spread == Spread::by_day) {
            state.month_minimum = detail::checked_add(
                state.month_minimum, share_of_month(version.minimum->monthly, first, days, days_in(month)),
                "minimum");
        }
        if (due && version.minimum) {
            const ExactAmount least = version.minimum->spread == Spread::whole
                                          ? share_of_month(version.minimum->monthly, 0, 1, 1)
                                          : state.month_minimum;
            if (least > state.month_charged) {
                auto missing = line(version, LineKind::minimum);
                missing.month = month;
                missing.monthly = version.minimum->monthly;
                missing.exact = least - state.month_charged;
                minimum_.push_back(std::move(missing));
            }
        }
        if (due) {
            state.month.reset();
            state.month_charged = state.month_minimum = 0;
        }
    }

    void open_version() {
        sums_.clear();
        fixed_.clear();
        minimum_.clear();
    }

    void close_version(std::size_t index) {
        const auto& version = plan_.version(index);
        Energy all{0};
        for (const auto& [place, used] : sums_) {
            auto energy = line(version, LineKind::energy);
            energy.rate = kAllRates[place % kRates];
            energy.step = static_cast<int>(place / kRates) + 1;
            energy.quantity = used;
            energy.price = *version.steps[place / kRates].prices[place % kRates];
            energy.exact =
                detail::checked_mul(energy.price.ten_thousandths_per_kwh(), used.watt_hours(), "amount");
            all = all + used;
            bill_.lines.push_back(std::move(energy));
        }
        for (const auto& charge : version.energy_charges) {
            if (all == Energy{0}) {
                break;
            }
            auto extra = line(version, LineKind::energy_charge);
            extra.name = charge.name;
            extra.quantity = all;
            extra.price = charge.price;
            extra.exact =
                detail::checked_mul(charge.price.ten_thousandths_per_kwh(), all.watt_hours(), "amount");
            if (!charge.taxed) {
                extra.tax.basis_points = 0;
            }
            bill_.lines.push_back(std::move(extra));
        }
        std::move(fixed_.begin(), fixed_.end(), std::back_inserter(bill_.lines));
        std::move(minimum_.begin(), minimum_.end(), std::back_inserter(bill_.lines));
    }

    void finish() {
        bill_.state.through = period_.to;
        bill_.unmeasured = std::move(sorter_.unmeasured());
        add_up(bill_, period_.quantum, period_.closing);
    }

    const PreparedPlan& plan_;
    const LocalTime& local_;
    const ChargePeriod& period_;
    Commodity commodity_;
    detail::EnergySorter sorter_;
    Bill bill_;
    std::vector<Instant> starts_;         ///< of the versions
    std::map<std::size_t, Energy> sums_;  ///< of the version at hand, at step × kRates + rate
    std::vector<BillLine> fixed_;
    std::vector<BillLine> minimum_;
};

}  // namespace

std::variant<Bill, TariffFault> calculate(const PreparedPlan& plan, const LocalTime& local,
                                          const EnergySeries& energy, const ChargePeriod& period,
                                          const TariffState& state) {
    try {
        return Calculation{plan, local, energy, period, state}.run();
    } catch (const QuantityOverflow& overflow) {
        return TariffFault{K::quantity_too_large,
                           std::string("a figure of the bill does not fit: ") + overflow.what()};
    }
}

}  // namespace wutong::core
