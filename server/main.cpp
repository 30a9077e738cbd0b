#include <absl/synchronization/mutex.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <mutex>

#include "server/app.hpp"
#include "server/configuration/configuration.hpp"
#include "server/platform/service_host.hpp"
#include "server/program/logging.hpp"
#include "server/program/maintenance.hpp"
#include "server/server.hpp"
#include "server/version.hpp"

namespace {

using namespace wutong;

constexpr int kFailed = 1;

struct Arguments {
    std::string config = "/etc/wutong/server.toml";
    bool check_config = false;
    bool migrate = false;
    std::string migrations = "/usr/share/wutong/sql/migrations";
    std::string create_admin;
    std::string password_file;
    std::string database_url;
};

int fail(const std::string& what) {
    std::cerr << what << '\n';
    return kFailed;
}

/// PGPASSWORD, or the URL, or .pgpass: libpq finds it itself.
storage::DatabaseOptions owner_options(const Arguments& arguments) {
    storage::DatabaseOptions options;
    options.application_name = "wutong-server-maintenance";
    options.connections_max = 2;
    if (!arguments.database_url.empty()) {
        options.url = arguments.database_url;
    } else {
        const auto configuration = server::load_configuration(arguments.config);
        options.url = configuration.database.url;
        if (!configuration.database.password_file.empty()) {
            options.password = server::read_secret(configuration.database.password_file);
        }
    }
    return options;
}

std::string admin_password(const Arguments& arguments) {
    if (!arguments.password_file.empty()) {
        return server::read_secret(arguments.password_file);
    }
    if (const char* file = std::getenv("WUTONG_ADMIN_PASSWORD_FILE"); file != nullptr && *file != '\0') {
        return server::read_secret(file);
    }
    std::string password;
    std::getline(std::cin, password);
    if (!password.empty() && password.back() == '\r') {
        password.pop_back();
    }
    return password;
}

int maintain(const Arguments& arguments) {
    if (arguments.migrate) {
        std::cout << server::migrate_database(owner_options(arguments), arguments.migrations) << '\n';
    }
    if (!arguments.create_admin.empty()) {
        server::create_administrator(owner_options(arguments), arguments.create_admin,
                                     admin_password(arguments));
        std::cout << "operator " << arguments.create_admin << " can sign in\n";
    }
    return 0;
}

int serve(const Arguments& arguments, server::platform::ServiceHost& host) {
    const auto configuration = server::load_configuration(arguments.config);
    const auto password = configuration.database.password_file.empty()
                              ? std::string{}
                              : server::read_secret(configuration.database.password_file);
    const auto log = server::make_log(configuration.log);
    // Debian builds Abseil, whose locks gRPC uses, with a search for deadlocks at every lock: a part of each
    // call that serves its authors only.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    std::string fatal;
    std::mutex mutex;
    try {
        server::App app{configuration, password, log};
        server::Server running{app, [&](const std::string& message) {
                                   {
                                       const std::lock_guard lock{mutex};
                                       fatal = message;
                                   }
                                   host.end();
                               }};
        running.start();
        host.ready("listening on " + configuration.listen.address);
        host.wait_for_end([&running] { return running.heartbeat(); });
        host.stopping();
        log->info("stopping");
        running.stop();
    } catch (const std::exception& error) {
        log->critical("{}", error.what());
        return kFailed;
    }
    const std::lock_guard lock{mutex};
    if (!fatal.empty()) {
        log->critical("{}", fatal);
        return kFailed;
    }
    log->info("stopped");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app{"wutong-server: accounts, sales, control and the wall of meters, over gRPC",
                 "wutong-server"};
    app.set_version_flag("--version", std::string{"wutong-server "} + server::version());
    app.add_option("--config", arguments.config, "Configuration file")->capture_default_str();
    app.add_flag("--check-config", arguments.check_config, "Check the configuration and say what is wrong");
    app.add_flag("--migrate", arguments.migrate, "Bring the database to this version's schema, then end");
    app.add_option("--migrations", arguments.migrations, "Folder of the schema's files")
        ->capture_default_str();
    app.add_option("--create-admin", arguments.create_admin,
                   "Make an administrator of this name, then end; the password is the first line of standard "
                   "input, or of a file");
    app.add_option("--password-file", arguments.password_file, "For --create-admin");
    app.add_option("--database-url", arguments.database_url,
                   "The owner's address, for --migrate and --create-admin; its password from PGPASSWORD");
    CLI11_PARSE(app, argc, argv);
    try {
        if (arguments.check_config) {
            static_cast<void>(server::load_configuration(arguments.config));
            std::cout << arguments.config << ": good\n";
            return 0;
        }
        if (arguments.migrate || !arguments.create_admin.empty()) {
            return maintain(arguments);
        }
        return server::platform::run_as_service(
            [&](server::platform::ServiceHost& host) { return serve(arguments, host); });
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}
