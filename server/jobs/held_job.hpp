#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/time.hpp"
#include "server/jobs/worker.hpp"
#include "storage/database.hpp"
#include "storage/held_charging.hpp"
#include "storage/held_meters.hpp"

namespace wutong::server {

class Metrics;
struct JobFigures;

/// Charges the readings of server-held meters as they arrive, warns, and orders their relays. It works
/// through the queue of meters that are due (storage/held_meters.hpp), one short transaction for each, so
/// that one meter that can't be charged holds up no other; several servers may do so side by side.
class HeldJob {
public:
    struct Options {
        std::chrono::milliseconds interval{500};
        int batch = 200;
        /// After an error in the transaction of a meter it is tried again so much later.
        std::chrono::seconds pause_after_error{60};
    };

    /// @param ordered called after a commit that left a command for the collectors
    HeldJob(storage::Database& database, core::Clock clock, Metrics& metrics, Worker::OnError warn,
            std::function<void()> ordered, Options options);
    HeldJob(storage::Database& database, core::Clock clock, Metrics& metrics, Worker::OnError warn,
            std::function<void()> ordered)
        : HeldJob(database, std::move(clock), metrics, std::move(warn), std::move(ordered), Options{}) {}

    void start() { worker_.start(); }
    void stop() { worker_.stop(); }

private:
    std::chrono::milliseconds step();
    /// @return true when it has to be looked at again at once
    bool charge(const storage::HeldDue& due);
    void put_off(const storage::HeldDue& due, const std::string& why);

    storage::Database& database_;
    const core::Clock clock_;
    const Worker::OnError warn_;
    const std::function<void()> ordered_;
    const Options options_;
    const std::shared_ptr<JobFigures> figures_;
    storage::PlanCache plans_;  ///< of the worker's thread
    Worker worker_;
};

}  // namespace wutong::server
