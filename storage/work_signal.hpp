#pragma once

#include <chrono>
#include <memory>

#include "storage/database.hpp"

/// "There is work": from the server's notifier to the collectors. Only a hint: it is lost when the connection
/// is, so the receiver also looks at the tables at an interval, and after every reconnect.
namespace wutong::storage {

/// Sent when the transaction commits. One per few milliseconds for all that was committed meanwhile: a NOTIFY
/// in every transaction would halve the commit rate.
void signal_work(Transaction& tx);

class WorkSignal {
public:
    /// Uses one connection of its own, made at the first wait.
    explicit WorkSignal(DatabaseOptions options);
    ~WorkSignal();
    WorkSignal(const WorkSignal&) = delete;
    WorkSignal& operator=(const WorkSignal&) = delete;

    enum class Wake {
        nothing,      ///< the time is over
        work,         ///< somebody signalled
        reconnected,  ///< a new connection listens now: what was signalled in between is lost, look for
                      ///< yourself
        away,         ///< the database can't be reached; returned after at most `timeout`
    };
    /// Blocks for `timeout` at most. The first call answers `reconnected`.
    [[nodiscard]] Wake wait(std::chrono::milliseconds timeout);

private:
    struct Listener;
    DatabaseOptions options_;
    std::unique_ptr<Listener> listener_;
};

}  // namespace wutong::storage
