#include "server/jobs/job_set.hpp"

#include <chrono>

#include "server/app.hpp"
#include "server/jobs/balance_proof.hpp"
#include "server/jobs/history_job.hpp"
#include "server/jobs/price_downloads.hpp"
#include "server/jobs/rollup_job.hpp"
#include "server/kiosks/kiosks.hpp"
#include "server/messages/message_jobs.hpp"

namespace wutong::server {

std::vector<std::unique_ptr<Worker>> make_jobs(App& app) {
    std::vector<std::unique_ptr<Worker>> jobs;
    jobs.push_back(std::make_unique<Worker>(
        "session_sweep",
        [&app] {
            app.sessions().sweep();
            app.kiosks().visits().sweep();
            return std::chrono::milliseconds{std::chrono::minutes{1}};
        },
        app.on_error()));
    jobs.push_back(make_balance_proof_job(app));
    jobs.push_back(make_price_download_job(app));
    jobs.push_back(make_rollup_job(app));
    jobs.push_back(make_history_job(app));
    add_message_jobs(app, jobs);
    return jobs;
}

}  // namespace wutong::server
