#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace wutong::server {

/// So many in any minute.
class SendingRate {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit SendingRate(int per_minute) : most_{static_cast<std::size_t>(per_minute)} {}

    /// Counts one. @return false: not now
    bool take(Time now) {
        while (!taken_.empty() && now - taken_.front() >= std::chrono::minutes{1}) {
            taken_.pop_front();
        }
        if (taken_.size() >= most_) {
            return false;
        }
        taken_.push_back(now);
        return true;
    }
    /// The last one was not needed.
    void give_back() { taken_.pop_back(); }

private:
    const std::size_t most_;
    std::deque<Time> taken_;
};

}  // namespace wutong::server
