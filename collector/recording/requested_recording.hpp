#pragma once

#include <mutex>
#include <string>

#include "collector/recording/recording_text.hpp"
#include "storage/line_recordings.hpp"

namespace wutong::collector {

/// What somebody asked to be recorded of a channel, kept in memory until it is over: its time has passed, or
/// it is as large as it may be. A channel adds to it, the keeper takes it away; from any thread.
class RequestedRecording {
public:
    RequestedRecording(const storage::RecordingOrder& order, const storage::PolledChannel& channel,
                       const core::Clock& clock);

    void add(TapDirection direction, protocols::ByteView bytes, Monotonic::time_point at, bool confidential);
    [[nodiscard]] bool over(Monotonic::time_point now) const;

    [[nodiscard]] const storage::RecordingOrder& order() const { return order_; }
    [[nodiscard]] std::string text() const;
    /// Why it is shorter than what was asked for; empty when it isn't.
    [[nodiscard]] std::string note() const;

private:
    const storage::RecordingOrder order_;
    const Monotonic::time_point begun_ = Monotonic::now();
    mutable std::mutex mutex_;
    std::string text_;
    bool full_ = false;
};

}  // namespace wutong::collector
