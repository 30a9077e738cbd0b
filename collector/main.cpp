#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "collector/configuration/configuration.hpp"
#include "collector/configuration/meter_secrets.hpp"
#include "collector/platform/paths.hpp"
#include "collector/service/logging.hpp"
#include "collector/service/probe.hpp"
#include "collector/service/profile_library.hpp"
#include "collector/service/service.hpp"

namespace {

using namespace wutong::collector;

int check(const Configuration& configuration) {
    static_cast<void>(load_meter_secrets(configuration.meters.secrets));
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

/// As they stand on the command line.
struct ProbeArguments {
    std::string profile, serial, rtu_over_tcp, modbus_tcp, mqtt, authority, users, station, secrets,
        serial_number;
    std::string parity = "N";
    int address = 0, baud = 9'600, stop_bits = 1, timeout_ms = 1'000, tries = 2, listen_s = 75;
};

CLI::Option* add_probe(CLI::App& app, ProbeArguments& into) {
    const char* const group = "Reading a meter once";
    auto* probe =
        app.add_option(
               "--probe", into.profile,
               "Read everything that this meter profile (a .toml file) names, show each value raw and "
               "scaled, and exit. Changes nothing; stop the service first if it has the same port")
            ->group(group);
    auto* serial = app.add_option("--serial", into.serial, "Serial port, e.g. /dev/ttyS0")->group(group);
    auto* rtu = app.add_option("--rtu-over-tcp", into.rtu_over_tcp, "Serial server, host:port")->group(group);
    auto* tcp =
        app.add_option("--modbus-tcp", into.modbus_tcp, "Modbus TCP gateway, host:port")->group(group);
    serial->excludes(rtu)->excludes(tcp);
    rtu->excludes(tcp);
    auto* mqtt = app.add_option("--mqtt", into.mqtt, "Broker, mqtt://host:port or mqtts://host:port")
                     ->group(group)
                     ->excludes(serial)
                     ->excludes(rtu)
                     ->excludes(tcp);
    app.add_option("--authority", into.authority, "That signed the certificate of an mqtts broker")
        ->group(group);
    app.add_option("--users", into.users, "Folder with a file for the broker's host: user, password")
        ->group(group);
    app.add_option("--listen-s", into.listen_s, "With --mqtt: how long, unless all was told before")
        ->check(CLI::Range(1, 86'400))
        ->group(group);
    app.add_option("--baud", into.baud, "Baud of the serial line")
        ->check(CLI::Range(300, 115'200))
        ->group(group);
    app.add_option("--parity", into.parity, "N, E or O")->check(CLI::IsMember({"N", "E", "O"}))->group(group);
    app.add_option("--stop-bits", into.stop_bits, "1 or 2")->check(CLI::Range(1, 2))->group(group);
    app.add_option("--address", into.address, "Modbus unit of the meter, 1 to 247")->group(group);
    app.add_option("--station", into.station, "Station address of a meter of another protocol")->group(group);
    app.add_option("--secrets", into.secrets,
                   "File with the password or keys of a DLMS meter, as for [meters]")
        ->group(group);
    app.add_option("--serial-number", into.serial_number, "Of the DLMS meter, to find it in --secrets")
        ->group(group);
    app.add_option("--timeout-ms", into.timeout_ms, "Wait for each answer")
        ->check(CLI::Range(20, 60'000))
        ->group(group);
    app.add_option("--tries", into.tries, "Of each question")->check(CLI::Range(1, 10))->group(group);
    for (auto* option : {serial, rtu, tcp, mqtt}) {
        option->needs(probe);
    }
    return probe;
}

ProbeOptions options_of(const ProbeArguments& arguments) {
    ProbeOptions options;
    options.profile = arguments.profile;
    options.bus_address = arguments.address;
    options.station_address = arguments.station;
    options.secrets = arguments.secrets;
    options.serial_number = arguments.serial_number;
    options.answer_timeout = std::chrono::milliseconds{arguments.timeout_ms};
    options.tries = arguments.tries;
    options.link.transport = !arguments.rtu_over_tcp.empty() ? Transport::rtu_over_tcp
                             : !arguments.modbus_tcp.empty() ? Transport::modbus_tcp
                                                             : Transport::serial;
    options.link.endpoint = arguments.serial + arguments.rtu_over_tcp + arguments.modbus_tcp + arguments.mqtt;
    options.over_mqtt = !arguments.mqtt.empty();
    options.broker_access.authority = arguments.authority;
    options.broker_access.users = arguments.users;
    options.listen_for = std::chrono::seconds{arguments.listen_s};
    options.link.serial.baud = arguments.baud;
    options.link.serial.parity = parse_parity(arguments.parity).value_or(Parity::none);
    options.link.serial.stop_bits = arguments.stop_bits;
    return options;
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
    ProbeArguments probe;
    CLI::Option* const probing = add_probe(app, probe);
    app.set_version_flag("--version", std::string{"wutong-collector "} + WUTONG_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kExitOk : kExitUsage;
    }
    try {
        if (probing->count() > 0) {
            return run_probe(options_of(probe), stdout, stderr);
        }
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
