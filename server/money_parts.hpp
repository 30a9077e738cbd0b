#pragma once

#include <wutong/v1/control_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include "core/time.hpp"
#include "server/jobs/held_job.hpp"
#include "server/jobs/jobs.hpp"
#include "server/jobs/worker.hpp"
#include "server/services/ledger_verifier.hpp"
#include "server/services/watches.hpp"
#include "storage/database.hpp"

namespace wutong::server {

class Metrics;

/// What the services about money need besides the database: streams that are fed, and work that goes on by
/// itself.
class MoneyParts {
public:
    /// @param work_queued called after a commit that left work for the collectors
    MoneyParts(storage::Database& database, const core::Clock& clock, Metrics& metrics,
               const Worker::OnError& on_error, const std::function<void()>& work_queued);

    /// Once the database is there.
    void start();
    /// Ends the streams with UNAVAILABLE, and the jobs after their transaction. May be called twice.
    void stop();

    [[nodiscard]] Watches<v1::Delivery>& deliveries() { return deliveries_; }
    [[nodiscard]] Watches<v1::Command>& commands() { return commands_; }
    [[nodiscard]] LedgerVerifier& verifier() { return verifier_; }

private:
    Watches<v1::Delivery> deliveries_;
    Watches<v1::Command> commands_;
    LedgerVerifier verifier_;
    Jobs jobs_;
    HeldJob held_;
};

}  // namespace wutong::server
