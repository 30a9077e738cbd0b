#include "client-wx/api/blocking_work.hpp"

#include <utility>

namespace wutong::client {

BlockingWork::BlockingWork(std::chrono::milliseconds interval, std::function<void()> tick)
    : interval_{interval}, tick_{std::move(tick)}, thread_{[this] { run(); }} {}

BlockingWork::~BlockingWork() {
    {
        const std::lock_guard lock{mutex_};
        stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void BlockingWork::add(std::function<void()> work) {
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.size() == kWaitingMax) {
            waiting_.pop_front();
        }
        waiting_.push_back(std::move(work));
    }
    wake_.notify_all();
}

void BlockingWork::run() {
    std::unique_lock lock{mutex_};
    while (!stop_) {
        wake_.wait_for(lock, interval_, [this] { return stop_ || !waiting_.empty(); });
        if (stop_) {
            return;
        }
        std::function<void()> work = tick_;
        if (!waiting_.empty()) {
            work = std::move(waiting_.front());
            waiting_.pop_front();
        }
        lock.unlock();
        work();
        lock.lock();
    }
}

}  // namespace wutong::client
