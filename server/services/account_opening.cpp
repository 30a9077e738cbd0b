#include "server/services/account_opening.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <variant>

#include "core/sale.hpp"
#include "server/call.hpp"
#include "server/services/deposits.hpp"
#include "server/services/held_accounts.hpp"
#include "server/services/meter_settings.hpp"
#include "server/services/property_settings.hpp"
#include "server/services/sale_decision.hpp"
#include "server/services/selling_place.hpp"
#include "server/services/tariff_source.hpp"
#include "storage/accounts.hpp"
#include "storage/held_meters.hpp"
#include "storage/meter_facts.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

namespace {

struct ReadyMeter {
    const storage::MeterFacts* facts = nullptr;
    const v1::OpenMeter* wanted = nullptr;
    core::Money first_purchase;
    MeterSettings settings;
    bool held = false;  ///< the server keeps its credit
};

/// What has to be true of a meter before money is taken for it.
void check_meter(const App& app, const storage::MeterFacts& meter, bool held) {
    const auto* profile = app.profiles().find(meter.profile);
    if (profile == nullptr) {
        throw failed_precondition(
            "unknown_profile", fmt::format("Meter {} has the profile {}, which this server does not have. "
                                           "Nothing was opened. Install the profile, or correct the meter.",
                                           meter.code, meter.profile));
    }
    if (meter.role != "prepaid" || (!held && profile->credit == core::CreditKind::none)) {
        throw failed_precondition(
            "meter_not_prepaid",
            fmt::format(
                "Meter {} ({}, role {}) can't hold credit. Nothing was opened. Choose a prepaid meter.",
                meter.code, profile->model, meter.role));
    }
    if (!held && profile->credit == core::CreditKind::server_held) {
        throw failed_precondition(
            "not_held",
            fmt::format("Meter {} ({}) holds no credit itself. Nothing was opened. Let the server keep "
                        "it first: wutongctl held run {}.",
                        meter.code, profile->model, meter.code));
    }
    if (!meter.enabled) {
        throw failed_precondition(
            "meter_disabled",
            fmt::format("Meter {} is disabled: nothing would reach it. Nothing was opened. Enable it first.",
                        meter.code));
    }
    if (meter.account) {
        throw failed_precondition(
            "meter_has_account",
            fmt::format("Meter {} belongs to account {}. Nothing was opened. Close that account, or choose "
                        "another meter.",
                        meter.code, meter.account_number));
    }
    if (meter.quarantined_deliveries > 0) {
        throw failed_precondition(
            "delivery_quarantined",
            fmt::format("An earlier payment on its way to meter {} could not be confirmed and waits for an "
                        "operator. Nothing was opened. Settle the delivery first.",
                        meter.code));
    }
    if (meter.unfinished_deliveries > 0) {
        throw failed_precondition(
            "delivery_unfinished",
            fmt::format("Meter {} is still being cleared for an earlier account. Nothing was "
                        "opened. Try again when that has finished.",
                        meter.code));
    }
}

}  // namespace

std::vector<core::DeliveryId> open_meters(App& app, CallContext& call, storage::Transaction& tx,
                                          const Opening& opening, const std::vector<v1::OpenMeter>& meters) {
    std::vector<core::MeterId> ids;
    std::set<std::int64_t> seen;
    for (std::size_t i = 0; i < meters.size(); ++i) {
        if (!seen.insert(meters[i].meter_id()).second) {
            throw invalid(fmt::format("{}[{}].meter_id", opening.field, i), "names a meter a second time");
        }
        ids.push_back(core::MeterId{meters[i].meter_id()});
    }
    const auto facts = storage::meter_facts(tx, opening.property, ids);
    const auto property_settings = read_property_settings(tx, opening.property);
    const auto server_held = storage::held_among(tx, opening.property, ids);

    std::vector<ReadyMeter> ready;
    for (std::size_t i = 0; i < meters.size(); ++i) {
        const auto field = opening.field == "meter" ? opening.field : fmt::format("{}[{}]", opening.field, i);
        const auto found = facts.find(ids[i]);
        if (found == facts.end()) {
            throw not_found("meter", ids[i].value);
        }
        const auto& meter = found->second;
        const bool held = std::binary_search(server_held.begin(), server_held.end(), meter.meter);
        check_meter(app, meter, held);
        if (held) {
            check_held_meter(app, tx, opening.property, meter);
        }
        const core::Money first{meters[i].first_purchase_e4()};
        if (first != core::Money{}) {
            // The same rules as for any other sale; the opening sets the balance, so that nothing is there
            // yet.
            core::SaleFacts sale;
            apply_profile(app, meter.profile, meter.code, sale);
            if (const auto hoarding =
                    meter.balance_max_e4 ? meter.balance_max_e4 : property_settings.balance_max_e4) {
                sale.balance_max =
                    std::min(sale.balance_max.value_or(core::Money{*hoarding}), core::Money{*hoarding});
            }
            sale.account_open = true;
            sale.meter_linked = true;
            const auto decision = core::decide_sale(first, sale);
            if (const auto* refusal = std::get_if<core::SaleRefusal>(&decision)) {
                throw refused_sale(*refusal, sale, {first, false, {}, meter.code, "open"},
                                   field + ".first_purchase_e4");
            }
        }
        const auto* profile = app.profiles().find(meter.profile);
        auto known = meter;
        // The plan goes before what the meter was given.
        const auto told = plan_told(tx, opening.property, meter.meter, profile, app.now());
        if (told.price) {
            known.price_e4 = told.price->ten_thousandths_per_kwh();
        }
        if (told.overdraft) {
            known.overdraft_e4 = told.overdraft->ten_thousandths();
        }
        // A server-held meter is told nothing, so its registers need not be able to hold it.
        const auto settings =
            held ? MeterSettings{}
                 : resolve_settings(meters[i], known, *profile, property_settings.meter, field);
        ready.push_back({&meter, &meters[i], first, settings, held});
    }

    const auto place = selling_place(app, call, tx, opening.property);
    core::Money paid;
    for (const auto& meter : ready) {
        paid += meter.first_purchase;
    }
    check_sale_limits(paid, place);
    const auto asked = opening.asks_deposit ? deposit_asked(app, tx, opening.property, ids) : core::Money{};
    const auto deposit = check_deposit(opening.deposit, asked);
    take_deposit(app, call, tx, opening.property,
                 {opening.account, opening.method, place.shift, opening.request_id, deposit, asked});

    std::vector<core::DeliveryId> deliveries;
    for (const auto& meter : ready) {
        storage::link_meter(tx, opening.property, opening.account, meter.facts->meter);
        storage::NewSale sale;
        sale.kind = storage::SaleKind::opening;
        sale.account = opening.account;
        sale.meter = meter.facts->meter;
        sale.amount = meter.first_purchase;
        sale.method = opening.method;
        sale.operator_id = call.operator_id();
        sale.shift = place.shift;
        sale.point = place.point;
        sale.request_id = opening.request_id;
        if (meter.held) {
            open_held_meter(app, tx, opening.property, *meter.wanted, sale);
            continue;
        }
        sale.delivery_settings = meter.settings.json();
        deliveries.push_back(storage::insert_sale(tx, opening.property, sale).delivery);
    }
    return deliveries;
}

void throw_as_refusal(const storage::UniqueViolation& violation, const std::string& number) {
    if (violation.constraint() == "account_property_id_number_key") {
        throw already_exists(
            "number",
            fmt::format("account number {} is taken; choose another one, or leave it empty to have one "
                        "made",
                        number));
    }
    if (violation.constraint() == "account_meter_live") {
        throw failed_precondition(
            "meter_has_account",
            "One of the meters was put on another account at this moment. Nothing was opened. Look again.");
    }
    throw;
}

}  // namespace wutong::server
