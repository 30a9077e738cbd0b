#include "client-wx/views/wx_seams.hpp"

#include <wx/app.h>
#include <wx/timer.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <mutex>
#include <utility>

namespace wutong::client {
namespace {

/// Keeps its closure alive while that runs, since it may stop its own timer.
class Ticking final : public Timer::State, public wxTimer {
public:
    Ticking(std::chrono::milliseconds interval, bool once, std::function<void()> run)
        : run_{std::make_shared<std::function<void()>>(std::move(run))} {
        const auto length =
            std::clamp<std::chrono::milliseconds::rep>(interval.count(), 1, std::numeric_limits<int>::max());
        Start(static_cast<int>(length), once ? wxTIMER_ONE_SHOT : wxTIMER_CONTINUOUS);
    }
    Ticking(const Ticking&) = delete;
    Ticking& operator=(const Ticking&) = delete;
    ~Ticking() override { Stop(); }

    void Notify() override {
        const auto run = run_;
        (*run)();
    }

private:
    std::shared_ptr<std::function<void()>> run_;
};

constexpr std::chrono::milliseconds kShare{12};
/// Before the rest goes on. Another CallAfter would do so before anything is painted.
constexpr int kBreathMs = 3;

}  // namespace

Timer WxTimers::after(std::chrono::milliseconds delay, std::function<void()> run) {
    return Timer{std::make_unique<Ticking>(delay, true, std::move(run))};
}

Timer WxTimers::every(std::chrono::milliseconds interval, std::function<void()> run) {
    return Timer{std::make_unique<Ticking>(interval, false, std::move(run))};
}

struct WxUiQueue::State : std::enable_shared_from_this<State> {
    std::mutex mutex;
    std::deque<std::function<void()>> waiting;
    bool scheduled{false};
    bool closed{false};
    std::unique_ptr<Ticking> breath;  // UI thread only

    /// @pre mutex is held
    void schedule() {
        if (!scheduled && !closed && wxTheApp != nullptr) {
            scheduled = true;
            wxTheApp->CallAfter([self = shared_from_this()] { self->drain(); });
        }
    }

    void drain() {
        const auto until = std::chrono::steady_clock::now() + kShare;
        std::unique_lock lock{mutex};
        scheduled = false;
        while (!waiting.empty() && !closed) {
            const auto run = std::move(waiting.front());
            waiting.pop_front();
            lock.unlock();
            run();
            lock.lock();
            if (!waiting.empty() && std::chrono::steady_clock::now() >= until) {
                scheduled = true;
                breath = std::make_unique<Ticking>(std::chrono::milliseconds{kBreathMs}, true,
                                                   [self = shared_from_this()] { self->drain(); });
                return;
            }
        }
    }
};

WxUiQueue::WxUiQueue() : state_{std::make_shared<State>()} {}

WxUiQueue::~WxUiQueue() {
    std::deque<std::function<void()>> dropped;
    const std::lock_guard lock{state_->mutex};
    state_->closed = true;
    state_->breath.reset();
    dropped.swap(state_->waiting);
}

void WxUiQueue::post(std::function<void()> run) {
    const std::lock_guard lock{state_->mutex};
    if (!state_->closed) {
        state_->waiting.push_back(std::move(run));
        state_->schedule();
    }
}

}  // namespace wutong::client
