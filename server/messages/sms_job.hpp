#pragma once

#include <memory>

#include "server/jobs/worker.hpp"

namespace wutong::server {

class App;

/// Hands SMS to gammu-smsd and looks what became of them (server/messages/gammu_spool.hpp). A message in its
/// outbox is this server's until it was sent, refused or is too old. @pre server.toml names a spool
[[nodiscard]] std::unique_ptr<Worker> make_sms_job(App& app);

}  // namespace wutong::server
