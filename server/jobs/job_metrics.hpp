#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace wutong::server {

class Metrics;

/// The same figures for every job, so that one alert rule serves all. Shared with the exposition, which may
/// outlive the job.
struct JobFigures {
    std::atomic<std::uint64_t> errors{0};
    std::atomic<std::uint64_t> items{0};  ///< journal entries booked, entries sealed, commands expired
    std::atomic<double> seconds{0};       ///< spent in finished rounds
    std::atomic<double> finished_at{0};   ///< seconds since 1970; 0: never yet
    std::atomic<double> backlog{0};       ///< what the job's own help text says

    void add_items(int count) { items.fetch_add(static_cast<std::uint64_t>(count)); }
    /// A round that did all there was to do. Only the job's own thread calls it.
    void finished(std::chrono::duration<double> took, std::chrono::duration<double> since_epoch) {
        seconds = seconds.load() + took.count();
        finished_at = since_epoch.count();
    }
};

/// wutong_job_<job>_errors_total, _items_total, _seconds_total, _finished_timestamp_seconds, and the backlog
/// under its own name.
[[nodiscard]] std::shared_ptr<JobFigures> add_job_figures(Metrics& metrics, const std::string& job,
                                                          const std::string& backlog_name,
                                                          const std::string& backlog_help);

}  // namespace wutong::server
