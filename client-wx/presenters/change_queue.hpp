#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/change.hpp"

namespace wutong::client {

/// Many changes of one kind: a few at the same time, so that one click on a thousand rows does not fill the
/// wire. Each is kept until it is answered, as in Change.
class ChangeQueue {
public:
    static constexpr std::size_t kAtOnce = 4;

    ChangeQueue(Server& server, Timers& timers) : server_{server}, timers_{timers} {}
    ChangeQueue(const ChangeQueue&) = delete;
    ChangeQueue& operator=(const ChangeQueue&) = delete;

    [[nodiscard]] bool busy() const { return answered_ < asked_; }
    [[nodiscard]] bool waiting() const {
        return std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->waiting(); });
    }
    [[nodiscard]] std::size_t asked() const { return asked_; }
    [[nodiscard]] std::size_t answered() const { return answered_; }
    [[nodiscard]] std::size_t refused() const { return refused_; }
    /// Something is waiting for the server.
    std::function<void()> on_waiting;

    /// @pre !busy() @param each runs for every answer @param all once, after the last one
    template <class Request, class Answer>
    void start(const Unary<Request, Answer>& method, std::vector<Request> requests,
               std::function<void(const Request&, Result<Answer>)> each, std::function<void()> all) {
        asked_ = requests.size();
        answered_ = refused_ = 0;
        lanes_.clear();
        auto work = std::make_shared<Work<Request, Answer>>(
            Work<Request, Answer>{method, std::move(requests), 0, std::move(each), std::move(all)});
        for (std::size_t i = 0; i < std::min(kAtOnce, asked_); ++i) {
            lanes_.push_back(std::make_unique<Change>(server_, timers_));
            lanes_.back()->on_waiting = [this] {
                if (on_waiting) {
                    on_waiting();
                }
            };
        }
        for (auto& lane : lanes_) {
            next(*lane, work);
        }
    }
    /// What was not sent yet is not sent any more; what was keeps its answer.
    void forget() {
        lanes_.clear();
        asked_ = answered_ = refused_ = 0;
    }

private:
    template <class Request, class Answer>
    struct Work {
        Unary<Request, Answer> method;
        std::vector<Request> requests;
        std::size_t taken;
        std::function<void(const Request&, Result<Answer>)> each;
        std::function<void()> all;
    };

    template <class Request, class Answer>
    void next(Change& lane, std::shared_ptr<Work<Request, Answer>> work) {
        if (work->taken == work->requests.size()) {
            return;
        }
        const auto& request = work->requests[work->taken++];
        lane.start<Request, Answer>(work->method, request,
                                    [this, &lane, work, &request](Result<Answer> result) {
                                        ++answered_;
                                        refused_ += result ? 0U : 1U;
                                        const auto last = answered_ == asked_;
                                        work->each(request, result);
                                        if (last) {
                                            work->all();
                                        } else {
                                            next(lane, work);
                                        }
                                    });
    }

    Server& server_;
    Timers& timers_;
    std::vector<std::unique_ptr<Change>> lanes_;
    std::size_t asked_{0};
    std::size_t answered_{0};
    std::size_t refused_{0};
};

}  // namespace wutong::client
