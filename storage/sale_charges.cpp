#include "storage/sale_charges.hpp"

#include <algorithm>

#include "core/names.hpp"
#include "storage/metered_energy.hpp"
#include "storage/tariff_json.hpp"
#include "storage/tariff_state_json.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

using std::chrono::local_days;

constexpr int kExchangesMax = 10;

const char* kLink =
    "SELECT am.linked_at::text AS linked_at, COALESCE(sc.began_at, am.linked_at) AS began_at, "
    "COALESCE(sc.state::text, '{}') AS state, sc.minimum_next, EXISTS (SELECT FROM tariff_assignment t WHERE "
    "t.property_id = $1 AND t.plan_id IS NOT NULL) AS has_tariffs FROM account_meter am LEFT JOIN "
    "sale_charge sc "
    "USING (property_id, account_id, meter_id, linked_at) WHERE am.property_id = $1 AND am.account_id = $2 "
    "AND am.meter_id = $3 AND am.unlinked_at IS NULL";

#define WUTONG_CHARGE_COLUMNS                                                                    \
    "SELECT d.charge_id, d.kind, d.name, d.plan, d.version_from, d.month, d.first_day, d.days, " \
    "d.monthly_e4, "                                                                             \
    "d.amount_e4, d.tax_bp, d.tax_included, d.tax_e4, "

const char* kOpen = WUTONG_CHARGE_COLUMNS
    "p.paid, p.tax_paid, 0::bigint AS taken, 0::bigint AS tax_taken FROM charge_due d CROSS JOIN LATERAL "
    "(SELECT COALESCE(sum(c.amount_e4), 0)::bigint AS paid, COALESCE(sum(c.tax_e4), 0)::bigint AS tax_paid "
    "FROM charge_paid c WHERE c.property_id = d.property_id AND c.charge_id = d.charge_id) p "
    "WHERE d.property_id = $1 AND d.account_id = $2 AND d.collect_meter_id = $3 AND p.paid < d.amount_e4 "
    "ORDER BY d.charge_id";

const char* kOfSale = WUTONG_CHARGE_COLUMNS
    "p.paid, p.tax_paid, s.amount_e4 AS taken, s.tax_e4 AS tax_taken FROM charge_paid s JOIN charge_due d "
    "USING (property_id, charge_id) CROSS JOIN LATERAL (SELECT COALESCE(sum(c.amount_e4), 0)::bigint AS "
    "paid, "
    "COALESCE(sum(c.tax_e4), 0)::bigint AS tax_paid FROM charge_paid c WHERE c.property_id = s.property_id "
    "AND "
    "c.charge_id = s.charge_id AND c.entry_id < s.entry_id) p WHERE s.property_id = $1 AND s.sale_id = $2 "
    "ORDER "
    "BY d.charge_id";

const char* kKeepState =
    "INSERT INTO sale_charge (property_id, account_id, meter_id, linked_at, began_at, state, minimum_next) "
    "VALUES ($1, $2, $3, $4::timestamptz, $5, $6::jsonb, $7::date) ON CONFLICT (property_id, account_id, "
    "meter_id, linked_at) DO UPDATE SET state = excluded.state, minimum_next = excluded.minimum_next";

const char* kKeepLine =
    "INSERT INTO charge_due (property_id, account_id, meter_id, linked_at, collect_meter_id, found_at, kind, "
    "name, "
    "plan, version_from, month, first_day, days, monthly_e4, amount_e4, tax_bp, tax_included, tax_e4) VALUES "
    "($1, "
    "$2, $3, $4::timestamptz, $3, $5, $6, $7, $8, $9::date, $10::date, $11::smallint, $12::smallint, $13, "
    "$14, "
    "$15, $16, $17) RETURNING charge_id";

const char* kPaid =
    "INSERT INTO charge_paid (property_id, charge_id, entry_id, sale_id, amount_e4, tax_e4) VALUES ($1, $2, "
    "$3, $4, $5, $6)";

core::Instant second_of(core::Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time);
}

std::chrono::year_month month_of(local_days day) {
    const std::chrono::year_month_day date{day};
    return date.year() / date.month();
}

StoredCharge read(const pqxx::row& row) {
    StoredCharge out;
    auto& due = out.due;
    out.id = get<std::int64_t>(row, "charge_id");
    due.kind = get<std::string>(row, "kind") == core::to_string(core::LineKind::minimum)
                   ? core::LineKind::minimum
                   : core::LineKind::fixed_charge;
    due.name = get<std::string>(row, "name");
    due.plan = get<std::string>(row, "plan");
    due.version = parse_local_day(get<std::string>(row, "version_from"));
    due.month = month_of(parse_local_day(get<std::string>(row, "month")));
    due.first_day = get<int>(row, "first_day");
    due.days = get<int>(row, "days");
    due.monthly = get<core::Money>(row, "monthly_e4");
    due.amount = get<core::Money>(row, "amount_e4");
    due.tax = {get<int>(row, "tax_bp"), get<bool>(row, "tax_included")};
    due.tax_amount = get<core::Money>(row, "tax_e4");
    out.paid = get<core::Money>(row, "paid");
    out.tax_paid = get<core::Money>(row, "tax_paid");
    out.taken = {get<core::Money>(row, "taken"), get<core::Money>(row, "tax_taken")};
    return out;
}

std::vector<core::SalePlan> sale_plans(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                       const core::LocalTime& local, core::Instant begin, core::Instant now,
                                       const core::MeterCapability& capability, PlanCache& plans) {
    std::vector<core::SalePlan> out;
    const auto first = local.date(begin);
    auto days = tariff_changes_between(tx, property, meter, first, local.date(now));
    days.insert(days.begin(), first);
    std::optional<TariffPlanId> before;
    for (const auto day : days) {
        const auto found = tariff_in_force(tx, property, meter, day);
        const TariffPlanId plan = found ? found->plan : TariffPlanId{};
        if (before == plan) {
            continue;
        }
        before = plan;
        out.push_back({found ? core::part_at_the_sale(plans.get(tx, property, plan).plan(), capability)
                             : core::no_plan(),
                       day == first ? begin : local.start_of(day)});
    }
    return out;
}

/// Readings around a span of time: of the meter, and before it of those whose place it took.
std::vector<core::MeterSeries> series_around(Transaction& tx, core::PropertyId property,
                                             core::AccountId account, core::MeterId meter,
                                             const core::Span& span) {
    std::vector<core::MeterSeries> out;
    core::Instant until = core::Instant::max();
    for (int i = 0; i < kExchangesMax; ++i) {
        const auto rows = tx.exec(
            "SELECT old_meter_id, at FROM meter_exchange WHERE property_id = $1 AND account_id = $2 AND "
            "new_meter_id = $3 ORDER BY exchange_id DESC LIMIT 1",
            property, account, meter);
        const auto from = rows.empty() ? core::Instant{} : second_of(get<core::Timestamp>(rows[0], "at"));
        auto looks = daily_metered_energy(tx, property, meter, span.from, std::min(span.to, until));
        for (auto& look : metered_energy(tx, property, meter, span.to, span.to, std::chrono::seconds{1})) {
            if (looks.empty() || look.at > looks.back().at) {
                looks.push_back(look);
            }
        }
        std::erase_if(looks,
                      [&](const core::RegisterReading& look) { return look.at < from || look.at > until; });
        out.push_back(
            {std::to_string(meter.value), std::nullopt, std::nullopt, core::Energy{10}, std::move(looks)});
        if (rows.empty() || from <= span.from) {
            break;
        }
        until = from - std::chrono::seconds{1};
        meter = get<core::MeterId>(rows[0], "old_meter_id");
    }
    std::reverse(out.begin(), out.end());
    return out;
}

}  // namespace

core::Money ChargesNow::due() const {
    core::Money sum;
    for (const auto& charge : charges) {
        sum += charge.due.amount - charge.paid;
    }
    return sum;
}

ChargesNow charges_now(Transaction& tx, core::PropertyId property, core::AccountId account,
                       core::MeterId meter, const core::MeterCapability& capability, PlanCache& plans,
                       core::Timestamp now, bool closing) {
    plans.trim();
    ChargesNow out;
    const auto links = tx.exec(kLink, property, account, meter);
    if (links.empty()) {
        return out;
    }
    const auto& link = links[0];
    out.linked_at = get<std::string>(link, "linked_at");
    out.began = second_of(get<core::Timestamp>(link, "began_at"));
    out.state.fixed = tariff_state_of(get<std::string>(link, "state"));
    if (const auto month = get<std::optional<std::string>>(link, "minimum_next")) {
        out.state.minimum_next = month_of(parse_local_day(*month));
    }
    if (!get<bool>(link, "has_tariffs")) {
        return out;
    }
    for (const auto& row : tx.exec(kOpen, property, account, meter)) {
        out.charges.push_back(read(row));
    }
    // The second that runs counts whole, so that the first sale after an opening finds what begins with it.
    const core::SaleChargeSpan span{out.began, std::max(second_of(now), out.began) + std::chrono::seconds{1},
                                    closing};
    const auto& local = plans.local_time(tx, property, now);
    try {
        const auto begin = core::charges_begin(span, local, out.state);
        const auto parts = sale_plans(tx, property, meter, local, begin, span.now, capability, plans);
        std::vector<core::MeterSeries> series;
        if (const auto wanted = core::minimum_span(span, parts, local, out.state)) {
            series = series_around(tx, property, account, meter, *wanted);
        }
        auto found = core::find_charges(span, parts, series, local, out.state);
        out.fault = std::move(found.fault);
        out.state = std::move(found.state);
        for (auto& line : found.lines) {
            out.charges.push_back({0, std::move(line), {}, {}, {}});
        }
    } catch (const core::PlanError& error) {
        out.fault = error.what();
    } catch (const core::QuantityOverflow& error) {
        out.fault = error.what();
    } catch (const std::out_of_range& error) {
        out.fault = error.what();  // charges of before the table of UTC offsets
    }
    return out;
}

core::ChargeSums take_charges(ChargesNow& charges, core::Money tender, core::Money quantum) {
    std::vector<core::ChargeOpen> open;
    for (const auto& charge : charges.charges) {
        open.push_back(charge.open());
    }
    const auto taken = core::take_charges(tender, quantum, open);
    core::ChargeSums sums;
    for (std::size_t i = 0; i < taken.size(); ++i) {
        charges.charges[i].taken = taken[i];
        sums.add(open[i].kind, taken[i]);
    }
    return sums;
}

void keep_charges(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter,
                  ChargesNow& charges, const ChargedBy& by, core::Timestamp now) {
    std::optional<std::string> minimum_next;
    if (charges.state.minimum_next) {
        minimum_next = local_day_text(local_days{*charges.state.minimum_next / 1});
    }
    tx.exec(kKeepState, property, account, meter, charges.linked_at, core::Timestamp{charges.began},
            tariff_state_json(charges.state.fixed), minimum_next);
    for (auto& charge : charges.charges) {
        const auto& due = charge.due;
        if (charge.id == 0) {
            charge.id = get<std::int64_t>(
                tx.exec1(kKeepLine, property, account, meter, charges.linked_at, now,
                         core::to_string(due.kind), due.name, due.plan, local_day_text(due.version),
                         local_day_text(local_days{due.month / 1}), due.first_day, due.days, due.monthly,
                         due.amount, due.tax.basis_points, due.tax.included, due.tax_amount),
                "charge_id");
        }
        if (charge.taken.amount != core::Money{}) {
            tx.exec(kPaid, property, charge.id, by.entry, null_if_none(by.sale), charge.taken.amount,
                    charge.taken.tax);
        }
    }
}

std::vector<StoredCharge> charges_of_sale(Transaction& tx, core::PropertyId property, core::SaleId sale) {
    std::vector<StoredCharge> out;
    for (const auto& row : tx.exec(kOfSale, property, sale)) {
        out.push_back(read(row));
    }
    return out;
}

core::ChargeSums charge_sums_of_sale(Transaction& tx, core::PropertyId property, core::SaleId sale) {
    core::ChargeSums sums;
    for (const auto& charge : charges_of_sale(tx, property, sale)) {
        sums.add(charge.due.kind, charge.taken);
    }
    return sums;
}

void give_charges_back(Transaction& tx, core::PropertyId property, core::SaleId sale,
                       const ChargedBy& reversal) {
    tx.exec(
        "INSERT INTO charge_paid (property_id, charge_id, entry_id, sale_id, amount_e4, tax_e4) SELECT "
        "property_id, charge_id, $3, $4, -amount_e4, -tax_e4 FROM charge_paid WHERE property_id = $1 AND "
        "sale_id "
        "= $2",
        property, sale, reversal.entry, reversal.sale);
}

void carry_charges(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId from,
                   core::MeterId to) {
    tx.exec(
        "INSERT INTO sale_charge (property_id, account_id, meter_id, linked_at, began_at, state, "
        "minimum_next) "
        "SELECT s.property_id, s.account_id, n.meter_id, n.linked_at, s.began_at, s.state, s.minimum_next "
        "FROM "
        "sale_charge s JOIN account_meter n ON n.property_id = s.property_id AND n.account_id = s.account_id "
        "AND "
        "n.meter_id = $4 AND n.unlinked_at IS NULL WHERE s.property_id = $1 AND s.account_id = $2 AND "
        "s.meter_id = "
        "$3 ORDER BY s.linked_at DESC LIMIT 1",
        property, account, from, to);
    tx.exec(
        "UPDATE charge_due SET collect_meter_id = $4 WHERE property_id = $1 AND account_id = $2 AND "
        "collect_meter_id = $3",
        property, account, from, to);
}

}  // namespace wutong::storage
