#pragma once

#include <memory>
#include <vector>

#include "server/jobs/worker.hpp"

namespace wutong::server {

class App;

/// Three jobs, each with a thread of its own, so that a dead modem holds up no mail and neither of them what
/// is queued: "messages" makes messages of what has happened and watches what is overdue, "sms" hands them to
/// gammu-smsd, "mail" to an SMTP server. The last two only where server.toml names their way out.
/// @throws ConfigurationError when the password file of the mail server can't be read
void add_message_jobs(App& app, std::vector<std::unique_ptr<Worker>>& jobs);

}  // namespace wutong::server
