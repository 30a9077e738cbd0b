// The part of SaleService that is about the way of the money to the meter.
#include <fmt/format.h>

#include <vector>

#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/money_shapes.hpp"
#include "server/services/paging.hpp"
#include "server/services/property_settings.hpp"
#include "server/services/sale_service.hpp"
#include "server/services/watch_call.hpp"
#include "storage/credit_deliveries.hpp"

namespace wutong::server {

namespace {

void fill(const storage::PendingSettlement& word, v1::PendingSettlement& out) {
    out.set_delivered(word.delivered);
    out.set_reason(word.reason);
    out.set_operator_id(word.operator_id.value);
    out.set_operator_(word.operator_name);
    *out.mutable_at() = to_timestamp(word.at);
}

/// A delivery with the word that it waits for a second one for.
void fill_whole(storage::Transaction& tx, core::PropertyId property, core::DeliveryId id, v1::Delivery& out) {
    const auto delivery = storage::find_delivery(tx, property, id);
    if (!delivery) {
        throw not_found("delivery", id.value);
    }
    out.Clear();
    server::fill(*delivery, out);
    if (const auto word = storage::find_settlement(tx, property, id)) {
        fill(*word, *out.mutable_settlement());
    }
}

Refused not_quarantined(core::DeliveryId id, core::DeliveryState state) {
    return failed_precondition(
        "delivery_not_quarantined",
        fmt::format("Delivery {} is {}: only a quarantined one waits for an operator's word. Nothing was "
                    "changed.",
                    id.value, core::to_string(state)));
}

}  // namespace

grpc::Status SaleService::GetDelivery(grpc::ServerContext* context, const v1::GetDeliveryRequest* request,
                                      v1::Delivery* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "get_delivery", [&](storage::Transaction& tx) {
            fill_whole(tx, property, core::DeliveryId{request->delivery_id()}, *response);
        });
    });
}

grpc::Status SaleService::ListDeliveries(grpc::ServerContext* context,
                                         const v1::ListDeliveriesRequest* request,
                                         v1::ListDeliveriesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::DeliveryFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        filter.meter = core::MeterId{request->meter_id()};
        filter.account = core::AccountId{request->account_id()};
        filter.unfinished_only = request->unfinished_only();
        if (!request->state().empty()) {
            try {
                filter.state = core::parse_delivery_state(request->state());
            } catch (const std::invalid_argument& error) {
                throw invalid("state", error.what());
            }
        }
        const auto size = page_size(request->page());
        const core::DeliveryId before{page_key(request->page())};
        const auto rows = app_.database().transact(
            call.scope(filter.property), "list_deliveries",
            [&](storage::Transaction& tx) { return storage::list_deliveries(tx, filter, before, size); });
        for (const auto& row : rows) {
            fill(row, *response->add_deliveries());
        }
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().id.value));
        }
    });
}

grpc::Status SaleService::SettleDelivery(grpc::ServerContext* context,
                                         const v1::SettleDeliveryRequest* request, v1::Delivery* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::DeliveryId id{request->delivery_id()};
        if (request->reason().find_first_not_of(" \t\r\n") == std::string::npos ||
            request->reason().size() > 500) {
            throw invalid(
                "reason",
                "say in at most 500 bytes why; it is kept with the delivery and in the operation log");
        }
        app_.database().transact(call.scope(property), "settle_delivery", [&](storage::Transaction& tx) {
            call.once(tx, property, "SettleDelivery", *request, *response, [&] {
                std::optional<storage::PendingSettlement> first;
                try {
                    first = storage::lock_settlement(tx, property, id);
                } catch (const storage::NotFound&) {
                    throw not_found("delivery", id.value);
                }
                const bool agreed = read_property_settings(tx, property).settle_persons < 2 ||
                                    (first && first->delivered == request->delivered() &&
                                     first->operator_id != call.operator_id());
                if (agreed) {
                    const auto settled = storage::settle_delivery(tx, property, id, request->delivered(),
                                                                  request->reason(), app_.now());
                    if (settled.already) {
                        throw not_quarantined(id, settled.state);
                    }
                } else {
                    const auto state = storage::find_delivery(tx, property, id)->delivery.state;
                    if (state != core::DeliveryState::quarantined) {
                        throw not_quarantined(id, state);
                    }
                    // Another word than the first takes its place: it is the one that now needs a second.
                    storage::put_settlement(tx, property, id,
                                            {request->delivered(), request->reason(), call.operator_id(),
                                             call.operator_name(), app_.now()});
                }
                fill_whole(tx, property, id, *response);
                call.log(tx, property, agreed ? "delivery.settle" : "delivery.propose",
                         fmt::format("delivery {}", id.value),
                         {{"delivered", request->delivered()},
                          {"reason", request->reason()},
                          {"first_word_of", agreed && first ? first->operator_name : std::string{}},
                          {"first_reason", agreed && first ? first->reason : std::string{}},
                          {"meter_id", response->meter_id()},
                          {"amount_e4", response->amount_e4()}});
            });
        });
        // Deliveries that were queued behind it may go on.
        app_.notifier().work_queued();
    });
}

grpc::ServerWriteReactor<v1::Delivery>* SaleService::WatchDelivery(grpc::CallbackServerContext* context,
                                                                   const v1::GetDeliveryRequest* request) {
    return open_stream<v1::Delivery>(
        app_, context, [&](CallContext& call, std::shared_ptr<StreamWriter<v1::Delivery>> writer) {
            const core::PropertyId property{request->property_id()};
            static_cast<void>(call.scope(property));  // refuses a property that isn't the caller's
            const core::DeliveryId id{request->delivery_id()};
            watches_.watch(
                property,
                [property, id](storage::Transaction& tx) {
                    return storage::find_delivery(tx, property, id) ? std::vector{id.value}
                                                                    : std::vector<std::int64_t>{};
                },
                not_found("delivery", id.value).status(), std::move(writer));
        });
}

}  // namespace wutong::server
