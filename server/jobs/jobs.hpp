#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/time.hpp"
#include "storage/database.hpp"

namespace wutong::server {

class Metrics;

struct JobOptions {
    std::chrono::milliseconds consumption_interval{5'000};
    int consumption_batch = 200;  ///< meters per transaction
    std::chrono::milliseconds seal_interval{200};
    int seal_batch = 500;  ///< entries per transaction
    std::chrono::milliseconds expiry_interval{1'000};
    int expiry_batch = 500;
};

/// What the server does without being asked: books consumption, seals the journal, expires commands. Each job
/// has a thread of its own and works in bounded transactions; several servers on one database may run them
/// side by side, because the rows they work on are locked, and what was done is not done again.
class Jobs {
public:
    /// One line for the log. `name` is the job's.
    using Warn = std::function<void(const std::string& name, const std::string& what)>;

    Jobs(storage::Database& database, core::Clock clock, Metrics& metrics, Warn warn,
         JobOptions options = {});
    ~Jobs();
    Jobs(const Jobs&) = delete;
    Jobs& operator=(const Jobs&) = delete;

    void start();
    /// Each job finishes the transaction it is in. May be called twice.
    void stop();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace wutong::server
