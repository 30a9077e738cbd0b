#include "core/tariff_placement.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/names.hpp"

namespace wutong::core {

namespace {

using P = Placement;

constexpr std::int64_t kWhole = 10'000;

struct Decider {
    const PlanVersion& version;
    const MeterCapability& meter;
    PlacementDecision decision;

    void add(const std::string& part, P placement, const std::string& why) {
        decision.reasons.push_back({part, placement, why});
        decision.placement = std::max(decision.placement, placement);
    }

    void rates() {
        std::vector<Rate> priced;
        for (const auto rate : kAllRates) {
            if (version.steps.front().prices[static_cast<std::size_t>(rate)]) {
                priced.push_back(rate);
            }
        }
        if (!version.calendar) {
            if (meter.rates < 1) {
                add("price", P::server_held, "the meter has no price that can be set");
            }
            return;
        }
        const auto& calendar = *version.calendar;
        std::size_t periods = 0;
        for (const auto& plan : calendar.day_plans) {
            periods = std::max(periods, plan.periods.size());
        }
        const auto fits = [](std::size_t wanted, int there) { return std::cmp_less_equal(wanted, there); };
        const auto needs = [](std::size_t wanted, const std::string& what, int there) {
            return "the plan has " + std::to_string(wanted) + " " + what + ", the meter holds " +
                   std::to_string(there);
        };
        if (!fits(priced.size(), meter.rates)) {
            add("rates", P::server_held, needs(priced.size(), "rates", meter.rates));
        } else if (meter.periods_a_day == 0) {
            add("rates", P::server_held, "the meter has the prices, but its hours can't be set from here");
        } else if (!fits(periods, meter.periods_a_day)) {
            add("rates", P::server_held, needs(periods, "periods a day", meter.periods_a_day));
        } else if (!fits(calendar.day_types.size(), meter.day_types)) {
            add("rates", P::server_held, needs(calendar.day_types.size(), "day types", meter.day_types));
        } else if (!fits(calendar.seasons.size(), meter.seasons)) {
            add("rates", P::server_held, needs(calendar.seasons.size(), "seasons", meter.seasons));
        } else if (!calendar.special_days.empty()) {
            add("rates", P::server_held, "the plan has special days, which can't be set from here");
        } else {
            add("rates", P::downloaded, "prices and hours fit the meter");
        }
    }

    void steps() {
        if (version.steps.size() == 1) {
            return;
        }
        // A meter's own steps know neither exchange nor a new version's rules, so only their number decides
        // here.
        add("steps", std::cmp_less_equal(version.steps.size(), meter.steps) ? P::downloaded : P::server_held,
            "the plan has " + std::to_string(version.steps.size()) + " steps, the meter holds " +
                (meter.steps == 1 ? std::string("one price") : std::to_string(meter.steps)));
    }

    /// The price with everything that is charged per kWh, or nothing when it is no whole ten-thousandth.
    [[nodiscard]] std::optional<Price> price_with_all(Price price) const {
        std::int64_t taxed = price.ten_thousandths_per_kwh();
        std::int64_t untaxed = 0;
        for (const auto& charge : version.energy_charges) {
            (charge.taxed ? taxed : untaxed) += charge.price.ten_thousandths_per_kwh();
        }
        const std::int64_t with_tax =
            taxed * (kWhole + (version.tax.included ? 0 : version.tax.basis_points));
        if (with_tax % kWhole != 0) {
            return std::nullopt;
        }
        return Price{with_tax / kWhole + untaxed};
    }

    void prices() {
        std::string told;
        for (const auto& step : version.steps) {
            auto& out = decision.prices.emplace_back();
            for (const auto rate : kAllRates) {
                const auto place = static_cast<std::size_t>(rate);
                if (!step.prices[place]) {
                    continue;
                }
                const auto all = price_with_all(*step.prices[place]);
                if (!all) {
                    add("price", P::server_held,
                        to_string(Money{step.prices[place]->ten_thousandths_per_kwh()}) +
                            " with charges and tax is no whole 0.0001, so that no register holds it");
                    return;
                }
                const auto text = to_string(Money{all->ten_thousandths_per_kwh()});
                if (!meter.price || !meter.price->holds(all->ten_thousandths_per_kwh())) {
                    add("price", P::server_held, "the meter's register can't hold " + text);
                    return;
                }
                out[place] = all;
                told += (told.empty() ? "" : ", ") + std::string(to_string(rate)) + " " + text;
            }
        }
        const bool more =
            !version.energy_charges.empty() || (!version.tax.included && version.tax.basis_points > 0);
        add("price", P::downloaded, (more ? "with charges per kWh and tax: " : "") + told);
    }

    void charges() {
        for (const auto& charge : version.fixed_charges) {
            add("fixed charge \"" + charge.name + "\"", P::at_the_sale,
                "no meter knows it: it is taken out of what is paid, when credit is sold");
        }
        if (version.minimum && version.minimum->monthly > Money{0}) {
            add("minimum", P::at_the_sale,
                "what a month lacks to it is known at the month's end, and taken when credit is sold next");
        }
        if (version.credit.deposit > Money{0}) {
            add("deposit", P::at_the_sale,
                "it has to be paid when the account is opened, besides the first purchase");
        }
        if (version.credit.overdraft > Money{0}) {
            const auto text = to_string(version.credit.overdraft);
            if (meter.overdraft && meter.overdraft->holds(version.credit.overdraft.ten_thousandths())) {
                add("overdraft", P::downloaded, "the meter is told " + text);
            } else {
                add("overdraft", P::server_held, "the meter can't be told an overdraft of " + text);
            }
        }
    }
};

}  // namespace

const char* to_string(Placement placement) {
    static constexpr std::array<detail::Name<Placement>, 4> kNames{{{P::downloaded, "downloaded"},
                                                                    {P::at_the_sale, "at_the_sale"},
                                                                    {P::server_held, "server_held"},
                                                                    {P::not_possible, "not_possible"}}};
    return detail::name_of(kNames, placement, "placement");
}

MeterCapability capability_of(const MeterProfile& profile) {
    MeterCapability out;
    out.credit = profile.credit;
    out.switchable = profile.switchable();
    out.price = settable(profile, Quantity::price);
    out.overdraft = settable(profile, Quantity::overdraft);
    for (const auto quantity :
         {Quantity::price, Quantity::price_peak, Quantity::price_flat, Quantity::price_valley}) {
        // One range for all: a price that one of them can't hold is not to be promised for any.
        const auto range = settable(profile, quantity);
        if (range && out.price) {
            ++out.rates;
            out.price->most = std::min(out.price->most, range->most);
            out.price->step = std::lcm(out.price->step, range->step);
        }
    }
    return out;
}

PlacementDecision place(const PlanVersion& version, const MeterCapability& meter) {
    Decider decider{version, meter, {}};
    if (meter.credit == CreditKind::none || meter.credit == CreditKind::server_held) {
        decider.add("meter", P::server_held, "the meter keeps no credit of its own");
    } else {
        decider.rates();
        decider.steps();
        decider.prices();
        decider.charges();
    }
    auto& decision = decider.decision;
    if (decision.placement >= P::server_held) {
        decision.prices.clear();
        if (!meter.switchable) {
            decider.add("relay", P::not_possible,
                        "the server would have to switch it off, and it has no relay for that");
        }
    }
    return std::move(decision);
}

}  // namespace wutong::core
