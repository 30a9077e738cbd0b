#include "ctl/commands/tariff_view.hpp"

#include <fmt/format.h>

#include <array>
#include <ostream>

#include "ctl/program.hpp"
#include "ctl/tariff_file.hpp"

namespace wutong::ctl {

namespace {

std::string prices_text(const v1::RatePrices& prices) {
    std::string out;
    const auto add = [&](const char* rate, bool has, std::int64_t e4) {
        if (has) {
            out += (out.empty() ? "" : ", ") + std::string(rate) + " " + money_text(e4);
        }
    };
    add("sharp", prices.has_sharp_e4(), prices.sharp_e4());
    add("peak", prices.has_peak_e4(), prices.peak_e4());
    add("flat", prices.has_flat_e4(), prices.flat_e4());
    add("valley", prices.has_valley_e4(), prices.valley_e4());
    return out;
}

const char* spread_text(v1::TariffSpread spread) {
    return spread == v1::TARIFF_SPREAD_WHOLE ? "whole months" : "by day";
}

void print_calendar(const v1::TariffCalendar& calendar, std::ostream& out) {
    for (const auto& plan : calendar.day_plans()) {
        out << "  day plan " << plan.name() << ":";
        for (const auto& period : plan.periods()) {
            out << fmt::format(" {:02}:{:02}–{:02}:{:02} {}", period.from_minute() / 60,
                               period.from_minute() % 60, period.to_minute() / 60, period.to_minute() % 60,
                               rate_word(period.rate()));
        }
        out << '\n';
    }
    for (const auto& season : calendar.seasons()) {
        out << "  season " << season.name() << " " << season.from() << " to " << season.to() << ":";
        for (int i = 0; i < season.day_plans_size(); ++i) {
            out << (i == 0 ? " " : ", ") << (i < calendar.day_types_size() ? calendar.day_types(i) : "?")
                << " → " << season.day_plans(i);
        }
        out << '\n';
    }
    if (calendar.special_days_size() > 0) {
        out << "  special days:";
        for (const auto& special : calendar.special_days()) {
            out << ' ' << special.day() << " (" << special.day_type() << ')';
        }
        out << '\n';
    }
}

void print_terms(const v1::TariffTerms& terms, const std::string& commodity, std::ostream& out) {
    for (int i = 0; i < terms.steps_size(); ++i) {
        const auto& step = terms.steps(i);
        const auto where = terms.steps_size() == 1 ? "price per " + unit_text(commodity)
                           : step.has_up_to_wh()
                               ? fmt::format("step {}, to {}", i + 1, energy_text(step.up_to_wh(), commodity))
                               : fmt::format("step {}, above", i + 1);
        out << "  " << where << ": " << prices_text(step.prices()) << '\n';
    }
    if (terms.steps_size() > 1) {
        const auto& rule = terms.step_rule();
        out << "  steps count by "
            << (rule.period() == v1::TARIFF_STEP_PERIOD_YEAR
                    ? fmt::format("year from month {}", rule.year_begins())
                    : std::string{"month"})
            << '\n';
    }
    if (terms.has_calendar()) {
        print_calendar(terms.calendar(), out);
    }
    for (const auto& charge : terms.energy_charges()) {
        out << "  per " << unit_text(commodity) << ' ' << charge.name() << ": "
            << money_text(charge.price_e4()) << (charge.untaxed() ? ", untaxed" : "") << '\n';
    }
    for (const auto& charge : terms.fixed_charges()) {
        out << "  per month " << charge.name() << ": " << money_text(charge.monthly_e4()) << ", "
            << spread_text(charge.spread()) << (charge.untaxed() ? ", untaxed" : "") << '\n';
    }
    if (terms.has_minimum()) {
        out << "  minimum per month: " << money_text(terms.minimum().monthly_e4()) << ", "
            << spread_text(terms.minimum().spread()) << '\n';
    }
    if (terms.tax().basis_points() > 0) {
        out << fmt::format("  tax: {}.{:02} %, {}\n", terms.tax().basis_points() / 100,
                           terms.tax().basis_points() % 100,
                           terms.tax().added() ? "added" : "inside the prices");
    }
    if (terms.deposit_e4() > 0) {
        out << "  deposit: " << money_text(terms.deposit_e4()) << '\n';
    }
    if (terms.overdraft_e4() > 0) {
        out << "  overdraft: " << money_text(terms.overdraft_e4()) << '\n';
    }
}

const char* placement_text(const std::string& placement) {
    return placement == "downloaded"    ? "the meter charges by itself"
           : placement == "at_the_sale" ? "the meter charges the energy, the rest is taken at the sale"
           : placement == "server_held" ? "the server would charge each reading and switch the relay"
                                        : "not possible prepaid";
}

void print_group(const v1::TariffPlacementGroup& group, std::ostream& out) {
    out << group.profile() << ", " << group.meters() << (group.meters() == 1 ? " meter: " : " meters: ")
        << group.placement() << " (" << placement_text(group.placement()) << ")\n";
    for (const auto& reason : group.reasons()) {
        out << "  " << reason.part() << ": " << reason.placement() << ", " << reason.why() << '\n';
    }
}

/// "1.2345 + 500/1000": what a line is before it is rounded down.
std::string rest_text(int rest_e7) {
    return rest_e7 == 0 ? "" : fmt::format("{}/1000", rest_e7);
}

std::string what_of(const v1::TariffBillLine& line) {
    if (line.kind() == "energy") {
        return rate_word(line.rate()) + (line.step() > 0 ? fmt::format(", step {}", line.step()) : "");
    }
    return line.kind() == "minimum" ? "up to the minimum" : line.name();
}

std::string quantity_of(const v1::TariffBillLine& line, const std::string& commodity) {
    if (line.kind() == "energy" || line.kind() == "energy_charge") {
        return energy_text(line.quantity_wh(), commodity);
    }
    return line.days() == 0 ? line.month() : fmt::format("{}, {} days", line.month(), line.days());
}

}  // namespace

void print_plans(const std::vector<v1::TariffPlan>& plans, std::ostream& out) {
    Table table;
    for (const char* title : {"plan", "id", "for", "versions", "first", "last", ""}) {
        table.column(title);
    }
    for (const auto& plan : plans) {
        table.row({plan.name(), "#" + std::to_string(plan.plan_id()), plan.commodity(),
                   std::to_string(plan.version_count()), plan.first_from(), plan.last_from(),
                   plan.has_retired_at() ? "retired" : ""});
    }
    table.print(out);
}

void print_plan(const v1::TariffPlan& plan, std::ostream& out) {
    out << plan.name() << " (#" << plan.plan_id() << (plan.commodity() == "water" ? ", water" : "")
        << (plan.has_retired_at() ? ", retired)\n" : ")\n");
    for (const auto& version : plan.versions()) {
        out << "from " << version.effective_from() << ":\n";
        print_terms(version.terms(), plan.commodity(), out);
    }
}

void print_placement(const v1::PlaceTariffVersionResponse& answer, std::ostream& out) {
    for (const auto& group : answer.groups()) {
        print_group(group, out);
    }
    Table table;
    for (const char* title : {"meter", "unit", "would be"}) {
        table.column(title);
    }
    table.column("price now", Table::Align::right);
    table.column("price then", Table::Align::right);
    for (const auto& meter : answer.meters()) {
        const auto& group = answer.groups(meter.group());
        table.row({meter.meter_code(), meter.unit_code(), group.placement(),
                   optional_money(meter.has_held_price_e4(), meter.held_price_e4()),
                   group.prices_size() == 0 ? "" : prices_text(group.prices(0))});
    }
    if (!table.empty()) {
        table.print(out);
    }
}

void print_bill(const v1::TariffBill& bill, std::ostream& out) {
    out << time_text(true, bill.from()) << " to " << time_text(true, bill.to()) << ", " << bill.readings()
        << " readings, " << energy_text(bill.energy_wh(), bill.commodity()) << '\n';
    if (bill.steps_used_before_wh() > 0) {
        out << "used before in the year of the steps: "
            << energy_text(bill.steps_used_before_wh(), bill.commodity()) << '\n';
    }
    Table table;
    for (const char* title : {"version", "what"}) {
        table.column(title);
    }
    for (const char* title : {"quantity", "price", "amount", "rest", "tax"}) {
        table.column(title, Table::Align::right);
    }
    for (const auto& line : bill.lines()) {
        const bool energy = line.kind() == "energy" || line.kind() == "energy_charge";
        table.row({line.version().empty() ? "draft" : line.version(), what_of(line),
                   quantity_of(line, bill.commodity()),
                   money_text(energy ? line.price_e4() : line.monthly_e4()), money_text(line.amount_e4()),
                   rest_text(line.rest_e7()), line.tax_basis_points() == 0 ? "" : money_text(line.tax_e4())});
    }
    table.print(out);
    out << "sum " << money_text(bill.charges_e4());
    if (bill.tax_added_e4() != 0) {
        out << ", tax " << money_text(bill.tax_added_e4());
    }
    out << ", total " << money_text(bill.total_e4()) << ", booked " << money_text(bill.booked_e4())
        << ", carried " << money_text(bill.below_quantum_e4()) << '\n';
    if (bill.tax_included_e4() != 0) {
        out << "tax inside the prices " << money_text(bill.tax_included_e4()) << '\n';
    }
    for (const auto& span : bill.unmeasured()) {
        out << "not measured, charged with nothing: " << time_text(true, span.from()) << " to "
            << time_text(true, span.to()) << '\n';
    }
    for (const auto& disagreement : bill.recheck()) {
        out << "DOES NOT ADD UP: " << disagreement << '\n';
    }
}

void print_assignments(const std::vector<v1::TariffAssignment>& assignments, std::ostream& out) {
    Table table;
    for (const char* title : {"who", "plan", "from", "", "by"}) {
        table.column(title);
    }
    for (const auto& one : assignments) {
        const auto& target = one.target();
        table.row({target.meter_id() != 0      ? "meter " + target.code()
                   : target.group_id() != 0    ? "group " + target.code()
                   : target.building_id() != 0 ? "building " + target.code()
                                               : "everybody",
                   one.plan_id() == 0
                       ? "no plan of its own" + std::string{one.commodity() == "water" ? " (water)" : ""}
                       : one.plan_name(),
                   one.effective_from(), one.state() == "in_force" ? "in force" : one.state(),
                   one.operator_()});
    }
    table.print(out);
}

void print_meter_tariff(const v1::MeterTariff& tariff, std::ostream& out) {
    out << "meter " << tariff.meter_code() << ": ";
    if (tariff.plan_id() == 0) {
        out << "no plan, charged at the price that is set on it\n";
    } else {
        const auto& target = tariff.assigned_to();
        out << tariff.plan_name() << ", version of " << tariff.version_from() << ", assigned to "
            << (target.meter_id() != 0      ? "the meter"
                : target.group_id() != 0    ? "group " + target.code()
                : target.building_id() != 0 ? "building " + target.code()
                                            : "everybody")
            << " from " << tariff.assigned_from() << '\n';
        print_group(tariff.placement(), out);
    }
    out << "price on the meter: " << optional_money(tariff.has_held_price_e4(), tariff.held_price_e4())
        << '\n';
    if (!tariff.next_from().empty()) {
        out << "from " << tariff.next_from() << ": "
            << (tariff.next_plan_id() == 0 ? "no plan" : tariff.next_plan_name()) << '\n';
    }
}

}  // namespace wutong::ctl
