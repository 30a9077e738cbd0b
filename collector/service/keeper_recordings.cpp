// What is recorded of lines on request.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/service/keeper.hpp"

namespace wutong::collector {

namespace {

constexpr std::chrono::seconds kRecordingsEvery{1};
/// Each is in memory until it is over, with up to 8 MB.
constexpr std::size_t kRecordingsAtOnce = 4;

}  // namespace

void Keeper::keep_recordings() {
    if (Monotonic::now() < recordings_due_) {
        return;
    }
    // Once written it is gone from here; what the database would not take now is brought again.
    while (!recordings_.empty()) {
        const auto over = std::find_if(recordings_.begin(), recordings_.end(), [this](const auto& one) {
            return one->over(Monotonic::now()) || !channels_.contains(one->order().channel);
        });
        if (over == recordings_.end()) {
            break;
        }
        const RequestedRecording& one = **over;
        const bool left = !one.over(Monotonic::now());
        store_.finish_recording(one.order(), one.text(),
                                left ? "the channel went to another collector" : one.note(), false);
        spdlog::info("event=line_recorded recording={} bytes={}", one.order().id, one.text().size());
        recordings_.erase(over);
    }
    if (recordings_.size() >= kRecordingsAtOnce) {
        recordings_due_ = Monotonic::now() + kRecordingsEvery;
        return;
    }
    const auto room = static_cast<int>(kRecordingsAtOnce - recordings_.size());
    for (const auto& order : store_.claim_recordings(room)) {
        const auto found = channels_.find(order.channel);
        if (found == channels_.end() || found->second.settings.transport == "mqtt") {
            store_.finish_recording(
                order, {},
                found == channels_.end() ? "the channel is not polled" : "a channel of messages has no line",
                true);
            continue;
        }
        spdlog::info("channel={} event=line_recording recording={} seconds={}", found->second.settings.code,
                     order.id, order.time.count());
        recordings_.push_back(
            std::make_shared<RequestedRecording>(order, found->second.settings, env_.clock));
        found->second.channel->record(recordings_.back());
    }
    recordings_due_ = Monotonic::now() + kRecordingsEvery;
}

}  // namespace wutong::collector
