#include "server/services/account_shapes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/balance_difference.hpp"
#include "server/app.hpp"
#include "server/services/convert.hpp"

namespace wutong::server {

void fill(const storage::Customer& customer, v1::Customer& out) {
    out.set_customer_id(customer.id.value);
    out.set_name(customer.name);
    out.set_phone(customer.phone);
    out.set_note(customer.note);
}

void fill(const storage::Account& account, v1::Account& out) {
    out.set_account_id(account.id.value);
    out.set_property_id(account.property.value);
    out.set_number(account.number);
    fill(account.customer, *out.mutable_customer());
    out.set_state(storage::to_string(account.state));
    *out.mutable_opened_at() = to_timestamp(account.opened_at);
    if (account.closed_at) {
        *out.mutable_closed_at() = to_timestamp(*account.closed_at);
    }
    for (const auto& link : account.meters) {
        auto& meter = *out.add_meters();
        meter.set_meter_id(link.meter.value);
        meter.set_meter_code(link.meter_code);
        meter.set_unit_code(link.unit_code);
        meter.set_unit_name(link.unit_name);
        if (link.price) {
            meter.set_price_e4(link.price->ten_thousandths_per_kwh());
        }
        *meter.mutable_linked_at() = to_timestamp(link.linked_at);
        if (link.unlinked_at) {
            *meter.mutable_unlinked_at() = to_timestamp(*link.unlinked_at);
        }
        if (link.opened_on_meter_at) {
            *meter.mutable_opened_on_meter_at() = to_timestamp(*link.opened_on_meter_at);
        }
        meter.set_purchase_number(link.purchase_number);
        if (link.meter_balance) {
            meter.set_meter_balance_e4(link.meter_balance->ten_thousandths());
        }
        if (link.read_at) {
            *meter.mutable_read_at() = to_timestamp(*link.read_at);
        }
    }
}

void fill(const storage::AccountBalances& balances, v1::Account& out) {
    out.set_prepaid_credit_e4(balances.prepaid_credit.ten_thousandths());
    out.set_in_flight_e4(balances.in_flight.ten_thousandths());
    out.set_unallocated_e4(balances.unallocated.ten_thousandths());
    out.set_refund_payable_e4(balances.refund_payable.ten_thousandths());
    out.set_consumed_e4(balances.consumed.ten_thousandths());
    out.set_deposit_e4(balances.deposit.ten_thousandths());
}

void fill_whole(storage::Transaction& tx, core::PropertyId property, const storage::Account& account,
                v1::Account& out) {
    fill(account, out);
    fill(storage::account_balances(tx, property, account.id), out);
}

void fill(const App& app, const storage::AccountMeter& meter, const storage::AccountBalances& ledger,
          v1::MeterBalances& out) {
    out.set_ledger_e4(ledger.prepaid_credit.ten_thousandths());
    out.set_in_flight_e4(ledger.in_flight.ten_thousandths());
    // Before the opening is confirmed the balance on the meter is not the tenant's.
    if (!meter.opened_on_meter_at || !meter.meter_balance) {
        return;
    }
    out.set_meter_e4(meter.meter_balance->ten_thousandths());
    if (meter.read_at) {
        *out.mutable_read_at() = to_timestamp(*meter.read_at);
    }
    out.set_difference_e4((*meter.meter_balance - ledger.prepaid_credit).ten_thousandths());
    if (!meter.meter_energy || !meter.booked_energy || !meter.price) {
        return;
    }
    core::BalanceFacts facts;
    facts.ledger = ledger.prepaid_credit;
    facts.meter = *meter.meter_balance;
    facts.look = *meter.meter_energy;
    facts.booked = *meter.booked_energy;
    facts.remainder = meter.booked_remainder;
    facts.price = *meter.price;
    if (const auto* profile = app.profiles().find(meter.profile)) {
        facts.quantum = profile->credit_quantum;
        facts.register_step = profile->energy_quantum;
    }
    try {
        const auto found = core::explain_difference(facts);
        out.set_use_not_booked_e4(found.use_not_booked.ten_thousandths());
        out.set_rounding_e4(found.rounding.ten_thousandths());
        out.set_unexplained_e4(found.unexplained.ten_thousandths());
    } catch (const core::QuantityOverflow&) {
        // Figures that can't be energy used: the difference stays without a reason, and is seen.
    }
}

std::vector<Blocker> closing_blockers(const std::map<core::MeterId, storage::MeterFacts>& meters) {
    std::vector<Blocker> blockers;
    for (const auto& [id, meter] : meters) {
        if (meter.quarantined_deliveries > 0) {
            blockers.push_back(
                {"delivery_quarantined",
                 fmt::format("A payment on its way to meter {} could not be confirmed and waits for an "
                             "operator. Settle the delivery, then close.",
                             meter.code),
                 id});
        } else if (meter.unfinished_deliveries > 0) {
            blockers.push_back({"delivery_unfinished",
                                fmt::format("Something is still on its way to meter {}. Close when it has "
                                            "arrived.",
                                            meter.code),
                                id});
        }
    }
    std::stable_partition(blockers.begin(), blockers.end(), [](const Blocker& blocker) {
        return std::string_view{blocker.reason} == "delivery_quarantined";
    });
    return blockers;
}

void check_text(std::vector<FieldViolation>& faults, const std::string& field, const std::string& text,
                std::size_t most) {
    // Characters, as the database counts them: every byte that doesn't continue a UTF-8 sequence begins one.
    std::size_t characters = 0;
    for (const char byte : text) {
        characters += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U ? 1U : 0U;
    }
    if (characters > most) {
        faults.push_back({field, fmt::format("has {} characters; at most {} fit", characters, most)});
    }
    if (text.find('\0') != std::string::npos) {
        faults.push_back({field, "contains a zero byte"});
    }
}

void check_customer_texts(std::vector<FieldViolation>& faults, const v1::Customer& customer) {
    check_text(faults, "customer.name", customer.name(), 200);
    check_text(faults, "customer.phone", customer.phone(), 32);
    check_text(faults, "customer.note", customer.note(), 2000);
}

}  // namespace wutong::server
