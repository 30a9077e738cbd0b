#include "core/sale_charge.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <utility>

namespace wutong::core {

namespace {

using std::chrono::local_days;
using std::chrono::months;
using std::chrono::year_month;

struct Part {
    const std::string* name;
    const PreparedPlan* plan;
    Instant from;
};

year_month month_of(const LocalTime& local, Instant at) {
    const std::chrono::year_month_day date{local.date(at)};
    return date.year() / date.month();
}

Instant start_of(const LocalTime& local, year_month month) {
    return local.start_of(local_days{month / 1});
}

year_month first_month(const SaleChargeSpan& span, const LocalTime& local, const SaleChargeState& state) {
    return state.minimum_next ? *state.minimum_next : month_of(local, span.from);
}

bool has_minimum(const PlanVersion& version) {
    return version.minimum && version.minimum->monthly > Money{0};
}

bool has_minimum(std::span<const SalePlan> plans) {
    return std::any_of(plans.begin(), plans.end(), [](const SalePlan& part) {
        return std::any_of(part.plan.versions.begin(), part.plan.versions.end(),
                           [](const PlanVersion& version) { return has_minimum(version); });
    });
}

/// Fixed charges alone: they need no readings.
TariffPlan without_minimum(TariffPlan plan) {
    for (auto& version : plan.versions) {
        version.minimum.reset();
    }
    return plan;
}

ChargeDue due_of(const BillLine& line, const std::string& plan) {
    ChargeDue due;
    due.kind = line.kind;
    due.name = line.name;
    due.plan = plan;
    due.version = line.version;
    due.month = line.month.value();
    due.first_day = line.first_day;
    due.days = line.days;
    due.monthly = line.monthly;
    due.amount = line.tax.included ? line.amount : line.amount + line.tax_amount;
    due.tax = line.tax;
    due.tax_amount = std::min(line.tax_amount, due.amount);  // a rest of tax can outgrow a tiny line
    return due;
}

/// What is less than a ten-thousandth is in the rest, and comes with a later line.
void add_due(ChargesFound& found, const BillLine& line, const std::string& plan) {
    auto due = due_of(line, plan);
    if (due.amount > Money{0}) {
        found.lines.push_back(std::move(due));
    }
}

struct NamedLine {
    BillLine line;
    const std::string* plan;
};

/// The lines of a kind over [from, to), by whichever plan is in force. @return why it can't be calculated
std::optional<std::string> calculate_over(std::span<const Part> parts, const LocalTime& local,
                                          const EnergySeries& energy, ChargePeriod period, LineKind kind,
                                          TariffState& state, std::vector<NamedLine>& lines) {
    const auto whole = period;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        period.from = std::max(parts[i].from, whole.from);
        period.to = i + 1 < parts.size() ? std::min(parts[i + 1].from, whole.to) : whole.to;
        if (period.from >= period.to) {
            continue;
        }
        period.closing = whole.closing && period.to == whole.to;
        auto result = calculate(*parts[i].plan, local, energy, period, state);
        if (const auto* fault = std::get_if<TariffFault>(&result)) {
            return fault->text;
        }
        auto& bill = std::get<Bill>(result);
        for (auto& line : bill.lines) {
            if (line.kind == kind && line.exact != 0) {
                lines.push_back({std::move(line), parts[i].name});
            }
        }
        state = std::move(bill.state);
    }
    return std::nullopt;
}

std::vector<Part> parts_of(std::span<const SalePlan> plans, std::deque<PreparedPlan>& prepared,
                           bool minimum) {
    std::vector<Part> parts;
    for (const auto& one : plans) {
        prepared.emplace_back(minimum ? one.plan : without_minimum(one.plan));
        parts.push_back({&one.plan.name, &prepared.back(), one.from});
    }
    return parts;
}

/// Months one after the other, each with the whole plan and its real energy, but of the lines the minimum's
/// alone.
std::string find_minimums(const SaleChargeSpan& span, std::span<const Part> parts,
                          std::span<const MeterSeries> series, const LocalTime& local, year_month first,
                          SaleChargeState& state, std::vector<NamedLine>& lines) {
    Instant read_until{};
    for (const auto& one : series) {
        read_until = one.readings.empty() ? read_until : std::max(read_until, one.readings.back().at);
    }
    const auto energy = energy_between(series);
    for (auto month = first;; month += months{1}) {
        state.minimum_next = month;
        const Instant end = start_of(local, month + months{1});
        const bool over = end <= span.now;
        const ChargePeriod period{std::max(span.from, start_of(local, month)), std::min(end, span.now),
                                  Money{1}, !over};
        if ((!over && !span.closing) || period.from >= period.to) {
            return {};
        }
        if (!span.closing && read_until < end) {
            return {};  // what was used until the month's end is not known yet
        }
        if (const auto* fault = std::get_if<TariffFault>(&energy)) {
            return fault->text;
        }
        TariffState scratch;
        if (auto fault = calculate_over(parts, local, std::get<EnergySeries>(energy), period,
                                        LineKind::minimum, scratch, lines)) {
            return *fault;
        }
    }
}

void post(JournalEntry& entry, LedgerKind kind, std::int64_t owner, Money amount) {
    if (amount != Money{0}) {
        entry.postings.push_back({kind, owner, amount});
    }
}

/// @param sign -1: taken, 1: given back
void post(JournalEntry& entry, const ChargeSums& sums, int sign) {
    post(entry, LedgerKind::revenue, 0, sign < 0 ? -sums.revenue : sums.revenue);
    post(entry, LedgerKind::charges, 0, sign < 0 ? -sums.charges : sums.charges);
    post(entry, LedgerKind::tax, 0, sign < 0 ? -sums.tax : sums.tax);
}

}  // namespace

TariffPlan no_plan() {
    PlanVersion version;
    version.from = local_days{std::chrono::year{1970} / 1 / 1};
    version.steps.emplace_back();
    version.steps.front().prices[static_cast<std::size_t>(Rate::flat)] = Price{0};
    return {"no plan", {version}};
}

TariffPlan part_at_the_sale(const TariffPlan& plan, const MeterCapability& meter) {
    TariffPlan out = plan;
    for (auto& version : out.versions) {
        if (place(version, meter).placement > Placement::at_the_sale) {
            auto nothing = no_plan().versions.front();
            nothing.from = version.from;
            version = std::move(nothing);
        }
    }
    return out;
}

Instant charges_begin(const SaleChargeSpan& span, const LocalTime& local, const SaleChargeState& state) {
    const Instant fixed = state.fixed.through.value_or(span.from);
    const Instant minimum = state.minimum_next ? start_of(local, *state.minimum_next) : span.from;
    return std::max(span.from, std::min(fixed, minimum));
}

std::optional<Span> minimum_span(const SaleChargeSpan& span, std::span<const SalePlan> plans,
                                 const LocalTime& local, const SaleChargeState& state) {
    if (!has_minimum(plans)) {
        return std::nullopt;
    }
    const auto first = first_month(span, local, state);
    const Instant from = std::max(span.from, start_of(local, first));
    const Instant to = span.closing ? span.now : start_of(local, month_of(local, span.now));
    return from < to ? std::optional{Span{from, to}} : std::nullopt;
}

ChargesFound find_charges(const SaleChargeSpan& span, std::span<const SalePlan> plans,
                          std::span<const MeterSeries> series, const LocalTime& local,
                          const SaleChargeState& state) {
    ChargesFound found{{}, state, {}};
    const auto begin = charges_begin(span, local, state);
    if (!local.knows(begin)) {
        found.fault = "the table of UTC offsets begins after " + to_text(begin);
        return found;
    }
    if (plans.empty() || plans.front().from > begin) {
        throw std::invalid_argument("no tariff plan covers " + to_text(begin) +
                                    ", from which on charges become due");
    }
    std::deque<PreparedPlan> prepared;
    std::vector<NamedLine> lines;
    auto& fixed = found.state.fixed;
    const ChargePeriod since{fixed.through.value_or(span.from), span.now, Money{1}, false};
    if (since.from < since.to) {
        if (auto fault = calculate_over(parts_of(plans, prepared, false), local, {}, since,
                                        LineKind::fixed_charge, fixed, lines)) {
            return {{}, state, *fault};
        }
        for (const auto& one : lines) {
            add_due(found, one.line, *one.plan);
        }
        lines.clear();
    }
    const auto first = first_month(span, local, state);
    if (!has_minimum(plans)) {
        // A plan with a minimum that is assigned later begins with the month that runs then.
        found.state.minimum_next = std::max(first, month_of(local, span.now));
        return found;
    }
    found.fault =
        find_minimums(span, parts_of(plans, prepared, true), series, local, first, found.state, lines);
    // The amounts of these lines go on from the rests that the fixed charges have left.
    Bill bill;
    bill.state = fixed;
    for (const auto& one : lines) {
        bill.lines.push_back(one.line);
    }
    add_up(bill, Money{1}, false);
    fixed = std::move(bill.state);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        add_due(found, bill.lines[i], *lines[i].plan);
    }
    return found;
}

std::vector<ChargeTaken> take_charges(Money tender, Money quantum, std::span<const ChargeOpen> open) {
    if (quantum <= Money{0} || tender < Money{0} || !tender.is_multiple_of(quantum)) {
        throw std::invalid_argument("charges are taken out of a multiple of the quantum, not of " +
                                    to_string(tender) + " with a quantum of " + to_string(quantum));
    }
    Money left;
    for (const auto& one : open) {
        left += one.amount - one.paid;
    }
    left -= Money{left.ten_thousandths() % quantum.ten_thousandths()};
    left = std::min(left, tender);
    std::vector<ChargeTaken> taken;
    for (const auto& one : open) {
        ChargeTaken now;
        now.amount = std::min(left, one.amount - one.paid);
        if (now.amount > Money{0}) {
            left -= now.amount;
            // The tax goes with what is paid of it, so that the last payment makes both whole.
            const auto paid = (one.paid + now.amount).ten_thousandths();
            const auto whole = one.amount.ten_thousandths();
            const auto tax = one.tax.ten_thousandths();
            now.tax =
                Money{detail::checked_add(detail::checked_mul(tax / whole, paid, "tax of a charge"),
                                          detail::checked_mul(tax % whole, paid, "tax of a charge") / whole,
                                          "tax of a charge")} -
                one.tax_paid;
        }
        taken.push_back(now);
    }
    return taken;
}

void ChargeSums::add(LineKind kind, const ChargeTaken& taken) {
    (kind == LineKind::minimum ? revenue : charges) += taken.amount - taken.tax;
    tax += taken.tax;
}

JournalEntry charged_sale_entry(AccountId account, TenderMethod method, Money tender,
                                const ChargeSums& taken) {
    if (tender <= Money{0} || taken.total() < Money{0} || taken.total() > tender) {
        throw std::invalid_argument("charges of " + to_string(taken.total()) + " can't be taken out of " +
                                    to_string(tender));
    }
    JournalEntry entry{EntryKind::sale, {}};
    post(entry, LedgerKind::tender, static_cast<std::int64_t>(method), tender);
    post(entry, taken, -1);
    post(entry, LedgerKind::credit_in_flight, account.value, taken.total() - tender);
    return entry;
}

JournalEntry charged_reversal_entry(AccountId account, LedgerKind from, TenderMethod method, Money credited,
                                    const ChargeSums& taken) {
    JournalEntry entry{EntryKind::reversal, {}};
    post(entry, from, account.value, credited);
    post(entry, taken, 1);
    post(entry, LedgerKind::tender, static_cast<std::int64_t>(method), -(credited + taken.total()));
    return entry;
}

JournalEntry charges_payable_entry(AccountId account, const ChargeSums& taken) {
    JournalEntry entry{EntryKind::reversal, {}};
    post(entry, taken, 1);
    post(entry, LedgerKind::refund_payable, account.value, -taken.total());
    return entry;
}

JournalEntry closing_charges_entry(AccountId account, const ChargeSums& taken) {
    JournalEntry entry{EntryKind::correction, {}};
    post(entry, LedgerKind::refund_payable, account.value, taken.total());
    post(entry, taken, -1);
    return entry;
}

}  // namespace wutong::core
