#include "server/jobs/jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "server/jobs/job_metrics.hpp"
#include "server/jobs/worker.hpp"
#include "storage/commands.hpp"
#include "storage/consumption.hpp"
#include "storage/property_ids.hpp"
#include "storage/seal.hpp"

namespace wutong::server {

namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

}  // namespace

struct Jobs::Parts {
    Parts(storage::Database& the_database, core::Clock the_clock, Metrics& metrics, Warn the_warn,
          JobOptions the_options)
        : database{the_database},
          clock{std::move(the_clock)},
          warn{std::move(the_warn)},
          options{the_options},
          booked{add_job_figures(metrics, "consumption", "wutong_consumption_skipped_meters",
                                 "Meters whose consumption can't be booked until somebody looks")},
          sealed{add_job_figures(
              metrics, "sealer", "wutong_ledger_oldest_unsealed_seconds",
              "Age of the oldest unsealed journal entry when the sealer had finished its round")},
          expired{add_job_figures(metrics, "expiry", "wutong_commands_overdue",
                                  "1 when the last round left overdue commands for the next one")},
          consumption{"consumption", [this] { return book(); }, failed(booked)},
          sealer{"sealer", [this] { return seal(); }, failed(sealed)},
          expiry{"expiry", [this] { return expire(); }, failed(expired)} {}

    Worker::OnError failed(const std::shared_ptr<JobFigures>& figures) const {
        return [this, figures](const std::string& name, const std::string& what) {
            figures->errors.fetch_add(1);
            warn(name, what);
        };
    }

    void finished(JobFigures& figures, Steady::time_point begun) const {
        figures.finished(Steady::now() - begun, clock().time_since_epoch());
    }

    /// One property that can't be worked on does not hold up the others.
    template <class Body>
    void guarded(const char* job, JobFigures& figures, core::PropertyId property, Body body) {
        try {
            body();
        } catch (const std::exception& error) {
            figures.errors.fetch_add(1);
            warn(job, fmt::format("property {}: {}", property.value, error.what()));
        }
    }

    /// All properties once, in pages of one transaction each.
    milliseconds book() {
        const auto begun = Steady::now();
        const auto properties =
            database.transact(storage::Scope::all(), "list_properties",
                              [](storage::Transaction& tx) { return storage::property_ids(tx); });
        std::map<core::MeterId, std::string> skipped;
        for (const auto property : properties) {
            if (consumption.stopping()) {
                return milliseconds{0};
            }
            guarded("consumption", *booked, property, [&] {
                core::MeterId after;
                do {
                    const auto report = database.transact(
                        storage::Scope::of({property}), "book_consumption", [&](storage::Transaction& tx) {
                            return storage::book_consumption(tx, property, after, options.consumption_batch);
                        });
                    booked->add_items(report.entries);
                    for (const auto& meter : report.skipped) {
                        skipped.emplace(meter.meter,
                                        fmt::format("meter {} of property {} is not booked: {} "
                                                    "(booked up to {} Wh, found {} Wh)",
                                                    meter.meter.value, property.value, meter.reason,
                                                    meter.booked.watt_hours(), meter.found.watt_hours()));
                    }
                    after = report.last;
                } while (after && !consumption.stopping());
            });
        }
        // Said once per meter and cause, not every few seconds for as long as it lasts.
        for (const auto& [meter, text] : skipped) {
            const auto before = skipped_before.find(meter);
            if (before == skipped_before.end() || before->second != text) {
                warn("consumption", text);
            }
        }
        skipped_before = std::move(skipped);
        booked->backlog = static_cast<double>(skipped_before.size());
        finished(*booked, begun);
        return options.consumption_interval;
    }

    milliseconds seal() {
        const auto begun = Steady::now();
        const auto properties =
            database.transact(storage::Scope::all(), "properties_to_seal",
                              [](storage::Transaction& tx) { return storage::properties_to_seal(tx); });
        std::chrono::duration<double> oldest{0};
        for (const auto property : properties) {
            const auto only = storage::Scope::of({property});
            guarded("sealer", *sealed, property, [&] {
                int count = 0;
                do {
                    count = database.transact(only, "seal_entries", [&](storage::Transaction& tx) {
                        return storage::seal_entries(tx, property, options.seal_batch);
                    });
                    sealed->add_items(count);
                } while (count == options.seal_batch && !sealer.stopping());
            });
            const auto state = database.transact(only, "seal_state", [&](storage::Transaction& tx) {
                return storage::seal_state(tx, property);
            });
            if (state.oldest_unsealed_at) {
                oldest = std::max(oldest, std::chrono::duration<double>{clock() - *state.oldest_unsealed_at});
            }
        }
        sealed->backlog = oldest.count();
        finished(*sealed, begun);
        return options.seal_interval;
    }

    milliseconds expire() {
        const auto begun = Steady::now();
        const auto count =
            database.transact(storage::Scope::all(), "expire_commands", [this](storage::Transaction& tx) {
                return storage::expire_commands(tx, clock(), options.expiry_batch);
            });
        expired->add_items(count);
        expired->backlog = count == options.expiry_batch ? 1 : 0;
        if (count == options.expiry_batch) {
            return milliseconds{0};
        }
        finished(*expired, begun);
        return options.expiry_interval;
    }

    storage::Database& database;
    const core::Clock clock;
    const Warn warn;
    const JobOptions options;
    const std::shared_ptr<JobFigures> booked;
    const std::shared_ptr<JobFigures> sealed;
    const std::shared_ptr<JobFigures> expired;
    std::map<core::MeterId, std::string> skipped_before;
    Worker consumption;
    Worker sealer;
    Worker expiry;
};

Jobs::Jobs(storage::Database& database, core::Clock clock, Metrics& metrics, Warn warn, JobOptions options)
    : parts_{std::make_unique<Parts>(database, std::move(clock), metrics, std::move(warn), options)} {}

Jobs::~Jobs() {
    stop();
}

void Jobs::start() {
    parts_->consumption.start();
    parts_->sealer.start();
    parts_->expiry.start();
}

void Jobs::stop() {
    parts_->consumption.stop();
    parts_->sealer.stop();
    parts_->expiry.stop();
}

}  // namespace wutong::server
