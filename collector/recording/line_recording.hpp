#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "collector/recording/recording_rules.hpp"
#include "collector/transports/byte_stream.hpp"
#include "core/time.hpp"
#include "storage/polled_meters.hpp"

namespace wutong::collector {

/// The bytes of one channel with their times, in text files that people can read and wutong-sim plays back
/// (docs/line-recordings.md). The newest file is PROPERTY-CODE.rec, older ones PROPERTY-CODE.1.rec and so on.
/// Frames that are marked as confidential are written down by their length only. Used by one thread at a
/// time. A disk that is full or a folder that is missing stops the recording, never the channel; it is tried
/// again after a minute.
class LineRecording {
public:
    /// @param title lines that begin each file, without "#"
    LineRecording(const RecordingRules& rules, const std::string& name, std::vector<std::string> title,
                  core::Clock clock);
    ~LineRecording();
    LineRecording(const LineRecording&) = delete;
    LineRecording& operator=(const LineRecording&) = delete;

    void add(TapDirection direction, protocols::ByteView bytes, Monotonic::time_point at, bool confidential);

private:
    void begin(Monotonic::time_point at);
    void close();
    void failed(const std::string& why);
    [[nodiscard]] std::filesystem::path file(int age) const;

    std::filesystem::path directory_;
    std::string name_;
    std::vector<std::string> title_;
    core::Clock clock_;
    std::int64_t bytes_max_;
    int files_max_;
    std::FILE* out_ = nullptr;
    std::int64_t written_ = 0;
    Monotonic::time_point begun_{};
    Monotonic::time_point retry_at_{};
};

/// @return null when the rules don't name the channel
[[nodiscard]] std::unique_ptr<LineRecording> record_line(const RecordingRules& rules,
                                                         const storage::PolledChannel& channel,
                                                         const core::Clock& clock);

}  // namespace wutong::collector
