#pragma once

#include <atomic>
#include <cstdint>

#include "server/jobs/worker.hpp"
#include "storage/database.hpp"

namespace wutong::server {

/// Tells the collectors that there is work, at most once in kPause for all that was committed meanwhile.
class Notifier {
public:
    static constexpr std::chrono::milliseconds kPause{5};

    Notifier(storage::Database& database, Worker::OnError on_error);

    void start() { worker_.start(); }
    void stop() { worker_.stop(); }

    /// After the commit of a transaction that queued commands or deliveries. Costs nothing; any thread.
    void work_queued();
    [[nodiscard]] std::uint64_t sent() const { return sent_.load(); }

private:
    std::chrono::milliseconds step();

    storage::Database& database_;
    std::atomic<bool> pending_{false};
    std::atomic<std::uint64_t> sent_{0};
    Worker worker_;
};

}  // namespace wutong::server
