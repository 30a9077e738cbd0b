#include "core/bill.hpp"

#include <algorithm>
#include <tuple>

#include "core/names.hpp"
#include "core/tariff_plan_faults.hpp"

namespace wutong::core {

namespace {

/// exact x basis points + parts, as ten-thousandths and parts.
std::pair<Money, std::int64_t> tax_of(ExactAmount exact, Tax tax, std::int64_t parts) {
    // Quotient and rest apart, since exact x basis points need not fit 64 bits.
    const auto denominator = tax_denominator(tax);
    const auto whole = detail::checked_mul(exact / denominator, tax.basis_points, "tax");
    const auto rest = exact % denominator * tax.basis_points + parts;
    return {Money{detail::checked_add(whole, rest / denominator, "tax")}, rest % denominator};
}

std::int64_t& rest_of(TariffState& state, Tax tax) {
    auto found = std::find_if(state.tax_rests.begin(), state.tax_rests.end(),
                              [&](const TaxRest& one) { return one.tax == tax; });
    if (found == state.tax_rests.end()) {
        state.tax_rests.push_back({tax, 0});
        found = std::prev(state.tax_rests.end());
    }
    return found->parts;
}

std::string kwh(Energy energy) {
    const auto value = energy.watt_hours();
    std::string rest = std::to_string(value % 1'000);
    rest.insert(0, 3 - rest.size(), '0');
    return std::to_string(value / 1'000) + "." + rest + " kWh";
}

std::string price_text(Price price) {
    return to_string(Money{price.ten_thousandths_per_kwh()});
}

int days_in(std::chrono::year_month month) {
    return static_cast<int>(static_cast<unsigned>((month / std::chrono::last).day()));
}

/// The exact amount from what the line shows, or nothing where it does not follow from the line alone.
std::optional<ExactAmount> exact_again(const BillLine& line) {
    switch (line.kind) {
        case LineKind::energy:
        case LineKind::energy_charge:
            return detail::checked_mul(line.price.ten_thousandths_per_kwh(), line.quantity.watt_hours(),
                                       "amount");
        case LineKind::fixed_charge:
            return line.days == 0
                       ? share_of_month(line.monthly, 0, 1, 1)
                       : share_of_month(line.monthly, line.first_day, line.days, days_in(*line.month));
        case LineKind::minimum:
            break;
    }
    return std::nullopt;
}

}  // namespace

const char* to_string(LineKind kind) {
    static constexpr std::array<detail::Name<LineKind>, 4> kNames{{{LineKind::energy, "energy"},
                                                                   {LineKind::energy_charge, "energy_charge"},
                                                                   {LineKind::fixed_charge, "fixed_charge"},
                                                                   {LineKind::minimum, "minimum"}}};
    return detail::name_of(kNames, kind, "kind of line");
}

std::int64_t tax_denominator(Tax tax) {
    constexpr std::int64_t kWhole = 10'000;
    return kExactPerTenThousandth * (tax.included ? kWhole + tax.basis_points : kWhole);
}

ExactAmount share_of_month(Money monthly, int first_day, int days, int days_in_month) {
    const auto exact =
        detail::checked_mul(monthly.ten_thousandths(), kExactPerTenThousandth, "monthly amount");
    const auto until = [&](int day) {
        return detail::checked_mul(exact, day, "monthly amount") / days_in_month;
    };
    return until(first_day + days) - until(first_day);
}

void add_up(Bill& bill, Money quantum, bool closing) {
    auto& state = bill.state;
    for (auto& line : bill.lines) {
        const auto sum = detail::checked_add(line.exact, state.rest.ten_millionths(), "amount");
        line.amount = Money{sum / kExactPerTenThousandth};
        line.rest = state.rest = Remainder{sum % kExactPerTenThousandth};
        bill.charges += line.amount;
        if (line.tax.basis_points != 0) {
            auto& parts = rest_of(state, line.tax);
            std::tie(line.tax_amount, parts) = tax_of(line.exact, line.tax, parts);
            line.tax_rest = parts;
            (line.tax.included ? bill.tax_included : bill.tax_added) += line.tax_amount;
        }
    }
    bill.total = bill.charges + bill.tax_added;
    const Money waiting = bill.total + state.below_quantum;
    state.below_quantum = Money{waiting.ten_thousandths() % quantum.ten_thousandths()};
    bill.booked = waiting - state.below_quantum;
    if (closing) {
        bill.to_rounding = state.below_quantum;
        state.below_quantum = Money{0};
    }
}

std::vector<std::string> recheck(const Bill& bill, const TariffState& before) {
    std::vector<std::string> wrong;
    const auto expect = [&](bool holds, const std::string& what) {
        if (!holds) {
            wrong.push_back(what);
        }
    };
    std::int64_t exact = before.rest.ten_millionths();
    Money charges, added, included;
    Energy energy;
    for (std::size_t i = 0; i < bill.lines.size(); ++i) {
        const auto& line = bill.lines[i];
        const std::string which = "line " + std::to_string(i + 1);
        if (const auto again = exact_again(line)) {
            expect(*again == line.exact, which + ": price x quantity is " + std::to_string(*again) +
                                             " ten-millionths, not " + std::to_string(line.exact));
        }
        exact = detail::checked_add(exact, line.exact, "bill");
        charges += line.amount;
        (line.tax.included ? included : added) += line.tax_amount;
        if (line.kind == LineKind::energy) {
            energy = energy + line.quantity;
        }
        expect(detail::checked_mul(charges.ten_thousandths(), kExactPerTenThousandth, "bill") +
                       line.rest.ten_millionths() ==
                   exact,
               which + ": amounts and rest until here are not what was charged");
    }
    expect(energy == bill.energy, "the lines of energy do not add up to " + kwh(bill.energy));
    expect(charges == bill.charges, "the amounts add up to " + to_string(charges));
    expect(added == bill.tax_added, "the added tax adds up to " + to_string(added));
    expect(included == bill.tax_included, "the included tax adds up to " + to_string(included));
    expect(bill.total == charges + added, "the total is not charges and added tax");
    expect(bill.booked + bill.state.below_quantum + bill.to_rounding == bill.total + before.below_quantum,
           "booked and carried are not the total");
    return wrong;
}

std::vector<std::string> to_text(const Bill& bill) {
    std::vector<std::string> out;
    for (const auto& line : bill.lines) {
        std::string text = detail::to_text(std::chrono::year_month_day{line.version}) + " ";
        if (line.kind == LineKind::energy) {
            text += std::string("energy ") + to_string(*line.rate) + ", step " + std::to_string(line.step);
        } else {
            text += line.kind == LineKind::minimum ? "minimum" : line.name;
        }
        if (line.month) {
            const auto first = *line.month / std::chrono::day{1};
            text += " " + detail::to_text(first).substr(0, 7) + ": " +
                    (line.days == 0 ? "month"
                                    : std::to_string(line.days) + " of " +
                                          std::to_string(days_in(*line.month)) + " days") +
                    " of " + to_string(line.monthly);
        } else {
            text += ": " + kwh(line.quantity) + " x " + price_text(line.price);
        }
        text += " = " + to_string(line.amount) + " (rest " + std::to_string(line.rest.ten_millionths()) +
                "/1000 of 0.0001)";
        if (line.tax.basis_points != 0) {
            text += ", tax " + std::to_string(line.tax.basis_points) + " bp " +
                    (line.tax.included ? "included " : "added ") + to_string(line.tax_amount);
        }
        out.push_back(text);
    }
    out.push_back("energy " + kwh(bill.energy));
    out.push_back("charges " + to_string(bill.charges) + ", tax added " + to_string(bill.tax_added) +
                  ", tax included " + to_string(bill.tax_included));
    out.push_back("total " + to_string(bill.total) + ", booked " + to_string(bill.booked) + ", carried " +
                  to_string(bill.state.below_quantum) + ", to rounding " + to_string(bill.to_rounding));
    for (const auto& span : bill.unmeasured) {
        out.push_back("unmeasured from " + to_text(span.from) + " to " + to_text(span.to));
    }
    return out;
}

}  // namespace wutong::core
