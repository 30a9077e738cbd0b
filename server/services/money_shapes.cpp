#include "server/services/money_shapes.hpp"

#include <fmt/format.h>

#include <charconv>

#include "server/services/convert.hpp"

namespace wutong::server {

namespace {

void fill(const core::CreditLook& look, v1::CreditLook& out) {
    out.set_purchase_number(look.purchase_number);
    out.set_balance_e4(look.balance.ten_thousandths());
    out.set_energy_wh(look.energy.watt_hours());
    *out.mutable_at() = to_timestamp(look.at);
}

}  // namespace

std::string receipt_number(core::SaleId sale, const std::string& point_code, std::int64_t receipt_no) {
    if (receipt_no > 0) {
        return fmt::format("{}-{:08}", point_code, receipt_no);
    }
    return sale ? fmt::format("{:08}", sale.value) : std::string{};
}

std::optional<ReceiptName> parse_receipt_number(const std::string& text) {
    const auto dash = text.rfind('-');
    ReceiptName name;
    name.point = dash == std::string::npos ? "" : text.substr(0, dash);
    const auto digits = dash == std::string::npos ? text : text.substr(dash + 1);
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, name.number);
    if (text.size() > 40 || dash == 0 || read.ec != std::errc{} || read.ptr != end || name.number < 1) {
        return std::nullopt;
    }
    return name;
}

core::SaleId find_sale_of(storage::Transaction& tx, core::PropertyId property, const ReceiptName& name) {
    return name.point.empty() ? core::SaleId{name.number}
                              : storage::find_receipt_no(tx, property, name.point, name.number);
}

void fill(const storage::StoredSale& sale, v1::SaleReceipt& receipt) {
    receipt.set_sale_id(sale.id.value);
    receipt.set_property_id(sale.property.value);
    receipt.set_account_id(sale.account.value);
    receipt.set_meter_id(sale.meter.value);
    receipt.set_kind(storage::to_string(sale.kind));
    receipt.set_amount_e4(sale.amount.ten_thousandths());
    receipt.set_method(to_proto(sale.method));
    *receipt.mutable_sold_at() = to_timestamp(sale.sold_at);
    receipt.set_delivery_id(sale.delivery.value);
    receipt.set_operator_id(sale.operator_id.value);
    receipt.set_delivery_state(sale.delivery_state);
    receipt.set_account_number(sale.account_number);
    receipt.set_meter_code(sale.meter_code);
    receipt.set_customer(sale.customer);
    receipt.set_receipt_number(receipt_number(sale));
    receipt.set_shift_id(sale.shift.value);
    receipt.set_point_code(sale.point_code);
    receipt.set_reverses_sale_id(sale.reverses.value);
    receipt.set_unit_code(sale.unit_code);
    receipt.set_operator_(sale.operator_name);
    receipt.set_charged_e4(sale.charged.ten_thousandths());
    if (sale.price) {
        receipt.set_price_e4(sale.price->ten_thousandths_per_kwh());
    }
}

void fill(const storage::StoredDelivery& stored, v1::Delivery& delivery) {
    delivery.set_delivery_id(stored.id.value);
    delivery.set_property_id(stored.property.value);
    delivery.set_meter_id(stored.meter.value);
    delivery.set_account_id(stored.account.value);
    delivery.set_sale_id(stored.sale.value);
    delivery.set_kind(core::to_string(stored.delivery.kind));
    delivery.set_state(core::to_string(stored.delivery.state));
    delivery.set_amount_e4(stored.delivery.amount.ten_thousandths());
    delivery.set_attempts(stored.delivery.attempts);
    delivery.set_reason(stored.delivery.reason);
    if (stored.delivery.before) {
        fill(*stored.delivery.before, *delivery.mutable_before());
    }
    if (stored.delivery.after) {
        fill(*stored.delivery.after, *delivery.mutable_after());
    }
    *delivery.mutable_queued_at() = to_timestamp(stored.queued_at);
    if (stored.sent_at) {
        *delivery.mutable_sent_at() = to_timestamp(*stored.sent_at);
    }
    if (stored.finished_at) {
        *delivery.mutable_finished_at() = to_timestamp(*stored.finished_at);
    }
    delivery.set_evidence_json(stored.evidence);
    delivery.set_receipt_number(receipt_number(stored.sale, stored.point_code, stored.receipt_no));
    delivery.set_operator_(stored.operator_name);
    delivery.set_customer(stored.customer);
    delivery.set_account_number(stored.account_number);
    delivery.set_meter_code(stored.meter_code);
    delivery.set_unit_code(stored.unit_code);
    if (stored.delivery.write) {
        delivery.set_purchase_number(stored.delivery.write->purchase_number);
    }
    if (stored.next_attempt_at) {
        *delivery.mutable_next_attempt_at() = to_timestamp(*stored.next_attempt_at);
    }
}

void fill(const storage::StoredCommand& stored, v1::Command& command) {
    command.set_command_id(stored.id.value);
    command.set_property_id(stored.property.value);
    command.set_meter_id(stored.meter.value);
    command.set_meter_code(stored.meter_code);
    command.set_kind(core::to_string(stored.kind));
    command.set_arguments_json(stored.arguments);
    command.set_state(core::to_string(stored.state));
    command.set_reason(stored.reason);
    command.set_result_json(stored.result);
    *command.mutable_created_at() = to_timestamp(stored.created_at);
    if (stored.started_at) {
        *command.mutable_started_at() = to_timestamp(*stored.started_at);
    }
    if (stored.finished_at) {
        *command.mutable_finished_at() = to_timestamp(*stored.finished_at);
    }
    *command.mutable_expires_at() = to_timestamp(stored.expires_at);
    command.set_operator_id(stored.operator_id.value);
    command.set_batch_id(stored.batch_id);
    command.set_operator_(stored.operator_name);
    command.set_unit_code(stored.unit_code);
    if (stored.sent_at) {
        *command.mutable_sent_at() = to_timestamp(*stored.sent_at);
    }
    command.set_attempts(stored.attempts);
    command.set_held(stored.held);
}

}  // namespace wutong::server
