#include "client-wx/api/connection.hpp"

#include <algorithm>

namespace wutong::client {

Connection::Connection(Timers& timers, Link& link) : timers_{timers}, link_{link} {
    link_.on_lost([this](const Fault& fault) {
        if (state_ == State::online) {
            lost_since_ = timers_.now();
            failed(fault);
        }
    });
}

void Connection::connect(const ServerAddress& server) {
    disconnect();
    server_ = server;
    dial();
}

void Connection::disconnect() {
    dialling_.cancel();
    retry_.stop();
    countdown_.stop();
    link_.hang_up();
    server_ = {};
    lost_since_.reset();
    next_try_at_.reset();
    round_trip_.reset();
    fault_.reset();
    wait_ = kFirstWait;
    enter(State::idle);
}

void Connection::try_now() {
    if (state_ == State::offline) {
        dial();
    }
}

std::optional<std::chrono::seconds> Connection::next_try_in() const {
    if (state_ != State::offline || !next_try_at_) {
        return std::nullopt;
    }
    return std::max(std::chrono::seconds{0},
                    std::chrono::ceil<std::chrono::seconds>(*next_try_at_ - timers_.now()));
}

void Connection::dial() {
    retry_.stop();
    countdown_.stop();
    next_try_at_.reset();
    dialling_ = link_.dial(server_, [this](const Result<Link::Dialled>& result) {
        if (!result) {
            failed(result.fault());
            return;
        }
        round_trip_ = result->round_trip;
        fault_.reset();
        lost_since_.reset();
        wait_ = kFirstWait;
        enter(State::online);
    });
    enter(State::connecting);
}

void Connection::failed(const Fault& fault) {
    fault_ = fault;
    if (!lost_since_) {
        lost_since_ = timers_.now();
    }
    if (fault.kind == Fault::Kind::certificate_changed) {
        // Somebody may be in between: asking again by itself would only wear the warning out.
        enter(State::refused);
        return;
    }
    next_try_at_ = timers_.now() + wait_;
    retry_ = timers_.after(wait_, [this] { dial(); });
    countdown_ = timers_.every(std::chrono::seconds{1}, [this] { listeners_.tell(); });
    wait_ = std::min(wait_ * 2, kLongestWait);
    enter(State::offline);
}

void Connection::enter(State state) {
    state_ = state;
    listeners_.tell();
}

}  // namespace wutong::client
