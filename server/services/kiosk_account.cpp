#include "server/services/kiosk_account.hpp"

#include <map>
#include <string>

#include "core/daily_use.hpp"
#include "server/refused.hpp"
#include "server/services/convert.hpp"
#include "server/services/meter_shapes.hpp"
#include "server/services/parameter_table.hpp"
#include "server/services/property_settings.hpp"
#include "storage/accounts.hpp"
#include "storage/alarm_queries.hpp"
#include "storage/ledger.hpp"
#include "storage/live_figures.hpp"
#include "storage/local_days.hpp"
#include "storage/meters.hpp"
#include "storage/parameters.hpp"
#include "storage/reading_queries.hpp"
#include "storage/sales.hpp"
#include "storage/sites.hpp"

namespace wutong::server {

namespace {

constexpr int kRecharges = 12;
constexpr int kDays = 14;
constexpr int kAlarms = 10;
constexpr int kMetersShown = 8;

storage::PropertyRow property_row(storage::Transaction& tx, core::PropertyId property) {
    for (auto& row : storage::list_properties(tx)) {
        if (row.property == property) {
            return row;
        }
    }
    throw not_found("property", property.value);
}

/// What was set, else the table's default.
std::string text_of(const std::map<std::string, std::string>& set, const std::string& key) {
    if (const auto found = set.find(key); found != set.end()) {
        return found->second;
    }
    for (const auto& rule : parameter_rules()) {
        if (key == rule.key) {
            return rule.otherwise;
        }
    }
    return {};
}

/// The same figures as on the operators' screens.
void fill_use(storage::Transaction& tx, const storage::MeterRow& row, core::Timestamp now,
              v1::VisitMeter& out) {
    const auto span = storage::register_span(tx, row.property, row.meter, now);
    if (!span) {
        return;
    }
    try {
        const auto use = core::daily_use(span->first, span->last);
        if (!use) {
            return;
        }
        out.set_daily_use_wh(use->per_day.watt_hours());
        if (row.state.balance_e4 && row.opened) {
            if (const auto left = core::days_left(core::Money{*row.state.balance_e4}, use->per_day,
                                                  core::Price{out.price_e4()})) {
                out.set_days_left(*left);
            }
        }
    } catch (const core::QuantityOverflow&) {
        // A meter that says such figures is out of order; its days are not known.
    }
}

void fill_meter(storage::Transaction& tx, const storage::MeterRow& row, const DefaultSettings& defaults,
                const storage::LocalDays& days, core::Timestamp now, v1::VisitMeter& out) {
    out.set_meter_id(row.meter.value);
    out.set_meter_code(row.code);
    out.set_unit_code(row.unit_code);
    fill(row, *out.mutable_state());
    out.set_commodity(core::to_string(row.commodity));
    out.set_price_e4(row.price ? row.price->ten_thousandths_per_kwh()
                               : row.price_e4.value_or(defaults.price_e4));
    out.set_alarm_1_e4(row.alarm_1_e4.value_or(defaults.alarm_1_e4));
    out.set_alarm_2_e4(row.alarm_2_e4.value_or(defaults.alarm_2_e4));
    out.set_overdraft_e4(row.overdraft_e4.value_or(defaults.overdraft_e4));
    const auto used = storage::list_daily_energy(tx, row.property, row.meter, days.first, days.today);
    for (const auto& day : used) {
        auto& one = *out.add_days();
        one.set_day(day.day);
        one.set_used_wh(day.used_wh);
        *one.mutable_first_at() = to_timestamp(day.first_at);
        *one.mutable_last_at() = to_timestamp(day.last_at);
    }
    out.set_today(days.today);
    fill_use(tx, row, now, out);
    storage::AlarmFilter live;
    live.property = row.property;
    live.meter = row.meter;
    live.live_only = true;
    for (const auto& alarm : storage::list_alarms(tx, live, {}, kAlarms)) {
        auto& one = *out.add_alarms();
        one.set_kind(alarm.kind);
        *one.mutable_raised_at() = to_timestamp(alarm.raised_at);
    }
}

}  // namespace

void fill_home(storage::Transaction& tx, const storage::KioskRow& kiosk, core::Timestamp now,
               v1::KioskHome& home) {
    home.Clear();
    const auto property = property_row(tx, kiosk.property);
    const auto set = storage::list_parameters(tx, kiosk.property);
    home.set_kiosk_name(kiosk.name);
    home.set_property_name(property.name);
    home.set_time_zone(property.time_zone);
    home.set_currency(property.currency);
    home.set_language(text_of(set, "kiosk_language"));
    home.set_pay_where_zh(text_of(set, "kiosk_pay_where_zh"));
    home.set_pay_where_en(text_of(set, "kiosk_pay_where_en"));
    home.set_pay_hours(text_of(set, "kiosk_pay_hours"));
    home.set_unit_letters(storage::unit_code_letters(tx, kiosk.property));
    *home.mutable_at() = to_timestamp(now);
}

void fill_visit_account(storage::Transaction& tx, core::PropertyId property, core::AccountId id,
                        core::Timestamp now, v1::VisitAccount& out) {
    out.Clear();
    const auto account = storage::find_account(tx, property, id);
    if (!account || account->state == storage::AccountState::closed) {
        throw Refused{grpc::StatusCode::UNAUTHENTICATED, "visit_ended", "this account was closed"};
    }
    *out.mutable_at() = to_timestamp(now);
    out.set_account_number(account->number);
    out.set_customer(account->customer.name);
    out.set_state(storage::to_string(account->state));
    const auto defaults = read_property_settings(tx, property).meter;
    const auto days = storage::local_days(tx, property, now, kDays);
    for (const auto& link : account->meters) {
        if (link.unlinked_at || out.meters_size() >= kMetersShown) {
            continue;
        }
        if (const auto meter = storage::find_meter(tx, property, link.meter)) {
            fill_meter(tx, *meter, defaults, days, now, *out.add_meters());
        }
    }
    const auto balances = storage::account_balances(tx, property, id);
    out.set_prepaid_credit_e4(balances.prepaid_credit.ten_thousandths());
    out.set_in_flight_e4(balances.in_flight.ten_thousandths());
    out.set_refund_payable_e4(balances.refund_payable.ten_thousandths());
    storage::SaleFilter filter;
    filter.property = property;
    filter.account = id;
    for (const auto& sale : storage::list_sales(tx, filter, {}, kRecharges)) {
        if (sale.kind == storage::SaleKind::reversal && !sale.delivery) {
            continue;  // the sale was withdrawn before it was sent: it stands there as not done
        }
        auto& one = *out.add_recharges();
        *one.mutable_at() = to_timestamp(sale.sold_at);
        one.set_kind(storage::to_string(sale.kind));
        one.set_amount_e4(sale.amount.ten_thousandths());
        one.set_delivery_state(sale.delivery_state);
        one.set_meter_code(sale.meter_code);
        one.set_method(to_proto(sale.method));
    }
}

}  // namespace wutong::server
