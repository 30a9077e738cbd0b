#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "core/time.hpp"

namespace wutong::server {

/// At most so many of something per key in each window of time. Counted in this process: it is there against
/// floods, not against guessing, which is counted in the database.
class RateLimit {
public:
    RateLimit(int most, std::chrono::seconds window) : most_{most}, window_{window} {}

    /// Counts one. @return how long to wait when it is one too many
    [[nodiscard]] std::optional<std::chrono::seconds> take(const std::string& key, core::Timestamp now);

    /// Keys remembered; with more of them, those whose window is over are dropped, and if that is not enough
    /// all are.
    static constexpr std::size_t kKeysMax = 10'000;

private:
    struct Window {
        core::Timestamp from;
        int count = 0;
    };
    const int most_;
    const std::chrono::seconds window_;
    std::mutex mutex_;
    std::map<std::string, Window> windows_;
};

}  // namespace wutong::server
