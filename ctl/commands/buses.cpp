// "bus": what is on each bus and how it keeps up, and how many meters fit on one.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "core/bus_model.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/upkeep_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

constexpr std::streamsize kProfileBytesMost = 1'000'000;

std::string seconds_of(std::int64_t ms) {
    return fmt::format("{}.{:01}", ms / 1'000, ms % 1'000 / 100);
}

void add_bus_list(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("list", "Meters, round and age of each bus, and which is too slow");
    auto freshness = std::make_shared<std::int64_t>(180);
    verb->add_option("--freshness", *freshness, "No state should be older than so many seconds")
        ->check(CLI::Range(1, 86'400));
    verb->callback([&program, freshness] {
        v1::ListChannelLoadsRequest request;
        request.set_property_id(program.client.property_id());
        request.set_freshness_s(*freshness);
        const auto list = call(program.client, &v1::UpkeepService::Stub::ListChannelLoads, request);
        program.show(list, [&] {
            Table table;
            table.column("bus");
            table.column("transport");
            for (const char* title :
                 {"baud", "meters", "lost", "round s", "measured s", "oldest s", "room for"}) {
                table.column(title, Table::Align::right);
            }
            table.column("keeps up");
            table.column("remark");
            for (const auto& one : list.channels()) {
                table.row({one.code(), one.transport(), std::to_string(one.baud()),
                           std::to_string(one.meters()), std::to_string(one.lost()),
                           one.has_computed_round_ms() ? seconds_of(one.computed_round_ms()) : "—",
                           one.has_measured_round_ms() ? seconds_of(one.measured_round_ms()) : "—",
                           one.has_oldest_s() ? std::to_string(one.oldest_s()) : "—",
                           one.meters_max() > 0 ? std::to_string(one.meters_max()) : "—",
                           one.too_slow() ? "no" : "yes", one.remark()});
            }
            table.print(std::cout);
        });
    });
}

core::MeterProfile profile_of(const std::string& path) {
    std::ifstream in{path, std::ios::binary | std::ios::ate};
    if (!in || in.tellg() > kProfileBytesMost) {
        throw Failure(ExitCode::usage, path + " can't be read, or is too large for a meter profile");
    }
    in.seekg(0);
    std::ostringstream text;
    text << in.rdbuf();
    try {
        return core::parse_meter_profile(text.str(), path);
    } catch (const core::ProfileError& error) {
        throw Failure(ExitCode::usage, error.what());
    }
}

struct SizeArguments {
    std::vector<std::string> profiles;
    std::vector<int> bauds{1'200, 2'400, 4'800, 9'600, 19'200, 38'400, 115'200};
    int bits = 10, turnaround_ms = 30, latency_ms = 0, dead = 0;
    int freshness_s = 180, reading_every_s = 1'800;
};

void print_sizes(const SizeArguments& a) {
    using Group = core::Block::Group;
    Table table;
    table.column("baud", Table::Align::right);
    std::vector<core::BusMeters> kinds;
    for (const auto& path : a.profiles) {
        const auto profile = profile_of(path);
        table.column(profile.id, Table::Align::right);
        table.column("poll ms", Table::Align::right);
        kinds.push_back({1, core::exchanges_of(profile, {Group::state}),
                         core::exchanges_of(profile, {Group::state, Group::reading})});
        if (kinds.back().state.empty()) {
            throw Failure(ExitCode::usage, profile.id + ": what this protocol costs is not known here");
        }
    }
    core::BusRules rules;
    rules.freshness = std::chrono::seconds{a.freshness_s};
    rules.reading_every = std::chrono::seconds{a.reading_every_s};
    rules.dead = a.dead;
    for (const int baud : a.bauds) {
        const core::BusLine line{baud, a.bits, std::chrono::milliseconds{a.turnaround_ms},
                                 std::chrono::milliseconds{a.latency_ms}};
        std::vector<std::string> row{std::to_string(baud)};
        for (const auto& kind : kinds) {
            row.push_back(std::to_string(core::meters_per_bus(line, kind, rules)));
            row.push_back(std::to_string(core::time_of(line, kind.state).count() / 1'000));
        }
        table.row(std::move(row));
    }
    table.print(std::cout);
}

void add_bus_size(CLI::App& noun) {
    auto* verb = noun.add_subcommand(
        "size", "Computes how many meters of a profile one bus keeps fresh; asks no server");
    auto a = std::make_shared<SizeArguments>();
    verb->add_option("--profile", a->profiles, "File of a profile; more than one may be named")->required();
    verb->add_option("--baud", a->bauds, "Speeds")->check(CLI::Range(300, 4'000'000));
    verb->add_option("--bits", a->bits, "Of a character: 8N1 has 10, 8E1 has 11")->check(CLI::Range(9, 12));
    verb->add_option("--turnaround-ms", a->turnaround_ms, "What a meter takes before it answers")
        ->check(CLI::Range(0, 10'000));
    verb->add_option("--latency-ms", a->latency_ms, "To the gateway and back")->check(CLI::Range(0, 10'000));
    verb->add_option("--dead", a->dead, "Meters that do not answer, besides")->check(CLI::Range(0, 1'000));
    verb->add_option("--freshness", a->freshness_s, "No state is older than so many seconds")
        ->check(CLI::Range(1, 86'400));
    verb->add_option("--reading-every", a->reading_every_s, "Seconds between scheduled readings")
        ->check(CLI::Range(1, 86'400));
    verb->callback([a] { print_sizes(*a); });
}

}  // namespace

void add_bus_commands(CLI::App& app, Program& program) {
    auto* noun =
        app.add_subcommand("bus", "How buses keep up, and how many meters fit")->require_subcommand(1);
    add_bus_list(*noun, program);
    add_bus_size(*noun);
}

}  // namespace wutong::ctl
