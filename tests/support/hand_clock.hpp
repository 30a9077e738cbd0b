#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "client-wx/api/timers.hpp"

namespace wutong::client::test {

/// Timers that run when the test moves the clock, in the order in which they are due.
class HandClock final : public Timers {
public:
    using TimePoint = std::chrono::system_clock::time_point;

    /// 2026-03-26 10:42:07 in Shanghai.
    static constexpr std::chrono::seconds kStart{1'774'492'927};

    [[nodiscard]] TimePoint now() const override { return now_; }
    Timer after(std::chrono::milliseconds delay, std::function<void()> run) override {
        return add(delay, std::chrono::milliseconds{0}, std::move(run));
    }
    Timer every(std::chrono::milliseconds interval, std::function<void()> run) override {
        return add(interval, std::max(interval, std::chrono::milliseconds{1}), std::move(run));
    }

    void advance(std::chrono::milliseconds by) {
        const TimePoint until = now_ + by;
        for (;;) {
            const auto next = std::min_element(alarms_.begin(), alarms_.end(),
                                               [](const auto& a, const auto& b) { return a->due < b->due; });
            if (next == alarms_.end() || (*next)->due > until) {
                break;
            }
            const std::shared_ptr<Alarm> alarm = *next;
            now_ = std::max(now_, alarm->due);
            if (alarm->interval.count() > 0) {
                alarm->due += alarm->interval;
            } else {
                std::erase(alarms_, alarm);
            }
            alarm->run();
        }
        now_ = until;
    }

    [[nodiscard]] std::size_t running() const { return alarms_.size(); }

private:
    struct Alarm {
        TimePoint due;
        std::chrono::milliseconds interval;
        std::function<void()> run;
    };
    struct Held final : Timer::State {
        Held(HandClock& owner, std::shared_ptr<Alarm> held) : clock{owner}, alarm{std::move(held)} {}
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;
        ~Held() override { std::erase(clock.alarms_, alarm); }
        HandClock& clock;
        std::shared_ptr<Alarm> alarm;
    };

    Timer add(std::chrono::milliseconds delay, std::chrono::milliseconds interval,
              std::function<void()> run) {
        auto alarm = std::make_shared<Alarm>(Alarm{now_ + delay, interval, std::move(run)});
        alarms_.push_back(alarm);
        return Timer{std::make_unique<Held>(*this, std::move(alarm))};
    }

    TimePoint now_{kStart};
    std::vector<std::shared_ptr<Alarm>> alarms_;
};

}  // namespace wutong::client::test
