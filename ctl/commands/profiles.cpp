// Meter profiles: those that the server knows, and files that are being written.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "core/meter_profile.hpp"
#include "ctl/program.hpp"
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
    "A meter is read by the collector's program, on the machine that has the line:\n\n"
    "    wutong-collector --probe PROFILE.toml --serial /dev/ttyS0 --baud 9600 --address 1\n"
    "    wutong-collector --probe PROFILE.toml --rtu-over-tcp HOST:PORT --station 201000000012\n"
    "    wutong-collector --probe PROFILE.toml --modbus-tcp HOST:PORT --address 1\n"
    "    wutong-collector --probe PROFILE.toml --mqtt mqtt://HOST:1883 --station NAME --listen-s 75\n\n"
    "It shows every value raw and scaled, and the frames; it changes nothing. wutong-collector --help has "
    "the rest.\n";

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
    app.add_subcommand("probe", "How to read a meter once with a profile")->callback([] {
        std::cout << kProbeHint;
    });
}

}  // namespace wutong::ctl
