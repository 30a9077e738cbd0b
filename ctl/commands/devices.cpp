#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "ctl/commands/meter_view.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/device_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

constexpr std::uintmax_t kImportBytesMax = 4 * 1024 * 1024;
constexpr const char* kTransports =
    "serial, modbus_tcp, rtu_over_tcp, dial_in, gateway_tls, gateway_3des, gateway_plain or mqtt";
constexpr const char* kEndpoints =
    "Device path; host:port; for dial_in plain:REGISTRATION, acrel-4g:SERIAL or acrel-gateway:ID/PORT; for "
    "gateway_* host:port/serial-port; for mqtt mqtts://broker:8883";

/// What a neighbour on the same network could read and change.
void warn_of_plain_link(const std::string& transport) {
    if (transport == "gateway_plain") {
        std::cerr
            << "WARNING: the link to this gateway is not encrypted; whoever is on the network can read and "
               "switch its meters. Use gateway_tls.\n";
    }
}

void add_gateway(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("gateway", "Serial servers and communication management machines")
                     ->require_subcommand(1);
    auto* list_verb = noun->add_subcommand("list", "With the time of their last answer");
    auto page = std::make_shared<PageOptions>();
    page->add_to(*list_verb);
    list_verb->callback([&program, page] {
        v1::ListGatewaysRequest request;
        request.set_property_id(program.client.property_id());
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::DeviceService::Stub::ListGateways, request);
        program.show(list, [&] {
            Table table;
            table.column("id", Table::Align::right);
            for (const char* title : {"code", "name", "kind", "endpoint", "answered", "lost since"}) {
                table.column(title);
            }
            for (const auto& one : list.gateways()) {
                warn_of_plain_link(one.kind());
                table.row({std::to_string(one.gateway_id()), one.code(), one.name(), one.kind(),
                           one.endpoint(), time_text(one.has_answered_at(), one.answered_at()),
                           one.has_lost_since() ? time_text(true, one.lost_since()) : ""});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
    auto* create = noun->add_subcommand("create", "A new gateway");
    auto request = std::make_shared<v1::CreateGatewayRequest>();
    create
        ->add_option_function<std::string>("code", [request](const std::string& v) { request->set_code(v); })
        ->required();
    create
        ->add_option_function<std::string>(
            "kind", [request](const std::string& v) { request->set_kind(v); }, kTransports)
        ->required();
    create->add_option_function<std::string>(
        "--endpoint", [request](const std::string& v) { request->set_endpoint(v); }, "host:port");
    create->add_option_function<std::string>("--name",
                                             [request](const std::string& v) { request->set_name(v); });
    create->callback([&program, request] {
        request->set_request_id(program.client.request_id());
        request->set_property_id(program.client.property_id());
        const auto made = call(program.client, &v1::DeviceService::Stub::CreateGateway, *request);
        program.show(made,
                     [&] { std::cout << "gateway " << made.code() << " (#" << made.gateway_id() << ")\n"; });
    });
}

// Channels are changed as a whole by the API; only what was given on the command line differs from what is
// there.
void add_channel_options(CLI::App& verb, v1::Channel& channel) {
    verb.add_option_function<std::string>("--name",
                                          [&channel](const std::string& v) { channel.set_name(v); });
    verb.add_option_function<std::string>(
        "--standby", [&channel](const std::string& v) { channel.set_standby_endpoint(v); },
        "A second path of the same kind, taken while the first can't be used; none removes it");
    verb.add_option_function<std::int64_t>("--gateway-id",
                                           [&channel](const std::int64_t& v) { channel.set_gateway_id(v); });
    verb.add_option_function<int>("--baud", [&channel](const int& v) { channel.set_baud(v); });
    verb.add_option_function<std::string>(
        "--parity", [&channel](const std::string& v) { channel.set_parity(v); }, "N, E or O");
    verb.add_option_function<int>("--stop-bits", [&channel](const int& v) { channel.set_stop_bits(v); });
    verb.add_option_function<int>("--answer-timeout-ms",
                                  [&channel](const int& v) { channel.set_answer_timeout_ms(v); });
    verb.add_option_function<int>("--retries", [&channel](const int& v) { channel.set_retries(v); });
    verb.add_option_function<int>("--reading-interval-s",
                                  [&channel](const int& v) { channel.set_reading_interval_s(v); });
    verb.add_option_function<int>("--state-interval-s",
                                  [&channel](const int& v) { channel.set_state_interval_s(v); });
    verb.add_option_function<bool>(
        "--enabled", [&channel](const bool& v) { channel.set_enabled(v); }, "true or false");
}

void without_none(v1::Channel& channel) {
    if (channel.standby_endpoint() == "none") {
        channel.clear_standby_endpoint();
    }
}

void print_channels(const std::vector<v1::Channel>& channels) {
    Table table;
    table.column("id", Table::Align::right);
    for (const char* title : {"code", "transport", "endpoint", "line", "collector", "answered", "state"}) {
        table.column(title);
    }
    table.column("meters", Table::Align::right);
    table.column("round ms", Table::Align::right);
    for (const auto& one : channels) {
        warn_of_plain_link(one.transport());
        table.row({std::to_string(one.channel_id()), one.code(), one.transport(),
                   one.standby_endpoint().empty() ? one.endpoint()
                                                  : one.endpoint() + " | " + one.standby_endpoint(),
                   std::to_string(one.baud()) + " 8" + one.parity() + std::to_string(one.stop_bits()),
                   one.collector().empty() ? "—" : one.collector(),
                   time_text(one.has_answered_at(), one.answered_at()),
                   !one.enabled()            ? "disabled"
                   : one.has_lost_since()    ? "lost since " + time_text(true, one.lost_since())
                   : one.has_standby_since() ? "on standby path since " + time_text(true, one.standby_since())
                                             : "up",
                   std::to_string(one.meter_count()),
                   one.round_ms() > 0 ? std::to_string(one.round_ms()) : "—"});
    }
    table.print(std::cout);
}

v1::ListChannelsResponse list_channels(Program& program, const PageOptions& page) {
    v1::ListChannelsRequest request;
    request.set_property_id(program.client.property_id());
    page.fill(*request.mutable_page());
    return call(program.client, &v1::DeviceService::Stub::ListChannels, request);
}

void add_channel(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("channel", "Buses and links")->require_subcommand(1);
    auto* list_verb = noun->add_subcommand("list", "With who reads them and how long a round takes");
    auto page = std::make_shared<PageOptions>();
    page->add_to(*list_verb);
    list_verb->callback([&program, page] {
        const auto list = list_channels(program, *page);
        program.show(list, [&] {
            print_channels({list.channels().begin(), list.channels().end()});
            page->hint(list.next_page_token());
        });
    });

    auto* create = noun->add_subcommand("create", "A new channel");
    auto request = std::make_shared<v1::CreateChannelRequest>();
    request->mutable_channel()->set_enabled(true);
    create
        ->add_option_function<std::string>(
            "code", [request](const std::string& v) { request->mutable_channel()->set_code(v); })
        ->required();
    create
        ->add_option_function<std::string>(
            "transport", [request](const std::string& v) { request->mutable_channel()->set_transport(v); },
            kTransports)
        ->required();
    create
        ->add_option_function<std::string>(
            "endpoint", [request](const std::string& v) { request->mutable_channel()->set_endpoint(v); },
            kEndpoints)
        ->required();
    add_channel_options(*create, *request->mutable_channel());
    create->callback([&program, request] {
        request->set_request_id(program.client.request_id());
        without_none(*request->mutable_channel());
        request->mutable_channel()->set_property_id(program.client.property_id());
        const auto made = call(program.client, &v1::DeviceService::Stub::CreateChannel, *request);
        program.show(made, [&] { print_channels({made}); });
    });

    auto* update = noun->add_subcommand("update", "Change a channel; only what is given changes");
    auto code = std::make_shared<std::string>();
    auto changes = std::make_shared<v1::Channel>();
    update->add_option("code", *code)->required();
    update->add_option_function<std::string>("--endpoint",
                                             [changes](const std::string& v) { changes->set_endpoint(v); });
    add_channel_options(*update, *changes);
    auto* enabled = update->get_option("--enabled");
    update->callback([&program, code, changes, enabled] {
        PageOptions all;
        all.size = 1000;
        const auto list = list_channels(program, all);
        for (const auto& one : list.channels()) {
            if (one.code() == *code) {
                v1::UpdateChannelRequest change;
                change.set_request_id(program.client.request_id());
                *change.mutable_channel() = one;
                change.mutable_channel()->MergeFrom(*changes);
                without_none(*change.mutable_channel());
                if (enabled->count() > 0) {
                    change.mutable_channel()->set_enabled(changes->enabled());
                }
                const auto updated = call(program.client, &v1::DeviceService::Stub::UpdateChannel, change);
                program.show(updated, [&] { print_channels({updated}); });
                return;
            }
        }
        throw Failure(ExitCode::refused, "no channel '" + *code + "'", "channel_not_found");
    });
}

void add_import(CLI::App& app, Program& program) {
    auto* verb = app.add_subcommand(
        "import", "Gateways and meters from files: everything, or nothing and every fault by line");
    auto paths = std::make_shared<std::vector<std::string>>();
    auto check = std::make_shared<bool>(false);
    verb->add_option("files", *paths, "*.toml (site, gateways, channels) and *.csv (meters)")
        ->required()
        ->check(CLI::ExistingFile);
    verb->add_flag("--check", *check, "Only check");
    verb->callback([&program, paths, check] {
        v1::ImportRequest request;
        request.set_request_id(program.client.request_id());
        request.set_check_only(*check);
        for (const auto& path : *paths) {
            if (std::filesystem::file_size(path) > kImportBytesMax) {
                throw Failure(ExitCode::usage, path + " is larger than 4 MB; split it");
            }
            std::ifstream in{path, std::ios::binary};
            std::ostringstream content;
            content << in.rdbuf();
            auto* file = request.add_files();
            file->set_name(std::filesystem::path{path}.filename().string());
            file->set_content(content.str());
        }
        const auto result = call(program.client, &v1::DeviceService::Stub::Import, request);
        program.show(result, [&] {
            for (const auto& fault : result.faults()) {
                std::cout << fault.file() << ':' << fault.line()
                          << (fault.column().empty() ? "" : ": " + fault.column()) << ": " << fault.text()
                          << '\n';
            }
            if (result.faults_size() > 0) {
                std::cout << result.faults_size() << " faults, nothing was imported\n";
                return;
            }
            std::cout << (*check ? "would be new: " : "new: ") << result.buildings() << " buildings, "
                      << result.floors() << " floors, " << result.units() << " units, " << result.gateways()
                      << " gateways, " << result.channels() << " channels, " << result.meters() << " meters; "
                      << result.unchanged() << " rows were there already\n";
        });
        if (result.faults_size() > 0) {
            throw Exit{ExitCode::refused};
        }
    });
}

}  // namespace

void add_device_commands(CLI::App& app, Program& program) {
    add_gateway(app, program);
    add_channel(app, program);
    add_meter_commands(app, program);
    add_profile_commands(app, program);
    add_import(app, program);
}

}  // namespace wutong::ctl
