#include "server/services/sale_decision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "server/call.hpp"
#include "server/services/property_settings.hpp"

namespace wutong::server {

void apply_profile(const App& app, const std::string& profile_id, const std::string& meter_code,
                   core::SaleFacts& facts) {
    const auto* profile = app.profiles().find(profile_id);
    if (profile == nullptr) {
        throw failed_precondition("unknown_profile",
                                  fmt::format("Meter {} has the profile {}, which this server does not have. "
                                              "Nothing was sold. Install the profile, or correct the meter.",
                                              meter_code, profile_id));
    }
    facts.quantum = std::max(core::kTenderQuantum, profile->credit_quantum);
    if (facts.balance_max == core::Money{}) {
        facts.balance_max.reset();  // the parameter's 0 means: no limit of ours
    }
    if (profile->balance_max > core::Money{}) {
        facts.balance_max = std::min(facts.balance_max.value_or(profile->balance_max), profile->balance_max);
    }
}

Refused refused_sale(core::SaleRefusal refusal, const core::SaleFacts& facts, const RefusedSale& sale,
                     const std::string& amount_field) {
    const auto text = refusal_text(refusal, facts, sale);
    if (is_amount_fault(refusal)) {
        return Refused{
            grpc::StatusCode::INVALID_ARGUMENT, core::to_string(refusal), text, {{amount_field, text}}};
    }
    return Refused{grpc::StatusCode::FAILED_PRECONDITION, core::to_string(refusal), text};
}

RefusedSale SaleCase::named(core::Money amount, bool refund) const {
    return {amount, refund, names.account_number, names.meter_code, names.account_state};
}

SaleCase sale_case(const App& app, storage::Transaction& tx, core::PropertyId property,
                   core::AccountId account, core::MeterId meter, Look how) {
    return sale_case_of(app,
                        how == Look::lock ? storage::lock_sale_facts(tx, property, account, meter)
                                          : storage::read_sale_facts(tx, property, account, meter),
                        account, meter);
}

SaleCase sale_case_of(const App& app, storage::SaleFacts stored, core::AccountId account,
                      core::MeterId meter) {
    SaleCase sale;
    sale.stored = std::move(stored);
    sale.names = sale.stored.names;
    if (sale.names.account_number.empty()) {
        throw not_found("account", account.value);
    }
    if (sale.names.meter_code.empty()) {
        throw not_found("meter", meter.value);
    }
    sale.facts = sale.stored.facts;
    // A meter whose opening was refused has neither price nor prepaid switched on: credit on it would pay for
    // nothing.
    sale.facts.meter_linked = sale.facts.meter_linked && (sale.stored.opened_on_meter || sale.stored.opening);
    apply_profile(app, sale.names.meter_profile, sale.names.meter_code, sale.facts);
    return sale;
}

core::Price price_of(storage::Transaction& tx, core::PropertyId property, const SaleCase& sale) {
    if (sale.stored.price) {
        return *sale.stored.price;
    }
    const auto settings = read_property_settings(tx, property);
    return core::Price{sale.stored.commodity == core::Commodity::water ? settings.water_price_e4
                                                                       : settings.meter.price_e4};
}

}  // namespace wutong::server
