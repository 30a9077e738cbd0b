#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "client-wx/api/server.hpp"
#include "client-wx/api/timers.hpp"

namespace wutong::client {

/// One change at the server, at a time. The request, with its request_id, is kept until there is an answer:
/// when the link breaks the very same request is asked again, so that nothing is done twice and nothing is
/// left unknown.
class Change {
public:
    Change(Server& server, Timers& timers) : server_{server}, timers_{timers} {}
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

    /// Under way, or waiting for the server to come back.
    [[nodiscard]] bool busy() const { return static_cast<bool>(send_); }
    /// Sent at least once without an answer: whether it was done is not known yet.
    [[nodiscard]] bool waiting() const { return waiting_; }
    /// waiting() has changed.
    std::function<void()> on_waiting;

    /// @pre !busy() @param done runs once, on the UI thread
    template <class Request, class Answer>
    void start(const Unary<Request, Answer>& method, Request request,
               std::function<void(Result<Answer>)> done) {
        send_ = std::make_shared<std::function<void()>>(
            [this, method, request = std::move(request), done = std::move(done)] {
                call_ = server_.call(method, request,
                                     std::function<void(Result<Answer>)>{[this, done](Result<Answer> result) {
                                         if (!result && is_open(result.fault())) {
                                             ask_again();
                                             return;
                                         }
                                         const auto run = done;  // `this` may start the next one in there
                                         finish();
                                         run(result);
                                     }});
            });
        delay_ = kFirstDelay;
        send();
    }
    /// Gives the request up; whether it was done stays unknown.
    void drop() {
        call_.cancel();
        finish();
    }

private:
    static constexpr std::chrono::milliseconds kFirstDelay{1000};
    static constexpr std::chrono::milliseconds kLongestDelay{8000};

    [[nodiscard]] static bool is_open(const Fault& fault) {
        return fault.kind == Fault::Kind::outcome_unknown || fault.kind == Fault::Kind::unreachable ||
               fault.kind == Fault::Kind::timed_out;
    }

    void send() {
        const auto send = send_;
        (*send)();
    }
    void ask_again() {
        timer_ = timers_.after(delay_, [this] { send(); });
        delay_ = std::min(delay_ * 2, kLongestDelay);
        if (!std::exchange(waiting_, true) && on_waiting) {
            on_waiting();
        }
    }
    void finish() {
        send_.reset();
        timer_.stop();
        waiting_ = false;
    }

    Server& server_;
    Timers& timers_;
    std::shared_ptr<std::function<void()>> send_;
    Call call_;
    Timer timer_;
    std::chrono::milliseconds delay_{kFirstDelay};
    bool waiting_{false};
};

}  // namespace wutong::client
