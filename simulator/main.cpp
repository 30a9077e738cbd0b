#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "simulator/history.hpp"
#include "simulator/import_files.hpp"
#include "simulator/load_curves.hpp"
#include "simulator/plan_file.hpp"
#include "simulator/simulator.hpp"

namespace {

using namespace wutong::simulator;

struct Arguments {
    std::string config, demo, import_folder, data, state, load_scale, price_scale;
    std::optional<std::uint64_t> seed;
    int history_days = 0;
    std::optional<std::uint16_t> control_port, modbus_tcp_port, rtu_over_tcp_port;
};

std::filesystem::path executable_path(const char* argv0) {
    std::error_code fault;
    auto path = std::filesystem::read_symlink("/proc/self/exe", fault);
    return fault ? std::filesystem::absolute(argv0) : path;
}

/// The file's values, over them what the command line says.
SimConfig configuration(const Arguments& arguments) {
    SimConfig config = arguments.config.empty() ? SimConfig{} : read_config(arguments.config);
    if (!arguments.demo.empty()) {
        config.demo = arguments.demo;
    }
    if (!arguments.data.empty()) {
        config.data = arguments.data;
    }
    if (!arguments.state.empty()) {
        config.state = arguments.state;
    }
    if (!arguments.load_scale.empty()) {
        config.load_scale = parse_scale(arguments.load_scale, "--load-scale");
    }
    if (!arguments.price_scale.empty()) {
        config.price_scale = parse_scale(arguments.price_scale, "--price-scale");
    }
    config.seed = arguments.seed ? arguments.seed : config.seed;
    config.control_port = arguments.control_port ? arguments.control_port : config.control_port;
    config.demo_ports.modbus_tcp = arguments.modbus_tcp_port.value_or(config.demo_ports.modbus_tcp);
    config.demo_ports.rtu_over_tcp = arguments.rtu_over_tcp_port.value_or(config.demo_ports.rtu_over_tcp);
    if (!config.demo && config.lines.empty()) {
        throw std::runtime_error(
            "nothing to simulate: give --demo DIR, or --config FILE with [[line]] and [[meter]]");
    }
    return config;
}

BuildingPlan plan_of(const Arguments& arguments, const SimConfig& config, const LoadCurves& curves) {
    BuildingPlan plan;
    if (config.demo) {
        plan = demo_plan(std::filesystem::absolute(*config.demo), curves, config.demo_ports);
    } else {
        plan.lines = config.lines;
        plan.meters = config.meters;
        for (const auto& meter : plan.meters) {
            plan.floors = std::max(plan.floors, meter.floor);
        }
    }
    plan.history_days = arguments.history_days;
    plan.seed = config.seed.value_or(plan.seed);
    plan.load_scale = config.load_scale.value_or(plan.load_scale);
    plan.price_scale = config.price_scale.value_or(plan.price_scale);
    check_plan(plan, curves);
    return plan;
}

void print_summary(Simulator& simulator, const LoadCurves& curves, const std::filesystem::path& data) {
    const auto& plan = simulator.building().plan();
    int gaps = 0;
    for (const auto& curve : curves.all()) {
        gaps += curve.gap_hours;
    }
    std::size_t prepaid = 0;
    for (const auto& meter : plan.meters) {
        prepaid += is_prepaid(meter.model) ? 1U : 0U;
    }
    fmt::print("building floors={} prepaid={} feeders={} restored={} seed={} load_scale={} price_scale={}\n",
               plan.floors, prepaid, plan.meters.size() - prepaid, simulator.restored(), plan.seed,
               static_cast<double>(plan.load_scale.thousandths) / 1000,
               static_cast<double>(plan.price_scale.thousandths) / 1000);
    fmt::print("curves premises={} gap_hours_filled={} from={}\n", curves.all().size(), gaps, data.string());
    for (const auto& line : simulator.lines()) {
        std::size_t meters = 0;
        for (const auto& meter : plan.meters) {
            meters += meter.line == line->plan().name ? 1U : 0U;
        }
        fmt::print("line name={} transport={} endpoint={} baud={} turnaround_ms={} meters={}\n",
                   line->plan().name, to_string(line->plan().kind), line->endpoint(), line->plan().baud,
                   line->plan().turnaround_ms, meters);
    }
    fmt::print("control url=http://127.0.0.1:{}/v1/health\nready\n", simulator.control_port());
    std::fflush(stdout);
}

void write_history(const BuildingPlan& plan, const LoadCurves& curves, const std::filesystem::path& folder) {
    const auto path = folder / "history.csv";
    std::ofstream file{path, std::ios::binary};
    const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    file << history_csv(plan, curves, now) << std::flush;
    if (!file) {
        throw std::runtime_error(path.string() + ": could not be written");
    }
    fmt::print("wrote {}\n", path.string());
}

int run(const Arguments& arguments, const char* argv0) {
    const auto config = configuration(arguments);
    const auto data = find_data_folder(config.data.value_or(""), executable_path(argv0));
    const LoadCurves curves{data};
    const auto plan = plan_of(arguments, config, curves);
    if (!arguments.import_folder.empty()) {
        write_import(plan, arguments.import_folder);
        fmt::print("wrote {0}/import.toml and {0}/meters.csv\n", arguments.import_folder);
        if (plan.history_days > 0) {
            write_history(plan, curves, arguments.import_folder);
        }
        return 0;
    }
    SimulatorOptions options;
    options.plan = plan;
    options.state_file = config.state.value_or("");
    options.control_port = config.control_port.value_or(options.control_port);
    Simulator simulator{std::move(options), curves};
    print_summary(simulator, curves, data);
    const int signal = simulator.run();
    fmt::print("stopped signal={}\n", signal);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app{"wutong-sim: a building of prepaid meters on real buses"};
    app.set_version_flag("--version", WUTONG_VERSION);
    app.add_option("--config", arguments.config, "TOML file; see docs/simulator.md")
        ->check(CLI::ExistingFile);
    app.add_option("--demo", arguments.demo, "The tower of 40 floors, its buses linked in this folder");
    app.add_option("--write-import", arguments.import_folder,
                   "Write import.toml and meters.csv for the server into this folder and exit");
    app.add_option(
           "--history-days", arguments.history_days,
           "The meters have counted for so many days before their first start (0); with --write-import "
           "also writes history.csv")
        ->check(CLI::Range(0, 360));
    app.add_option("--control-port", arguments.control_port, "Control port on 127.0.0.1 (7480; 0 = any)");
    app.add_option("--modbus-tcp-port", arguments.modbus_tcp_port,
                   "Demo: port of the Modbus TCP gateway (15021)");
    app.add_option("--rtu-over-tcp-port", arguments.rtu_over_tcp_port,
                   "Demo: port of the serial server (15022)");
    app.add_option("--load-scale", arguments.load_scale, "Loads are this many times the measured ones (1)");
    app.add_option("--price-scale", arguments.price_scale, "Meters charge this many times their price (1)");
    app.add_option("--seed", arguments.seed, "For everything that is random (1)");
    app.add_option("--state", arguments.state, "Keep the meters' registers in this file over restarts");
    app.add_option("--data", arguments.data, "Folder of the load curves");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(arguments, argv[0]);
    } catch (const std::exception& fault) {
        fmt::print(stderr, "wutong-sim: {}\n", fault.what());
        return 1;
    }
}
