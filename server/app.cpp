#include "server/app.hpp"

#include <chrono>
#include <utility>

#include "server/kiosks/kiosks.hpp"
#include "server/live/live_hub.hpp"
#include "server/money_parts.hpp"

namespace wutong::server {

namespace {

storage::DatabaseOptions database_options(const Configuration& configuration, const std::string& password,
                                          const std::shared_ptr<spdlog::logger>& log) {
    storage::DatabaseOptions options;
    options.url = configuration.database.url;
    options.password = password;
    options.application_name = "wutong-server";
    options.connections_max = configuration.database.pool_size;
    options.warn = [log](const std::string& line) { log->warn("{}", line); };
    return options;
}

}  // namespace

core::Clock App::system_clock() {
    return [] {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    };
}

App::App(Configuration configuration, const std::string& password, std::shared_ptr<spdlog::logger> log,
         core::Clock clock)
    : configuration_{std::move(configuration)},
      log_{std::move(log)},
      clock_{std::move(clock)},
      database_{database_options(configuration_, password, log_)},
      profiles_{configuration_.profiles.directory},
      sessions_{database_, configuration_.sessions, clock_},
      sign_in_{database_, sessions_, clock_},
      notifier_{database_, on_error()},
      money_{std::make_unique<MoneyParts>(database_, clock_, metrics_, on_error(),
                                          [this] { notifier_.work_queued(); })},
      live_{std::make_unique<LiveHub>(database_, sessions_, clock_, on_error())},
      kiosks_{std::make_unique<Kiosks>(database_, clock_)} {
    using Kind = Metrics::Kind;
    metrics_.add("wutong_server_sessions", "Operators who are signed in, as of the last minute", Kind::gauge,
                 [this] { return static_cast<double>(sessions_.count()); });
    metrics_.add("wutong_server_database_connections_in_use", "Connections of the pool that are in use",
                 Kind::gauge, [this] {
                     const auto stats = database_.stats();
                     return static_cast<double>(stats.open - stats.idle);
                 });
    metrics_.add("wutong_server_database_retries_total", "Transactions that were run again", Kind::counter,
                 [this] { return static_cast<double>(database_.stats().retries); });
    metrics_.add("wutong_server_database_exhausted_total", "Waits for a connection that timed out",
                 Kind::counter, [this] { return static_cast<double>(database_.stats().exhausted); });
    metrics_.add("wutong_server_notifications_total", "Signals to the collectors", Kind::counter,
                 [this] { return static_cast<double>(notifier_.sent()); });
    metrics_.add("wutong_server_live_streams", "Open walls of meters", Kind::gauge,
                 [this] { return static_cast<double>(live_->watchers()); });
    metrics_.add("wutong_server_live_queries_total", "Questions to the database for all walls together",
                 Kind::counter, [this] { return static_cast<double>(live_->queries()); });
}

App::~App() = default;

Worker::OnError App::on_error() {
    return
        [log = log_](const std::string& name, const std::string& what) { log->warn("{}: {}", name, what); };
}

}  // namespace wutong::server
