#include "client-wx/presenters/commands/batch_presenter.hpp"

#include <algorithm>
#include <utility>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/commands/command_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/control_service.pb.h"

namespace wutong::client {

struct BatchPresenter::Facts {
    v1::CommandBatch batch;
};

BatchPresenter::BatchPresenter(Context& context)
    : ListPresenter{context, kEvery, kRowsMax}, change_{context.server, context.timers} {
    change_.on_waiting = [this] { tell(); };
}

BatchPresenter::~BatchPresenter() = default;

void BatchPresenter::show(const std::string& batch_id) {
    if (batch_id == batch_id_) {
        return;
    }
    batch_id_ = batch_id;
    facts_.reset();
    items_.clear();
    selected_ = 0;
    extra_.failure.clear();
    if (batch_id_.empty()) {
        call_.cancel();
        redraw();
        return;
    }
    restart();
}

void BatchPresenter::fetch() {
    if (batch_id_.empty()) {
        answered();
        return;
    }
    // What is finished does not change any more, so it is asked for once.
    if (!std::exchange(ask_anyway_, false) && facts_ && facts_->batch.has_finished_at()) {
        answered();
        return;
    }
    v1::GetBatchRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_batch_id(batch_id_);
    call_ = context_.server.call(
        method::get_batch, request,
        std::function<void(Result<v1::CommandBatch>)>{[this](Result<v1::CommandBatch> result) {
            if (!result) {
                refused(result.fault());
                return;
            }
            take(*result);
            v1::ListCommandsRequest commands;
            commands.set_property_id(context_.session.property_id());
            commands.set_batch_id(batch_id_);
            auto fresh = std::make_shared<std::vector<Item>>();
            fetch_pages(method::list_commands, commands,
                        [this, fresh](const v1::ListCommandsResponse& answer, bool) {
                            for (const auto& one : answer.commands()) {
                                fresh->push_back({one.command_id(), one.meter_id(), one.meter_code(),
                                                  one.unit_code(), one.state(), one.reason(), one.held(),
                                                  one.has_sent_at(), one.attempts(),
                                                  optional_time(one.has_finished_at(), one.finished_at())});
                            }
                            const auto rows = fresh->size();
                            if (answer.next_page_token().empty() || rows >= kRowsMax) {
                                items_ = std::move(*fresh);
                            }
                            return rows;
                        });
        }});
}

void BatchPresenter::forget() {
    batch_id_.clear();
    facts_.reset();
    items_.clear();
    selected_ = 0;
}

void BatchPresenter::take(const v1::CommandBatch& batch) {
    facts_ = std::make_unique<Facts>();
    facts_->batch = batch;
}

void BatchPresenter::write(ListScreen& screen) {
    screen.columns = {
        {tr("Unit"), 7}, {tr("State"), 13, false, false, true}, {tr("Reason"), 16, false, true}};
    // Who needs somebody comes first.
    const auto rank = [](const Item& item) {
        return item.state == "failed" || item.state == "expired" ? 0
               : item.state == "running"                         ? 1
               : item.state == "queued"                          ? 2
               : item.state == "cancelled"                       ? 3
                                                                 : 4;
    };
    auto order = items_;
    std::stable_sort(order.begin(), order.end(),
                     [&](const Item& a, const Item& b) { return rank(a) < rank(b); });
    for (const auto& item : order) {
        ListRow row{item.id, {}};
        const auto reason =
            !item.reason.empty() ? describe_server_text(item.reason)
            : item.finished_at   ? clock_time_s(*item.finished_at)
            : item.attempts > 1
                ? fill(tr_n("{} attempt", "{} attempts", static_cast<unsigned>(item.attempts)), item.attempts)
                : std::string{kDash};
        row.cells = {{item.unit.empty() ? item.meter : item.unit, Tone::strong},
                     command_state_cell(item.state, item.held),
                     {reason, item.reason.empty() ? Tone::quiet : Tone::normal}};
        screen.rows.push_back(std::move(row));
    }
    if (facts_) {
        std::int64_t skipped = 0;
        for (const auto& one : facts_->batch.skipped_meters()) {
            ListRow row{-++skipped, {}};
            row.cells = {{one.unit_code().empty() ? one.meter_code() : one.unit_code(), Tone::strong},
                         {tr("Skipped"), Tone::quiet, "player-skip-forward"},
                         {skip_words(one.reason(), one.text())}};
            screen.rows.push_back(std::move(row));
        }
    }
    screen.total = screen.rows.size();
    screen.empty = batch_id_.empty() ? tr("Choose a command on the left to see its meters.")
                                     : tr("No meter could take this command.");
    fill_extra();
}

void BatchPresenter::fill_extra() {
    const auto failure = extra_.failure;
    extra_ = {};
    extra_.failure = failure;
    if (!facts_) {
        return;
    }
    const auto& batch = facts_->batch;
    const int total = batch.total();
    const int ended = batch.done() + batch.failed() + batch.expired() + batch.cancelled();
    extra_.there = true;
    extra_.title = command_words(batch.kind(), batch.arguments_json());
    extra_.detail = fill(tr_n("{} meter", "{} meters", static_cast<unsigned>(total)), count(total)) + " · " +
                    (batch.operator_().empty() ? tr("the system") : batch.operator_()) + " · " +
                    moment(to_time_point(batch.created_at()));
    extra_.progress = fill(tr("{} of {}"), count(ended), count(total));
    extra_.paused = batch.state() == "paused";
    if (extra_.paused) {
        extra_.progress += " · " + tr("paused");
    } else if (batch.has_eta() && ended < total) {
        const auto left = to_time_point(batch.eta()) - context_.live.server_now();
        extra_.progress += " · " + fill(tr("about {} left"),
                                        age(std::chrono::duration_cast<std::chrono::milliseconds>(left)));
    } else if (batch.has_finished_at()) {
        const auto took = to_time_point(batch.finished_at()) - to_time_point(batch.created_at());
        extra_.progress +=
            " · " +
            fill(tr("took {}"), duration(std::chrono::duration_cast<std::chrono::milliseconds>(took)));
    }
    const double whole = std::max(1, total);
    extra_.done = batch.done() / whole;
    extra_.failed = (batch.failed() + batch.expired()) / whole;
    extra_.other = batch.cancelled() / whole;
    const auto add = [this](int number, const std::string& words, const char* icon, Tone tone) {
        if (number > 0) {
            extra_.counts.push_back({words, icon, tone, number});
        }
    };
    add(batch.done(), tr("Confirmed"), "circle-check-filled", Tone::ok);
    add(batch.running(), tr("On the way"), "loader-2", Tone::info);
    add(batch.waiting(), extra_.paused ? tr("Held") : tr("Waiting"), "clock", Tone::info);
    add(batch.failed(), tr("Failed"), "circle-x-filled", Tone::danger);
    add(batch.expired(), tr("Expired"), "clock-x", Tone::danger);
    add(batch.cancelled(), tr("Cancelled"), "ban", Tone::quiet);
    add(batch.skipped(), tr("Skipped"), "player-skip-forward", Tone::quiet);

    extra_.busy = change_.busy();
    extra_.note = change_.waiting() ? tr("The server cannot be reached. This is asked again by itself.") : "";
    const bool may = context_.session.may("control.write");
    const std::string off = !may                         ? tr("Your role may not send commands.")
                            : extra_.busy                ? tr("Under way")
                            : context_.connection.lost() ? tr("No connection to the server.")
                                                         : std::string{};
    const bool open = batch.waiting() > 0;
    extra_.pause = {extra_.paused ? tr("Go on") : tr("Pause"), off, open};
    extra_.stop = {total == 1 ? tr("Cancel the command") : tr("Stop the rest"), off, open};
    extra_.retry = {
        fill(tr_n("Try {} failed again", "Try {} failed again", static_cast<unsigned>(batch.retryable())),
             batch.retryable()),
        off, batch.retryable() > 0};
    const auto chosen =
        std::find_if(items_.begin(), items_.end(), [this](const Item& item) { return item.id == selected_; });
    const bool can_cancel = chosen != items_.end() && chosen->state == "queued" && !chosen->sent && total > 1;
    extra_.cancel_chosen = {can_cancel
                                ? fill(tr("Cancel {}"), chosen->unit.empty() ? chosen->meter : chosen->unit)
                                : std::string{},
                            off, can_cancel};
}

void BatchPresenter::tell() {
    fill_extra();
    if (on_changed) {
        on_changed();
    }
}

void BatchPresenter::changed(const Fault* fault) {
    extra_.failure = fault == nullptr ? std::string{} : describe_with_code(*fault);
    ask_anyway_ = true;
    tell();
    refresh();
    if (on_order_changed) {
        on_order_changed();
    }
}

template <class Method, class Request>
void BatchPresenter::change_batch(const Method& method, Request request) {
    if (change_.busy() || batch_id_.empty()) {
        return;
    }
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_batch_id(batch_id_);
    extra_.failure.clear();
    change_.start<Request, v1::CommandBatch>(method, std::move(request),
                                             [this](Result<v1::CommandBatch> result) {
                                                 if (result && result->batch_id() == batch_id_) {
                                                     take(*result);
                                                 }
                                                 changed(result ? nullptr : &result.fault());
                                             });
    tell();
}

void BatchPresenter::pause_or_resume() {
    if (!extra_.pause.shown || !extra_.pause.off.empty()) {
        return;
    }
    change_batch(extra_.paused ? method::resume_batch : method::pause_batch, v1::BatchRequest{});
}

void BatchPresenter::stop_rest() {
    if (!extra_.stop.shown || !extra_.stop.off.empty()) {
        return;
    }
    change_batch(method::cancel_batch, v1::BatchRequest{});
}

void BatchPresenter::retry_failed() {
    if (!extra_.retry.shown || !extra_.retry.off.empty() || change_.busy()) {
        return;
    }
    v1::RetryBatchRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_batch_id(batch_id_);
    extra_.failure.clear();
    change_.start<v1::RetryBatchRequest, v1::SendCommandResponse>(
        method::retry_batch, std::move(request), [this](Result<v1::SendCommandResponse> result) {
            if (!result) {
                changed(&result.fault());
                return;
            }
            // The view follows the new order.
            const auto next = result->batch_id();
            changed(nullptr);
            if (!next.empty()) {
                show(next);
            }
        });
    tell();
}

void BatchPresenter::select(std::int64_t command) {
    if (selected_ != command) {
        selected_ = command;
        tell();
    }
}

void BatchPresenter::cancel_selected() {
    if (!extra_.cancel_chosen.shown || !extra_.cancel_chosen.off.empty()) {
        return;
    }
    v1::CancelCommandRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_command_id(selected_);
    extra_.failure.clear();
    change_.start<v1::CancelCommandRequest, v1::Command>(
        method::cancel_command, std::move(request),
        [this](Result<v1::Command> result) { changed(result ? nullptr : &result.fault()); });
    tell();
}

void BatchPresenter::open_meter(std::int64_t command) {
    for (const auto& item : items_) {
        if (item.id == command) {
            context_.navigator.open({Page::meter, item.meter_id, ""});
            return;
        }
    }
    if (command < 0 && facts_ && -command <= facts_->batch.skipped_meters_size()) {
        context_.navigator.open(
            {Page::meter, facts_->batch.skipped_meters(static_cast<int>(-command - 1)).meter_id(), ""});
    }
}

}  // namespace wutong::client
