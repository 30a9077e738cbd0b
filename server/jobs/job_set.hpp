#pragma once

#include <memory>
#include <vector>

#include "server/jobs/worker.hpp"

namespace wutong::server {

class App;

/// Everything that the server does without being asked. Started when the database is there, stopped before
/// the app goes.
[[nodiscard]] std::vector<std::unique_ptr<Worker>> make_jobs(App& app);

}  // namespace wutong::server
