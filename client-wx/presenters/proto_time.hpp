#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <optional>

namespace wutong::client {

[[nodiscard]] inline std::chrono::system_clock::time_point to_time_point(
    const google::protobuf::Timestamp& at) {
    return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::seconds{at.seconds()} + std::chrono::nanoseconds{at.nanos()})};
}

/// For fields that may be absent: `optional_time(alarm.has_cleared_at(), alarm.cleared_at())`.
[[nodiscard]] inline std::optional<std::chrono::system_clock::time_point> optional_time(
    bool there, const google::protobuf::Timestamp& at) {
    return there ? std::optional{to_time_point(at)} : std::nullopt;
}

[[nodiscard]] inline google::protobuf::Timestamp to_proto_time(std::chrono::system_clock::time_point at) {
    const auto since = at.time_since_epoch();
    const auto whole = std::chrono::floor<std::chrono::seconds>(since);
    google::protobuf::Timestamp out;
    out.set_seconds(whole.count());
    out.set_nanos(
        static_cast<int>(std::chrono::duration_cast<std::chrono::nanoseconds>(since - whole).count()));
    return out;
}

}  // namespace wutong::client
