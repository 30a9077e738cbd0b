#pragma once

#include <memory>

#include "server/jobs/worker.hpp"

namespace wutong::server {

class App;

/// Sends mail, one message at a time. Ended between the server's word and ours, the same message goes out
/// once more, under the same Message-ID. @pre server.toml names a mail server @throws ConfigurationError
[[nodiscard]] std::unique_ptr<Worker> make_mail_job(App& app);

}  // namespace wutong::server
