#include "server/jobs/held_job.hpp"

#include <fmt/format.h>

#include <utility>

#include "server/jobs/job_metrics.hpp"
#include "server/services/held_terms.hpp"

namespace wutong::server {

HeldJob::HeldJob(storage::Database& database, core::Clock clock, Metrics& metrics, Worker::OnError warn,
                 std::function<void()> ordered, Options options)
    : database_{database},
      clock_{std::move(clock)},
      warn_{std::move(warn)},
      ordered_{std::move(ordered)},
      options_{options},
      figures_{add_job_figures(metrics, "held", "wutong_held_due_meters",
                               "Server-held meters that were due when the job last looked")},
      worker_{"held", [this] { return step(); },
              [this](const std::string& name, const std::string& what) {
                  figures_->errors.fetch_add(1);
                  warn_(name, what);
              }} {}

std::chrono::milliseconds HeldJob::step() {
    const auto begun = std::chrono::steady_clock::now();
    const auto due = database_.transact(storage::Scope::all(), "held_due", [this](storage::Transaction& tx) {
        return storage::list_due(tx, clock_(), options_.batch);
    });
    figures_->backlog = static_cast<double>(due.size());
    bool again = due.size() == static_cast<std::size_t>(options_.batch);
    for (const auto& one : due) {
        if (worker_.stopping()) {
            return std::chrono::milliseconds{0};
        }
        try {
            again = charge(one) || again;
        } catch (const storage::DatabaseUnavailable&) {
            throw;  // not this meter's fault: all of them wait
        } catch (const std::exception& error) {
            figures_->errors.fetch_add(1);
            put_off(one, error.what());
        }
    }
    if (again) {
        return std::chrono::milliseconds{0};
    }
    figures_->finished(std::chrono::steady_clock::now() - begun, clock_().time_since_epoch());
    return options_.interval;
}

bool HeldJob::charge(const storage::HeldDue& due) {
    storage::HeldOutcome outcome;
    database_.transact(storage::Scope::of({due.property}), "charge_held_meter",
                       [&](storage::Transaction& tx) {
                           outcome = {};
                           const auto now = clock_();
                           if (!storage::take_due(tx, due, now)) {
                               return;
                           }
                           outcome = storage::charge_held_meter(tx, due.property, due.meter,
                                                                held_defaults(tx, due.property), plans_, now);
                           if (outcome.more) {
                               storage::put_due(tx, due.property, due.meter, now);
                           }
                       });
    figures_->add_items(outcome.charged ? 1 : 0);
    if (!outcome.stopped.empty()) {
        warn_("held", outcome.stopped);
    }
    if (outcome.cut_off && outcome.cut_off->command) {
        ordered_();
    }
    return outcome.more;
}

void HeldJob::put_off(const storage::HeldDue& due, const std::string& why) {
    warn_("held", fmt::format("meter {} of property {} is tried again in {} s: {}", due.meter.value,
                              due.property.value, options_.pause_after_error.count(), why));
    database_.transact(storage::Scope::of({due.property}), "held_put_off", [&](storage::Transaction& tx) {
        if (storage::take_due(tx, due, clock_())) {
            storage::put_due(tx, due.property, due.meter, clock_() + options_.pause_after_error);
        }
    });
}

}  // namespace wutong::server
