// The part of TariffService that calculates a month from real readings.
#include <cstdio>
#include <variant>

#include "core/tariff_charge.hpp"
#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/tariff_service.hpp"
#include "server/services/tariff_shapes.hpp"
#include "server/services/tariff_source.hpp"
#include "storage/local_clock.hpp"
#include "storage/meter_facts.hpp"
#include "storage/metered_energy.hpp"
#include "storage/reading_queries.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

using std::chrono::local_days;
using std::chrono::months;

/// Rates change on minutes; a plan without rates needs no more than this either.
constexpr std::chrono::seconds kReadingWidth{60};
/// What is booked is whole cents, as meters and receipts know them.
constexpr core::Money kQuantum{100};

std::chrono::year_month month_of(const std::string& text) {
    int year = 0, used = 0;
    unsigned month = 0;
    if (std::sscanf(text.c_str(), "%4d-%2u%n", &year, &month, &used) != 2 ||
        used != static_cast<int>(text.size()) || year < 1971 || year > 2199 || month < 1 || month > 12) {
        throw invalid("month", "\"" + text.substr(0, 40) + "\" is no month like 2026-10");
    }
    return std::chrono::year{year} / std::chrono::month{month};
}

local_days first_of(std::chrono::year_month month) {
    return local_days{month / std::chrono::day{1}};
}

Refused refused(const core::TariffFault& fault) {
    return failed_precondition(core::to_string(fault.kind),
                               "This can't be calculated: " + fault.text + ". Nothing was guessed.");
}

template <class Value>
Value value_of(std::variant<Value, core::TariffFault> outcome) {
    if (const auto* fault = std::get_if<core::TariffFault>(&outcome)) {
        throw refused(*fault);
    }
    return std::get<Value>(std::move(outcome));
}

google::protobuf::Timestamp at(core::Instant time) {
    return to_timestamp(core::Timestamp{time});
}

void fill(const core::BillLine& line, bool draft, v1::TariffBillLine& out) {
    out.set_kind(core::to_string(line.kind));
    out.set_name(line.name);
    out.set_version(draft ? "" : storage::local_day_text(line.version));
    if (line.rate) {
        out.set_rate(to_proto(*line.rate));
    }
    out.set_step(line.step);
    out.set_quantity_wh(line.quantity.watt_hours());
    out.set_price_e4(line.price.ten_thousandths_per_kwh());
    if (line.month) {
        out.set_month(storage::local_day_text(first_of(*line.month)).substr(0, 7));
    }
    out.set_first_day(line.first_day);
    out.set_days(line.days);
    out.set_monthly_e4(line.monthly.ten_thousandths());
    out.set_exact_e7(line.exact);
    out.set_amount_e4(line.amount.ten_thousandths());
    out.set_rest_e7(static_cast<int>(line.rest.ten_millionths()));
    out.set_tax_basis_points(line.tax.basis_points);
    out.set_tax_added(line.tax.basis_points > 0 && !line.tax.included);
    out.set_tax_e4(line.tax_amount.ten_thousandths());
}

void fill(const core::Bill& bill, bool draft, v1::TariffBill& out) {
    *out.mutable_from() = at(bill.from);
    *out.mutable_to() = at(bill.to);
    for (const auto& line : bill.lines) {
        fill(line, draft, *out.add_lines());
    }
    out.set_energy_wh(bill.energy.watt_hours());
    out.set_charges_e4(bill.charges.ten_thousandths());
    out.set_tax_added_e4(bill.tax_added.ten_thousandths());
    out.set_tax_included_e4(bill.tax_included.ten_thousandths());
    out.set_total_e4(bill.total.ten_thousandths());
    out.set_booked_e4(bill.booked.ten_thousandths());
    out.set_below_quantum_e4(bill.state.below_quantum.ten_thousandths());
    for (const auto& span : bill.unmeasured) {
        auto& one = *out.add_unmeasured();
        *one.mutable_from() = at(span.from);
        *one.mutable_to() = at(span.to);
    }
}

/// Reads and calculates; the transaction is short, the calculation is outside of it.
struct Month {
    core::PropertyId property;
    core::MeterId meter;
    core::Commodity commodity{core::Commodity::electricity};
    std::chrono::year_month month;
    TariffSubject subject;
    std::vector<core::LocalTime> clock;  ///< one
    core::Instant from, to;
    std::optional<core::Instant> steps_from;  ///< a year of steps that began before the month
    std::vector<core::RegisterReading> readings, before;

    void read(storage::Transaction& tx, const v1::TariffSource& source) {
        subject = tariff_subject(tx, property, source);
        const auto facts = storage::meter_facts(tx, property, {meter}).at(meter);
        commodity = facts.commodity;
        const bool named = !subject.draft || !source.commodity().empty();
        if (named && subject.commodity != commodity) {
            throw failed_precondition(
                "other_commodity",
                fmt::format("Meter {} measures {}, the plan is one of {}; choose another meter.", facts.code,
                            core::to_string(commodity), core::to_string(subject.commodity)));
        }
        auto& versions = subject.plan.versions;
        const auto first = first_of(month);
        const auto* in_force = subject.single ? &versions.front() : version_on(subject.plan, first);
        auto years_first = first;
        if (in_force != nullptr && in_force->steps.size() > 1 &&
            in_force->step_rule.period == core::StepPeriod::year) {
            auto begins = month.year() / std::chrono::month{in_force->step_rule.year_begins};
            begins = begins > month ? begins - std::chrono::years{1} : begins;
            years_first = first_of(begins);
        }
        if (subject.single) {
            versions.front().from = std::min(versions.front().from, years_first);
        }
        const auto rough = [](local_days day) {
            return core::Instant{std::chrono::floor<std::chrono::seconds>(day.time_since_epoch())};
        };
        clock = {storage::local_clock(tx, property, rough(years_first) - std::chrono::days{2},
                                      rough(first_of(month + months{1})) + std::chrono::days{2})};
        from = clock[0].start_of(first);
        to = clock[0].start_of(first_of(month + months{1}));
        readings = storage::metered_energy(tx, property, meter, from, to, kReadingWidth);
        if (readings.empty() || readings.back().at <= from || readings.front().at >= to) {
            throw failed_precondition("no_readings",
                                      "The meter was not read in this month, so there is "
                                      "nothing to calculate from; choose another one.");
        }
        to = std::min(to, readings.back().at);
        if (years_first < first) {
            steps_from = clock[0].start_of(years_first);
            before = storage::daily_metered_energy(tx, property, meter, *steps_from, from);
        }
    }

    [[nodiscard]] core::EnergySeries series(const std::vector<core::RegisterReading>& looks) const {
        // Registers per rate are left out: no meter runs by hours that we have told it, so the clock decides.
        const core::MeterSeries one{"meter", std::nullopt, std::nullopt, core::Energy{10}, looks, commodity};
        return value_of(core::energy_between(std::vector{one}));
    }

    /// What the steps know of the year before this month. Nothing else of it belongs to the month.
    [[nodiscard]] core::TariffState state_before(const core::PreparedPlan& plan) const {
        core::TariffState state;
        if (!steps_from || before.size() < 2) {
            return state;
        }
        const auto bill =
            value_of(core::calculate(plan, clock[0], series(before), {*steps_from, from, kQuantum}, {}));
        state.through = bill.state.through;
        state.version = bill.state.version;
        state.meter = bill.state.meter;
        state.step_period = bill.state.step_period;
        state.step_used = bill.state.step_used;
        return state;
    }
};

}  // namespace

grpc::Status TariffService::PreviewMonth(grpc::ServerContext* context,
                                         const v1::PreviewTariffMonthRequest* request,
                                         v1::TariffBill* response) {
    return handle(app_, context, [&](CallContext& call) {
        Month month;
        month.property = core::PropertyId{request->property_id()};
        month.meter = core::MeterId{request->meter_id()};
        month.month = month_of(request->month());
        app_.database().transact(call.scope(month.property), "preview_tariff", [&](storage::Transaction& tx) {
            if (!storage::meter_exists(tx, month.property, month.meter)) {
                throw not_found("meter", month.meter.value);
            }
            month.read(tx, request->source());
            response->set_commodity(core::to_string(month.commodity));
        });
        const core::PreparedPlan plan{month.subject.plan};
        const auto before = month.state_before(plan);
        const auto bill = value_of(core::calculate(plan, month.clock[0], month.series(month.readings),
                                                   {month.from, month.to, kQuantum}, before));
        fill(bill, month.subject.draft, *response);
        response->set_readings(static_cast<int>(month.readings.size()));
        response->set_steps_used_before_wh(before.step_used.watt_hours());
        for (const auto& disagreement : core::recheck(bill, before)) {
            response->add_recheck(disagreement);
        }
    });
}

}  // namespace wutong::server
