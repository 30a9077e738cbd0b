#include "client-wx/presenters/meter/meter_inspector.hpp"

#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/reading_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/states.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

// A full bar means a month of credit.
constexpr double kDaysOfFullBar = 30;
constexpr std::chrono::seconds kAgesEvery{5};

}  // namespace

MeterInspector::MeterInspector(Context& context) : context_{context}, commands_{context} {
    commands_.on_changed = [this] { update(); };
    commands_.on_ask = [this](const CutQuestion& question) {
        if (on_ask) {
            on_ask(question);
        }
    };
    connection_ = context_.connection.on_change([this] { update(); });
    guards_ = context_.guards.on_change([this] { update(); });
}

void MeterInspector::show(std::int64_t meter_id, const std::string& name) {
    name_ = name;
    if (meter_id == meter_id_) {
        update();
        return;
    }
    meter_id_ = meter_id;
    ledger_.reset();
    days_.clear();
    today_wh_.reset();
    account_call_.cancel();
    days_call_.cancel();
    again_.stop();
    if (commands_.failed() && commands_.about() != meter_id) {
        commands_.forget_sentence();
    }
    if (meter_id == 0) {
        stand_still_.stop();
        tick_.stop();
    } else {
        stand_still_ = context_.timers.after(kStandStill, [this] { ask(); });
        tick_ = context_.timers.every(kAgesEvery, [this] { update(); });
    }
    update();
}

void MeterInspector::ask() {
    if (meter() == nullptr) {
        return;
    }
    asked_balance_e4_ = meter()->balance_e4;
    ask_ledger();
    ask_days();
    again_ = context_.timers.every(kLedgerEvery, [this] {
        if (meter() != nullptr && context_.connection.online() && meter()->balance_e4 != asked_balance_e4_) {
            asked_balance_e4_ = meter()->balance_e4;
            ask_ledger();
        }
    });
}

void MeterInspector::ask_ledger() {
    if (meter()->account_id == 0 || !context_.session.may("account.read")) {
        return;
    }
    v1::GetAccountRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(meter()->account_id);
    account_call_ = context_.server.call(method::get_account, request, [this](Result<v1::Account> answer) {
        if (!answer) {
            return;  // the line stays empty: nothing is known of the ledger
        }
        for (const auto& linked : answer->meters()) {
            if (linked.meter_id() == meter_id_ && linked.has_balances()) {
                ledger_ = balance_words(linked.balances());
            }
        }
        update();
    });
}

void MeterInspector::ask_days() {
    if (!context_.session.may("reading.read")) {
        return;
    }
    v1::ListDailyEnergyRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_meter_id(meter_id_);
    const auto now = context_.live.server_now();
    request.set_from_day(table_date(start_of_day(now, 1 - kDays)));
    request.set_to_day(table_date(now));
    days_call_ = context_.server.call(method::list_daily_energy, request,
                                      [this](Result<v1::ListDailyEnergyResponse> answer) {
                                          if (answer) {
                                              take(*answer);
                                              update();
                                          }
                                      });
}

void MeterInspector::take(const v1::ListDailyEnergyResponse& days) {
    const auto now = context_.live.server_now();
    days_.assign(kDays, std::nullopt);
    today_wh_.reset();
    for (int i = 0; i < kDays; ++i) {
        const auto name = table_date(start_of_day(now, i + 1 - kDays));
        for (const auto& day_ : days.days()) {
            if (day_.day() == name) {
                days_[static_cast<std::size_t>(i)] = static_cast<double>(day_.used_wh()) / 1000.0;
                if (i + 1 == kDays) {
                    today_wh_ = day_.used_wh();
                }
            }
        }
    }
    first_day_ = day(start_of_day(now, 1 - kDays));
}

void MeterInspector::live_changed(bool all, const std::vector<std::size_t>& indices) {
    if (meter_id_ == 0) {
        return;
    }
    const auto index = context_.live.index_of(meter_id_);
    if (all || (index && std::binary_search(indices.begin(), indices.end(), *index))) {
        update();
    }
}

void MeterInspector::update() {
    InspectorScreen s;
    if (const auto* m = meter()) {
        s.meter_id = m->meter_id;
        s.code = name_.empty() ? m->code : name_;
        s.status = m->status;
        s.state = state_name(m->status);
        s.name = !m->customer.empty() ? m->customer : m->unit_name;
        const auto number = grouped_serial(m->serial_number.empty() ? m->code : m->serial_number);
        s.line = m->account_number.empty()
                     ? client::fill(tr("No account · meter {}"), number)
                     : client::fill(tr("Account {} · meter {}"), m->account_number, number);
        s.balance = money_or_dash(m->balance_e4);
        s.balance_ink = m->balance_e4 && *m->balance_e4 < 0 ? Ink::danger : Ink::normal;
        const auto since = context_.live.age_of(*m);
        s.balance_age = stale_age(since);
        if (ledger_) {
            s.ledger = *ledger_;
        }
        if (m->days_left) {
            s.level = std::clamp(static_cast<double>(*m->days_left) / kDaysOfFullBar, 0.02, 1.0);
        }
        s.level_ink = m->status == MeterStatus::alarm_1 || m->status == MeterStatus::alarm_2 ? Ink::warn
                      : m->status == MeterStatus::arrears                                    ? Ink::danger
                                                                                             : Ink::accent;
        s.outlook = outlook_words(*m);
        s.facts.push_back({relay_name(*m), relay_words(*m)});
        if (m->commodity == Commodity::electricity) {
            s.facts.push_back({tr("Power now"), power_or_dash(m->power_w)});
        }
        s.facts.push_back({tr("Today"), quantity_or_dash(today_wh_, m->commodity)});
        s.facts.push_back({tr("Price"), m->price_e4 ? price_per_unit(*m->price_e4, m->commodity) : kDash});
        s.facts.push_back({tr("Purchases"), m->purchase_number ? count(*m->purchase_number) : kDash});
        if (m->in_flight_e4 != 0) {
            s.facts.push_back({tr("On its way"), money_change(m->in_flight_e4), Ink::info});
        }
        s.facts.push_back(
            {tr("Last reading"), ago(since), since && *since > kFreshFor ? Ink::warn : Ink::normal});
        s.daily_kwh = days_;
        s.days_title = m->commodity == Commodity::water ? tr("Daily use, last 14 days (m³)")
                                                        : tr("Daily use, last 14 days (kWh)");
        s.first_day = first_day_;
        s.last_day = tr("today");
        s.actions = meter_actions(*m, context_, commands_.busy_with() != 0);
        if (commands_.about() == m->meter_id) {
            s.sentence = commands_.sentence();
            s.sentence_is_fault = commands_.failed();
        }
    }
    screen_ = std::move(s);
    if (on_changed) {
        on_changed();
    }
}

void MeterInspector::sell() {
    if (screen_.meter_id != 0 && screen_.actions.sell.enabled && screen_.actions.sell.shown) {
        context_.navigator.open({Page::sell, screen_.meter_id, {}});
    }
}

void MeterInspector::open_page() {
    if (meter_id_ != 0) {
        context_.navigator.open({Page::meter, meter_id_, {}});
    }
}

void MeterInspector::query() {
    if (const auto* m = meter();
        m != nullptr && screen_.actions.query.enabled && screen_.actions.query.shown) {
        commands_.query(*m);
    }
}

void MeterInspector::guarantee() {
    if (const auto* m = meter();
        m != nullptr && screen_.actions.guarantee.enabled && screen_.actions.guarantee.shown) {
        commands_.guarantee(*m);
    }
}

void MeterInspector::cut() {
    if (const auto* m = meter(); m != nullptr && screen_.actions.cut.enabled && screen_.actions.cut.shown) {
        commands_.cut(*m);
    }
}

}  // namespace wutong::client
