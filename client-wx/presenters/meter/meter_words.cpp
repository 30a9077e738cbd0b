#include <fmt/format.h>

#include "client-wx/presenters/meter/meter_presenter.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/states.hpp"
#include "client-wx/text/translate.hpp"

/// What head and overview of the meter page say.
namespace wutong::client {

void MeterPresenter::update() {
    auto& s = screen_;
    const auto* m = live();
    s.meter_id = meter_id_;
    s.found = m != nullptr;
    if (m == nullptr) {
        if (s.failure.empty() && context_.live.state() == LiveMeters::State::live && meter_id_ != 0) {
            s.failure = tr("This meter is not on the wall. It may be disabled or in another property.");
        }
    } else {
        s.failure.clear();
        s.code = m->unit_code.empty() ? m->code : m->unit_code;
        s.name = m->customer.empty() ? m->unit_name : m->customer;
        const auto building =
            m->building_name.empty() ? client::fill(tr("Building {}"), m->building) : m->building_name;
        const auto floor = m->floor_name.empty() ? client::fill(tr("Floor {}"), m->floor) : m->floor_name;
        s.path = building + " › " + floor + "  ·  " +
                 (m->account_number.empty() ? tr("no account")
                                            : client::fill(tr("account {}"), m->account_number)) +
                 "  ·  " +
                 client::fill(tr("meter {}"),
                              grouped_serial(m->serial_number.empty() ? m->code : m->serial_number));
        s.status = m->status;
        s.state = state_name(m->status);
        s.actions = meter_actions(*m, context_, commands_.busy_with() != 0);
        days.set_price(m->price_e4);
        update_figures(*m);
        update_at_meter(*m);
        s.sentence = commands_.about() == meter_id_ ? commands_.sentence() : std::string{};
        s.sentence_is_fault = commands_.failed();
        const auto waiting = credit.screen().unfinished;
        s.status_left = tr("Values from the collector") + "  ·  " +
                        (waiting == 0 ? tr("nothing waiting for this meter")
                                      : client::fill(tr_n("{} credit on the way", "{} credits on the way",
                                                          static_cast<unsigned>(waiting)),
                                                     count(waiting)));
    }
    if (on_changed) {
        on_changed();
    }
}

void MeterPresenter::update_figures(const LiveMeter& m) {
    auto& s = screen_;
    const auto since = context_.live.age_of(m);
    const auto stale = stale_age(since);
    s.balance = {tr("Balance on meter"), money_or_dash(m.balance_e4), {}, Ink::normal, Ink::faint};
    if (m.balance_e4 && *m.balance_e4 < 0) {
        s.balance.ink = Ink::danger;
    }
    if (ledger_) {
        s.difference = ledger_->parts;
        s.balance.detail = ledger_->ledger;
        if (!ledger_->difference.empty()) {
            s.balance.detail += "  ·  " + ledger_->difference;
            s.balance.detail_ink = ledger_->ink;
        }
    }
    if (!stale.empty()) {
        s.balance.detail = stale + (s.balance.detail.empty() ? "" : "  ·  " + s.balance.detail);
        s.balance.detail_ink = Ink::warn;
    }
    const auto cost = daily_cost_e4(m);
    s.days = {tr("Days of credit left"), days_long(m.days_left), {}, Ink::normal, Ink::faint};
    if (m.days_left && cost) {
        const auto until = context_.live.server_now() + std::chrono::hours{24} * *m.days_left;
        s.days.detail = client::fill(tr("until about {} at {} a day"), day(until), money(*cost));
    } else if (!m.days_left) {
        s.days.detail =
            m.account_number.empty() ? tr("no account") : tr("its use or balance is not known yet");
    }
    s.today = {tr("Used today"), quantity_or_dash(days.today_wh(), m.commodity), {}, Ink::normal, Ink::faint};
    if (m.daily_use_wh) {
        s.today.detail = client::fill(tr("on average {} a day"), quantity(*m.daily_use_wh, m.commodity));
    }
    const auto detail_ink = stale.empty() ? Ink::faint : Ink::warn;
    if (m.commodity == Commodity::water) {  // which has no power, and no phases
        s.power = {relay_name(m), relay_words(m), ago(since), Ink::normal, detail_ink};
        return;
    }
    s.power = {tr("Power now"), power_or_dash(m.power_w), {}, Ink::normal, detail_ink};
    if (overload_w_) {
        s.power.detail = client::fill(tr("limit {}"), power(*overload_w_)) + "  ·  ";
    }
    s.power.detail += client::fill(tr("relay {}"), relay_words(m)) + "  ·  " + ago(since);
}

void MeterPresenter::update_at_meter(const LiveMeter& m) {
    auto& s = screen_;
    s.phases = phases_;
    const auto since = reading_at_ ? std::optional{std::chrono::duration_cast<std::chrono::milliseconds>(
                                         context_.live.server_now() - *reading_at_)}
                                   : context_.live.age_of(m);
    s.at_meter_note = ago(since);
    s.at_meter.clear();
    if (m.commodity == Commodity::electricity) {
        s.at_meter.push_back({tr("Power factor"), power_factor_e3_
                                                      ? fmt::format("{:.2f}", *power_factor_e3_ / 1000.0)
                                                      : std::string{kDash}});
    }
    s.at_meter.push_back({m.commodity == Commodity::water ? tr("Water register") : tr("Energy register"),
                          quantity_or_dash(m.energy_wh, m.commodity)});
    s.at_meter.push_back(
        {relay_name(m), relay_words(m), m.relay_closed.value_or(true) ? Ink::normal : Ink::danger});
    if (alarm_1_e4_ || alarm_2_e4_) {
        s.at_meter.push_back(
            {tr("Alarm 1 / alarm 2"), money_or_dash(alarm_1_e4_) + " / " + money_or_dash(alarm_2_e4_)});
    }
    if (overdraft_e4_) {
        s.at_meter.push_back({tr("Overdraft"), money(*overdraft_e4_)});
    }
    s.at_meter.push_back(
        {tr("Purchases"), m.purchase_number ? count(*m.purchase_number) : std::string{kDash}});
    s.at_meter.push_back(
        {tr("Price"), m.price_e4 ? price_per_unit(*m.price_e4, m.commodity) : std::string{kDash}});
    s.at_meter.push_back(
        {tr("Answers missed in a row"), count(m.failures), m.failures > 0 ? Ink::warn : Ink::normal});
}

}  // namespace wutong::client
