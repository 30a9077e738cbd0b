#include "server/services/meter_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <variant>

#include "core/sale.hpp"
#include "server/call.hpp"
#include "server/services/balance_shapes.hpp"
#include "server/services/held_accounts.hpp"
#include "server/services/property_settings.hpp"
#include "server/services/sale_decision.hpp"
#include "storage/balances.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/ledger.hpp"

namespace wutong::server {

namespace {

constexpr int kWaitingMax = 100;

void check_request(const v1::ExchangeMeterRequest& request) {
    std::vector<FieldViolation> faults;
    const auto blank = [](const std::string& text) {
        return text.find_first_not_of(" \t\r\n") == std::string::npos;
    };
    check_text(faults, "reason", request.reason(), 500);
    if (blank(request.reason())) {
        faults.push_back({"reason", "say why the meter is exchanged; it is kept with both readings"});
    }
    if (request.has_typed()) {
        check_text(faults, "typed.reason", request.typed().reason(), 500);
        if (blank(request.typed().reason())) {
            faults.push_back(
                {"typed.reason", "say why nobody can read the meter, and who read what is typed"});
        }
    }
    if (request.old_meter_id() == request.new_meter_id()) {
        faults.push_back({"new_meter_id", "is the meter that is to be exchanged"});
    }
    if (!faults.empty()) {
        throw invalid(std::move(faults));
    }
}

/// What keeps a meter from being put on the account.
void check_new_meter(const App& app, const storage::MeterFacts& meter, std::vector<Blocker>& blockers) {
    const auto* profile = app.profiles().find(meter.profile);
    const auto add = [&](const char* reason, const std::string& text) {
        blockers.push_back({reason, text, meter.meter});
    };
    if (profile == nullptr) {
        add("unknown_profile",
            fmt::format(
                "Meter {} has the profile {}, which this server does not have. Install it, or correct "
                "the meter.",
                meter.code, meter.profile));
    } else if (meter.role != "prepaid" || profile->credit == core::CreditKind::none) {
        add("meter_not_prepaid",
            fmt::format("Meter {} ({}, role {}) can't hold credit. Choose a prepaid meter.", meter.code,
                        profile->model, meter.role));
    } else if (meter.account) {
        add("meter_has_account",
            fmt::format("Meter {} belongs to account {}. Choose a meter that is on none.", meter.code,
                        meter.account_number));
    } else if (!meter.enabled) {
        add("meter_disabled",
            fmt::format("Meter {} is disabled: nothing would reach it. Enable it first.", meter.code));
    } else if (meter.quarantined_deliveries > 0) {
        add("delivery_quarantined",
            fmt::format(
                "An earlier payment on its way to meter {} waits for an operator. Settle the delivery "
                "first.",
                meter.code));
    } else if (meter.unfinished_deliveries > 0) {
        add("delivery_unfinished", fmt::format("Meter {} is still being cleared for an earlier account. Try "
                                               "again when that has finished.",
                                               meter.code));
    }
}

/// Payments that wait, and what nobody knows the outcome of.
void look_at_deliveries(storage::Transaction& tx, const v1::ExchangeMeterRequest& request,
                        ExchangePlan& plan) {
    const core::PropertyId property{request.property_id()};
    auto unfinished =
        storage::list_deliveries(tx, {property, plan.old_meter.meter, {}, true}, {}, kWaitingMax);
    std::reverse(unfinished.begin(), unfinished.end());
    for (const auto& stored : unfinished) {
        const auto state = stored.delivery.state;
        const auto kind = stored.delivery.kind;
        const bool pays_in = kind == core::DeliveryKind::open || kind == core::DeliveryKind::top_up;
        if (state == core::DeliveryState::quarantined) {
            plan.blockers.push_back(
                {"delivery_quarantined",
                 fmt::format(
                     "Delivery {} to meter {} could not be confirmed and waits for operators. Settle it, "
                     "then exchange the meter.",
                     stored.id.value, plan.old_meter.code),
                 plan.old_meter.meter});
        } else if (state != core::DeliveryState::queued) {
            plan.blockers.push_back(
                {"delivery_under_way",
                 fmt::format(
                     "Delivery {} of {} was sent to meter {} and its outcome is not known yet. The meter "
                     "has to be read once more before its money can go on: wait, or bring it back on the "
                     "line.",
                     stored.id.value, core::to_string(stored.delivery.amount), plan.old_meter.code),
                 plan.old_meter.meter});
        } else if (!pays_in || !request.carry_waiting()) {
            plan.blockers.push_back(
                {"delivery_waiting",
                 pays_in ? fmt::format("A payment of {} waits for meter {}. Have it carried to the new meter "
                                       "(carry_waiting), or wait until it has arrived.",
                                       core::to_string(stored.delivery.amount), plan.old_meter.code)
                         : fmt::format("A {} waits for meter {}. It has to finish first.",
                                       core::to_string(kind), plan.old_meter.code),
                 plan.old_meter.meter});
        } else {
            plan.waiting.push_back(stored.id);
            plan.waiting_amount += stored.delivery.amount;
        }
    }
}

void read_last(const App& app, const v1::ExchangeMeterRequest& request, const storage::TwoBalances& row,
               ExchangePlan& plan) {
    const auto block = [&](const char* reason, const std::string& text) {
        plan.blockers.push_back({reason, text, plan.old_meter.meter});
    };
    if (!row.booked || !row.price) {
        block("no_price", fmt::format("No price or register is known for meter {}: its use can't be booked.",
                                      row.meter_code));
        return;
    }
    auto energy = row.energy;
    auto balance = row.balance;
    auto at = row.read_at;
    if (request.has_typed()) {
        const auto& typed = request.typed();
        const core::Energy least = std::max(*row.booked, row.energy.value_or(*row.booked));
        if (typed.has_energy_wh()) {
            energy = core::Energy{typed.energy_wh()};
            // The balance that was read last belongs to another register.
            balance = std::nullopt;
        }
        energy = energy.value_or(least);
        if (typed.has_balance_e4()) {
            balance = core::Money{typed.balance_e4()};
        }
        at = app.now();
        if (*energy < least) {
            block("reading_below_books",
                  fmt::format(
                      "{} Wh is less than the {} Wh that meter {} had shown already. Look at the figure "
                      "again.",
                      energy->watt_hours(), least.watt_hours(), row.meter_code));
            return;
        }
        if (*energy - least > kTypedUseMax) {
            block(
                "reading_implausible",
                fmt::format("{} Wh is {} kWh more than meter {} had shown before. Look at the figure again.",
                            energy->watt_hours(), (*energy - least).watt_hours() / 1'000, row.meter_code));
            return;
        }
    } else if (!energy || !balance || !at || !plan.old_meter.answering || *at < app.now() - kLastReadingAge) {
        block("reading_too_old",
              fmt::format(
                  "Meter {} was read {}. Read it now; when nobody can read it any more, type the last "
                  "reading in with a reason.",
                  row.meter_code,
                  at ? fmt::format("{} minutes ago{}",
                                   std::chrono::duration_cast<std::chrono::minutes>(app.now() - *at).count(),
                                   plan.old_meter.answering ? "" : " and does not answer now")
                     : "never"));
        return;
    } else if (*energy < *row.booked) {
        block("reading_below_books",
              fmt::format(
                  "Meter {} shows {} Wh, and {} Wh are booked: its register went backwards. Type the last "
                  "reading in with a reason.",
                  row.meter_code, energy->watt_hours(), row.booked->watt_hours()));
        return;
    }
    plan.last = settle_reading(row, app.profiles(), *energy, balance, *at);
    plan.ledger = plan.last->ledger;
    if (plan.last->unexplained != core::Money{} && !request.accept_difference()) {
        block("balances_differ",
              fmt::format("Meter {} shows {} and the books say {}: {} of it nothing explains. Look into it "
                          "(balances show), or accept the difference; then what the books say is carried.",
                          row.meter_code, core::to_string(balance.value_or(core::Money{})),
                          core::to_string(plan.ledger), core::to_string(plan.last->unexplained)));
    }
}

void decide_money(const App& app, storage::Transaction& tx, const v1::ExchangeMeterRequest& request,
                  ExchangePlan& plan) {
    const auto* profile = app.profiles().find(plan.new_meter.profile);
    if (profile == nullptr) {
        return;
    }
    const core::PropertyId property{request.property_id()};
    const auto defaults = read_property_settings(tx, property);
    core::SaleFacts facts;
    apply_profile(app, plan.new_meter.profile, plan.new_meter.code, facts);
    if (const auto hoarding =
            plan.new_meter.balance_max_e4 ? plan.new_meter.balance_max_e4 : defaults.balance_max_e4) {
        facts.balance_max =
            std::min(facts.balance_max.value_or(core::Money{*hoarding}), core::Money{*hoarding});
    }
    facts.account_open = facts.meter_linked = true;
    plan.money = core::carry_over(plan.ledger, plan.waiting_amount + plan.unallocated, facts.quantum);
    if (plan.money.carried > core::Money{}) {
        const auto decision = core::decide_sale(plan.money.carried, facts);
        if (const auto* refusal = std::get_if<core::SaleRefusal>(&decision)) {
            plan.blockers.push_back(
                {core::to_string(*refusal),
                 fmt::format("{} can't be put on meter {}: it may hold {}. Refund some of it "
                             "first.",
                             core::to_string(plan.money.carried), plan.new_meter.code,
                             core::to_string(facts.balance_max.value_or(facts.amount_max))),
                 plan.new_meter.meter});
        }
    }
    v1::OpenMeter terms;
    if (request.has_price_e4()) {
        terms.set_price_e4(request.price_e4());
    } else if (plan.link && plan.link->price) {
        terms.set_price_e4(plan.link->price->ten_thousandths_per_kwh());
    }
    if (request.has_alarm_1_e4()) {
        terms.set_alarm_1_e4(request.alarm_1_e4());
    }
    if (request.has_alarm_2_e4()) {
        terms.set_alarm_2_e4(request.alarm_2_e4());
    }
    if (request.has_overdraft_e4()) {
        terms.set_overdraft_e4(request.overdraft_e4());
    }
    if (request.has_overload_w()) {
        terms.set_overload_w(request.overload_w());
    }
    plan.settings = resolve_settings(terms, plan.new_meter, *profile, defaults.meter, "new_meter");
}

}  // namespace

core::Money unallocated_of(storage::Transaction& tx, core::PropertyId property, core::AccountId account) {
    const auto held = storage::account_balances(tx, property, account).unallocated;
    return held <= core::Money{}
               ? core::Money{}
               : held - core::Money{held.ten_thousandths() % core::kTenderQuantum.ten_thousandths()};
}

ExchangePlan plan_exchange(App& app, storage::Transaction& tx, const v1::ExchangeMeterRequest& request) {
    check_request(request);
    const core::PropertyId property{request.property_id()};
    const core::AccountId id{request.account_id()};
    const core::MeterId old_meter{request.old_meter_id()};
    const core::MeterId new_meter{request.new_meter_id()};
    ExchangePlan plan;
    const auto account = storage::find_account(tx, property, id);
    if (!account) {
        throw not_found("account", id.value);
    }
    plan.account = *account;
    const auto facts = storage::meter_facts(tx, property, {old_meter, new_meter});
    for (const auto meter : {old_meter, new_meter}) {
        if (facts.find(meter) == facts.end()) {
            throw not_found("meter", meter.value);
        }
    }
    plan.old_meter = facts.at(old_meter);
    plan.new_meter = facts.at(new_meter);
    if (account->state != storage::AccountState::open) {
        plan.blockers.push_back({"account_closed",
                                 fmt::format("Account {} is {}. A meter is exchanged on an open account.",
                                             account->number, storage::to_string(account->state)),
                                 {}});
        return plan;
    }
    for (const auto& link : account->meters) {
        if (link.meter == old_meter && !link.unlinked_at) {
            plan.link = link;
        }
    }
    if (!plan.link) {
        plan.blockers.push_back(
            {"meter_not_linked",
             fmt::format("Meter {} is not on account {}, or not any more. Look at the account "
                         "again.",
                         plan.old_meter.code, account->number),
             old_meter});
        return plan;
    }
    block_held_meters(tx, property, facts, plan.blockers);
    if (!plan.blockers.empty()) {
        return plan;
    }
    check_new_meter(app, plan.new_meter, plan.blockers);
    if (plan.new_meter.commodity != plan.old_meter.commodity) {
        plan.blockers.push_back(
            {"other_commodity",
             fmt::format("Meter {} measures {} and meter {} measures {}. Choose another one.",
                         plan.old_meter.code, core::to_string(plan.old_meter.commodity), plan.new_meter.code,
                         core::to_string(plan.new_meter.commodity)),
             plan.new_meter.meter});
    }
    look_at_deliveries(tx, request, plan);
    if (request.carry_unallocated()) {
        plan.unallocated = unallocated_of(tx, property, id);
    }
    if (plan.link->opened_on_meter_at) {
        const auto rows = storage::find_two_balances(tx, property, {old_meter});
        if (rows.size() == 1) {
            plan.ledger = rows[0].ledger;
            read_last(app, request, rows[0], plan);
        }
    }
    decide_money(app, tx, request, plan);
    return plan;
}

}  // namespace wutong::server
