#include "collector/database/database_worker.hpp"

namespace wutong::collector {

DatabaseWorker::DatabaseWorker(FieldStore& store, int threads, std::size_t queue_max)
    : store_{store}, queue_max_{queue_max} {
    threads_.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

DatabaseWorker::~DatabaseWorker() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
}

bool DatabaseWorker::enqueue(Task task) {
    {
        const std::lock_guard lock{mutex_};
        if (ending_ || queue_.size() >= queue_max_) {
            return false;
        }
        queue_.push_back(std::move(task));
    }
    changed_.notify_one();
    return true;
}

void DatabaseWorker::work() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        Task task = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
    }
}

std::size_t DatabaseWorker::waiting() const {
    const std::lock_guard lock{mutex_};
    return queue_.size();
}

}  // namespace wutong::collector
