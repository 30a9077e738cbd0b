#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

#include "core/time.hpp"
#include "server/configuration/configuration.hpp"
#include "server/jobs/notifier.hpp"
#include "server/metrics/metrics.hpp"
#include "server/profiles.hpp"
#include "server/sessions/sessions.hpp"
#include "server/sessions/sign_in.hpp"
#include "storage/database.hpp"

namespace wutong::server {

class MoneyParts;
class LiveHub;
class Kiosks;

/// What every service and job shares. Made once, before the gRPC server; outlives it.
class App {
public:
    /// @param password of the database; "" when the URL or nothing carries one
    /// @throws DatabaseError for a URL that can't be read, ProfileError for a bad profile
    App(Configuration configuration, const std::string& password, std::shared_ptr<spdlog::logger> log,
        core::Clock clock = system_clock());
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    [[nodiscard]] const Configuration& configuration() const { return configuration_; }
    [[nodiscard]] spdlog::logger& log() { return *log_; }
    [[nodiscard]] core::Timestamp now() const { return clock_(); }
    [[nodiscard]] const core::Clock& clock() const { return clock_; }
    [[nodiscard]] storage::Database& database() { return database_; }
    [[nodiscard]] Metrics& metrics() { return metrics_; }
    [[nodiscard]] Sessions& sessions() { return sessions_; }
    [[nodiscard]] SignIn& sign_in() { return sign_in_; }
    [[nodiscard]] Notifier& notifier() { return notifier_; }
    [[nodiscard]] const Profiles& profiles() const { return profiles_; }
    [[nodiscard]] MoneyParts& money() { return *money_; }
    [[nodiscard]] LiveHub& live() { return *live_; }
    [[nodiscard]] Kiosks& kiosks() { return *kiosks_; }

    /// For workers: one warning per error, with the worker's name.
    [[nodiscard]] Worker::OnError on_error();

    /// Microseconds of the machine's clock, UTC.
    [[nodiscard]] static core::Clock system_clock();

private:
    const Configuration configuration_;
    const std::shared_ptr<spdlog::logger> log_;
    const core::Clock clock_;
    storage::Database database_;
    Metrics metrics_;
    Profiles profiles_;
    Sessions sessions_;
    SignIn sign_in_;
    Notifier notifier_;
    std::unique_ptr<MoneyParts> money_;
    std::unique_ptr<LiveHub> live_;
    std::unique_ptr<Kiosks> kiosks_;
};

}  // namespace wutong::server
