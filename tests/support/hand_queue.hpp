#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "client-wx/api/ui_queue.hpp"

namespace wutong::client::test {

/// A UI thread that the test plays.
class HandQueue final : public UiQueue {
public:
    void post(std::function<void()> run) override {
        {
            const std::lock_guard lock{mutex_};
            waiting_.push_back(std::move(run));
        }
        wake_.notify_all();
    }

    /// Runs what is posted until `condition` holds. @return whether it came to hold in time
    bool run_until(const std::function<bool()>& condition,
                   std::chrono::milliseconds patience = std::chrono::seconds{20}) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            std::unique_lock lock{mutex_};
            if (!wake_.wait_until(lock, until, [this] { return !waiting_.empty(); })) {
                return condition();
            }
            const auto run = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            run();
        }
        return true;
    }
    void run_for(std::chrono::milliseconds length) {
        run_until([] { return false; }, length);
    }
    [[nodiscard]] std::size_t waiting() {
        const std::lock_guard lock{mutex_};
        return waiting_.size();
    }

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> waiting_;
};

}  // namespace wutong::client::test
