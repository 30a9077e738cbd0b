// The part of SaleService that tells what was sold.
#include "storage/sale_reports.hpp"

#include <fmt/format.h>

#include <chrono>

#include "core/tariff.hpp"
#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/money_shapes.hpp"
#include "server/services/paging.hpp"
#include "server/services/sale_charging.hpp"
#include "server/services/sale_service.hpp"
#include "server/services/tariff_source.hpp"
#include "storage/errors.hpp"
#include "storage/reversals.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

constexpr std::chrono::days kSummaryMost{366};

/// What the meter said when it is confirmed, else what is to be expected.
void fill_balances(const storage::StoredReceipt& stored, v1::Receipt& receipt) {
    if (!stored.delivery) {
        return;
    }
    const auto& delivery = stored.delivery->delivery;
    if (delivery.state == core::DeliveryState::delivered && delivery.before && delivery.after) {
        receipt.set_balance_before_e4(delivery.before->balance.ten_thousandths());
        receipt.set_balance_after_e4(delivery.after->balance.ten_thousandths());
        receipt.set_balances_confirmed(true);
        return;
    }
    const bool under_way = !delivery.finished();
    if (!under_way || delivery.kind == core::DeliveryKind::clear) {
        return;
    }
    // An opening sets the balance; whatever the meter held before is not the tenant's.
    const auto known =
        delivery.kind == core::DeliveryKind::open ? std::optional(core::Money{}) : stored.balance_known;
    if (known) {
        receipt.set_balance_before_e4((*known + stored.queued_before).ten_thousandths());
        receipt.set_balance_after_e4((*known + stored.queued_with).ten_thousandths());
    }
}

/// What took this sale back, or what it takes back.
void fill_reversal(storage::Transaction& tx, const storage::StoredSale& sale, v1::Receipt& receipt) {
    if (sale.reverses) {
        const auto first = storage::find_sale(tx, sale.property, sale.reverses);
        receipt.set_reverses_number(first ? receipt_number(*first) : "");
    } else if (const auto back = storage::reversal_of(tx, sale.property, sale.id)) {
        receipt.set_reversed_by_number(receipt_number(*back));
    }
}

/// By what the meter was charged when it was sold. What has begun is never changed, so the paper of years ago
/// says the same again.
void fill_plan(storage::Transaction& tx, const storage::StoredSale& sale, v1::Receipt& receipt) {
    const auto day = today_of(tx, sale.property, sale.sold_at);
    if (const auto found = storage::tariff_in_force(tx, sale.property, sale.meter, day, sale.sold_at)) {
        const auto plan = storage::load_tariff_plan(tx, sale.property, found->plan);
        if (const auto* version = plan ? version_on(*plan, day) : nullptr) {
            receipt.set_plan_name(plan->name);
            receipt.set_plan_version(storage::local_day_text(version->from));
        }
    }
}

void fill(const storage::StoredReceipt& stored, v1::Receipt& receipt) {
    const auto& sale = stored.sale;
    receipt.set_number(receipt_number(sale));
    receipt.set_reprints(sale.reprints);
    receipt.set_shift_id(sale.shift.value);
    receipt.set_point_code(sale.point_code);
    receipt.set_point_name(stored.point_name);
    receipt.set_reverses_sale_id(sale.reverses.value);
    receipt.set_sale_id(sale.id.value);
    receipt.set_property_id(sale.property.value);
    receipt.set_property_name(stored.property_name);
    receipt.set_time_zone(stored.time_zone);
    receipt.set_currency(stored.currency);
    receipt.set_kind(storage::to_string(sale.kind));
    receipt.set_building_name(stored.building_name);
    receipt.set_unit_code(sale.unit_code);
    receipt.set_unit_name(stored.unit_name);
    receipt.set_account_id(sale.account.value);
    receipt.set_account_number(sale.account_number);
    receipt.set_customer(sale.customer);
    receipt.set_customer_phone(stored.customer_phone);
    receipt.set_meter_id(sale.meter.value);
    receipt.set_meter_code(sale.meter_code);
    receipt.set_commodity(core::to_string(stored.commodity));
    receipt.set_meter_serial_number(stored.meter_serial_number);
    receipt.set_amount_e4(sale.amount.ten_thousandths());
    receipt.set_method(to_proto(sale.method));
    receipt.set_charged_e4(sale.charged.ten_thousandths());
    receipt.set_credited_e4(sale.credited().ten_thousandths());
    if (sale.price) {
        receipt.set_price_e4(sale.price->ten_thousandths_per_kwh());
        if (*sale.price > core::Price{0}) {
            receipt.set_energy_wh(core::energy_for(sale.credited(), *sale.price).watt_hours());
        }
    }
    receipt.set_operator_id(sale.operator_id.value);
    receipt.set_operator_(sale.operator_name);
    *receipt.mutable_sold_at() = to_timestamp(sale.sold_at);
    receipt.set_delivery_id(sale.delivery.value);
    receipt.set_delivery_state(sale.delivery_state);
    fill_balances(stored, receipt);
    if (stored.delivery) {
        const auto& delivery = *stored.delivery;
        receipt.set_delivery_reason(delivery.delivery.reason);
        if (delivery.delivery.write) {
            receipt.set_purchase_number(delivery.delivery.write->purchase_number);
        }
        if (delivery.sent_at) {
            *receipt.mutable_sent_at() = to_timestamp(*delivery.sent_at);
        }
        if (delivery.finished_at && delivery.delivery.state == core::DeliveryState::delivered) {
            *receipt.mutable_confirmed_at() = to_timestamp(*delivery.finished_at);
        }
    }
}

void fill_receipt(storage::Transaction& tx, core::PropertyId property, core::SaleId id,
                  v1::Receipt& receipt) {
    const auto stored = storage::find_receipt(tx, property, id);
    if (!stored) {
        throw not_found("sale", id.value);
    }
    receipt.Clear();
    fill(*stored, receipt);
    fill_reversal(tx, stored->sale, receipt);
    fill_plan(tx, stored->sale, receipt);
    if (stored->sale.charged > core::Money{}) {
        fill_charges(storage::charges_of_sale(tx, property, id), false, *receipt.mutable_charges());
    }
}

}  // namespace

core::SaleId sale_named(storage::Transaction& tx, core::PropertyId property, std::int64_t sale_id,
                        const std::string& number) {
    if ((sale_id == 0) == number.empty()) {
        throw invalid("sale_id", "name the receipt either by sale_id or by number");
    }
    if (number.empty()) {
        return core::SaleId{sale_id};
    }
    const auto name = parse_receipt_number(number);
    if (!name) {
        throw invalid("number",
                      "is no receipt number: it has digits only, with the vending point's code and "
                      "a dash before them where one gave it, as printed");
    }
    const auto id = find_sale_of(tx, property, *name);
    if (!id) {
        throw not_found("receipt", number);
    }
    return id;
}

grpc::Status SaleService::ListSales(grpc::ServerContext* context, const v1::ListSalesRequest* request,
                                    v1::ListSalesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::SaleFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        filter.account = core::AccountId{request->account_id()};
        filter.meter = core::MeterId{request->meter_id()};
        filter.operator_id = core::OperatorId{request->operator_id()};
        filter.shift = core::ShiftId{request->shift_id()};
        if (!request->kind().empty()) {
            try {
                filter.kind = storage::parse_sale_kind(request->kind());
            } catch (const std::invalid_argument& error) {
                throw invalid("kind", error.what());
            }
        }
        if (request->has_from()) {
            filter.from = from_timestamp(request->from(), "from");
        }
        if (request->has_to()) {
            filter.to = from_timestamp(request->to(), "to");
        }
        const auto size = page_size(request->page());
        const core::SaleId before{page_key(request->page())};
        const auto sales = app_.database().transact(
            call.scope(filter.property), "list_sales",
            [&](storage::Transaction& tx) { return storage::list_sales(tx, filter, before, size); });
        for (const auto& sale : sales) {
            fill(sale, *response->add_sales());
        }
        if (is_full(sales, size)) {
            response->set_next_page_token(std::to_string(sales.back().id.value));
        }
    });
}

grpc::Status SaleService::SalesSummary(grpc::ServerContext* context, const v1::SalesSummaryRequest* request,
                                       v1::SalesSummaryResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (request->mine() && request->operator_id() != 0) {
            throw invalid("operator_id", "name an operator, or ask for mine, not both");
        }
        const auto who = request->mine() ? call.operator_id() : core::OperatorId{request->operator_id()};
        const auto now = app_.now();
        auto from = request->has_from() ? from_timestamp(request->from(), "from") : now;
        // Without an end: a little beyond now, because the database's clock, which dates the sales, may run
        // ahead.
        const auto to =
            request->has_to() ? from_timestamp(request->to(), "to") : now + std::chrono::minutes{1};
        storage::SalesSummary summary;
        app_.database().transact(call.scope(property), "sales_summary", [&](storage::Transaction& tx) {
            if (!request->has_from()) {
                from = storage::start_of_day(tx, property, now);
            }
            if (from >= to || to - from > kSummaryMost) {
                throw invalid(
                    "from", fmt::format("must be before \"to\", and at most {} days", kSummaryMost.count()));
            }
            summary = storage::sales_summary(tx, property, who, from, to);
        });
        *response->mutable_from() = to_timestamp(from);
        *response->mutable_to() = to_timestamp(std::min(to, now));
        core::Money sold;
        core::Money paid_out;
        int sales = 0;
        int payouts = 0;
        for (const auto& one : summary.tenders) {
            auto& tender = *response->add_tenders();
            tender.set_method(to_proto(one.method));
            tender.set_sale_count(one.sale_count);
            tender.set_sale_sum_e4(one.sale_sum.ten_thousandths());
            tender.set_payout_count(one.payout_count);
            tender.set_payout_sum_e4(one.payout_sum.ten_thousandths());
            sales += one.sale_count;
            sold += one.sale_sum;
            payouts += one.payout_count;
            paid_out += one.payout_sum;
        }
        response->set_sale_count(sales);
        response->set_sale_sum_e4(sold.ten_thousandths());
        response->set_payout_count(payouts);
        response->set_payout_sum_e4(paid_out.ten_thousandths());
        response->set_opening_count(summary.opening_count);
        response->set_refund_count(summary.refund_count);
        response->set_refund_sum_e4(summary.refund_sum.ten_thousandths());
        response->set_reversal_count(summary.reversal_count);
        response->set_reversal_sum_e4(summary.reversal_sum.ten_thousandths());
        response->set_unfinished_count(summary.unfinished_count);
        response->set_quarantined_count(summary.quarantined_count);
        if (summary.last_sale_at) {
            *response->mutable_last_sale_at() = to_timestamp(*summary.last_sale_at);
        }
    });
}

grpc::Status SaleService::GetReceipt(grpc::ServerContext* context, const v1::GetReceiptRequest* request,
                                     v1::Receipt* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "get_receipt", [&](storage::Transaction& tx) {
            const auto id = sale_named(tx, property, request->sale_id(), request->number());
            fill_receipt(tx, property, id, *response);
        });
    });
}

grpc::Status SaleService::ReprintReceipt(grpc::ServerContext* context,
                                         const v1::ReprintReceiptRequest* request, v1::Receipt* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "reprint_receipt", [&](storage::Transaction& tx) {
            call.once(tx, property, "ReprintReceipt", *request, *response, [&] {
                const auto id = sale_named(tx, property, request->sale_id(), request->number());
                try {
                    storage::count_reprint(tx, property, id);
                } catch (const storage::NotFound&) {
                    throw not_found("sale", id.value);
                }
                fill_receipt(tx, property, id, *response);
                call.log(tx, property, "sale.reprint", fmt::format("receipt {}", response->number()),
                         {{"sale_id", id.value}, {"copy", response->reprints()}});
            });
        });
    });
}

}  // namespace wutong::server
