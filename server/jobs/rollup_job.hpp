#pragma once

#include <memory>

#include "server/jobs/worker.hpp"

namespace wutong::server {

class App;

/// Keeps energy per day and month up to date, a second or so behind the readings
/// (storage/energy_rollups.hpp). Of several servers one does it at a time.
[[nodiscard]] std::unique_ptr<Worker> make_rollup_job(App& app);

}  // namespace wutong::server
