// The part of SaleService that takes a sale back.
#include <fmt/format.h>

#include <variant>

#include "server/call.hpp"
#include "server/services/money_shapes.hpp"
#include "server/services/sale_charging.hpp"
#include "server/services/sale_service.hpp"
#include "server/services/selling_place.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/reversals.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

namespace {

using core::ReversalRefusal;

/// What is wrong and what to do instead.
std::string refusal_text(ReversalRefusal refusal, const core::ReversalFacts& facts,
                         const storage::StoredSale& sale) {
    switch (refusal) {
        case ReversalRefusal::not_a_sale:
            return fmt::format(
                "Receipt {} is not of a sale, but of kind {}. Refund what the meter holds instead.",
                receipt_number(sale), storage::to_string(sale.kind));
        case ReversalRefusal::reversed_already:
            return fmt::format("Sale {} was taken back already, or is on the way to it.",
                               receipt_number(sale));
        case ReversalRefusal::account_closed:
            return fmt::format("Account {} is closed or being closed: what its meters held is payable.",
                               sale.account_number);
        case ReversalRefusal::meter_not_linked:
            return fmt::format("Meter {} is not on account {} any more.", sale.meter_code,
                               sale.account_number);
        case ReversalRefusal::not_last_on_meter:
            return fmt::format(
                "Sale {} is not the last thing that was written to meter {}. Only the last one "
                "can be taken back; refund the amount instead.",
                receipt_number(sale), sale.meter_code);
        case ReversalRefusal::sale_refused:
            return "The meter never took this sale: its money is payable already, pay it out.";
        case ReversalRefusal::delivery_quarantined:
            return "What happened on the meter is not known, and waits for operators to settle it.";
        case ReversalRefusal::delivery_under_way:
            return "The sale is on its way to the meter at this moment. Wait for its outcome, then try "
                   "again.";
        case ReversalRefusal::meter_not_read:
            return fmt::format("The balance of meter {} is not known. Read the meter first.",
                               sale.meter_code);
        case ReversalRefusal::meter_written_since:
            return fmt::format(
                "Meter {} has purchase number {}, this sale wrote {}: somebody else has written "
                "since. Look into that first.",
                sale.meter_code, facts.number_seen.value_or(0), facts.number_written.value_or(0));
        case ReversalRefusal::above_meter_balance:
            return fmt::format(
                "Meter {} held {} when it was read last: {} can't be taken off it whole. Refund "
                "what it holds instead.",
                sale.meter_code, core::to_string(facts.balance_seen.value_or(core::Money{})),
                core::to_string(facts.on_meter));
    }
    throw std::logic_error("a reversal refusal without a text");
}

}  // namespace

grpc::Status SaleService::Reverse(grpc::ServerContext* context, const v1::ReverseRequest* request,
                                  v1::SaleReceipt* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (request->reason().find_first_not_of(" \t\r\n") == std::string::npos ||
            request->reason().size() > 500) {
            throw invalid("reason", "say in at most 500 bytes why; it is kept in the operation log");
        }
        app_.database().transact(call.scope(property), "reverse", [&](storage::Transaction& tx) {
            call.once(tx, property, "Reverse", *request, *response, [&] {
                const auto id = sale_named(tx, property, request->sale_id(), request->number());
                const auto sale = storage::find_sale(tx, property, id);
                if (!sale) {
                    throw not_found("sale", id.value);
                }
                // The lock of sales: what is last on the meter is last until this is committed.
                const auto stored = storage::lock_sale_facts(tx, property, sale->account, sale->meter);
                const auto facts = storage::reversal_facts(tx, *sale);
                const auto decision = core::decide_reversal(facts);
                if (const auto* refusal = std::get_if<ReversalRefusal>(&decision)) {
                    throw failed_precondition(core::to_string(*refusal),
                                              refusal_text(*refusal, facts, *sale) + " Nothing was changed.");
                }
                const bool withdraw = std::get<core::ReversalWay>(decision) == core::ReversalWay::withdraw;
                const auto place = selling_place(app_, call, tx, property);
                check_payout(tx, property, place, sale->method, sale->amount, true);
                if (withdraw && sale->delivery &&
                    storage::withdraw_delivery(tx, property, sale->delivery, request->reason(), app_.now())
                        .already) {
                    // A collector has taken it since the facts were read.
                    throw failed_precondition(
                        "delivery_under_way",
                        refusal_text(ReversalRefusal::delivery_under_way, facts, *sale) +
                            " Nothing was changed.");
                }
                storage::NewSale back;
                back.kind = storage::SaleKind::reversal;
                back.account = sale->account;
                back.meter = sale->meter;
                back.amount = sale->amount;
                back.method = sale->method;
                back.operator_id = call.operator_id();
                back.request_id = request->request_id();
                back.price = sale->price ? sale->price : stored.price;
                back.shift = place.shift;
                back.point = place.point;
                back.reverses = sale->id;
                back.withdrawn = withdraw;
                back.taken = storage::charge_sums_of_sale(tx, property, sale->id);
                const auto ids = storage::insert_sale(tx, property, back);
                if (withdraw) {
                    storage::pay_reversal_back(tx, property, ids.sale, core::LedgerKind::unallocated_credit,
                                               app_.now());
                }
                fill(*storage::find_sale(tx, property, ids.sale), *response);
                fill_charges(storage::charges_of_sale(tx, property, ids.sale), false,
                             *response->mutable_charges());
                call.log(tx, property, withdraw ? "sale.withdraw" : "sale.reverse",
                         fmt::format("receipt {}", receipt_number(*sale)),
                         {{"account", sale->account_number},
                          {"meter", sale->meter_code},
                          {"amount_e4", sale->amount.ten_thousandths()},
                          {"sale_id", sale->id.value},
                          {"reversal_id", ids.sale.value},
                          {"reason", request->reason()}});
            });
        });
        app_.notifier().work_queued();
    });
}

}  // namespace wutong::server
