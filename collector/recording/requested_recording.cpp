#include "collector/recording/requested_recording.hpp"

#include <fmt/format.h>

namespace wutong::collector {

RequestedRecording::RequestedRecording(const storage::RecordingOrder& order,
                                       const storage::PolledChannel& channel, const core::Clock& clock)
    : order_{order}, text_{recording_head(recording_title(channel), clock())} {}

void RequestedRecording::add(TapDirection direction, protocols::ByteView bytes, Monotonic::time_point at,
                             bool confidential) {
    if (at < begun_ || at - begun_ >= order_.time) {
        return;
    }
    const auto line = recording_line(direction, bytes, at - begun_, confidential);
    const std::lock_guard lock{mutex_};
    if (full_) {
        return;
    }
    if (text_.size() + line.size() > static_cast<std::size_t>(order_.bytes_max)) {
        full_ = true;
        return;
    }
    text_ += line;
}

bool RequestedRecording::over(Monotonic::time_point now) const {
    const std::lock_guard lock{mutex_};
    return full_ || now - begun_ >= order_.time;
}

std::string RequestedRecording::text() const {
    const std::lock_guard lock{mutex_};
    return text_;
}

std::string RequestedRecording::note() const {
    const std::lock_guard lock{mutex_};
    return full_ ? fmt::format("it was full with {} bytes", text_.size()) : std::string{};
}

}  // namespace wutong::collector
