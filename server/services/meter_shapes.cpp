#include "server/services/meter_shapes.hpp"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "core/meter_status.hpp"

namespace wutong::server {

namespace {

using google::protobuf::util::TimeUtil;

v1::MeterStatus to_proto(core::MeterStatus status) {
    switch (status) {
        case core::MeterStatus::normal:
            return v1::METER_STATUS_NORMAL;
        case core::MeterStatus::alarm_1:
            return v1::METER_STATUS_ALARM_1;
        case core::MeterStatus::alarm_2:
            return v1::METER_STATUS_ALARM_2;
        case core::MeterStatus::arrears:
            return v1::METER_STATUS_ARREARS;
        case core::MeterStatus::no_account:
            return v1::METER_STATUS_NO_ACCOUNT;
        case core::MeterStatus::lost:
            return v1::METER_STATUS_LOST;
        case core::MeterStatus::guaranteed:
            return v1::METER_STATUS_GUARANTEED;
        case core::MeterStatus::forced_off:
            return v1::METER_STATUS_FORCED_OFF;
        case core::MeterStatus::delivering:
            return v1::METER_STATUS_DELIVERING;
    }
    return v1::METER_STATUS_UNSPECIFIED;
}

/// Sets what is there and leaves the rest absent.
template <class Message, class Value, class Argument>
void set(Message& message, const std::optional<Value>& value, void (Message::*setter)(Argument)) {
    if (value) {
        (message.*setter)(*value);
    }
}

core::MeterFacts facts_of(const storage::MeterRow& row) {
    core::MeterFacts facts;
    facts.lost = row.state.lost_since.has_value();
    facts.delivering = row.delivering;
    facts.has_account = static_cast<bool>(row.account);
    facts.prepaid = row.role == "prepaid";
    facts.relay_closed = row.state.relay_closed;
    facts.forced = row.state.forced.value_or(false);
    facts.alarm = static_cast<core::AlarmLevel>(std::clamp(row.state.alarm_level, 0, 3));
    return facts;
}

void set_time(const std::optional<core::Timestamp>& time,
              google::protobuf::Timestamp* (v1::MeterState::*field)(), v1::MeterState& state) {
    if (time) {
        *(state.*field)() = TimeUtil::MicrosecondsToTimestamp(time->time_since_epoch().count());
    }
}

}  // namespace

v1::MeterStatus second_status(const storage::MeterRow& row) {
    const auto status = core::second_status(facts_of(row));
    return status ? to_proto(*status) : v1::METER_STATUS_UNSPECIFIED;
}

v1::MeterStatus meter_status(const storage::MeterRow& row) {
    const auto status = core::meter_status(facts_of(row));
    const bool says_itself = status == core::MeterStatus::lost || status == core::MeterStatus::delivering ||
                             status == core::MeterStatus::no_account;
    return row.state.answered_at || says_itself ? to_proto(status) : v1::METER_STATUS_UNSPECIFIED;
}

void fill(const storage::MeterRow& row, v1::MeterState& state) {
    using State = v1::MeterState;
    const auto& from = row.state;
    state.set_status(meter_status(row));
    set_time(from.answered_at, &State::mutable_answered_at, state);
    set_time(from.attempted_at, &State::mutable_attempted_at, state);
    set_time(from.lost_since, &State::mutable_lost_since, state);
    set(state, from.balance_e4, &State::set_balance_e4);
    set(state, from.energy_wh, &State::set_energy_wh);
    set(state, from.purchase_number, &State::set_purchase_number);
    set(state, from.power_w, &State::set_power_w);
    set(state, from.voltage_mv, &State::set_voltage_mv);
    set(state, from.current_ma, &State::set_current_ma);
    set(state, from.relay_closed, &State::set_relay_closed);
    set(state, from.prepaid_enabled, &State::set_prepaid_enabled);
    set(state, from.forced, &State::set_forced);
    state.set_alarm_level(from.alarm_level);
    state.set_delivering(row.delivering);
    state.set_failures(from.failures);
}

void fill(const storage::MeterRow& row, v1::Meter& meter) {
    using Meter = v1::Meter;
    meter.set_meter_id(row.meter.value);
    meter.set_property_id(row.property.value);
    meter.set_channel_id(row.channel.value);
    meter.set_unit_id(row.unit.value);
    meter.set_code(row.code);
    meter.set_serial_number(row.serial_number);
    meter.set_profile(row.profile);
    meter.set_bus_address(row.bus_address);
    meter.set_station_address(row.station_address);
    meter.set_role(row.role);
    meter.set_commodity(core::to_string(row.commodity));
    meter.set_unit_code(row.unit_code);
    meter.set_channel_code(row.channel_code);
    meter.set_building_code(row.building_code);
    meter.set_floor_number(row.floor_number.value_or(0));
    set(meter, row.price_e4, &Meter::set_price_e4);
    set(meter, row.alarm_1_e4, &Meter::set_alarm_1_e4);
    set(meter, row.alarm_2_e4, &Meter::set_alarm_2_e4);
    set(meter, row.overdraft_e4, &Meter::set_overdraft_e4);
    set(meter, row.overload_w, &Meter::set_overload_w);
    set(meter, row.balance_max_e4, &Meter::set_balance_max_e4);
    set(meter, row.reading_interval_s, &Meter::set_reading_interval_s);
    set(meter, row.state_interval_s, &Meter::set_state_interval_s);
    meter.set_enabled(row.enabled);
    meter.set_account_id(row.account.value);
    meter.set_account_number(row.account_number);
    meter.set_customer(row.customer);
    fill(row, *meter.mutable_state());
}

}  // namespace wutong::server
