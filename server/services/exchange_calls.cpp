// The part of AccountChangeService that exchanges meters.
#include <fmt/format.h>

#include "server/call.hpp"
#include "server/services/account_change_service.hpp"
#include "server/services/account_opening.hpp"
#include "server/services/convert.hpp"
#include "server/services/meter_exchange.hpp"
#include "server/services/paging.hpp"
#include "server/services/property_settings.hpp"
#include "server/services/sale_charging.hpp"
#include "server/services/tariff_source.hpp"
#include "storage/account_changes.hpp"
#include "storage/account_lock.hpp"
#include "storage/consumption.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/ledger.hpp"
#include "storage/meter_watch.hpp"
#include "storage/tariff_assignments.hpp"

namespace wutong::server {

namespace {

void fill(const ExchangePlan& plan, v1::ExchangeQuote& out) {
    out.set_account_number(plan.account.number);
    out.set_customer(plan.account.customer.name);
    out.set_old_meter_code(plan.old_meter.code);
    out.set_new_meter_code(plan.new_meter.code);
    if (plan.last) {
        out.set_energy_wh(plan.last->energy.watt_hours());
        *out.mutable_read_at() = to_timestamp(plan.last->at);
        out.set_use_to_book_e4(plan.last->use.ten_thousandths());
        out.set_unexplained_e4(plan.last->unexplained.ten_thousandths());
        if (plan.last->balance) {
            out.set_meter_balance_e4(plan.last->balance->ten_thousandths());
            out.set_difference_e4(plan.last->difference.ten_thousandths());
        }
    }
    out.set_ledger_e4(plan.ledger.ten_thousandths());
    out.set_waiting_e4(plan.waiting_amount.ten_thousandths());
    out.set_unallocated_e4(plan.unallocated.ten_thousandths());
    out.set_carried_e4(plan.money.carried.ten_thousandths());
    out.set_left_unallocated_e4(plan.money.left_unallocated.ten_thousandths());
    out.set_rounding_e4(plan.money.rounding.ten_thousandths());
    out.set_debt_e4(plan.money.debt.ten_thousandths());
    for (const auto& one : plan.blockers) {
        auto& blocker = *out.add_blockers();
        blocker.set_reason(one.reason);
        blocker.set_text(one.text);
        blocker.set_meter_id(one.meter.value);
    }
}

void fill(const storage::MeterExchange& exchange, v1::MeterExchange& out) {
    out.set_exchange_id(exchange.id);
    out.set_account_id(exchange.account.value);
    out.set_account_number(exchange.account_number);
    out.set_old_meter_id(exchange.old_meter.value);
    out.set_old_meter_code(exchange.old_code);
    out.set_new_meter_id(exchange.new_meter.value);
    out.set_new_meter_code(exchange.new_code);
    *out.mutable_at() = to_timestamp(exchange.at);
    out.set_operator_(exchange.operator_name);
    out.set_reason(exchange.reason);
    out.set_typed_reason(exchange.typed_reason);
    if (exchange.energy) {
        out.set_energy_wh(exchange.energy->watt_hours());
    }
    if (exchange.balance) {
        out.set_meter_balance_e4(exchange.balance->ten_thousandths());
    }
    if (exchange.read_at) {
        *out.mutable_read_at() = to_timestamp(*exchange.read_at);
    }
    if (exchange.new_energy) {
        out.set_new_energy_wh(exchange.new_energy->watt_hours());
    }
    if (exchange.new_balance) {
        out.set_new_balance_e4(exchange.new_balance->ten_thousandths());
    }
    if (exchange.new_read_at) {
        *out.mutable_new_read_at() = to_timestamp(*exchange.new_read_at);
    }
    out.set_ledger_e4(exchange.ledger.ten_thousandths());
    out.set_carried_e4(exchange.money.carried.ten_thousandths());
    out.set_left_unallocated_e4(exchange.money.left_unallocated.ten_thousandths());
    out.set_rounding_e4(exchange.money.rounding.ten_thousandths());
    out.set_debt_e4(exchange.money.debt.ten_thousandths());
    out.set_unexplained_e4(exchange.unexplained.ten_thousandths());
    out.set_delivery_id(exchange.delivery.value);
    out.set_clear_delivery_id(exchange.clear.value);
    out.set_delivery_state(exchange.delivery_state);
    out.set_clear_delivery_state(exchange.clear_state);
}

std::string memo_of(const ExchangePlan& plan, const v1::ExchangeMeterRequest& request) {
    std::string last = "never opened";
    if (plan.last) {
        last = fmt::format("last reading {} Wh", plan.last->energy.watt_hours());
        if (plan.last->balance) {
            last += ", " + core::to_string(*plan.last->balance);
        }
        if (request.has_typed()) {
            last += fmt::format(" (typed in: {})", request.typed().reason());
        }
    }
    return fmt::format("meter {} exchanged for {}, {}", plan.old_meter.code, plan.new_meter.code, last);
}

/// The old meter's money leaves it: its use is booked, what waited is withdrawn, and the ledger's figure is
/// 0.
void leave_old_meter(App& app, CallContext& call, storage::Transaction& tx,
                     const v1::ExchangeMeterRequest& request, const ExchangePlan& plan) {
    const core::PropertyId property{request.property_id()};
    const auto account = plan.account.id;
    const auto meter = plan.old_meter.meter;
    for (const auto id : plan.waiting) {
        const auto done = storage::withdraw_delivery(tx, property, id, "the meter is exchanged", app.now());
        // What was queued behind a refused opening is refused with it.
        if (done.already && done.state != core::DeliveryState::refused) {
            throw failed_precondition(
                "delivery_under_way",
                fmt::format(
                    "Delivery {} to meter {} is being sent at this moment. Nothing was changed. Wait for "
                    "its outcome, then try again.",
                    id.value, plan.old_meter.code));
        }
    }
    if (plan.last) {
        storage::book_meter_up_to(tx, property, account, meter, plan.last->energy, plan.last->at);
    }
    if (const auto entry = core::leave_meter_entry(account, plan.ledger,
                                                   plan.waiting_amount + plan.unallocated, plan.money)) {
        storage::EntryNotes notes;
        notes.account = account;
        notes.meter = meter;
        notes.operator_id = call.operator_id();
        notes.memo = memo_of(plan, request);
        notes.booked_at = app.now();
        storage::insert_entry(tx, property, *entry, notes);
    }
    store_charges(app, tx, property, account, plan.old_meter, app.now());
    storage::end_link(tx, property, account, meter, app.now());
    storage::clear_watch(tx, property, meter, app.now());
}

core::DeliveryId reach_new_meter(App& app, CallContext& call, storage::Transaction& tx,
                                 const v1::ExchangeMeterRequest& request, const ExchangePlan& plan) {
    const core::PropertyId property{request.property_id()};
    const auto meter = plan.new_meter.meter;
    storage::link_meter(tx, property, plan.account.id, meter);
    storage::carry_charges(tx, property, plan.account.id, plan.old_meter.meter, meter);
    storage::carry_tariffs(tx, property, plan.old_meter.meter, meter, today_of(tx, property, app.now()),
                           {call.operator_id(), app.now()});
    storage::take_unit_of(tx, property, meter, plan.old_meter.meter);
    if (const auto entry = core::reach_meter_entry(plan.account.id, plan.money.carried)) {
        storage::EntryNotes notes;
        notes.account = plan.account.id;
        notes.meter = meter;
        notes.operator_id = call.operator_id();
        notes.memo = fmt::format("carried from meter {} to {}", plan.old_meter.code, plan.new_meter.code);
        notes.booked_at = app.now();
        storage::insert_entry(tx, property, *entry, notes);
    }
    storage::NewDelivery open;
    open.meter = meter;
    open.account = plan.account.id;
    open.kind = core::DeliveryKind::open;
    open.amount = plan.money.carried;
    open.settings = plan.settings.json();
    return storage::queue_delivery(tx, property, open);
}

storage::MeterExchange evidence_of(App& app, const CallContext& call, const v1::ExchangeMeterRequest& request,
                                   const ExchangePlan& plan) {
    storage::MeterExchange exchange;
    exchange.account = plan.account.id;
    exchange.old_meter = plan.old_meter.meter;
    exchange.new_meter = plan.new_meter.meter;
    exchange.at = app.now();
    exchange.operator_id = call.operator_id();
    exchange.reason = request.reason();
    if (request.has_typed()) {
        exchange.typed_reason = request.typed().reason();
    }
    if (plan.last) {
        exchange.energy = plan.last->energy;
        exchange.balance = plan.last->balance;
        exchange.read_at = plan.last->at;
        exchange.unexplained = plan.last->unexplained;
    }
    exchange.ledger = plan.ledger;
    exchange.money = plan.money;
    return exchange;
}

}  // namespace

grpc::Status AccountChangeService::QuoteExchange(grpc::ServerContext* context,
                                                 const v1::ExchangeMeterRequest* request,
                                                 v1::ExchangeQuote* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "quote_exchange", [&](storage::Transaction& tx) {
            response->Clear();
            fill(plan_exchange(app_, tx, *request), *response);
            response->set_typed(request->has_typed());
        });
    });
}

grpc::Status AccountChangeService::ExchangeMeter(grpc::ServerContext* context,
                                                 const v1::ExchangeMeterRequest* request,
                                                 v1::ExchangeMeterResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::AccountId id{request->account_id()};
        const auto exchange = [&](storage::Transaction& tx) {
            call.once(tx, property, "ExchangeMeter", *request, *response, [&] {
                if (!storage::lock_account(tx, property, id)) {
                    throw not_found("account", id.value);
                }
                // The lock of sales: what was sold to the old meter is queued when it is looked at below.
                storage::lock_meter_links(tx, property, {core::MeterId{request->old_meter_id()}});
                const auto plan = plan_exchange(app_, tx, *request);
                if (!plan.blockers.empty()) {
                    throw failed_precondition(plan.blockers.front().reason,
                                              plan.blockers.front().text + " Nothing was changed.");
                }
                leave_old_meter(app_, call, tx, *request, plan);
                auto evidence = evidence_of(app_, call, *request, plan);
                if (!request->leave_old_meter() && plan.link->opened_on_meter_at) {
                    storage::NewDelivery clear;
                    clear.meter = plan.old_meter.meter;
                    clear.account = id;
                    clear.kind = core::DeliveryKind::clear;
                    clear.settings = read_property_settings(tx, property).close_switches_off
                                         ? R"({"switch_off":true})"
                                         : R"({"switch_off":false})";
                    evidence.clear = storage::queue_delivery(tx, property, clear);
                }
                if (plan.new_meter.balance_e4 && plan.new_meter.answered_at) {
                    evidence.new_balance = core::Money{*plan.new_meter.balance_e4};
                    evidence.new_read_at = plan.new_meter.answered_at;
                }
                evidence.delivery = reach_new_meter(app_, call, tx, *request, plan);
                const auto number = storage::insert_exchange(tx, property, evidence);
                response->set_delivery_id(evidence.delivery.value);
                response->set_clear_delivery_id(evidence.clear.value);
                fill(storage::list_exchanges(tx, property, {{}, {}, number}, 0, 1).at(0),
                     *response->mutable_exchange());
                fill_whole(tx, property, *storage::find_account(tx, property, id),
                           *response->mutable_account());
                call.log(tx, property, "account.exchange_meter",
                         fmt::format("account {}", plan.account.number),
                         {{"old_meter", plan.old_meter.code},
                          {"new_meter", plan.new_meter.code},
                          {"carried_e4", plan.money.carried.ten_thousandths()},
                          {"unexplained_e4", evidence.unexplained.ten_thousandths()},
                          {"typed", request->has_typed()},
                          {"reason", request->reason()}});
            });
        };
        try {
            app_.database().transact(call.scope(property), "exchange_meter", exchange);
        } catch (const storage::UniqueViolation& violation) {
            throw_as_refusal(violation, {});
        }
        app_.notifier().work_queued();
    });
}

grpc::Status AccountChangeService::ListExchanges(grpc::ServerContext* context,
                                                 const v1::ListExchangesRequest* request,
                                                 v1::ListExchangesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const auto before = page_key(request->page());
        const auto exchanges =
            app_.database().transact(call.scope(property), "list_exchanges", [&](storage::Transaction& tx) {
                return storage::list_exchanges(
                    tx, property,
                    {core::AccountId{request->account_id()}, core::MeterId{request->meter_id()}, 0}, before,
                    size);
            });
        for (const auto& one : exchanges) {
            fill(one, *response->add_exchanges());
        }
        if (is_full(exchanges, size)) {
            response->set_next_page_token(std::to_string(exchanges.back().id));
        }
    });
}

}  // namespace wutong::server
