#include "server/jobs/worker.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace wutong::server {

namespace {

constexpr std::chrono::milliseconds kPauseAfterFirstError{100};

}  // namespace

Worker::Worker(std::string name, Step step, OnError on_error, std::chrono::milliseconds pause_after_error_max)
    : name_{std::move(name)},
      step_{std::move(step)},
      on_error_{std::move(on_error)},
      pause_after_error_max_{pause_after_error_max} {}

Worker::~Worker() {
    stop();
}

void Worker::start() {
    if (!thread_.joinable() && !stopping_.load()) {
        thread_ = std::thread{[this] { run(); }};
    }
}

void Worker::wake() {
    {
        const std::lock_guard lock{mutex_};
        wake_ = true;
    }
    woken_.notify_one();
}

void Worker::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    woken_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Worker::run() {
    auto pause_after_error = kPauseAfterFirstError;
    while (!stopping_.load()) {
        std::chrono::milliseconds pause{0};
        try {
            pause = step_();
            steps_.fetch_add(1);
            pause_after_error = kPauseAfterFirstError;
        } catch (const std::exception& error) {
            // A database that is away is the usual reason. The work is still there when it comes back.
            errors_.fetch_add(1);
            on_error_(name_, error.what());
            pause = std::min(pause_after_error, pause_after_error_max_);
            pause_after_error = std::min(pause_after_error * 2, pause_after_error_max_);
        }
        std::unique_lock lock{mutex_};
        woken_.wait_for(lock, pause, [this] { return wake_ || stopping_.load(); });
        wake_ = false;
    }
}

}  // namespace wutong::server
