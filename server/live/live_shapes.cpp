#include "server/live/live_shapes.hpp"

#include <google/protobuf/util/time_util.h>

#include "server/services/meter_shapes.hpp"

namespace wutong::server {

namespace {

void fill_days(const storage::MeterRow& row, const std::optional<core::DailyUse>& use, core::Price price,
               v1::LiveMeter& meter) {
    if (!use) {
        return;
    }
    meter.set_daily_use_wh(use->per_day.watt_hours());
    meter.set_daily_use_days(use->days);
    if (!row.account || !row.opened || !row.state.balance_e4) {
        return;
    }
    try {
        if (const auto days = core::days_left(core::Money{*row.state.balance_e4}, use->per_day, price)) {
            meter.set_days_left(*days);
        }
    } catch (const core::QuantityOverflow&) {
        // A meter that says such figures is out of order; its days are not known.
    }
}

}  // namespace

v1::LiveMeter to_live(const storage::MeterRow& row, const std::optional<core::DailyUse>& use,
                      const PricesElse& price_else) {
    v1::LiveMeter meter;
    meter.set_meter_id(row.meter.value);
    meter.set_introduced(true);
    meter.set_code(row.code);
    meter.set_serial_number(row.serial_number);
    meter.set_unit_code(row.unit_code);
    meter.set_unit_name(row.unit_name);
    meter.set_building_code(row.building_code);
    meter.set_building_name(row.building_name);
    meter.set_floor_number(row.floor_number.value_or(0));
    meter.set_floor_name(row.floor_name);
    meter.set_role(row.role);
    meter.set_commodity(core::to_string(row.commodity));
    meter.set_account_id(row.account.value);
    meter.set_account_number(row.account_number);
    meter.set_customer(row.customer);
    meter.set_in_flight_e4(row.in_flight.ten_thousandths());
    fill(row, *meter.mutable_state());
    meter.set_second_status(second_status(row));
    if (row.role == "prepaid") {
        const auto price = row.price.value_or(price_else.of(row.commodity));
        meter.set_price_e4(price.ten_thousandths_per_kwh());
        fill_days(row, use, price, meter);
    } else if (use) {
        meter.set_daily_use_wh(use->per_day.watt_hours());
        meter.set_daily_use_days(use->days);
    }
    return meter;
}

bool same_introduction(const v1::LiveMeter& a, const v1::LiveMeter& b) {
    return a.code() == b.code() && a.serial_number() == b.serial_number() && a.unit_code() == b.unit_code() &&
           a.unit_name() == b.unit_name() && a.building_code() == b.building_code() &&
           a.building_name() == b.building_name() && a.floor_number() == b.floor_number() &&
           a.floor_name() == b.floor_name() && a.role() == b.role() && a.commodity() == b.commodity();
}

v1::LiveMeter without_introduction(const v1::LiveMeter& meter) {
    auto rest = meter;
    rest.clear_introduced();
    rest.clear_code();
    rest.clear_serial_number();
    rest.clear_unit_code();
    rest.clear_unit_name();
    rest.clear_building_code();
    rest.clear_building_name();
    rest.clear_floor_number();
    rest.clear_floor_name();
    rest.clear_role();
    rest.clear_commodity();
    return rest;
}

void count(const v1::LiveMeter& meter, v1::LiveSummary& summary) {
    summary.set_meter_count(summary.meter_count() + 1);
    const auto& state = meter.state();
    if (!state.has_answered_at()) {
        summary.set_never_read_count(summary.never_read_count() + 1);
        return;
    }
    if (state.failures() > 0 || state.has_lost_since()) {
        return;
    }
    summary.set_answered_count(summary.answered_count() + 1);
    using google::protobuf::util::TimeUtil;
    if (!summary.has_oldest_answer_at() ||
        TimeUtil::TimestampToMicroseconds(state.answered_at()) <
            TimeUtil::TimestampToMicroseconds(summary.oldest_answer_at())) {
        *summary.mutable_oldest_answer_at() = state.answered_at();
    }
}

void fill(const storage::PropertyFigures& figures, v1::LiveSummary& summary) {
    summary.set_live_alarm_count(figures.live_alarms);
    summary.set_unacknowledged_alarm_count(figures.unacknowledged_alarms);
    summary.set_unfinished_command_count(figures.unfinished_commands);
    summary.set_deliveries_under_way(figures.deliveries_under_way);
    summary.set_quarantined_deliveries(figures.quarantined_deliveries);
}

std::optional<core::DailyUse> use_of(const storage::RegisterSpan& span) {
    try {
        return core::daily_use(span.first, span.last);
    } catch (const core::QuantityOverflow&) {
        return std::nullopt;
    }
}

}  // namespace wutong::server
