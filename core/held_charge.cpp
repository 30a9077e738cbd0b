#include "core/held_charge.hpp"

#include <algorithm>
#include <stdexcept>

namespace wutong::core {

namespace {

bool has_calendar(const PlanFrom& part) {
    const auto& versions = part.plan->plan().versions;
    return std::any_of(versions.begin(), versions.end(),
                       [](const PlanVersion& version) { return version.calendar.has_value(); });
}

/// A plan with a single rate uses the total register alone, whatever the others show.
RegisterReading without_rates(RegisterReading reading) {
    reading.rates.reset();
    return reading;
}

struct Sums {
    Money revenue, charges, tax;
};

Sums sums_of(const Bill& bill) {
    Sums sums;
    for (const auto& line : bill.lines) {
        // Tax that is included is a part of the amount; tax that is added comes on top of it.
        const Money net = line.tax.included ? line.amount - line.tax_amount : line.amount;
        const bool energy = line.kind == LineKind::energy || line.kind == LineKind::minimum;
        (energy ? sums.revenue : sums.charges) += net;
        sums.tax += line.tax_amount;
    }
    return sums;
}

void add_posting(JournalEntry& entry, LedgerKind kind, std::int64_t owner, Money amount) {
    if (amount != Money{0}) {
        entry.postings.push_back({kind, owner, amount});
    }
}

}  // namespace

std::variant<HeldCharge, TariffFault> charge_readings(const HeldReadings& input,
                                                      std::span<const PlanFrom> plans, const LocalTime& local,
                                                      const TariffState& state) {
    if (plans.empty() || plans.front().from > input.mark.at) {
        throw std::invalid_argument("no tariff plan covers " + to_text(input.mark.at) +
                                    ", up to which the meter is charged");
    }
    const bool with_rates = std::any_of(plans.begin(), plans.end(), has_calendar);
    const auto taken = [with_rates](const RegisterReading& reading) {
        return with_rates ? reading : without_rates(reading);
    };
    HeldCharge out;
    out.mark = input.mark;
    out.state = state;
    MeterSeries series{input.meter,   input.rolls_over_at, std::nullopt,
                       input.quantum, {taken(input.mark)}, input.commodity};
    for (const auto& reading : input.readings) {
        if (reading.at > out.mark.at) {
            series.readings.push_back(taken(reading));
            out.mark = reading;
        }
    }
    if (input.closes_at && *input.closes_at > out.mark.at) {
        out.mark.at = *input.closes_at;
    }
    if (out.mark.at == input.mark.at) {
        return out;
    }
    const auto energy = energy_between(std::span{&series, 1});
    if (const auto* fault = std::get_if<TariffFault>(&energy)) {
        return *fault;
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const Instant from = std::max(plans[i].from, input.mark.at);
        const Instant to = i + 1 < plans.size() ? std::min(plans[i + 1].from, out.mark.at) : out.mark.at;
        if (from >= to) {
            continue;
        }
        const ChargePeriod period{from, to, Money{1}, input.closes_at.has_value() && to == out.mark.at};
        auto bill = calculate(*plans[i].plan, local, std::get<EnergySeries>(energy), period, out.state);
        if (const auto* fault = std::get_if<TariffFault>(&bill)) {
            return *fault;
        }
        auto& made = std::get<Bill>(bill);
        out.state = made.state;
        out.energy = out.energy + made.energy;
        out.booked += made.booked;
        out.bills.push_back(std::move(made));
    }
    return out;
}

std::optional<JournalEntry> held_charge_entry(AccountId account, const HeldCharge& charge) {
    Sums all;
    for (const auto& bill : charge.bills) {
        const auto sums = sums_of(bill);
        all.revenue += sums.revenue;
        all.charges += sums.charges;
        all.tax += sums.tax;
    }
    JournalEntry entry{EntryKind::consumption, {}};
    add_posting(entry, LedgerKind::prepaid_credit, account.value, charge.booked);
    add_posting(entry, LedgerKind::revenue, 0, -all.revenue);
    add_posting(entry, LedgerKind::tax, 0, -all.tax);
    add_posting(entry, LedgerKind::charges, 0, -all.charges);
    add_posting(entry, LedgerKind::rounding, 0, all.revenue + all.charges + all.tax - charge.booked);
    return entry.postings.empty() ? std::nullopt : std::optional{std::move(entry)};
}

std::optional<Price> average_price(const HeldCharge& charge) {
    if (charge.energy <= Energy{0}) {
        return std::nullopt;
    }
    ExactAmount exact = 0;
    for (const auto& bill : charge.bills) {
        for (const auto& line : bill.lines) {
            if (line.kind != LineKind::energy && line.kind != LineKind::energy_charge) {
                continue;
            }
            exact = detail::checked_add(exact, line.exact, "average price");
            if (!line.tax.included) {
                exact = detail::checked_add(
                    exact, detail::checked_mul(line.exact, line.tax.basis_points, "added tax") / 10'000,
                    "average price");
            }
        }
    }
    return Price{exact / charge.energy.watt_hours()};
}

std::string to_text(const RegisterReading& before, const HeldCharge& charge, Commodity commodity) {
    return std::to_string(before.total.watt_hours()) + " to " +
           std::to_string(charge.mark.total.watt_hours()) + " " + small_unit_of(commodity) + ", " +
           to_text(before.at) + " to " + to_text(charge.mark.at);
}

}  // namespace wutong::core
