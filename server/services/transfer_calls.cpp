// The part of AccountChangeService that gives an account's meters to another tenant.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "server/call.hpp"
#include "server/services/account_change_service.hpp"
#include "server/services/account_opening.hpp"
#include "server/services/account_shapes.hpp"
#include "server/services/balance_shapes.hpp"
#include "server/services/convert.hpp"
#include "server/services/deposits.hpp"
#include "server/services/final_reading.hpp"
#include "server/services/held_accounts.hpp"
#include "server/services/sale_charging.hpp"
#include "storage/account_changes.hpp"
#include "storage/account_lock.hpp"
#include "storage/accounts.hpp"
#include "storage/balances.hpp"
#include "storage/consumption.hpp"
#include "storage/ledger.hpp"
#include "storage/meter_facts.hpp"
#include "storage/meter_watch.hpp"

namespace wutong::server {

namespace {

struct Part {
    storage::AccountMeter link;
    FinalReading last;
    core::HandedOver money;
};

struct TransferPlan {
    storage::Account account;
    std::map<core::MeterId, storage::MeterFacts> facts;  ///< of the meters that are on it
    std::vector<Part> parts;
    core::Money others;  ///< payable or on no meter already
    std::vector<Blocker> blockers;
};

void check_request(const v1::TransferAccountRequest& request) {
    std::vector<FieldViolation> faults;
    check_text(faults, "number", request.number(), 32);
    check_text(faults, "reason", request.reason(), 500);
    check_customer_texts(faults, request.customer());
    if (request.customer().customer_id() < 0 ||
        (request.customer().customer_id() == 0 && request.customer().name().empty())) {
        faults.push_back({"customer", "name the new tenant, or give the customer_id of a known one"});
    }
    if (request.money() != v1::TRANSFER_MONEY_CARRY && request.money() != v1::TRANSFER_MONEY_REFUND) {
        faults.push_back({"money",
                          "say whether what is on the meters is carried to the new tenant or stays the "
                          "old one's"});
    }
    if (request.money() == v1::TRANSFER_MONEY_CARRY && request.meters_size() > 0) {
        faults.push_back({"meters",
                          "have no terms of their own when they go on as they are; sell to the new "
                          "account afterwards"});
    }
    if (!faults.empty()) {
        throw invalid(std::move(faults));
    }
}

/// Empty, with a blocker, when the meter's time can't end now.
std::optional<Part> part_of(const App& app, const v1::TransferAccountRequest& request,
                            const storage::AccountMeter& link, const storage::MeterFacts& facts,
                            const storage::TwoBalances* row, std::vector<Blocker>& blockers) {
    const auto block = [&](const char* reason, const std::string& text) {
        blockers.push_back({reason, text, link.meter});
        return std::nullopt;
    };
    if (!link.opened_on_meter_at || row == nullptr) {
        return block("meter_not_opened",
                     fmt::format("Meter {} was never opened on this account. Close the account "
                                 "and open a new one.",
                                 link.meter_code));
    }
    if (!row->booked || !row->price) {
        return block("no_price",
                     fmt::format("No price or register is known for meter {}: its use can't be booked.",
                                 link.meter_code));
    }
    if (!row->energy || !row->balance || !row->read_at || !facts.answering ||
        *row->read_at < app.now() - kLastReadingAge) {
        return block(
            "reading_too_old",
            fmt::format("Meter {} was not read in the last {} minutes, or does not answer. Read it now; "
                        "exchange it first when it is dead.",
                        link.meter_code, kLastReadingAge.count()));
    }
    if (*row->energy < *row->booked) {
        return block("reading_below_books",
                     fmt::format("Meter {} shows {} Wh, and {} Wh are booked: its register went backwards. "
                                 "Exchange it first.",
                                 link.meter_code, row->energy->watt_hours(), row->booked->watt_hours()));
    }
    const bool carry = request.money() == v1::TRANSFER_MONEY_CARRY;
    const auto* profile = app.profiles().find(link.profile);
    if (!carry && (profile == nullptr || profile->credit != core::CreditKind::absolute_counted)) {
        return block(
            "meter_only_adds",
            fmt::format("Meter {} can only add to what it holds, so it has to be cleared in between. Carry "
                        "the money, or close the account and open a new one.",
                        link.meter_code));
    }
    Part part;
    part.link = link;
    part.last = settle_reading(*row, app.profiles(), *row->energy, row->balance, *row->read_at);
    part.money = carry ? core::hand_over_with_meter(part.last.ledger, part.last.rounding)
                       : core::hand_back(part.last.ledger);
    if (part.last.unexplained != core::Money{} && !request.accept_difference()) {
        block("balances_differ",
              fmt::format(
                  "Meter {} shows {} and the books say {}: {} of it nothing explains. Look into it (balances "
                  "show), or accept the difference; then what the books say counts.",
                  link.meter_code, core::to_string(*part.last.balance), core::to_string(part.last.ledger),
                  core::to_string(part.last.unexplained)));
    }
    return part;
}

TransferPlan plan_transfer(App& app, storage::Transaction& tx, const v1::TransferAccountRequest& request) {
    check_request(request);
    const core::PropertyId property{request.property_id()};
    const core::AccountId id{request.account_id()};
    const auto account = storage::find_account(tx, property, id);
    if (!account) {
        throw not_found("account", id.value);
    }
    TransferPlan plan;
    plan.account = *account;
    if (account->state != storage::AccountState::open) {
        plan.blockers.push_back({"account_closed",
                                 fmt::format("Account {} is {}. Open a new one for the new tenant.",
                                             account->number, storage::to_string(account->state)),
                                 {}});
        return plan;
    }
    std::vector<core::MeterId> live;
    for (const auto& link : account->meters) {
        if (!link.unlinked_at) {
            live.push_back(link.meter);
        }
    }
    if (live.empty()) {
        plan.blockers.push_back(
            {"no_meters",
             fmt::format("Account {} has no meters to hand over. Close it.", account->number),
             {}});
        return plan;
    }
    for (const auto& meter : request.meters()) {
        if (std::find(live.begin(), live.end(), core::MeterId{meter.meter_id()}) == live.end()) {
            throw invalid("meters",
                          fmt::format("meter #{} is not on account {}", meter.meter_id(), account->number));
        }
    }
    plan.facts = storage::meter_facts(tx, property, live);
    const auto& facts = plan.facts;
    block_held_meters(tx, property, facts, plan.blockers);
    if (!plan.blockers.empty()) {
        return plan;
    }
    for (const auto& blocker : closing_blockers(facts)) {
        plan.blockers.push_back({blocker.reason, blocker.text, blocker.meter});
    }
    std::map<core::MeterId, storage::TwoBalances> rows;
    for (auto& row : storage::find_two_balances(tx, property, live)) {
        rows.emplace(row.meter, row);
    }
    for (const auto& link : account->meters) {
        if (link.unlinked_at) {
            continue;
        }
        const auto row = rows.find(link.meter);
        if (auto part = part_of(app, request, link, facts.at(link.meter),
                                row == rows.end() ? nullptr : &row->second, plan.blockers)) {
            plan.parts.push_back(std::move(*part));
        }
    }
    const auto balances = storage::account_balances(tx, property, id);
    plan.others = balances.unallocated + balances.refund_payable + balances.deposit;
    storage::PlanCache plans;
    for (const auto& [meter, fact] : facts) {
        plan.others -= charges_at_closing(app, plans, tx, property, id, fact, app.now());
    }
    return plan;
}

void fill(const TransferPlan& plan, v1::TransferQuote& out) {
    out.set_account_number(plan.account.number);
    out.set_customer(plan.account.customer.name);
    core::Money carried;
    core::Money payable;
    for (const auto& part : plan.parts) {
        auto& meter = *out.add_meters();
        meter.set_meter_id(part.link.meter.value);
        meter.set_meter_code(part.link.meter_code);
        meter.set_unit_code(part.link.unit_code);
        meter.set_energy_wh(part.last.energy.watt_hours());
        *meter.mutable_read_at() = to_timestamp(part.last.at);
        meter.set_meter_balance_e4(part.last.balance.value_or(core::Money{}).ten_thousandths());
        meter.set_use_to_book_e4(part.last.use.ten_thousandths());
        meter.set_ledger_e4(part.last.ledger.ten_thousandths());
        meter.set_rounding_e4(part.money.rounding.ten_thousandths());
        meter.set_unexplained_e4(part.last.unexplained.ten_thousandths());
        meter.set_carried_e4(part.money.carried.ten_thousandths());
        meter.set_payable_e4(part.money.payable.ten_thousandths());
        carried += part.money.carried;
        payable += part.money.payable;
    }
    out.set_carried_e4(carried.ten_thousandths());
    out.set_payable_e4(payable.ten_thousandths());
    out.set_payable_after_e4((payable + plan.others).ten_thousandths());
    for (const auto& one : plan.blockers) {
        auto& blocker = *out.add_blockers();
        blocker.set_reason(one.reason);
        blocker.set_text(one.text);
        blocker.set_meter_id(one.meter.value);
    }
}

/// The old account's time on its meters ends at their last readings.
void leave(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
           const TransferPlan& plan, const std::string& to_number) {
    storage::PlanCache plans;
    for (const auto& part : plan.parts) {
        storage::book_meter_up_to(tx, property, plan.account.id, part.link.meter, part.last.energy,
                                  part.last.at);
        if (const auto entry = core::transfer_out_entry(plan.account.id, part.last.ledger, part.money)) {
            storage::EntryNotes notes;
            notes.account = plan.account.id;
            notes.meter = part.link.meter;
            notes.operator_id = call.operator_id();
            notes.memo = fmt::format(
                "meter {} goes to account {}, last reading {} Wh, {}; {}", part.link.meter_code, to_number,
                part.last.energy.watt_hours(), core::to_string(part.last.balance.value_or(core::Money{})),
                part.money.carried != core::Money{} ? "its money goes with it"
                                                    : "its money is payable to the old tenant");
            notes.booked_at = app.now();
            storage::insert_entry(tx, property, *entry, notes);
        }
        settle_charges(app, plans, tx, property, plan.account.id, plan.facts.at(part.link.meter),
                       call.operator_id(), app.now());
        storage::end_link(tx, property, plan.account.id, part.link.meter, app.now());
        storage::clear_watch(tx, property, part.link.meter, app.now());
    }
    storage::close_at_once(tx, property, plan.account.id, app.now());
}

void carry_on(App& app, CallContext& call, storage::Transaction& tx, core::PropertyId property,
              const TransferPlan& plan, core::AccountId to) {
    for (const auto& part : plan.parts) {
        auto link = part.link;
        link.booked_energy = part.last.energy;
        link.booked_remainder = part.last.remainder;
        storage::continue_link(tx, property, to, link, app.now());
        if (const auto entry = core::transfer_in_entry(to, part.money.carried)) {
            storage::EntryNotes notes;
            notes.account = to;
            notes.meter = part.link.meter;
            notes.operator_id = call.operator_id();
            notes.memo =
                fmt::format("came with meter {} from account {}, first reading {} Wh", part.link.meter_code,
                            plan.account.number, part.last.energy.watt_hours());
            notes.booked_at = app.now();
            storage::insert_entry(tx, property, *entry, notes);
        }
    }
}

/// Each meter of the account, with the terms of the request where it names it, else its price of today.
std::vector<v1::OpenMeter> openings(const TransferPlan& plan, const v1::TransferAccountRequest& request) {
    std::vector<v1::OpenMeter> all;
    for (const auto& part : plan.parts) {
        v1::OpenMeter open;
        open.set_meter_id(part.link.meter.value);
        for (const auto& wanted : request.meters()) {
            if (wanted.meter_id() == part.link.meter.value) {
                open = wanted;
            }
        }
        if (!open.has_price_e4() && part.link.price) {
            open.set_price_e4(part.link.price->ten_thousandths_per_kwh());
        }
        all.push_back(std::move(open));
    }
    return all;
}

}  // namespace

grpc::Status AccountChangeService::QuoteTransfer(grpc::ServerContext* context,
                                                 const v1::TransferAccountRequest* request,
                                                 v1::TransferQuote* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "quote_transfer", [&](storage::Transaction& tx) {
            response->Clear();
            fill(plan_transfer(app_, tx, *request), *response);
        });
    });
}

grpc::Status AccountChangeService::TransferAccount(grpc::ServerContext* context,
                                                   const v1::TransferAccountRequest* request,
                                                   v1::TransferAccountResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::AccountId id{request->account_id()};
        const bool carry = request->money() == v1::TRANSFER_MONEY_CARRY;
        const auto transfer = [&](storage::Transaction& tx) {
            call.once(tx, property, "TransferAccount", *request, *response, [&] {
                if (!storage::lock_account(tx, property, id)) {
                    throw not_found("account", id.value);
                }
                std::vector<core::MeterId> live;
                const auto before = storage::find_account(tx, property, id);
                for (const auto& link : before->meters) {
                    if (!link.unlinked_at) {
                        live.push_back(link.meter);
                    }
                }
                storage::lock_meter_links(tx, property, live);
                const auto plan = plan_transfer(app_, tx, *request);
                if (!plan.blockers.empty()) {
                    throw failed_precondition(plan.blockers.front().reason,
                                              plan.blockers.front().text + " Nothing was changed.");
                }
                const auto& wanted = request->customer();
                const core::CustomerId known{wanted.customer_id()};
                if (known && !storage::find_customer(tx, property, known)) {
                    throw not_found("customer", known.value);
                }
                const auto customer =
                    known ? known
                          : storage::create_customer(tx, property,
                                                     {{}, wanted.name(), wanted.phone(), wanted.note()});
                const auto to = storage::open_account(tx, property, customer, request->number());
                const auto number = storage::find_account(tx, property, to)->number;
                leave(app_, call, tx, property, plan, number);
                return_deposit(app_, call, tx, property, id);
                if (carry) {
                    carry_on(app_, call, tx, property, plan, to);
                } else {
                    const bool pays =
                        std::any_of(request->meters().begin(), request->meters().end(),
                                    [](const auto& one) { return one.first_purchase_e4() != 0; });
                    for (const auto delivery :
                         open_meters(app_, call, tx,
                                     {property, to,
                                      pays ? tender_method(request->method()) : core::TenderMethod::cash,
                                      request->request_id(), "meters", std::nullopt, false},
                                     openings(plan, *request))) {
                        response->add_delivery_ids(delivery.value);
                    }
                }
                storage::insert_transfer(tx, property, {id, to, call.operator_id(), carry, request->reason()},
                                         app_.now());
                fill(plan, *response->mutable_settlement());
                fill_whole(tx, property, *storage::find_account(tx, property, id),
                           *response->mutable_old_account());
                fill_whole(tx, property, *storage::find_account(tx, property, to),
                           *response->mutable_new_account());
                call.log(tx, property, "account.transfer",
                         fmt::format("account {} to {}", plan.account.number, number),
                         {{"money", carry ? "carry" : "refund"},
                          {"carried_e4", response->settlement().carried_e4()},
                          {"payable_e4", response->settlement().payable_e4()},
                          {"reason", request->reason()}});
            });
        };
        try {
            app_.database().transact(call.scope(property), "transfer_account", transfer);
        } catch (const storage::UniqueViolation& violation) {
            throw_as_refusal(violation, request->number());
        }
        app_.notifier().work_queued();
    });
}

}  // namespace wutong::server
