#include "client-wx/presenters/control/bulk_command.hpp"

#include <wutong/v1/control_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::milliseconds kLookEvery{2000};
constexpr std::chrono::milliseconds kRedrawAfter{100};
constexpr std::chrono::milliseconds kWatchAgainAfter{2000};
constexpr std::size_t kMetersMax = 10'000;  // that one call takes

WallBadge badge_of_state(const std::string& state) {
    if (state == "done") {
        return WallBadge::done;
    }
    if (state == "failed" || state == "expired") {
        return WallBadge::failed;
    }
    if (state == "cancelled") {
        return WallBadge::skipped;
    }
    return state == "running" ? WallBadge::under_way : WallBadge::waiting;
}

}  // namespace

BulkCommand::BulkCommand(Context& context) : context_{context}, change_{context} {
    change_.on_state = [this] { update(); };
    connection_ = context_.connection.on_change([this] {
        if (shown()) {
            update();
        }
    });
}

void BulkCommand::prepare(CommandWish wish) {
    if (change_.open()) {
        return;  // another one is not answered yet; its screen says so
    }
    close();
    wish_ = std::move(wish);
    if (wish_.meters.empty()) {
        return;
    }
    screen_.title = verb_words(wish_);
    if (wish_.meters.size() > kMetersMax) {
        screen_.stage = BulkScreen::Stage::preview;
        screen_.fault = client::fill(tr("At most {} meters at once. Nothing was sent; choose fewer."),
                                     count(static_cast<std::int64_t>(kMetersMax)));
        update();
        return;
    }
    screen_.stage = BulkScreen::Stage::checking;
    v1::SendCommandRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_check_only(true);
    wish_.fill(request);
    check_ =
        context_.server.call(method::send_command, request, [this](Result<v1::SendCommandResponse> answer) {
            if (answer) {
                checked(*answer);
            } else {
                screen_.stage = BulkScreen::Stage::preview;
                refused(answer.fault());
            }
        });
    update();
}

void BulkCommand::checked(const v1::SendCommandResponse& answer) {
    accepted_ = {answer.accepted_meter_ids().begin(), answer.accepted_meter_ids().end()};
    for (const auto& skipped : answer.skipped()) {
        take_skipped(skipped);
    }
    screen_.stage = BulkScreen::Stage::preview;
    screen_.cuts_power = wish_.cuts_power();
    screen_.commit_icon = verb_icon(wish_.verb);
    const auto will = static_cast<unsigned>(accepted_.size()), not_ = static_cast<unsigned>(rows_.size());
    screen_.who_gets_it =
        client::fill(tr_n("{} meter gets it", "{} meters get it", will), count(will)) +
        (not_ > 0 ? ", " + client::fill(tr_n("{} is skipped", "{} are skipped", not_), count(not_)) : "");
    if (answer.unanswering() > 0) {
        const auto away = static_cast<unsigned>(answer.unanswering());
        screen_.caution = client::fill(
            tr_n("{} of them does not answer at present. It gets it when it is back, or never if "
                 "that takes too long.",
                 "{} of them do not answer at present. They get it when they are back, or never "
                 "if that takes too long.",
                 away),
            count(away));
    }
    if (const auto guarded = screen_.cuts_power ? guard_words() : std::string{}; !guarded.empty()) {
        screen_.caution += (screen_.caution.empty() ? "" : "\n") + guarded;
    }
    screen_.commit = accepted_.empty() ? std::string{} : verb_button(wish_, accepted_.size());
    if (on_badges) {
        on_badges(order_);
    }
    update();
    if (wish_.meters.size() == 1 && !accepted_.empty()) {
        commit();  // no panel stands between a single meter and its key
    }
}

void BulkCommand::commit() {
    if (screen_.stage != BulkScreen::Stage::preview || accepted_.empty() || change_.open()) {
        return;
    }
    if (wish_.cuts_power()) {
        if (on_ask) {
            on_ask(question());
        }
        return;
    }
    confirm();
}

void BulkCommand::confirm() {
    if (screen_.stage != BulkScreen::Stage::preview || accepted_.empty() || change_.open()) {
        return;
    }
    v1::SendCommandRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    auto wish = wish_;
    wish.meters = accepted_;
    wish.fill(request);
    screen_.stage = BulkScreen::Stage::sending;
    screen_.fault.clear();
    change_.ask<v1::SendCommandRequest, v1::SendCommandResponse>(
        method::send_command, request, [this](Result<v1::SendCommandResponse> answer) {
            if (answer) {
                sent(*answer);
            } else {
                screen_.stage = BulkScreen::Stage::preview;
                refused(answer.fault());
            }
        });
    update();
}

void BulkCommand::sent(const v1::SendCommandResponse& answer) {
    batch_id_ = answer.batch_id();
    batch_state_ = "running";
    if (!started_at_) {
        started_at_ = context_.live.server_now();
    }
    eta_.reset();
    for (const auto& command : answer.commands()) {
        take(command);
    }
    for (const auto& skipped : answer.skipped()) {
        take_skipped(skipped);
    }
    screen_.stage = BulkScreen::Stage::running;
    watch();
    look_ = context_.timers.every(kLookEvery, [this] { look_after_batch(); });
    settle();
}

void BulkCommand::attach(const std::string& batch_id) {
    if (change_.open()) {
        return;
    }
    close();
    batch_id_ = batch_id;
    screen_.stage = BulkScreen::Stage::running;
    look_after_batch();
    load_commands({});
    watch();
    look_ = context_.timers.every(kLookEvery, [this] { look_after_batch(); });
    update();
}

void BulkCommand::load_commands(const std::string& page_token) {
    v1::ListCommandsRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_batch_id(batch_id_);
    request.mutable_page()->set_size(1000);
    request.mutable_page()->set_token(page_token);
    loading_ = true;
    list_ =
        context_.server.call(method::list_commands, request, [this](Result<v1::ListCommandsResponse> answer) {
            loading_ = false;
            if (!answer) {
                refused(answer.fault());
                return;
            }
            for (const auto& command : answer->commands()) {
                take(command);
            }
            const auto next = answer->next_page_token();
            loading_ = !next.empty() && rows_.size() < kMetersMax;
            settle();
            if (loading_) {
                load_commands(next);
            }
        });
}

void BulkCommand::watch() {
    v1::WatchCommandsRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_batch_id(batch_id_);
    stream_ = context_.server.watch(
        method::watch_commands, request,
        [this](const v1::Command& command) {
            take(command);
            if (!redraw_.running()) {
                redraw_ = context_.timers.after(kRedrawAfter, [this] {
                    redraw_.stop();
                    settle();
                });
            }
        },
        [this](const Fault* fault) {
            if (fault != nullptr && screen_.stage == BulkScreen::Stage::running) {
                watch_again_ = context_.timers.after(kWatchAgainAfter, [this] { watch(); });
            }
            settle();
        });
}

void BulkCommand::look_after_batch() {
    v1::GetBatchRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_batch_id(batch_id_);
    batch_call_ = context_.server.call(method::get_batch, request, [this](Result<v1::CommandBatch> answer) {
        if (answer) {
            take(*answer);
            settle();
        }  // else the next look may do better; the stream tells of the meters meanwhile
    });
}

void BulkCommand::take(const v1::CommandBatch& batch) {
    batch_state_ = batch.state();
    eta_ = optional_time(batch.has_eta(), batch.eta());
    if (wish_.meters.empty()) {  // attached: nobody wished it here
        wish_ = wish_of(batch.kind(), batch.arguments_json());
    }
    if (!started_at_ && batch.has_created_at()) {
        started_at_ = to_time_point(batch.created_at());
    }
    for (const auto& skipped : batch.skipped_meters()) {
        take_skipped(skipped);
    }
}

void BulkCommand::take_skipped(const v1::SkippedMeter& skipped) {
    const auto id = skipped.meter_id();
    auto& row = rows_[id];
    if (row.command_id != 0) {
        return;  // it has a command by now
    }
    if (row.code.empty()) {
        order_.push_back(id);
    }
    const auto words = skip_reason_words(skipped.reason(), skipped.text());
    row.code = name_of(id, skipped.unit_code().empty() ? skipped.meter_code() : skipped.unit_code());
    row.badge = WallBadge::skipped;
    row.state = "skipped";
    row.reason = words.text;
    row.detail = words.detail;
}

void BulkCommand::take(const v1::Command& command) {
    const auto id = command.meter_id();
    auto& row = rows_[id];
    if (row.command_id > command.command_id()) {
        return;  // late news of the command that was tried again since
    }
    if (row.code.empty()) {
        order_.push_back(id);
        row.code = name_of(id, command.unit_code().empty() ? command.meter_code() : command.unit_code());
    }
    row.command_id = command.command_id();
    const auto badge = badge_of_state(command.state());
    const bool other = badge != row.badge;
    row.badge = badge;
    row.state = command.state();
    row.attempts = command.attempts();
    row.finished_at = optional_time(command.has_finished_at(), command.finished_at());
    row.detail.clear();
    if (badge == WallBadge::failed) {
        row.reason = command.state() == "expired" ? tr("Not sent in time")
                                                  : clipped(describe_server_text(command.reason()), 160);
        if (row.reason.empty()) {
            row.reason = tr("Failed");
        }
        if (row.attempts > 1) {
            row.detail = client::fill(
                tr_n("after {} try", "after {} tries", static_cast<unsigned>(row.attempts)), row.attempts);
        }
    } else if (badge == WallBadge::skipped) {
        row.reason = tr("Stopped before it was sent");
        row.detail = tr("nothing was sent");
    } else {
        row.reason.clear();
    }
    if (other && on_badges) {
        on_badges({id});
    }
}

void BulkCommand::settle() {
    if (screen_.stage == BulkScreen::Stage::running) {
        const auto counts = counted();
        const auto open = counts.at(WallBadge::waiting) + counts.at(WallBadge::under_way);
        if (!rows_.empty() && open == 0 && !loading_) {
            screen_.stage = BulkScreen::Stage::finished;
            look_.stop();
            watch_again_.stop();
            stream_.cancel();
            update();
            if (on_finished) {
                on_finished();
            }
            return;
        }
    }
    update();
}

void BulkCommand::close() {
    check_.cancel();
    stream_.cancel();
    batch_call_.cancel();
    list_.cancel();
    look_.stop();
    redraw_.stop();
    watch_again_.stop();
    const auto had = std::move(order_);
    order_.clear();
    rows_.clear();
    accepted_.clear();
    loading_ = false;
    wish_ = {};
    batch_id_.clear();
    batch_state_.clear();
    started_at_.reset();
    eta_.reset();
    screen_ = {};
    if (on_badges && !had.empty()) {
        on_badges(had);
    }
    if (on_changed) {
        on_changed();
    }
}

void BulkCommand::refused(const Fault& fault) {
    screen_.fault = describe_with_code(fault);
    update();
}

WallBadge BulkCommand::badge_of(std::int64_t meter_id) const {
    const auto found = rows_.find(meter_id);
    return found == rows_.end() ? WallBadge::none : found->second.badge;
}

}  // namespace wutong::client
