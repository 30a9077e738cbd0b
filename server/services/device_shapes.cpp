#include "server/services/device_shapes.hpp"

#include "core/credit_delivery.hpp"
#include "server/services/convert.hpp"

namespace wutong::server {

namespace {

const char* credit_name(core::CreditKind kind) {
    return core::to_string(kind);
}

template <class Message>
std::optional<std::int64_t> optional_of(const Message& message, bool (Message::*has)() const,
                                        std::int64_t (Message::*get)() const) {
    return (message.*has)() ? std::optional{(message.*get)()} : std::nullopt;
}

}  // namespace

void fill(core::PropertyId property, const storage::GatewayRow& row, v1::Gateway& gateway) {
    gateway.set_gateway_id(row.gateway.value);
    gateway.set_property_id(property.value);
    gateway.set_code(row.code);
    gateway.set_name(row.name);
    gateway.set_kind(row.kind);
    gateway.set_endpoint(row.endpoint);
    if (row.answered_at) {
        *gateway.mutable_answered_at() = to_timestamp(*row.answered_at);
    }
    if (row.lost_since) {
        *gateway.mutable_lost_since() = to_timestamp(*row.lost_since);
    }
}

void fill(core::PropertyId property, const storage::ChannelRow& row, v1::Channel& channel) {
    channel.set_channel_id(row.channel.value);
    channel.set_property_id(property.value);
    channel.set_gateway_id(row.gateway.value);
    channel.set_code(row.code);
    channel.set_name(row.name);
    channel.set_transport(row.transport);
    channel.set_endpoint(row.endpoint);
    channel.set_standby_endpoint(row.standby_endpoint);
    if (row.standby_since) {
        *channel.mutable_standby_since() = to_timestamp(*row.standby_since);
    }
    channel.set_baud(row.baud);
    channel.set_parity(row.parity);
    channel.set_stop_bits(row.stop_bits);
    channel.set_answer_timeout_ms(row.answer_timeout_ms);
    channel.set_retries(row.retries);
    if (row.reading_interval_s) {
        channel.set_reading_interval_s(*row.reading_interval_s);
    }
    if (row.state_interval_s) {
        channel.set_state_interval_s(*row.state_interval_s);
    }
    channel.set_enabled(row.enabled);
    channel.set_collector(row.collector);
    if (row.answered_at) {
        *channel.mutable_answered_at() = to_timestamp(*row.answered_at);
    }
    if (row.lost_since) {
        *channel.mutable_lost_since() = to_timestamp(*row.lost_since);
    }
    channel.set_round_ms(row.round_ms.value_or(0));
    channel.set_meter_count(row.meter_count);
}

void fill(const core::MeterProfile& profile, v1::Profile& out) {
    out.set_id(profile.id);
    out.set_vendor(profile.vendor);
    out.set_model(profile.model);
    out.set_description(profile.description);
    out.set_phases(profile.phases);
    out.set_commodity(core::to_string(profile.commodity()));
    out.set_credit(credit_name(profile.credit));
    out.set_switchable(profile.switchable());
    for (const auto& block : profile.blocks) {
        for (const auto& field : block.fields) {
            if (!field.confirmed) {
                out.add_unconfirmed(core::to_string(field.quantity));
            }
        }
    }
}

storage::ChannelRow to_channel_row(const v1::Channel& channel) {
    storage::ChannelRow row;
    row.gateway = core::GatewayId{channel.gateway_id()};
    row.code = channel.code();
    row.name = channel.name().empty() ? channel.code() : channel.name();
    row.transport = channel.transport();
    row.endpoint = channel.endpoint();
    row.standby_endpoint = channel.standby_endpoint();
    row.baud = channel.baud() == 0 ? row.baud : channel.baud();
    row.parity = channel.parity().empty() ? row.parity : channel.parity();
    row.stop_bits = channel.stop_bits() == 0 ? row.stop_bits : channel.stop_bits();
    row.answer_timeout_ms =
        channel.answer_timeout_ms() == 0 ? row.answer_timeout_ms : channel.answer_timeout_ms();
    row.retries = channel.retries();
    if (channel.has_reading_interval_s()) {
        row.reading_interval_s = channel.reading_interval_s();
    }
    if (channel.has_state_interval_s()) {
        row.state_interval_s = channel.state_interval_s();
    }
    row.enabled = channel.enabled();
    return row;
}

storage::MeterRow to_meter_row(const v1::Meter& meter) {
    using Meter = v1::Meter;
    storage::MeterRow row;
    row.property = core::PropertyId{meter.property_id()};
    row.channel = core::ChannelId{meter.channel_id()};
    row.unit = core::UnitId{meter.unit_id()};
    row.code = meter.code();
    row.serial_number = meter.serial_number();
    row.profile = meter.profile();
    row.bus_address = meter.bus_address();
    row.station_address = meter.station_address();
    row.role = meter.role().empty() ? "prepaid" : meter.role();
    row.price_e4 = optional_of(meter, &Meter::has_price_e4, &Meter::price_e4);
    row.alarm_1_e4 = optional_of(meter, &Meter::has_alarm_1_e4, &Meter::alarm_1_e4);
    row.alarm_2_e4 = optional_of(meter, &Meter::has_alarm_2_e4, &Meter::alarm_2_e4);
    row.overdraft_e4 = optional_of(meter, &Meter::has_overdraft_e4, &Meter::overdraft_e4);
    row.overload_w = optional_of(meter, &Meter::has_overload_w, &Meter::overload_w);
    row.balance_max_e4 = optional_of(meter, &Meter::has_balance_max_e4, &Meter::balance_max_e4);
    if (meter.has_reading_interval_s()) {
        row.reading_interval_s = meter.reading_interval_s();
    }
    if (meter.has_state_interval_s()) {
        row.state_interval_s = meter.state_interval_s();
    }
    row.enabled = meter.enabled();
    return row;
}

}  // namespace wutong::server
