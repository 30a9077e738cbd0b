#include "server/live/live_stream.hpp"

#include <google/protobuf/util/time_util.h>

#include <utility>

#include "server/live/live_hub.hpp"
#include "server/live/live_shapes.hpp"

namespace wutong::server {

LiveStream::LiveStream(LiveHub& hub, core::PropertyId property, std::shared_ptr<const Caller> caller)
    : hub_{hub}, property_{property}, caller_{std::move(caller)} {}

std::shared_ptr<LiveStream> LiveStream::make(LiveHub& hub, core::PropertyId property,
                                             std::shared_ptr<const Caller> caller) {
    std::shared_ptr<LiveStream> stream{new LiveStream{hub, property, std::move(caller)}};
    stream->self_ = stream;
    return stream;
}

LiveStream* LiveStream::refused(LiveHub& hub, const grpc::Status& status) {
    const auto stream = make(hub, core::PropertyId{}, nullptr);
    stream->finish(status);
    return stream.get();
}

void LiveStream::begin(const std::vector<std::int64_t>& ids) {
    const std::lock_guard lock{mutex_};
    snapshot_.assign(ids.begin(), ids.end());
    begun_ = true;
    write_next();
}

void LiveStream::owe(const std::vector<std::int64_t>& ids) {
    const std::lock_guard lock{mutex_};
    if (begun_ && !over_) {
        owed_.insert(ids.begin(), ids.end());
        write_next();
    }
}

void LiveStream::drop(const std::vector<std::int64_t>& ids) {
    const std::lock_guard lock{mutex_};
    if (!begun_ || over_) {
        return;
    }
    for (const auto id : ids) {
        owed_.erase(id);
        if (introduced_.erase(id) > 0) {
            dropped_.insert(id);
        }
    }
    write_next();
}

void LiveStream::owe_summary() {
    const std::lock_guard lock{mutex_};
    if (begun_ && !over_) {
        summary_owed_ = true;
        write_next();
    }
}

void LiveStream::heartbeat(std::chrono::steady_clock::duration silence_max) {
    const std::lock_guard lock{mutex_};
    if (begun_ && !writing_ && std::chrono::steady_clock::now() - written_at_ >= silence_max) {
        heartbeat_due_ = true;
        write_next();
    }
}

void LiveStream::finish(const grpc::Status& status) {
    const std::lock_guard lock{mutex_};
    if (!over_ && !last_word_) {
        last_word_ = status;
        write_next();
    }
}

bool LiveStream::over() const {
    return over_ || cancelled_;
}

void LiveStream::OnWriteDone(bool ok) {
    const std::lock_guard lock{mutex_};
    writing_ = false;
    if (!ok) {
        cancelled_ = true;
    }
    write_next();
}

void LiveStream::OnCancel() {
    const std::lock_guard lock{mutex_};
    cancelled_ = true;
    write_next();
}

void LiveStream::OnDone() {
    std::shared_ptr<LiveStream> last;
    {
        const std::lock_guard lock{mutex_};
        last = std::move(self_);
    }
}

bool LiveStream::fill_snapshot() {
    if (!begun_ || snapshot_done_) {
        return false;
    }
    current_.set_snapshot(true);
    while (!snapshot_.empty() && static_cast<std::size_t>(current_.meters_size()) < kMetersPerMessage) {
        const auto id = snapshot_.front();
        snapshot_.pop_front();
        if (const auto shown = hub_.meter(property_, id); shown.meter) {
            *current_.add_meters() = *shown.meter;
            introduced_[id] = shown.introduction;
        }
    }
    snapshot_done_ = snapshot_.empty();
    current_.set_snapshot_complete(snapshot_done_);
    if (snapshot_done_) {
        summary_owed_ = true;
    }
    return true;
}

bool LiveStream::fill_changes() {
    for (const auto id : std::exchange(dropped_, {})) {
        current_.add_removed_meter_ids(id);
    }
    while (!owed_.empty() && static_cast<std::size_t>(current_.meters_size()) < kMetersPerMessage) {
        const auto id = owed_.extract(owed_.begin()).value();
        const auto shown = hub_.meter(property_, id);
        if (!shown.meter) {
            continue;
        }
        auto& known = introduced_[id];
        *current_.add_meters() =
            known == shown.introduction ? without_introduction(*shown.meter) : *shown.meter;
        known = shown.introduction;
    }
    return current_.meters_size() > 0 || current_.removed_meter_ids_size() > 0;
}

bool LiveStream::fill_summary() {
    // Not between the messages of a snapshot: with the last one, and from then on.
    if (!snapshot_done_ || !summary_owed_) {
        return false;
    }
    const auto summary = hub_.summary(property_);
    if (!summary) {
        return false;
    }
    summary_owed_ = false;
    *current_.mutable_summary() = *summary;
    return true;
}

void LiveStream::write_next() {
    if (over_ || writing_) {
        return;
    }
    if (cancelled_ || last_word_) {
        over_ = true;
        Finish(cancelled_ ? grpc::Status::CANCELLED : *last_word_);
        return;
    }
    current_.Clear();
    const bool meters = fill_snapshot() || fill_changes();
    const bool summary = fill_summary();
    if (meters || summary || std::exchange(heartbeat_due_, false)) {
        heartbeat_due_ = false;
        *current_.mutable_at() =
            google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(hub_.now().time_since_epoch().count());
        written_at_ = std::chrono::steady_clock::now();
        writing_ = true;
        StartWrite(&current_);
    }
}

}  // namespace wutong::server
