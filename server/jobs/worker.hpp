#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace wutong::server {

/// One named thread that does one kind of work again and again: a step, a pause, a step. Everything the
/// server does behind the back of a call runs in one of these, so that it can be counted, woken and stopped
/// in the same way.
class Worker {
public:
    /// Does a bounded piece of work and says how long to wait before the next one; zero when there is more to
    /// do.
    using Step = std::function<std::chrono::milliseconds()>;
    /// What a step threw, for the log.
    using OnError = std::function<void(const std::string& name, const std::string& what)>;

    /// @param pause_after_error_max the pause doubles from 100 ms after each error in a row up to this
    Worker(std::string name, Step step, OnError on_error,
           std::chrono::milliseconds pause_after_error_max = std::chrono::seconds{10});
    /// Stops and waits.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start();
    /// Ends the pause. Callable from any thread.
    void wake();
    /// Waits for the running step; steps that loop ask stopping() between two pieces. May be called twice.
    void stop();

    [[nodiscard]] bool stopping() const { return stopping_.load(); }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_.load(); }
    [[nodiscard]] std::uint64_t errors() const { return errors_.load(); }

private:
    void run();

    const std::string name_;
    const Step step_;
    const OnError on_error_;
    const std::chrono::milliseconds pause_after_error_max_;

    std::mutex mutex_;
    std::condition_variable woken_;
    bool wake_ = false;
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> steps_{0};
    std::atomic<std::uint64_t> errors_{0};
    std::thread thread_;
};

}  // namespace wutong::server
