#include "client-wx/presenters/meter/meter_events.hpp"

#include <wutong/v1/reading_service.pb.h>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/alarms/alarm_words.hpp"
#include "client-wx/presenters/control/command_wish.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

std::string words_of(const std::string& kind) {
    if (kind == "lost" || kind == "meter_lost") {
        return tr("Lost contact");
    }
    return clipped(alarm_words(kind).words, 40);
}

}  // namespace

TableCell event_words(const v1::MeterEvent& e) {
    const auto& what = e.what();
    if (what == "alarm_raised") {
        return {client::fill(tr("Alarm: {}"), words_of(e.kind())), Ink::warn, true, {}, "alert-triangle"};
    }
    if (what == "alarm_cleared") {
        return {
            client::fill(tr("Alarm over: {}"), words_of(e.kind())), Ink::normal, false, {}, "circle-check"};
    }
    if (what == "alarm_acknowledged") {
        return {client::fill(tr("Alarm noticed: {}"), words_of(e.kind())), Ink::normal, false, {}, "eye"};
    }
    if (what == "event_began") {
        const auto words = alarm_words(e.kind());
        return {client::fill(tr("Noticed: {}"), clipped(words.words, 40)),
                words.serious ? Ink::danger : Ink::warn,
                true,
                {},
                words.icon};
    }
    if (what == "event_ended") {
        return {client::fill(tr("Over: {}"), words_of(e.kind())), Ink::normal, false, {}, "circle-check"};
    }
    if (what == "command_queued" || what == "command_finished") {
        const auto wish = wish_of(e.kind(), e.arguments_json());
        const auto words = verb_words(wish);
        if (what == "command_queued") {
            return {client::fill(tr("{}: asked for"), words), Ink::normal, false, {}, verb_icon(wish.verb)};
        }
        const bool done = e.state() == "done";
        return {client::fill(done                       ? tr("{}: done")
                             : e.state() == "cancelled" ? tr("{}: stopped")
                                                        : tr("{}: failed"),
                             words),
                done ? Ink::normal : Ink::danger,
                false,
                {},
                verb_icon(wish.verb)};
    }
    if (what == "delivery_queued" || what == "delivery_finished") {
        const auto amount = e.has_amount_e4() ? money(e.amount_e4()) : std::string{kDash};
        if (what == "delivery_queued") {
            return {client::fill(tr("Credit {}: paid"), amount), Ink::normal, false, {}, "download"};
        }
        const bool arrived = e.state() == "delivered";
        return {client::fill(arrived                      ? tr("Credit {}: on the meter")
                             : e.state() == "quarantined" ? tr("Credit {}: waits for a decision")
                                                          : tr("Credit {}: refused"),
                             amount),
                arrived ? Ink::ok : Ink::danger,
                false,
                {},
                "download"};
    }
    if (what == "account_linked" || what == "account_opened" || what == "account_unlinked") {
        const auto words = what == "account_linked"   ? tr("Linked to account {}")
                           : what == "account_opened" ? tr("Opened on the meter for account {}")
                                                      : tr("Taken off account {}");
        return {client::fill(words, clipped(e.kind(), 40)), Ink::normal, false, {}, "user"};
    }
    if (what == "relay_opened") {
        return {tr("Power off, as read"), Ink::danger, false, {}, "plug-connected-x"};
    }
    if (what == "relay_closed") {
        return {tr("Power on, as read"), Ink::normal, false, {}, "plug-connected"};
    }
    return {clipped(what, 60), Ink::normal, false, {}, "info-circle"};
}

std::vector<std::string> MeterEvents::columns() {
    return {tr("Time"), tr("What"), tr("Details"), tr("By")};
}

void MeterEvents::show(std::int64_t meter_id) {
    meter_id_ = meter_id;
    refresh();
}

void MeterEvents::refresh() {
    ask({});
}

void MeterEvents::more() {
    if (screen_.more && !screen_.loading) {
        ask(next_);
    }
}

void MeterEvents::ask(const std::string& token) {
    if (meter_id_ == 0 || !context_.session.may("reading.read")) {
        return;
    }
    v1::ListMeterEventsRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_meter_id(meter_id_);
    request.mutable_page()->set_size(kPage);
    request.mutable_page()->set_token(token);
    screen_.loading = true;
    call_ = context_.server.call(method::list_meter_events, request,
                                 [this, first = token.empty()](Result<v1::ListMeterEventsResponse> answer) {
                                     if (first) {
                                         screen_ = {};
                                     }
                                     screen_.loading = false;
                                     if (answer) {
                                         take(*answer);
                                     } else {
                                         screen_.failure = describe_with_code(answer.fault());
                                     }
                                     if (on_changed) {
                                         on_changed();
                                     }
                                 });
}

void MeterEvents::take(const v1::ListMeterEventsResponse& page) {
    for (const auto& event : page.events()) {
        if (screen_.rows.size() >= kRowsMost) {
            break;
        }
        screen_.rows.push_back(
            {{table_time(to_time_point(event.at()))},
             event_words(event),
             {clipped(describe_server_text(event.text()), 200), Ink::quiet},
             {event.operator_().empty() ? tr("system") : clipped(event.operator_(), 60), Ink::quiet}});
    }
    next_ = page.next_page_token();
    screen_.more = !next_.empty() && screen_.rows.size() < kRowsMost;
}

}  // namespace wutong::client
