#include "storage/work_signal.hpp"

#include <algorithm>
#include <thread>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr const char* kChannel = "wutong_work";

class Receiver : public pqxx::notification_receiver {
public:
    explicit Receiver(pqxx::connection_base& connection)
        : pqxx::notification_receiver(connection, kChannel) {}
    void operator()(const std::string&, int) override { heard = true; }
    bool heard = false;
};

}  // namespace

void signal_work(Transaction& tx) {
    tx.exec("SELECT pg_notify($1, '')", kChannel);
}

struct WorkSignal::Listener {
    explicit Listener(const std::string& target)
        : connection(target), receiver(connection), session(connection.backendpid()) {}

    pqxx::connection connection;
    Receiver receiver;
    int session;  ///< libpqxx makes a new session without a word; then this differs
};

WorkSignal::WorkSignal(DatabaseOptions options) : options_(std::move(options)) {}
WorkSignal::~WorkSignal() = default;

WorkSignal::Wake WorkSignal::wait(std::chrono::milliseconds timeout) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    try {
        if (!listener_) {
            listener_ = std::make_unique<Listener>(connection_string(options_));
            return Wake::reconnected;
        }
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
        const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(timeout - seconds);
        listener_->receiver.heard = false;
        listener_->connection.await_notification(static_cast<long>(seconds.count()),
                                                 static_cast<long>(micros.count()));
        if (listener_->connection.backendpid() != listener_->session) {
            listener_->session = listener_->connection.backendpid();
            return listener_->session == 0 ? Wake::away : Wake::reconnected;
        }
        return listener_->receiver.heard ? Wake::work : Wake::nothing;
    } catch (const pqxx::failure& error) {
        listener_.reset();
        if (options_.warn) {
            options_.warn(std::string("waiting for work: ") + error.what());
        }
        // A database that refuses at once must not turn the caller into a busy loop.
        std::this_thread::sleep_until(
            std::min(until, std::chrono::steady_clock::now() + std::chrono::seconds(1)));
        return Wake::away;
    }
}

}  // namespace wutong::storage
