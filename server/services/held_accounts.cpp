#include "server/services/held_accounts.hpp"

#include <fmt/format.h>

#include "server/app.hpp"
#include "server/call.hpp"
#include "server/services/held_terms.hpp"
#include "storage/commands.hpp"
#include "storage/held_charging.hpp"
#include "storage/held_meters.hpp"

namespace wutong::server {

namespace {

/// What is used from the look on is the tenant's; an old one would charge the tenant for others.
constexpr std::chrono::minutes kLookAgeMax{30};

std::optional<core::Money> money_if(bool has, std::int64_t e4) {
    return has ? std::optional{core::Money{e4}} : std::nullopt;
}

}  // namespace

void check_held_meter(App& app, storage::Transaction& tx, core::PropertyId property,
                      const storage::MeterFacts& meter) {
    const auto* profile = app.profiles().find(meter.profile);
    if (profile == nullptr || !profile->switchable()) {
        throw failed_precondition(
            "not_switchable",
            fmt::format(
                "Meter {} has no relay that can be worked from here: who has no credit left could not be "
                "switched off. Nothing was opened. Choose another meter.",
                meter.code));
    }
    const auto look = storage::newest_look(tx, property, meter.meter);
    if (!look || app.now() - look->read_at > kLookAgeMax) {
        throw failed_precondition(
            "meter_not_read",
            fmt::format(
                "The register of meter {} was not read in the last {} minutes, and the charging begins "
                "with what it shows. Nothing was opened. Read the meter first.",
                meter.code, kLookAgeMax.count()));
    }
    if (look->prepaid_enabled.value_or(false)) {
        throw failed_precondition(
            "meter_charges_itself",
            fmt::format(
                "Meter {} charges by itself: its own prepaid function is on, so the tenant would pay "
                "twice. Nothing was opened. Close the account that it was opened for, or take it back "
                "from the server (wutongctl held back {}).",
                meter.code, meter.code));
    }
}

void open_held_meter(App& app, storage::Transaction& tx, core::PropertyId property,
                     const v1::OpenMeter& wanted, storage::NewSale sale) {
    storage::HeldTerms terms;
    if (wanted.has_price_e4()) {
        terms.price = core::Price{wanted.price_e4()};
    }
    terms.alarm_1 = money_if(wanted.has_alarm_1_e4(), wanted.alarm_1_e4());
    terms.alarm_2 = money_if(wanted.has_alarm_2_e4(), wanted.alarm_2_e4());
    terms.overdraft = money_if(wanted.has_overdraft_e4(), wanted.overdraft_e4());
    storage::keep_held_terms(tx, property, sale.meter, terms);
    const auto look = storage::newest_look(tx, property, sale.meter);
    storage::begin_charging(tx, property, sale.account, sale.meter, look.value(), app.now());
    sale.held = true;
    storage::insert_sale(tx, property, sale);
    storage::apply_cut_off(tx, property, sale.meter, held_defaults(tx, property).alarms, app.now());
}

void close_held_meter(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
                      storage::NewSale sale, bool switch_off) {
    storage::PlanCache plans;
    const auto closed =
        storage::close_held_meter(tx, property, sale.meter, held_defaults(tx, property), plans, app.now());
    if (!closed.last.stopped.empty()) {
        throw failed_precondition(
            "not_charged", fmt::format("The account was not closed: {}. Look at the meter and say from which "
                                       "reading on it is charged (wutongctl held go-on), then close again.",
                                       closed.last.stopped));
    }
    sale.held = true;
    storage::insert_sale(tx, property, sale);
    if (switch_off) {
        storage::NewCommands commands;
        commands.property = property;
        commands.meters = {sale.meter};
        commands.kind = core::CommandKind::switch_off;
        commands.expires_at = app.now() + storage::kHeldCommandExpiry;
        // Not the operator's lock: who opens the next account and pays has power again.
        storage::insert_commands(tx, commands);
    }
    call.log(tx, property, "account.close_held", fmt::format("meter {}", sale.meter.value),
             {{"last_charge_e4", closed.last.booked.ten_thousandths()},
              {"credit_left_e4", closed.balance.ten_thousandths()}});
}

void block_held_meters(storage::Transaction& tx, core::PropertyId property,
                       const std::map<core::MeterId, storage::MeterFacts>& meters,
                       std::vector<Blocker>& blockers) {
    std::vector<core::MeterId> ids;
    for (const auto& [id, facts] : meters) {
        ids.push_back(id);
    }
    for (const auto id : storage::held_among(tx, property, ids)) {
        blockers.push_back(
            {"server_held",
             fmt::format("The server keeps the credit of meter {}. Close the account, which settles "
                         "it, and open a new one with the meter that is to serve it.",
                         meters.at(id).code),
             id});
    }
}

}  // namespace wutong::server
