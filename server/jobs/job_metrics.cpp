#include "server/jobs/job_metrics.hpp"

#include "server/metrics/metrics.hpp"

namespace wutong::server {

std::shared_ptr<JobFigures> add_job_figures(Metrics& metrics, const std::string& job,
                                            const std::string& backlog_name,
                                            const std::string& backlog_help) {
    auto figures = std::make_shared<JobFigures>();
    const auto name = [&job](const char* what) { return "wutong_job_" + job + "_" + what; };
    using Kind = Metrics::Kind;
    metrics.add(name("errors_total"), "Steps of the job that failed; the work is tried again", Kind::counter,
                [figures] { return static_cast<double>(figures->errors.load()); });
    metrics.add(name("items_total"), "What the job has done: entries booked or sealed, commands expired",
                Kind::counter, [figures] { return static_cast<double>(figures->items.load()); });
    metrics.add(name("seconds_total"), "Time that the job spent working", Kind::counter,
                [figures] { return figures->seconds.load(); });
    metrics.add(name("finished_timestamp_seconds"), "When the job last had done all there was to do",
                Kind::gauge, [figures] { return figures->finished_at.load(); });
    metrics.add(backlog_name, backlog_help, Kind::gauge, [figures] { return figures->backlog.load(); });
    return figures;
}

}  // namespace wutong::server
