#include "server/services/balance_shapes.hpp"

#include <algorithm>
#include <chrono>

#include "server/services/convert.hpp"

namespace wutong::server {

namespace {

std::int64_t age_of(core::Timestamp read_at, core::Timestamp now) {
    return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(now - read_at).count());
}

}  // namespace

std::optional<core::BalanceDifference> explain(const storage::TwoBalances& row, const Profiles& profiles) {
    if (!row.balance) {
        return std::nullopt;
    }
    core::BalanceFacts facts;
    facts.ledger = row.ledger;
    facts.meter = *row.balance;
    if (row.energy && row.booked && row.price) {
        facts.look = *row.energy;
        facts.booked = *row.booked;
        facts.remainder = row.remainder;
        facts.price = *row.price;
    }
    facts.sent = row.sent;
    facts.price_low = row.price_low;
    facts.price_high = row.price_high;
    facts.foreign = row.foreign;
    const auto* profile = profiles.find(row.profile);
    const auto kind = profile == nullptr ? core::CreditKind::absolute_counted : profile->credit;
    if (profile != nullptr) {
        facts.quantum = profile->credit_quantum;
        facts.register_step = profile->energy_quantum;
    }
    if (kind == core::CreditKind::absolute_counted) {
        facts.writes = row.writes;
        facts.used_meanwhile = row.used_meanwhile;
    }
    if (kind != core::CreditKind::uncounted && row.sent_number) {
        // An absolute write may carry the number that is there already (an opening): then the balance tells.
        if (row.number_seen && row.number_ledger != *row.sent_number) {
            facts.sent_arrived = *row.number_seen == *row.sent_number;
        }
    }
    try {
        return core::explain_difference(facts);
    } catch (const core::QuantityOverflow&) {
        // Figures that can't be energy used: all of it is unexplained, and is seen.
        core::BalanceDifference found;
        found.difference = *row.balance - row.ledger;
        found.unexplained = found.difference;
        return found;
    }
}

std::vector<std::string> meter_held_profiles(const Profiles& profiles) {
    std::vector<std::string> held;
    for (const auto& [id, profile] : profiles.all()) {
        if (profile.credit != core::CreditKind::none && profile.credit != core::CreditKind::server_held) {
            held.push_back(id);
        }
    }
    return held;
}

void fill(const core::BalanceDifference& found, v1::BalanceCauses& out) {
    out.set_in_flight_e4(found.in_flight.ten_thousandths());
    out.set_use_not_booked_e4(found.use_not_booked.ten_thousandths());
    out.set_price_change_e4(found.price_change.ten_thousandths());
    out.set_rounding_e4(found.rounding.ten_thousandths());
    out.set_foreign_write_e4(found.foreign_write.ten_thousandths());
    out.set_unexplained_e4(found.unexplained.ten_thousandths());
}

void fill(const storage::TwoBalances& row, const std::optional<core::BalanceDifference>& found,
          core::Timestamp now, v1::MeterBalance& out) {
    out.set_meter_id(row.meter.value);
    out.set_meter_code(row.meter_code);
    out.set_unit_code(row.unit_code);
    out.set_profile(row.profile);
    out.set_account_id(row.account.value);
    out.set_account_number(row.account_number);
    out.set_customer(row.customer);
    out.set_ledger_e4(row.ledger.ten_thousandths());
    out.set_on_its_way_e4(row.on_its_way.ten_thousandths());
    if (row.read_at) {
        *out.mutable_read_at() = to_timestamp(*row.read_at);
        out.set_age_s(age_of(*row.read_at, now));
    }
    if (row.balance) {
        out.set_meter_e4(row.balance->ten_thousandths());
        out.set_difference_e4((*row.balance - row.ledger).ten_thousandths());
    }
    if (found) {
        fill(*found, *out.mutable_causes());
    }
}

void fill(const storage::BalanceEvidence& evidence, v1::BalanceEvidence& out) {
    out.set_cause(evidence.cause);
    *out.mutable_at() = to_timestamp(evidence.at);
    out.set_amount_e4(evidence.amount.ten_thousandths());
    out.set_text(evidence.text);
    out.set_entry_id(evidence.entry.value);
    out.set_delivery_id(evidence.delivery.value);
    out.set_command_id(evidence.command.value);
    out.set_kind(evidence.kind);
    out.set_state(evidence.state);
    if (evidence.energy_from) {
        out.set_energy_from_wh(evidence.energy_from->watt_hours());
    }
    if (evidence.energy_to) {
        out.set_energy_to_wh(evidence.energy_to->watt_hours());
    }
    if (evidence.price) {
        out.set_price_e4(evidence.price->ten_thousandths_per_kwh());
    }
}

void fill(const storage::BalanceProof& proof, v1::BalanceProof& out) {
    out.set_proof_id(proof.id);
    out.set_property_id(proof.property.value);
    out.set_day(proof.day);
    out.set_scheduled(proof.scheduled);
    out.set_operator_(proof.operator_name);
    *out.mutable_started_at() = to_timestamp(proof.started_at);
    *out.mutable_finished_at() = to_timestamp(proof.finished_at);
    out.set_meters(proof.meters);
    out.set_not_read(proof.not_read);
    out.set_stale(proof.stale);
    out.set_ledger_e4(proof.ledger.ten_thousandths());
    out.set_meter_e4(proof.balance.ten_thousandths());
    out.set_difference_e4(proof.found.difference.ten_thousandths());
    fill(proof.found, *out.mutable_causes());
    out.set_unexplained(proof.unexplained);
    for (const auto& one : proof.worst) {
        auto& meter = *out.add_worst();
        meter.set_meter_id(one.meter.value);
        meter.set_meter_code(one.meter_code);
        meter.set_unit_code(one.unit_code);
        meter.set_profile(one.profile);
        meter.set_account_id(one.account.value);
        meter.set_account_number(one.account_number);
        meter.set_customer(one.customer);
        meter.set_ledger_e4(one.ledger.ten_thousandths());
        meter.set_meter_e4(one.balance.ten_thousandths());
        *meter.mutable_read_at() = to_timestamp(one.read_at);
        meter.set_age_s(age_of(one.read_at, proof.finished_at));
        meter.set_difference_e4(one.found.difference.ten_thousandths());
        fill(one.found, *meter.mutable_causes());
    }
}

}  // namespace wutong::server
