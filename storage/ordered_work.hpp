#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace wutong::storage {

/// Does `work(n)` for n = 0, 1, … count-1 in some threads, and hands what it returned to `consume(n, result)`
/// in the caller's thread and in order, until that says false. No more than two results a thread are done
/// ahead. What `work` throws is thrown when its turn comes; work that was begun is waited for.
template <class Result, class Work, class Consume>
void in_order(std::int64_t count, int threads, const Work& work, const Consume& consume) {
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::int64_t begun = 0;
        std::int64_t consumed = 0;
        bool over = false;
        std::map<std::int64_t, std::pair<Result, std::exception_ptr>> done;
    } shared;
    const std::int64_t ahead = 2 * static_cast<std::int64_t>(threads);

    const auto worker = [&] {
        for (;;) {
            std::unique_lock lock{shared.mutex};
            shared.changed.wait(lock, [&] {
                return shared.over || shared.begun >= count || shared.begun < shared.consumed + ahead;
            });
            if (shared.over || shared.begun >= count) {
                return;
            }
            const std::int64_t n = shared.begun++;
            lock.unlock();
            std::pair<Result, std::exception_ptr> outcome;
            try {
                outcome.first = work(n);
            } catch (...) {
                outcome.second = std::current_exception();
            }
            lock.lock();
            shared.done.emplace(n, std::move(outcome));
            shared.changed.notify_all();
        }
    };

    struct Workers {
        Shared& shared;
        std::vector<std::thread> threads;
        ~Workers() {
            {
                const std::lock_guard lock{shared.mutex};
                shared.over = true;
            }
            shared.changed.notify_all();
            for (auto& thread : threads) {
                thread.join();
            }
        }
    } workers{shared, {}};
    for (int i = 0; i < threads; ++i) {
        workers.threads.emplace_back(worker);
    }

    for (std::int64_t n = 0; n < count; ++n) {
        std::unique_lock lock{shared.mutex};
        shared.changed.wait(lock, [&] { return shared.done.contains(n); });
        auto outcome = std::move(shared.done.extract(n).mapped());
        ++shared.consumed;
        lock.unlock();
        shared.changed.notify_all();
        if (outcome.second) {
            std::rethrow_exception(outcome.second);
        }
        if (!consume(n, std::move(outcome.first))) {
            return;
        }
    }
}

}  // namespace wutong::storage
