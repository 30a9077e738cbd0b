#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace wutong::client {

/// Stops when destroyed; what it runs may stop or replace it.
class [[nodiscard]] Timer {
public:
    class State {
    public:
        virtual ~State() = default;  ///< stops it
    };
    Timer() = default;
    explicit Timer(std::unique_ptr<State> state) : state_{std::move(state)} {}
    void stop() { state_.reset(); }
    [[nodiscard]] bool running() const { return state_ != nullptr; }

private:
    std::unique_ptr<State> state_;
};

/// The UI thread's clock: wxTimer in the client, a hand-moved clock in tests.
class Timers {
public:
    virtual ~Timers() = default;
    [[nodiscard]] virtual std::chrono::system_clock::time_point now() const = 0;
    virtual Timer after(std::chrono::milliseconds delay, std::function<void()> run) = 0;
    virtual Timer every(std::chrono::milliseconds interval, std::function<void()> run) = 0;
};

}  // namespace wutong::client
