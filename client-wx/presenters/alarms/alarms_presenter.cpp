#include "client-wx/presenters/alarms/alarms_presenter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/alarms/alarm_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/reading_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::array kKinds{"arrears",
                            "alarm_2",
                            "alarm_1",
                            "lost_meter",
                            "lost_channel",
                            "lost_gateway",
                            "wrong_meter",
                            "overload",
                            "fault",
                            "quarantine",
                            "foreign_write",
                            "not_stored",
                            "price_unknown",
                            "ledger_difference",
                            "balance_unexplained",
                            "not_charged",
                            "implausible",
                            "cover_open",
                            "terminal_cover_open",
                            "voltage_loss",
                            "current_loss",
                            "reverse_power",
                            "relay_fault",
                            "battery_low",
                            "voltage_unbalance",
                            "current_unbalance",
                            "phase_order",
                            "clock_drift",
                            "messages_not_sent"};

}  // namespace

AlarmsPresenter::AlarmsPresenter(Context& context)
    : ListPresenter{context, kEvery, kRowsMax}, acknowledging_{context.server, context.timers} {
    acknowledging_.on_waiting = [this] { tell(); };
    live_ = context.live.subscribe([this](const LiveChange& change) {
        // The server counts live alarms all the time: a new one is here at once, not with the next round.
        const auto& summary = context_.live.summary();
        if (change.totals && summary && alarms_known_ != summary->live_alarms) {
            alarms_known_ = summary->live_alarms;
            if (is_open()) {
                refresh();
            }
        }
    });
}

AlarmsPresenter::~AlarmsPresenter() = default;

void AlarmsPresenter::fetch() {
    v1::ListAlarmsRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_live_only(!history_);
    auto fresh = std::make_shared<std::vector<Item>>();
    fetch_pages(method::list_alarms, request, [this, fresh](const v1::ListAlarmsResponse& answer, bool) {
        for (const auto& alarm : answer.alarms()) {
            fresh->push_back({alarm.alarm_id(), alarm.meter_id(), alarm.kind(), alarm.text(),
                              alarm.unit_code().empty() ? alarm.subject() : alarm.unit_code(),
                              alarm.meter_code(), alarm.customer(), alarm.acknowledged_by(),
                              to_time_point(alarm.raised_at()),
                              optional_time(alarm.has_cleared_at(), alarm.cleared_at()),
                              optional_time(alarm.has_acknowledged_at(), alarm.acknowledged_at())});
        }
        const auto rows = fresh->size();
        if (answer.next_page_token().empty() || rows >= kRowsMax) {
            items_ = std::move(*fresh);
        }
        return rows;
    });
}

void AlarmsPresenter::forget() {
    items_.clear();
    selected_.clear();
    acknowledging_.forget();
    alarms_known_.reset();
}

std::string AlarmsPresenter::subject_of(const Item& item) {
    const auto where = item.subject.empty() ? std::string{kDash} : item.subject;
    return item.customer.empty() ? where : where + " · " + item.customer;
}

std::string AlarmsPresenter::acknowledged_words(const Item& item) {
    if (!item.acknowledged_at) {
        return tr("not yet");
    }
    const auto at = table_time(*item.acknowledged_at);
    return item.acknowledged_by.empty() ? at : at + " · " + item.acknowledged_by;
}

void AlarmsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Alarm"), 18, false, false, true},
                      {tr("Where"), 24},
                      {tr("Meter"), 12},
                      {tr("What"), 24, false, true},
                      {tr("Acknowledged"), 26},
                      {tr("Since"), 19},
                      {history_ ? tr("Lasted") : tr("Age"), 13, true}};
    const auto now = context_.live.server_now();
    screen.total = items_.size();
    screen.filtered = !kinds_.empty();
    for (const auto& item : items_) {
        if (!kinds_.empty() && !kinds_.contains(item.kind)) {
            continue;
        }
        const auto kind = alarm_words(item.kind);
        const auto until = item.cleared_at.value_or(now);
        const auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(until - item.raised_at);
        ListRow row{item.id, {}, !item.acknowledged_at && !item.cleared_at};
        row.cells = {{kind.words,
                      item.cleared_at ? Tone::quiet
                      : kind.serious  ? Tone::danger
                                      : Tone::warn,
                      kind.icon},
                     {subject_of(item), Tone::strong},
                     {item.meter.empty() ? kDash : item.meter, Tone::quiet},
                     {item.text.empty() ? kDash : describe_server_text(item.text)},
                     {acknowledged_words(item), item.acknowledged_at ? Tone::quiet : Tone::normal},
                     {table_time(item.raised_at)},
                     {age(lasted), Tone::normal, {}, lasted.count()}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = !kinds_.empty() && !items_.empty() ? fill(tr("None of {} alarms are of the chosen kinds."),
                                                             count(static_cast<std::int64_t>(items_.size())))
                   : history_                         ? tr("There have been no alarms yet.")
                                                      : tr("No alarm is live. All is well.");
    fill_extra();
}

void AlarmsPresenter::fill_extra() {
    extra_.history = history_;
    extra_.kinds.clear();
    extra_.kinds.push_back({"", tr("All"), "", items_.size(), kinds_.empty()});
    extra_.unacknowledged = 0;
    for (const auto* kind : kKinds) {
        const auto number = static_cast<std::size_t>(
            std::count_if(items_.begin(), items_.end(), [&](const Item& item) { return item.kind == kind; }));
        if (number > 0 || kinds_.contains(kind)) {
            const auto words = alarm_words(kind);
            extra_.kinds.push_back({kind, words.words, words.icon, number, kinds_.contains(kind)});
        }
    }
    std::size_t open = 0;
    for (const auto& item : items_) {
        if (!item.acknowledged_at) {
            ++extra_.unacknowledged;
            open += selected_.contains(item.id) ? 1U : 0U;
        }
    }
    extra_.acknowledging = acknowledging_.busy();
    extra_.acknowledge =
        open == 0
            ? tr("Acknowledge")
            : fill(tr_n("Acknowledge {} alarm", "Acknowledge {} alarms", static_cast<unsigned>(open)), open);
    extra_.acknowledge_off = !context_.session.may("control.write")
                                 ? tr("Your role may not acknowledge alarms.")
                             : extra_.acknowledging       ? tr("Under way")
                             : selected_.empty()          ? tr("Choose one or more alarms first.")
                             : open == 0                  ? tr("What you chose is acknowledged already.")
                             : context_.connection.lost() ? tr("No connection to the server.")
                                                          : std::string{};
    extra_.progress.clear();
    if (acknowledging_.busy()) {
        extra_.progress =
            fill(tr("{} of {} acknowledged"), acknowledging_.answered(), acknowledging_.asked());
        if (acknowledging_.waiting()) {
            extra_.progress += " · " + tr("waiting for the server");
        }
    }
}

void AlarmsPresenter::tell() {
    fill_extra();
    if (on_changed) {
        on_changed();
    }
}

void AlarmsPresenter::show_history(bool history) {
    if (history_ == history) {
        return;
    }
    history_ = history;
    items_.clear();
    selected_.clear();
    restart();
}

void AlarmsPresenter::choose_kind(const std::string& kind, bool add) {
    if (kind.empty()) {
        kinds_.clear();
    } else if (add) {
        if (!kinds_.insert(kind).second) {
            kinds_.erase(kind);
        }
    } else {
        const bool only = kinds_.size() == 1 && kinds_.contains(kind);
        kinds_.clear();
        if (!only) {
            kinds_.insert(kind);
        }
    }
    redraw();
}

void AlarmsPresenter::clear_filter() {
    choose_kind("", false);
}

void AlarmsPresenter::select(const std::set<std::int64_t>& alarms) {
    if (alarms == selected_) {
        return;
    }
    selected_ = alarms;
    tell();
}

void AlarmsPresenter::acknowledge_selected() {
    if (!extra_.acknowledge_off.empty()) {
        return;
    }
    extra_.failure.clear();
    std::vector<v1::AcknowledgeAlarmRequest> requests;
    for (const auto& item : items_) {
        if (!item.acknowledged_at && selected_.contains(item.id)) {
            auto& request = requests.emplace_back();
            request.set_request_id(new_request_id());
            request.set_property_id(context_.session.property_id());
            request.set_alarm_id(item.id);
        }
    }
    acknowledging_.start<v1::AcknowledgeAlarmRequest, v1::Alarm>(
        method::acknowledge_alarm, std::move(requests),
        [this](const v1::AcknowledgeAlarmRequest& request, Result<v1::Alarm> result) {
            if (!result) {
                const auto number = acknowledging_.refused();
                extra_.failure = fill(tr_n("{} alarm was not acknowledged.",
                                           "{} alarms were not acknowledged.", static_cast<unsigned>(number)),
                                      number) +
                                 " " + describe_with_code(result.fault());
            }
            for (auto& item : items_) {
                if (result && item.id == request.alarm_id()) {
                    item.acknowledged_at =
                        optional_time(result->has_acknowledged_at(), result->acknowledged_at());
                    item.cleared_at = optional_time(result->has_cleared_at(), result->cleared_at());
                }
            }
            redraw();
        },
        [this] { all_answered(); });
    tell();
}

void AlarmsPresenter::all_answered() {
    if (acknowledging_.refused() == 0) {
        const auto number = acknowledging_.asked();
        context_.navigator.toast(
            fmt::format(fmt::runtime(tr_n("{} alarm acknowledged.", "{} alarms acknowledged.",
                                          static_cast<unsigned>(number))),
                        number));
    }
    refresh();
    redraw();
}

std::int64_t AlarmsPresenter::meter_of(std::int64_t alarm) const {
    const auto found =
        std::find_if(items_.begin(), items_.end(), [&](const Item& item) { return item.id == alarm; });
    return found == items_.end() ? 0 : found->meter_id;
}

void AlarmsPresenter::open_subject(std::int64_t alarm) {
    if (const auto meter = meter_of(alarm); meter != 0) {
        context_.navigator.open({Page::meter, meter, ""});
    } else {
        context_.navigator.open({Page::devices, 0, "channels"});
    }
}

}  // namespace wutong::client
