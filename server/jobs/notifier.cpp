#include "server/jobs/notifier.hpp"

#include <thread>
#include <utility>

#include "storage/work_signal.hpp"

namespace wutong::server {

namespace {

/// With nothing to say it sleeps until it is woken.
constexpr std::chrono::minutes kIdle{10};

}  // namespace

Notifier::Notifier(storage::Database& database, Worker::OnError on_error)
    : database_{database},
      worker_{"notifier", [this] { return step(); }, std::move(on_error), std::chrono::seconds{1}} {}

void Notifier::work_queued() {
    if (!pending_.exchange(true)) {
        worker_.wake();
    }
}

std::chrono::milliseconds Notifier::step() {
    if (!pending_.exchange(false)) {
        return kIdle;
    }
    try {
        database_.transact(storage::Scope::none(), "notify",
                           [](storage::Transaction& tx) { storage::signal_work(tx); });
    } catch (...) {
        pending_ = true;
        throw;
    }
    sent_.fetch_add(1);
    // Not as the worker's pause, because every work_queued() would end that.
    std::this_thread::sleep_for(kPause);
    return pending_.load() ? std::chrono::milliseconds{0} : kIdle;
}

}  // namespace wutong::server
