#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace wutong::client {

/// One thread for what blocks (looking names up, TLS handshakes), and a tick beside it.
class BlockingWork {
public:
    /// More than this can't wait; the oldest is dropped.
    static constexpr std::size_t kWaitingMax = 4;

    /// @param tick from this thread, about every `interval`
    BlockingWork(std::chrono::milliseconds interval, std::function<void()> tick);
    /// Waits for what runs; what waits is dropped.
    ~BlockingWork();
    BlockingWork(const BlockingWork&) = delete;
    BlockingWork& operator=(const BlockingWork&) = delete;

    void add(std::function<void()> work);

private:
    void run();

    const std::chrono::milliseconds interval_;
    const std::function<void()> tick_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> waiting_;
    bool stop_{false};
    std::thread thread_;
};

}  // namespace wutong::client
