#include "server/services/ledger_verifier.hpp"

#include <exception>
#include <utility>

#include "storage/seal.hpp"

namespace wutong::server {

LedgerVerifier::LedgerVerifier(storage::Database& database, Worker::OnError on_error)
    : database_{database},
      workers_{{{"verifier-1", [this] { return work(); }, on_error},
                {"verifier-2", [this] { return work(); }, on_error}}} {}

void LedgerVerifier::start() {
    for (auto& worker : workers_) {
        worker.start();
    }
}

void LedgerVerifier::stop() {
    const grpc::Status stopping{grpc::StatusCode::UNAVAILABLE,
                                "the server is stopping; ask again when it is back"};
    std::deque<Task> waiting;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        waiting.swap(queue_);
    }
    for (const auto& task : waiting) {
        task.writer->finish(stopping);
    }
    for (auto& worker : workers_) {
        worker.stop();
    }
}

void LedgerVerifier::verify(core::PropertyId property, std::shared_ptr<Writer> writer) {
    {
        const std::lock_guard lock{mutex_};
        if (stopping_ || queue_.size() >= kQueueMax) {
            writer->finish({grpc::StatusCode::RESOURCE_EXHAUSTED,
                            "the ledger is being verified for others already; try again later"});
            return;
        }
        queue_.push_back({property, std::move(writer)});
    }
    for (auto& worker : workers_) {
        worker.wake();
    }
}

std::chrono::milliseconds LedgerVerifier::work() {
    Task task;
    {
        const std::lock_guard lock{mutex_};
        if (queue_.empty()) {
            return std::chrono::minutes{10};
        }
        task = std::move(queue_.front());
        queue_.pop_front();
    }
    try {
        walk(task);
    } catch (const std::exception&) {
        task.writer->finish(
            {grpc::StatusCode::UNAVAILABLE, "the database could not be read to the end; verify again"});
        throw;
    }
    return std::chrono::milliseconds{0};
}

void LedgerVerifier::walk(const Task& task) {
    std::int64_t total = 0;
    const auto goes_on = [this, &task] {
        const std::lock_guard lock{mutex_};
        return !stopping_ && !task.writer->over();
    };
    const auto result =
        storage::verify_chain(database_, task.property, [&](const storage::VerifyProgress& progress) {
            total = progress.total;
            v1::VerifyProgress message;
            message.set_checked(progress.checked);
            message.set_total(progress.total);
            task.writer->push(1, std::move(message));
            return goes_on();
        });
    if (!goes_on()) {
        // Half a walk is no verdict.
        task.writer->finish(
            {grpc::StatusCode::UNAVAILABLE, "the server is stopping; ask again when it is back"});
        return;
    }
    v1::VerifyProgress verdict;
    verdict.set_checked(result.checked);
    verdict.set_total(total);
    verdict.set_finished(true);
    verdict.set_intact(!result.fault);
    if (result.fault) {
        verdict.set_fault(result.fault->text);
        verdict.set_fault_entry_id(result.fault->entry.value);
    }
    verdict.set_last_hash(result.last_hash);
    // A key of its own: the verdict must not be replaced, and the last progress before it may still be seen.
    task.writer->push(2, std::move(verdict));
    task.writer->finish(grpc::Status::OK);
}

}  // namespace wutong::server
