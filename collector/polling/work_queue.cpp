#include "collector/polling/work_queue.hpp"

#include <algorithm>

namespace wutong::collector {

std::optional<Work> WorkQueue::take(std::optional<core::Lane> than, const std::set<core::MeterId>& busy) {
    auto best = waiting_.end();
    for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
        if ((than && it->lane() >= *than) || busy.contains(it->meter())) {
            continue;
        }
        if (best == waiting_.end() || it->lane() < best->lane()) {
            best = it;
        }
    }
    if (best == waiting_.end()) {
        return std::nullopt;
    }
    Work work = std::move(*best);
    waiting_.erase(best);
    return work;
}

std::vector<CommandWork> WorkQueue::take_expired(core::Timestamp now) {
    std::vector<CommandWork> expired;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
        auto* command = std::get_if<CommandWork>(&it->content);
        if (command != nullptr && command->given_up_at() <= now) {
            expired.push_back(std::move(*command));
            it = waiting_.erase(it);
        } else {
            ++it;
        }
    }
    return expired;
}

std::optional<core::Timestamp> WorkQueue::next_expiry() const {
    std::optional<core::Timestamp> earliest;
    for (const auto& work : waiting_) {
        if (const auto* command = std::get_if<CommandWork>(&work.content)) {
            earliest = earliest ? std::min(*earliest, command->given_up_at()) : command->given_up_at();
        }
    }
    return earliest;
}

std::size_t WorkQueue::size(core::Lane lane) const {
    return static_cast<std::size_t>(std::count_if(waiting_.begin(), waiting_.end(),
                                                  [lane](const Work& work) { return work.lane() == lane; }));
}

}  // namespace wutong::collector
