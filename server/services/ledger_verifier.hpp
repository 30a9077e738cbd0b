#pragma once

#include <wutong/v1/ledger_service.pb.h>

#include <array>
#include <deque>
#include <memory>
#include <mutex>

#include "core/identity.hpp"
#include "server/jobs/worker.hpp"
#include "server/services/stream_writer.hpp"
#include "storage/database.hpp"

namespace wutong::server {

/// Walks hash chains for whoever asks, two at a time; the others wait in a short queue. A walk ends early
/// when its client goes away.
class LedgerVerifier {
public:
    using Writer = StreamWriter<v1::VerifyProgress>;
    static constexpr std::size_t kQueueMax = 16;

    LedgerVerifier(storage::Database& database, Worker::OnError on_error);
    ~LedgerVerifier() { stop(); }

    void start();
    /// Stops walks that are under way after their page.
    void stop();

    /// A full queue ends the stream with RESOURCE_EXHAUSTED.
    void verify(core::PropertyId property, std::shared_ptr<Writer> writer);

private:
    struct Task {
        core::PropertyId property;
        std::shared_ptr<Writer> writer;
    };

    std::chrono::milliseconds work();
    void walk(const Task& task);

    storage::Database& database_;
    std::mutex mutex_;
    std::deque<Task> queue_;
    bool stopping_ = false;
    std::array<Worker, 2> workers_;
};

}  // namespace wutong::server
