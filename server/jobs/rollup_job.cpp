#include "server/jobs/rollup_job.hpp"

#include <chrono>

#include "server/app.hpp"
#include "server/jobs/job_metrics.hpp"
#include "storage/energy_rollups.hpp"

namespace wutong::server {

namespace {

constexpr std::chrono::milliseconds kPause{1'000};
constexpr int kMeterDaysPerStep = 5'000;  // a transaction of about a second

}  // namespace

std::unique_ptr<Worker> make_rollup_job(App& app) {
    const auto figures =
        add_job_figures(app.metrics(), "rollup", "wutong_rollup_due_batches",
                        "Batches of readings whose days were not told yet when the job last looked");
    return std::make_unique<Worker>(
        "rollup",
        [&app, figures] {
            const auto begun = std::chrono::steady_clock::now();
            storage::RollupStep step;
            figures->backlog = static_cast<double>(app.database().transact(
                storage::Scope::all(), "roll_up_energy", [&](storage::Transaction& tx) {
                    step = storage::roll_up_energy(tx, kMeterDaysPerStep);
                    return storage::rollup_backlog(tx);
                }));
            figures->add_items(step.days);
            if (step.dues > 0 && figures->backlog > 0) {
                return std::chrono::milliseconds{0};
            }
            figures->finished(std::chrono::steady_clock::now() - begun, app.now().time_since_epoch());
            return kPause;
        },
        [&app, figures](const std::string& name, const std::string& what) {
            figures->errors.fetch_add(1);
            app.on_error()(name, what);
        });
}

}  // namespace wutong::server
