#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "client-wx/presenters/context.hpp"

namespace wutong::client {

/// A change that moves money. Asked with one request_id until there is an answer: over broken links, a server
/// that restarts, and a session that ended meanwhile.
class KeptChange {
public:
    explicit KeptChange(Context& context) : context_{context} {
        connection_ = context_.connection.on_change([this] { ask_again_if_possible(); });
        session_ = context_.session.on_change([this] { ask_again_if_possible(); });
    }
    KeptChange(const KeptChange&) = delete;
    KeptChange& operator=(const KeptChange&) = delete;

    /// There is no answer yet.
    [[nodiscard]] bool open() const { return static_cast<bool>(send_); }
    /// Open, and nobody is being asked right now: the link, the server or the session is away.
    [[nodiscard]] bool waiting() const { return waiting_; }
    /// It may have been done already. While this is false the change can be taken back.
    [[nodiscard]] bool may_be_done() const { return may_be_done_; }
    /// waiting() or may_be_done() has changed.
    std::function<void()> on_state;

    /// Does nothing while another one is open. @param done runs once, on the UI thread
    template <class Request, class Answer>
    bool ask(const Unary<Request, Answer>& method, const Request& request,
             std::function<void(Result<Answer>)> done) {
        if (open()) {
            return false;
        }
        send_ = [this, method, request, done = std::move(done)] {
            call_ = context_.server.call(
                method, request, std::function<void(Result<Answer>)>{[this, done](Result<Answer> result) {
                    if (!result && keep(result.fault())) {
                        return;
                    }
                    const auto run = done;  // close() ends the closure this is in
                    close();
                    run(result);
                }});
        };
        wait_ = kFirstWait;
        send();
        return true;
    }
    /// @return false, and it goes on, when it may have been done already
    bool take_back() {
        if (!open() || may_be_done_ || !waiting_) {
            return false;
        }
        close();
        return true;
    }
    /// For what was under way when the program ended: it may have been done.
    void assume_sent() { may_be_done_ = true; }

private:
    static constexpr std::chrono::milliseconds kFirstWait{1000};
    static constexpr std::chrono::milliseconds kLongestWait{15000};

    void send() {
        waiting_ = false;
        retry_.stop();
        const auto send = send_;  // an answer may close and open another one
        send();
    }

    /// @return true: no answer, ask again later
    bool keep(const Fault& fault) {
        switch (fault.kind) {
            case Fault::Kind::outcome_unknown:
            case Fault::Kind::timed_out:
                may_be_done_ = true;
                break;
            case Fault::Kind::unreachable:
                break;
            case Fault::Kind::unauthenticated:
            case Fault::Kind::certificate_changed:
                waiting_ = true;
                tell();
                return true;  // goes on when somebody has signed in
            default:
                return false;
        }
        waiting_ = true;
        retry_ = context_.timers.after(wait_, [this] { ask_again_if_possible(); });
        wait_ = std::min(wait_ * 2, kLongestWait);
        tell();
        return true;
    }

    void ask_again_if_possible() {
        if (open() && waiting_ && context_.connection.online() &&
            context_.session.state() != Session::State::ended &&
            context_.session.state() != Session::State::signed_out) {
            send();
            tell();
        }
    }

    void close() {
        send_ = nullptr;
        retry_.stop();
        waiting_ = false;
        may_be_done_ = false;
    }
    void tell() {
        if (on_state) {
            on_state();
        }
    }

    Context& context_;
    std::function<void()> send_;
    Call call_;
    Timer retry_;
    std::chrono::milliseconds wait_{kFirstWait};
    bool waiting_{false};
    bool may_be_done_{false};
    Subscription connection_;
    Subscription session_;
};

}  // namespace wutong::client
