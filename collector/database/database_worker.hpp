#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/spawn.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "collector/field_store.hpp"

namespace wutong::collector {

/// The queue to the database is full: as good as a database that is away.
class WorkerBusy : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Threads that may wait for the database, so that no channel has to. A coroutine hands in what it wants done
/// and is continued on its own strand with the result.
class DatabaseWorker {
public:
    DatabaseWorker(FieldStore& store, int threads, std::size_t queue_max);
    /// Finishes what is queued, then ends.
    ~DatabaseWorker();
    DatabaseWorker(const DatabaseWorker&) = delete;
    DatabaseWorker& operator=(const DatabaseWorker&) = delete;

    /// Runs `body(FieldStore&)` on a thread of ours; returns its result, or throws what it threw, in the
    /// coroutine.
    /// @throws WorkerBusy when the queue is full
    template <class Body>
    auto run(Body body, boost::asio::yield_context yield) -> std::invoke_result_t<Body&, FieldStore&> {
        using Result = std::invoke_result_t<Body&, FieldStore&>;
        static_assert(!std::is_void_v<Result>, "return something, so that there is something to wait for");
        struct Outcome {
            std::optional<Result> result;
            std::exception_ptr error;
        };
        auto outcome = std::make_shared<Outcome>();
        bool refused = false;
        boost::asio::async_initiate<boost::asio::yield_context, void()>(
            [&](auto handler) {
                auto executor = boost::asio::get_associated_executor(handler);
                // The handler is shared, because std::function wants to be copied.
                auto shared = std::make_shared<decltype(handler)>(std::move(handler));
                auto resume = [shared, work = boost::asio::make_work_guard(executor)] {
                    boost::asio::post(work.get_executor(), [shared] { (*shared)(); });
                };
                refused = !enqueue([this, outcome, resume, body = std::move(body)]() mutable {
                    try {
                        outcome->result.emplace(body(store_));
                    } catch (...) {
                        outcome->error = std::current_exception();
                    }
                    resume();
                });
                if (refused) {
                    resume();
                }
            },
            yield);
        if (refused) {
            throw WorkerBusy{"more is waiting for the database than its queue holds"};
        }
        if (outcome->error) {
            std::rethrow_exception(outcome->error);
        }
        return std::move(*outcome->result);
    }

    [[nodiscard]] std::size_t waiting() const;

private:
    using Task = std::function<void()>;
    [[nodiscard]] bool enqueue(Task task);
    void work();

    FieldStore& store_;
    const std::size_t queue_max_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> queue_;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace wutong::collector
