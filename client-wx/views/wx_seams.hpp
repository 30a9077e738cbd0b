#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "client-wx/api/timers.hpp"
#include "client-wx/api/ui_queue.hpp"

/// How presenters and the connection reach wx's event loop.
namespace wutong::client {

class WxTimers final : public Timers {
public:
    [[nodiscard]] std::chrono::system_clock::time_point now() const override {
        return std::chrono::system_clock::now();
    }
    Timer after(std::chrono::milliseconds delay, std::function<void()> run) override;
    Timer every(std::chrono::milliseconds interval, std::function<void()> run) override;
};

/// Runs on the UI thread, in the order of posting, a bounded share of time per turn of the event loop:
/// whatever floods in, keys and painting get through.
class WxUiQueue final : public UiQueue {
public:
    WxUiQueue();
    /// What still waits is dropped.
    ~WxUiQueue() override;
    WxUiQueue(const WxUiQueue&) = delete;
    WxUiQueue& operator=(const WxUiQueue&) = delete;

    void post(std::function<void()> run) override;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace wutong::client
