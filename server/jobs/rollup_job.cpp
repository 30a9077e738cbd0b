#include "server/jobs/rollup_job.hpp"

#include <algorithm>
#include <chrono>

#include "server/app.hpp"
#include "server/jobs/job_metrics.hpp"
#include "storage/energy_rollups.hpp"

namespace wutong::server {

namespace {

constexpr std::chrono::milliseconds kPause{1'000};
constexpr int kMeterDaysPerStep = 5'000;  // a transaction of about a second
constexpr int kMeterDaysLeast = 100;

}  // namespace

std::unique_ptr<Worker> make_rollup_job(App& app) {
    const auto figures =
        add_job_figures(app.metrics(), "rollup", "wutong_rollup_due_batches",
                        "Batches of readings whose days were not told yet when the job last looked");
    const auto size = std::make_shared<int>(kMeterDaysPerStep);
    return std::make_unique<Worker>(
        "rollup",
        [&app, figures, size] {
            const auto begun = std::chrono::steady_clock::now();
            storage::RollupStep step;
            figures->backlog = static_cast<double>(app.database().transact(
                storage::Scope::all(), "roll_up_energy", [&](storage::Transaction& tx) {
                    step = storage::roll_up_energy(tx, *size);
                    return storage::rollup_backlog(tx);
                }));
            figures->add_items(step.days);
            *size = std::min(*size * 2, kMeterDaysPerStep);
            if (step.dues > 0 && figures->backlog > 0) {
                return std::chrono::milliseconds{0};
            }
            figures->finished(std::chrono::steady_clock::now() - begun, app.now().time_since_epoch());
            return kPause;
        },
        [&app, figures, size](const std::string& name, const std::string& what) {
            // On a slow database a step may take longer than a statement may: less at a time.
            *size = std::max(*size / 2, kMeterDaysLeast);
            figures->errors.fetch_add(1);
            app.on_error()(name, what);
        });
}

}  // namespace wutong::server
