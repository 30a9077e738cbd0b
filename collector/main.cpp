#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "collector/configuration/configuration.hpp"
#include "collector/platform/paths.hpp"
#include "collector/service/logging.hpp"
#include "collector/service/profile_library.hpp"
#include "collector/service/service.hpp"

namespace {

using namespace wutong::collector;

int check(const Configuration& configuration) {
    const auto profiles = load_profiles(configuration.profiles.directory);
    for (const auto& fault : profiles.faults) {
        fmt::print(stderr, "{}\n", fault);
    }
    if (!profiles.faults.empty()) {
        return kExitUsage;
    }
    fmt::print("The configuration is good; {} meter profiles.\n", profiles.profiles.size());
    return kExitOk;
}

int serve(Configuration configuration) {
    set_up_logging(configuration.log);
    const std::string name = configuration.name;
    Service service{std::move(configuration), WUTONG_VERSION};
    return run_as_service(
        "wutong-collector", [&](ServiceHost& host) { return service.run(host); },
        [&] { service.request_stop(); });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Reads meters, carries out commands and delivers credit", "wutong-collector"};
    std::string file = default_configuration_file();
    bool check_only = false;
    app.add_option("--config", file, "Configuration file (TOML)")->capture_default_str();
    app.add_flag("--check-config", check_only, "Check the configuration and the meter profiles, then exit");
    app.set_version_flag("--version", std::string{"wutong-collector "} + WUTONG_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kExitOk : kExitUsage;
    }
    try {
        Configuration configuration = load_configuration(file);
        return check_only ? check(configuration) : serve(std::move(configuration));
    } catch (const ConfigurationError& error) {
        fmt::print(stderr, "{}\n", error.what());
        return kExitUsage;
    } catch (const std::exception& error) {
        fmt::print(stderr, "wutong-collector: {}\n", error.what());
        return kExitFailed;
    }
}
