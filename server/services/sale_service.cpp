#include "server/services/sale_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>
#include <vector>

#include "core/tariff.hpp"
#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/held_terms.hpp"
#include "server/services/money_shapes.hpp"
#include "server/services/paging.hpp"
#include "server/services/property_settings.hpp"
#include "server/services/sale_decision.hpp"
#include "server/services/selling_place.hpp"
#include "server/services/sold.hpp"
#include "storage/account_lock.hpp"
#include "storage/ledger.hpp"
#include "storage/meter_facts.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

namespace {

/// What can be handed over: taken off meters, and paid in but refused by the meter.
core::Money payable(const storage::AccountBalances& balances) {
    return balances.refund_payable + balances.unallocated;
}

/// Takes from what came off the meters first. @pre 0 < amount <= payable(balances)
core::JournalEntry payout(core::AccountId account, core::TenderMethod method, core::Money amount,
                          const storage::AccountBalances& balances) {
    const auto taken_off = std::min(amount, std::max(balances.refund_payable, core::Money{}));
    core::JournalEntry entry{core::EntryKind::refund_payout, {}};
    if (taken_off > core::Money{}) {
        entry.postings.push_back({core::LedgerKind::refund_payable, account.value, taken_off});
    }
    if (amount > taken_off) {
        entry.postings.push_back({core::LedgerKind::unallocated_credit, account.value, amount - taken_off});
    }
    entry.postings.push_back({core::LedgerKind::tender, static_cast<std::int64_t>(method), -amount});
    return entry;
}

void check_reason(const std::string& reason) {
    if (reason.find_first_not_of(" \t\r\n") == std::string::npos || reason.size() > 500) {
        throw invalid("reason", "say in at most 500 bytes why; it is kept in the operation log");
    }
}

}  // namespace

grpc::Status SaleService::Quote(grpc::ServerContext* context, const v1::QuoteRequest* request,
                                v1::QuoteResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId meter{request->meter_id()};
        const core::Money amount{request->amount_e4()};
        SaleCase sale;
        core::Price price;
        storage::ChargesNow charges;
        core::ChargeSums taken;
        app_.database().transact(call.scope(property), "quote", [&](storage::Transaction& tx) {
            sale = sale_case(app_, tx, property, core::AccountId{request->account_id()}, meter, Look::read);
            price = price_of(tx, property, sale);
            charges = charges_of(app_, plans_, tx, property, core::AccountId{request->account_id()}, meter,
                                 amount, app_.now(), sale, taken);
        });
        if (sale.stored.balance_at) {
            response->set_balance_now_e4(sale.facts.balance_known.ten_thousandths());
            *response->mutable_read_at() = to_timestamp(*sale.stored.balance_at);
        }
        response->set_in_flight_e4(sale.facts.in_flight.ten_thousandths());
        response->set_purchase_number_now(sale.stored.purchase_number);
        const auto credited = std::max(amount - taken.total(), core::Money{});
        response->set_charged_e4(taken.total().ten_thousandths());
        response->set_credited_e4(credited.ten_thousandths());
        fill_charges(charges.charges, true, *response->mutable_charges());
        response->set_due_after_e4((charges.due() - taken.total()).ten_thousandths());
        response->set_charges_fault(charges.fault);
        // One for this sale, if anything of it goes to the meter, and one for each in the queue before it.
        response->set_purchase_number_after(sale.stored.purchase_number + sale.stored.unfinished_deliveries +
                                            (credited > core::Money{} ? 1 : 0));
        response->set_price_e4(price.ten_thousandths_per_kwh());
        response->set_commodity(core::to_string(sale.stored.commodity));
        const auto decision = core::decide_sale(amount, sale.facts);
        if (const auto* accepted = std::get_if<core::Accepted>(&decision)) {
            response->set_balance_after_e4(accepted->balance_expected.ten_thousandths());
            // Rounded down: a watt-hour that was not paid for is not promised.
            response->set_energy_wh(price > core::Price{0} ? core::energy_for(credited, price).watt_hours()
                                                           : 0);
        } else {
            const auto refusal = std::get<core::SaleRefusal>(decision);
            response->set_balance_after_e4(
                (sale.facts.balance_known + sale.facts.in_flight).ten_thousandths());
            response->set_refusal(core::to_string(refusal));
            response->set_refusal_text(refusal_text(refusal, sale.facts, sale.named(amount, false)));
        }
    });
}

grpc::Status SaleService::Refund(grpc::ServerContext* context, const v1::RefundRequest* request,
                                 v1::SaleReceipt* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        check_reason(request->reason());
        storage::NewSale refund;
        refund.kind = storage::SaleKind::refund;
        refund.account = core::AccountId{request->account_id()};
        refund.meter = core::MeterId{request->meter_id()};
        refund.amount = core::Money{request->amount_e4()};
        refund.operator_id = call.operator_id();
        refund.request_id = request->request_id();
        app_.database().transact(call.scope(property), "refund", [&](storage::Transaction& tx) {
            call.once(tx, property, "Refund", *request, *response, [&] {
                const auto decided = sale_case(app_, tx, property, refund.account, refund.meter, Look::lock);
                const auto decision = core::decide_refund(refund.amount, decided.facts);
                if (const auto* refusal = std::get_if<core::SaleRefusal>(&decision)) {
                    throw refused_sale(*refusal, decided.facts, decided.named(refund.amount, true));
                }
                const auto place = selling_place(app_, call, tx, property);
                check_payout(tx, property, place, refund.method, refund.amount, false);
                refund.shift = place.shift;
                refund.point = place.point;
                refund.price = price_of(tx, property, decided);
                refund.held = decided.stored.held;
                const auto ids = storage::insert_sale(tx, property, refund);
                if (refund.held) {
                    storage::apply_cut_off(tx, property, refund.meter, held_defaults(tx, property).alarms,
                                           app_.now());
                }
                fill_sold(decided, refund, ids, property, call.operator_name(), place, {}, *response);
                call.log(tx, property, "sale.refund", fmt::format("meter {}", decided.names.meter_code),
                         {{"account", decided.names.account_number},
                          {"amount_e4", request->amount_e4()},
                          {"sale_id", ids.sale.value},
                          {"reason", request->reason()}});
            });
        });
        app_.notifier().work_queued();
    });
}

grpc::Status SaleService::PayRefund(grpc::ServerContext* context, const v1::PayRefundRequest* request,
                                    v1::PayRefundResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::AccountId account{request->account_id()};
        const core::Money amount{request->amount_e4()};
        const auto method = tender_method(request->method());
        if (amount <= core::Money{} || !amount.is_multiple_of(core::kTenderQuantum)) {
            throw invalid(
                "amount_e4",
                fmt::format("{} can't be paid out: the amount must be above zero and a multiple of {}",
                            core::to_string(amount), core::to_string(core::kTenderQuantum)));
        }
        app_.database().transact(call.scope(property), "pay_refund", [&](storage::Transaction& tx) {
            call.once(tx, property, "PayRefund", *request, *response, [&] {
                // The lock makes two payouts look at the balance one after the other.
                if (!storage::lock_account(tx, property, account)) {
                    throw not_found("account", account.value);
                }
                const auto balances = storage::account_balances(tx, property, account);
                const auto owed = payable(balances);
                if (amount > owed) {
                    throw failed_precondition(
                        "above_refund_payable",
                        fmt::format(
                            "{} was asked for, but {} is payable. Nothing was paid out. What is still on a "
                            "meter has to be refunded from it first.",
                            core::to_string(amount), core::to_string(owed)));
                }
                const auto place = selling_place(app_, call, tx, property);
                check_payout(tx, property, place, method, amount, true);
                storage::EntryNotes notes;
                notes.shift = place.shift;
                notes.account = account;
                notes.operator_id = call.operator_id();
                notes.request_id = request->request_id();
                const auto entry =
                    storage::insert_entry(tx, property, payout(account, method, amount, balances), notes);
                response->set_entry_id(entry.value);
                response->set_shift_id(place.shift.value);
                response->set_still_payable_e4((owed - amount).ten_thousandths());
                call.log(tx, property, "sale.pay_refund", fmt::format("account {}", account.value),
                         {{"amount_e4", request->amount_e4()},
                          {"entry_id", entry.value},
                          {"shift_id", place.shift.value}});
            });
        });
    });
}

}  // namespace wutong::server
