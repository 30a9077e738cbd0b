// Meter profiles: those that the server knows, and files that are being written.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "core/meter_profile.hpp"
#include "ctl/program.hpp"
#include "ctl/run_program.hpp"
#include "wutong/v1/device_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

constexpr std::uintmax_t kProfileBytesMax = 1'000'000;

void list_profiles(Program& program) {
    const auto list = call(program.client, &v1::DeviceService::Stub::ListProfiles, v1::ListProfilesRequest{});
    program.show(list, [&] {
        Table table;
        for (const char* title : {"id", "vendor", "model", "phases", "credit", "switchable", "unconfirmed"}) {
            table.column(title);
        }
        for (const auto& one : list.profiles()) {
            table.row({one.id(), one.vendor(), one.model(), std::to_string(one.phases()), one.credit(),
                       one.switchable() ? "yes" : "no",
                       std::to_string(one.unconfirmed_size()) + " registers"});
        }
        table.print(std::cout);
    });
}

/// Prints what is wrong with the file, or what it is. @return it is good
bool check_profile_file(const std::string& path) {
    std::error_code problem;
    const auto bytes = std::filesystem::file_size(path, problem);
    if (problem || bytes > kProfileBytesMax) {
        std::cerr << path << ":1: " << (problem ? "can't be read" : "is too large for a meter profile")
                  << '\n';
        return false;
    }
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    try {
        const auto profile = core::parse_meter_profile(text.str(), path);
        std::size_t values = 0;
        std::size_t unconfirmed = 0;
        for (const auto& block : profile.blocks) {
            for (const auto& field : block.fields) {
                ++values;
                unconfirmed += field.confirmed ? 0U : 1U;
            }
        }
        std::cout << path << ": good: " << profile.vendor << ' ' << profile.model << ", "
                  << core::to_string(profile.protocol) << ", " << values << " values in "
                  << profile.blocks.size() << " blocks, " << unconfirmed << " unconfirmed\n";
        return true;
    } catch (const core::ProfileError& error) {
        for (const auto& fault : error.faults()) {
            std::cerr << fault << '\n';
        }
        return false;
    }
}

constexpr const char* kProbeHint =
    "Reads a meter once, and shows every value raw and scaled, and the frames. Changes nothing. It runs "
    "wutong-collector\n"
    "--probe, which has to be on this machine, as the line has; wutong-collector --help has the other "
    "options.\n\n"
    "    wutongctl probe PROFILE.toml --serial /dev/ttyS0 --baud 9600 --address 1\n"
    "    wutongctl probe PROFILE.toml --rtu-over-tcp HOST:PORT --station 201000000012\n"
    "    wutongctl probe PROFILE.toml --modbus-tcp HOST:PORT --address 1\n"
    "    wutongctl probe PROFILE.toml --mqtt mqtt://HOST:1883 --station NAME --listen-s 75\n";

void probe(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        std::cout << kProbeHint;
        return;
    }
    auto all = arguments;
    all.insert(all.begin(), "--probe");
    std::cout.flush();
    if (const int code = run_program("wutong-collector", all); code != 0) {
        throw Exit{code == 2 ? ExitCode::usage : ExitCode::refused};  // it has said why
    }
}

}  // namespace

void add_profile_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("profile", "Meter profiles")->require_subcommand(1);
    noun->add_subcommand("list", "Models that the server knows")->callback([&program] {
        list_profiles(program);
    });
    auto* check = noun->add_subcommand(
        "check", "Check profile files without a server: every fault with its file and line");
    const auto files = std::make_shared<std::vector<std::string>>();
    check->add_option("FILE", *files, "Meter profiles, *.toml")->required();
    check->callback([files] {
        bool good = true;
        for (const auto& file : *files) {
            good = check_profile_file(file) && good;
        }
        if (!good) {
            throw Exit{ExitCode::refused};
        }
    });
    auto* read_once =
        app.add_subcommand("probe", "Read a meter once with a profile, on the machine that has its line");
    read_once->footer(kProbeHint);
    read_once->fallthrough(false)->allow_extras()->prefix_command();
    read_once->callback([read_once] { probe(read_once->remaining()); });
}

}  // namespace wutong::ctl
