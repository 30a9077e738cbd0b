#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace wutong::client {

/// A server's clock may say anything: what lies before 1843 or after 2096 is shown as that, so that any two
/// moments have a difference.
[[nodiscard]] inline std::chrono::system_clock::time_point to_time_point(
    const google::protobuf::Timestamp& at) {
    constexpr std::int64_t farthest_s = 4'000'000'000;
    return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::seconds{std::clamp<std::int64_t>(at.seconds(), -farthest_s, farthest_s)} +
            std::chrono::nanoseconds{std::clamp(at.nanos(), 0, 999'999'999)})};
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
