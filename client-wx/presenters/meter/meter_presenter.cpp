#include "client-wx/presenters/meter/meter_presenter.hpp"

#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/device_service.pb.h>
#include <wutong/v1/reading_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kAgesEvery{5};
// The newest reading lies within this time, or the meter is lost anyway.
constexpr std::chrono::hours kReadingsLookedBack{24};

}  // namespace

MeterPresenter::MeterPresenter(Context& context)
    : days{context},
      readings{context},
      credit{context},
      events{context},
      settings{context},
      held{context},
      context_{context},
      commands_{context} {
    const auto tell = [this] {
        if (on_changed) {
            on_changed();
        }
    };
    commands_.on_changed = [this] { update(); };
    commands_.on_ask = [this](const CutQuestion& question) {
        if (on_ask) {
            on_ask(question);
        }
    };
    days.on_changed = [this] { update(); };
    readings.on_changed = tell;
    credit.on_changed = [this] { update(); };
    credit.on_recharges = [this](std::vector<MeterDays::Recharge> recharges) {
        days.set_recharges(std::move(recharges));
    };
    events.on_changed = tell;
    settings.on_changed = tell;
    held.on_changed = tell;
    live_changes_ = context_.live.subscribe([this](const LiveChange& change) {
        const auto index = context_.live.index_of(meter_id_);
        if (change.all ||
            (index && std::binary_search(change.indices.begin(), change.indices.end(), *index))) {
            if (!screen_.found && live() != nullptr && meter_id_ != 0) {
                ask();
            }
            update();
        }
    });
    connection_ = context_.connection.on_change([this] { update(); });
    guards_ = context_.guards.on_change([this] { update(); });
}

void MeterPresenter::open(std::int64_t meter_id) {
    if (meter_id != meter_id_) {
        meter_id_ = meter_id;
        screen_ = {};
        ledger_.reset();
        phases_.clear();
        power_factor_e3_.reset();
        reading_at_.reset();
        alarm_1_e4_ = alarm_2_e4_ = overdraft_e4_ = overload_w_ = std::nullopt;
        if (commands_.failed() && commands_.about() != meter_id) {
            commands_.forget_sentence();
        }
    }
    ask();
    refresh_ = context_.timers.every(kRefreshEvery, [this] {
        if (context_.connection.online()) {
            ask_account();
            ask_reading();
            credit.refresh();
            if (tab_ == MeterTab::overview) {
                days.refresh();
            }
        }
    });
    tick_ = context_.timers.every(kAgesEvery, [this] { update(); });
    choose(tab_);
}

void MeterPresenter::choose(MeterTab tab) {
    tab_ = tab;
    if (meter_id_ == 0) {
        return;
    }
    if (tab == MeterTab::readings) {
        readings.show(meter_id_);
    } else if (tab == MeterTab::events) {
        events.show(meter_id_);
    } else if (tab == MeterTab::settings) {
        held.show(meter_id_);
    }
    update();
}

void MeterPresenter::ask() {
    ask_meter();
    ask_account();
    ask_reading();
    days.show(meter_id_);
    credit.show(meter_id_);
}

void MeterPresenter::ask_meter() {
    v1::GetMeterRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_meter_id(meter_id_);
    meter_call_ = context_.server.call(method::get_meter, request, [this](Result<v1::Meter> answer) {
        if (!answer) {
            if (live() == nullptr) {
                screen_.failure = describe_with_code(answer.fault());
            }
            update();
            return;
        }
        const auto opt = [](bool there, std::int64_t value) {
            return there ? std::optional{value} : std::nullopt;
        };
        alarm_1_e4_ = opt(answer->has_alarm_1_e4(), answer->alarm_1_e4());
        alarm_2_e4_ = opt(answer->has_alarm_2_e4(), answer->alarm_2_e4());
        overdraft_e4_ = opt(answer->has_overdraft_e4(), answer->overdraft_e4());
        overload_w_ = opt(answer->has_overload_w(), answer->overload_w());
        settings.show(meter_id_, answer->unit_code().empty() ? answer->code() : answer->unit_code());
        settings.take(*answer);
        update();
    });
}

void MeterPresenter::ask_account() {
    const auto* m = live();
    if (m == nullptr || m->account_id == 0 || !context_.session.may("account.read")) {
        return;
    }
    v1::GetAccountRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(m->account_id);
    account_call_ = context_.server.call(method::get_account, request, [this](Result<v1::Account> answer) {
        if (answer) {
            for (const auto& linked : answer->meters()) {
                if (linked.meter_id() == meter_id_ && linked.has_balances()) {
                    ledger_ = balance_words(linked.balances());
                }
            }
            update();
        }
    });
}

void MeterPresenter::ask_reading() {
    if (!context_.session.may("reading.read")) {
        return;
    }
    v1::ListReadingsRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_meter_id(meter_id_);
    const auto now = context_.live.server_now();
    *request.mutable_from() = to_proto_time(now - kReadingsLookedBack);
    *request.mutable_to() = to_proto_time(now);
    request.set_newest_first(true);
    request.mutable_page()->set_size(1);
    reading_call_ =
        context_.server.call(method::list_readings, request, [this](Result<v1::ListReadingsResponse> answer) {
            if (answer) {
                take(*answer);
                update();
            }
        });
}

void MeterPresenter::take(const v1::ListReadingsResponse& answer) {
    phases_.clear();
    if (answer.readings().empty()) {
        return;
    }
    const auto& reading = answer.readings(0);
    reading_at_ = to_time_point(reading.read_at());
    power_factor_e3_ =
        reading.has_power_factor_e3() ? std::optional<int>{reading.power_factor_e3()} : std::nullopt;
    const int phases = std::min(3, std::max(reading.voltage_mv_size(), reading.current_ma_size()));
    for (int i = 0; i < phases; ++i) {
        MeterScreen::Phase phase;
        phase.name = phases == 1 ? "L" : "L" + std::to_string(i + 1);
        const bool volts = i < reading.voltage_mv_size(), amperes = i < reading.current_ma_size();
        phase.voltage = volts ? voltage(reading.voltage_mv(i)) : std::string{kDash};
        phase.current = amperes ? current(reading.current_ma(i)) : std::string{kDash};
        // Apparent power of the phase would be another figure; with one phase the meter's own is right.
        phase.power = phases == 1 && reading.has_power_w() ? power(reading.power_w()) : std::string{kDash};
        if (phases > 1 && volts && amperes && power_factor_e3_) {
            const auto watts = static_cast<double>(reading.voltage_mv(i)) *
                               static_cast<double>(reading.current_ma(i)) * *power_factor_e3_ / 1e9;
            if (watts < 1e12) {
                phase.power = "≈ " + power(static_cast<std::int64_t>(watts));
            }
        }
        phases_.push_back(std::move(phase));
    }
}

void MeterPresenter::sell() {
    if (screen_.found && screen_.actions.sell.shown && screen_.actions.sell.enabled) {
        context_.navigator.open({Page::sell, meter_id_, {}});
    }
}

void MeterPresenter::open_account() {
    if (const auto* m = live(); m != nullptr && m->account_id != 0) {
        context_.navigator.open({Page::account, m->account_id, {}});
    }
}

void MeterPresenter::query() {
    if (const auto* m = live();
        m != nullptr && screen_.actions.query.shown && screen_.actions.query.enabled) {
        commands_.query(*m);
    }
}

void MeterPresenter::guarantee() {
    if (const auto* m = live();
        m != nullptr && screen_.actions.guarantee.shown && screen_.actions.guarantee.enabled) {
        commands_.guarantee(*m);
    }
}

void MeterPresenter::cut() {
    if (const auto* m = live(); m != nullptr && screen_.actions.cut.shown && screen_.actions.cut.enabled) {
        commands_.cut(*m);
    }
}

}  // namespace wutong::client
