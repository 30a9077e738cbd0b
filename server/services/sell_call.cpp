// Sell: by the lane, and otherwise alone.
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/held_terms.hpp"
#include "server/services/sale_decision.hpp"
#include "server/services/sale_service.hpp"
#include "server/services/selling_place.hpp"
#include "server/services/sold.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

namespace {

storage::NewSale new_sale(const CallContext& call, const v1::SellRequest& request) {
    storage::NewSale sale;
    sale.kind = storage::SaleKind::sale;
    sale.account = core::AccountId{request.account_id()};
    sale.meter = core::MeterId{request.meter_id()};
    sale.amount = core::Money{request.amount_e4()};
    sale.method = tender_method(request.method());
    sale.operator_id = call.operator_id();
    sale.request_id = request.request_id();
    return sale;
}

}  // namespace

grpc::ServerUnaryReactor* SaleService::Sell(grpc::CallbackServerContext* context,
                                            const v1::SellRequest* request, v1::SaleReceipt* response) {
    auto* reactor = context->DefaultReactor();
    const auto status = handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        static_cast<void>(call.scope(property));  // refuses a property that isn't the caller's
        auto ask =
            std::make_unique<SaleAsk>(SaleAsk{call, property, new_sale(call, *request), *request, *response});
        lane_.sell(std::move(ask), [this, reactor](std::unique_ptr<SaleAsk> asked, SaleLane::Told told) {
            if (told.sold) {
                app_.notifier().work_queued();
                reactor->Finish(grpc::Status::OK);
            } else if (told.fault) {
                reactor->Finish(go_on(app_, [&] { std::rethrow_exception(told.fault); }));
            } else if (alone_waiting_.fetch_add(1) >= kAloneWaitingMax) {
                --alone_waiting_;
                reactor->Finish(go_on(app_, [] { throw too_many_sales(); }));
            } else {
                boost::asio::post(alone_, [this, reactor, ask = std::shared_ptr{std::move(asked)}] {
                    const auto answer = go_on(app_, [&] { sell_alone(*ask); });
                    --alone_waiting_;
                    reactor->Finish(answer);
                });
            }
        });
    });
    if (!status.ok()) {
        reactor->Finish(status);
    }
    return reactor;
}

void SaleService::sell_alone(SaleAsk& ask) {
    app_.database().transact(ask.call.scope(ask.property), "sell", [&](storage::Transaction& tx) {
        ask.call.once(tx, ask.property, "Sell", ask.request, ask.response, [&] { sell(tx, ask); });
    });
    app_.notifier().work_queued();
}

void SaleService::sell(storage::Transaction& tx, SaleAsk& ask) {
    const auto property = ask.property;
    auto& sale = ask.sale;
    auto decided = sale_case(app_, tx, property, sale.account, sale.meter, Look::lock);
    auto charges = charges_of(app_, plans_, tx, property, sale.account, sale.meter, sale.amount, app_.now(),
                              decided, sale.taken);
    const auto decision = core::decide_sale(sale.amount, decided.facts);
    if (const auto* refusal = std::get_if<core::SaleRefusal>(&decision)) {
        throw refused_sale(*refusal, decided.facts, decided.named(sale.amount, false));
    }
    const auto place = selling_place(app_, ask.call, tx, property);
    check_sale_limits(sale.amount, place);
    sale.shift = place.shift;
    sale.point = place.point;
    sale.price = price_of(tx, property, decided);
    sale.held = decided.stored.held;
    const auto ids = storage::insert_sale(tx, property, sale);
    if (!charges.linked_at.empty()) {
        storage::keep_charges(tx, property, sale.account, sale.meter, charges, {ids.entry, ids.sale},
                              app_.now());
    }
    fill_sold(decided, sale, ids, property, ask.call.operator_name(), place, charges.charges, ask.response);
    // The lock is SendCommand's too: none can have been queued since that was looked at.
    std::vector<std::int64_t> cancelled;
    if (decided.stored.switch_off_waiting) {
        cancelled = storage::cancel_queued_switch_offs(tx, property, sale.meter,
                                                       "the tenant has paid meanwhile", app_.now());
    }
    if (sale.held) {
        storage::apply_cut_off(tx, property, sale.meter, held_defaults(tx, property).alarms, app_.now());
    }
    ask.call.log(tx, property, "sale.sell", sold_target(decided),
                 sold_details(decided, sale, ids, cancelled));
}

}  // namespace wutong::server
