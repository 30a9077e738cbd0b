#include <fmt/format.h>

#include <chrono>

#include "server/app.hpp"
#include "server/jobs/balance_proof.hpp"
#include "server/jobs/job_metrics.hpp"

namespace wutong::server {

namespace {

/// @return false: there was nothing to do, or another server was first
bool prove(App& app, const storage::ProofDue& due, const std::function<bool()>& stopping) {
    const auto scope = storage::Scope::of({due.property});
    auto proof = take_balance_proof(app.database(), scope, app.profiles(), app.clock(),
                                    {due.property, due.day, true, {}}, stopping);
    return proof && app.database().transact(scope, "store_proof", [&](storage::Transaction& tx) {
        return store_balance_proof(tx, *proof);
    });
}

}  // namespace

std::unique_ptr<Worker> make_balance_proof_job(App& app) {
    const auto figures =
        add_job_figures(app.metrics(), "balance_proof", "wutong_balance_proofs_failed",
                        "Properties whose proof of the two balances could not be taken in the last round");
    // The worker knows whether it is to stop; its step has to ask.
    const auto self = std::make_shared<const Worker*>(nullptr);
    auto job = std::make_unique<Worker>(
        "balance_proof",
        [&app, figures, self] {
            const auto begun = std::chrono::steady_clock::now();
            const auto stopping = [&self] { return (*self)->stopping(); };
            int failed = 0;
            for (const auto& due :
                 app.database().transact(storage::Scope::all(), "proofs_due", [&](storage::Transaction& tx) {
                     return storage::proofs_due(tx, app.now(), kProofHour);
                 })) {
                if (stopping()) {
                    break;
                }
                try {
                    figures->add_items(prove(app, due, stopping) ? 1 : 0);
                } catch (const std::exception& error) {
                    // One property that can't be proven does not hold up the others.
                    ++failed;
                    figures->errors.fetch_add(1);
                    app.on_error()("balance_proof",
                                   fmt::format("property {}: {}", due.property.value, error.what()));
                }
            }
            figures->backlog = static_cast<double>(failed);
            figures->finished(std::chrono::steady_clock::now() - begun, app.now().time_since_epoch());
            return std::chrono::milliseconds{std::chrono::minutes{1}};
        },
        app.on_error());
    *self = job.get();
    return job;
}

}  // namespace wutong::server
