#include "server/services/sale_charging.hpp"

#include <fmt/format.h>

#include "server/app.hpp"
#include "storage/ledger.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

core::MeterCapability capability(const App& app, const std::string& profile) {
    const auto* known = app.profiles().find(profile);
    return known == nullptr ? core::MeterCapability{} : core::capability_of(*known);
}

}  // namespace

std::unique_ptr<storage::PlanCache> PlanCaches::take() {
    const std::lock_guard lock{mutex_};
    if (idle_.empty()) {
        return std::make_unique<storage::PlanCache>();
    }
    auto cache = std::move(idle_.back());
    idle_.pop_back();
    return cache;
}

void PlanCaches::put(std::unique_ptr<storage::PlanCache> cache) noexcept {
    try {
        const std::lock_guard lock{mutex_};
        idle_.push_back(std::move(cache));
    } catch (...) {
        // No memory: the next one begins with an empty cache.
    }
}

storage::ChargesNow charges_of(const App& app, PlanCaches& plans, storage::Transaction& tx,
                               core::PropertyId property, core::AccountId account, core::MeterId meter,
                               core::Money tender, core::Timestamp now, SaleCase& sale,
                               core::ChargeSums& taken) {
    taken = {};
    if (!sale.stored.has_tariffs || sale.stored.held || !sale.facts.meter_linked) {
        return {};
    }
    PlanCaches::Lease lease{plans};
    auto charges = storage::charges_now(tx, property, account, meter,
                                        capability(app, sale.names.meter_profile), lease.cache(), now);
    // What can't be sold takes nothing either.
    if (tender > core::Money{} && tender.is_multiple_of(sale.facts.quantum)) {
        taken = storage::take_charges(charges, tender, sale.facts.quantum);
        sale.facts.charged = taken.total();
    }
    return charges;
}

core::Money settle_charges(const App& app, storage::PlanCache& plans, storage::Transaction& tx,
                           core::PropertyId property, core::AccountId account,
                           const storage::MeterFacts& meter, core::OperatorId operator_id,
                           core::Timestamp now) {
    auto charges = storage::charges_now(tx, property, account, meter.meter, capability(app, meter.profile),
                                        plans, now, true);
    const auto due = charges.due();
    storage::ChargedBy by;
    if (due > core::Money{}) {
        const auto taken = storage::take_charges(charges, due, core::Money{1});
        storage::EntryNotes notes;
        notes.account = account;
        notes.meter = meter.meter;
        notes.operator_id = operator_id;
        notes.booked_at = now;
        notes.memo = "charges of the tariff plan until the end, not taken before";
        by.entry = storage::insert_entry(tx, property, core::closing_charges_entry(account, taken), notes);
    }
    if (!charges.linked_at.empty()) {
        storage::keep_charges(tx, property, account, meter.meter, charges, by, now);
    }
    return due;
}

core::Money charges_at_closing(const App& app, storage::PlanCache& plans, storage::Transaction& tx,
                               core::PropertyId property, core::AccountId account,
                               const storage::MeterFacts& meter, core::Timestamp now) {
    return storage::charges_now(tx, property, account, meter.meter, capability(app, meter.profile), plans,
                                now, true)
        .due();
}

void store_charges(const App& app, storage::Transaction& tx, core::PropertyId property,
                   core::AccountId account, const storage::MeterFacts& meter, core::Timestamp now) {
    storage::PlanCache plans;
    auto charges =
        storage::charges_now(tx, property, account, meter.meter, capability(app, meter.profile), plans, now);
    if (!charges.linked_at.empty()) {
        storage::keep_charges(tx, property, account, meter.meter, charges, {}, now);
    }
}

void fill_charges(const std::vector<storage::StoredCharge>& charges, bool all,
                  google::protobuf::RepeatedPtrField<v1::SaleCharge>& out) {
    for (const auto& charge : charges) {
        if (!all && charge.taken.amount == core::Money{}) {
            continue;
        }
        const auto& due = charge.due;
        auto& line = *out.Add();
        line.set_kind(core::to_string(due.kind));
        line.set_name(due.name);
        line.set_plan(due.plan);
        line.set_version(storage::local_day_text(due.version));
        line.set_month(storage::local_day_text(std::chrono::local_days{due.month / 1}).substr(0, 7));
        line.set_first_day(due.first_day);
        line.set_days(due.days);
        line.set_monthly_e4(due.monthly.ten_thousandths());
        line.set_due_e4((due.amount - charge.paid).ten_thousandths());
        line.set_taken_e4(charge.taken.amount.ten_thousandths());
        line.set_tax_basis_points(due.tax.basis_points);
        line.set_tax_added(!due.tax.included);
        line.set_tax_e4(charge.taken.tax.ten_thousandths());
    }
}

}  // namespace wutong::server
