#include "server/kiosks/rate_limit.hpp"

#include <algorithm>

namespace wutong::server {

std::optional<std::chrono::seconds> RateLimit::take(const std::string& key, core::Timestamp now) {
    const std::lock_guard lock{mutex_};
    if (windows_.size() >= kKeysMax && windows_.find(key) == windows_.end()) {
        std::erase_if(windows_, [&](const auto& one) { return one.second.from + window_ <= now; });
        if (windows_.size() >= kKeysMax) {
            windows_.clear();
        }
    }
    auto& window = windows_[key];
    // A clock that was set back must not keep a window open for hours.
    if (window.from + window_ <= now || window.from > now) {
        window = {now, 0};
    }
    if (window.count >= most_) {
        return std::max(std::chrono::seconds{1},
                        std::chrono::ceil<std::chrono::seconds>(window.from + window_ - now));
    }
    ++window.count;
    return std::nullopt;
}

}  // namespace wutong::server
