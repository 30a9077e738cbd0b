#include "server/services/money_shapes.hpp"

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
}

}  // namespace wutong::server
