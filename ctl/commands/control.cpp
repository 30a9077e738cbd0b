#include <iostream>
#include <map>

#include "ctl/program.hpp"
#include "wutong/v1/control_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

bool finished(const v1::Command& command) {
    return command.state() != "queued" && command.state() != "running";
}

template <class List>
void print_commands(const List& commands) {
    Table table;
    table.column("id", Table::Align::right);
    for (const char* title : {"meter", "kind", "state", "created", "finished", "reason"}) {
        table.column(title);
    }
    for (const v1::Command& one : commands) {
        table.row({std::to_string(one.command_id()), one.meter_code(), one.kind(), one.state(),
                   time_text(one.has_created_at(), one.created_at()),
                   time_text(one.has_finished_at(), one.finished_at()), one.reason()});
    }
    table.print(std::cout);
}

void show_command(const Program& program, const v1::Command& command) {
    program.show(command, [&] { print_commands(std::vector<v1::Command>{command}); });
}

// Follows until all are finished. One that failed or expired makes the exit code 1, one still under way 6.
void follow(Program& program, v1::WatchCommandsRequest request, std::size_t count, int seconds) {
    request.set_property_id(program.client.property_id());
    std::map<std::int64_t, v1::Command> newest;
    try {
        stream<v1::ControlService::Stub, v1::WatchCommandsRequest, v1::Command>(
            program.client, &v1::ControlService::Stub::WatchCommands, request,
            [&](const v1::Command& now) {
                newest[now.command_id()] = now;
                program.show(now, [&] {
                    std::cout << "command #" << now.command_id() << " " << now.kind() << " "
                              << now.meter_code() << ": " << now.state()
                              << (now.reason().empty() ? "" : " (" + now.reason() + ")") << std::endl;
                });
                return newest.size() < count ||
                       !std::all_of(newest.begin(), newest.end(),
                                    [](const auto& one) { return finished(one.second); });
            },
            std::chrono::seconds{seconds});
    } catch (const Failure& failure) {
        if (failure.code() != ExitCode::outcome_unknown) {
            throw;
        }
        throw Failure(ExitCode::outcome_unknown,
                      "not finished yet; 'wutongctl command list --unfinished' shows what is",
                      "command_under_way");
    }
    for (const auto& [id, command] : newest) {
        if (command.state() != "done") {
            throw Failure(ExitCode::refused,
                          "command #" + std::to_string(id) + " for " + command.meter_code() + " " +
                              command.state() + ": " + command.reason(),
                          "command_" + command.state());
        }
    }
}

void add_send(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("send", "One command for one or more meters");
    struct Arguments {
        std::string kind, price, alarm_1, alarm_2, overdraft;
        std::vector<std::string> meters;
        std::int64_t overload_w = -1;
        int expires = 0, wait = 0;
        bool check_only = false;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("kind", a->kind)
        ->required()
        ->check(CLI::IsMember({"read_now", "set_price", "set_settings", "guarantee_power", "restore_prepaid",
                               "switch_off", "set_clock"}));
    verb->add_option("meters", a->meters, "Codes, serial numbers or #IDs")->required();
    verb->add_option("--price", a->price, "For set_price, per kWh");
    verb->add_option("--alarm-1", a->alarm_1, "For set_settings");
    verb->add_option("--alarm-2", a->alarm_2, "For set_settings");
    verb->add_option("--overdraft", a->overdraft, "For set_settings");
    verb->add_option("--overload-w", a->overload_w, "For set_settings");
    verb->add_option("--expires-after", a->expires, "Seconds; never sent later")
        ->check(CLI::Range(1, 604'800));
    verb->add_flag("--check", a->check_only, "Only say who would get it, and who would be skipped and why");
    verb->add_option("--wait", a->wait, "Follow for at most this many seconds")->check(CLI::Range(1, 86'400));
    verb->callback([&program, a] {
        v1::SendCommandRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_kind(a->kind);
        for (const auto& meter : a->meters) {
            request.add_meter_ids(find_meter(program, meter));
        }
        if (!a->price.empty()) {
            request.set_price_e4(parse_amount(a->price));
        }
        if (!a->alarm_1.empty()) {
            request.set_alarm_1_e4(parse_amount(a->alarm_1));
        }
        if (!a->alarm_2.empty()) {
            request.set_alarm_2_e4(parse_amount(a->alarm_2));
        }
        if (!a->overdraft.empty()) {
            request.set_overdraft_e4(parse_amount(a->overdraft));
        }
        if (a->overload_w >= 0) {
            request.set_overload_w(a->overload_w);
        }
        request.set_expires_after_s(a->expires);
        request.set_check_only(a->check_only);
        const auto response = call(program.client, &v1::ControlService::Stub::SendCommand, request);
        program.show(response, [&] {
            if (a->check_only) {
                std::cout << response.accepted_meter_ids_size() << " meters would get it, "
                          << response.unanswering() << " of them do not answer at present\n";
            } else {
                print_commands(response.commands());
            }
            for (const auto& skipped : response.skipped()) {
                std::cout << "skipped meter #" << skipped.meter_id() << ": " << skipped.text() << '\n';
            }
        });
        if (a->check_only) {
            return;
        }
        if (response.commands_size() == 0) {
            throw Failure(ExitCode::refused, "no meter can take this command",
                          response.skipped_size() > 0 ? response.skipped(0).reason() : "");
        }
        if (a->wait > 0) {
            v1::WatchCommandsRequest watch;
            watch.set_batch_id(response.batch_id());
            follow(program, watch, static_cast<std::size_t>(response.commands_size()), a->wait);
        }
    });
}

void add_command_list(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("list", "Newest first");
    auto page = std::make_shared<PageOptions>();
    auto meter = std::make_shared<std::string>();
    auto batch = std::make_shared<std::string>();
    auto unfinished = std::make_shared<bool>(false);
    page->add_to(*verb);
    verb->add_option("--meter", *meter);
    verb->add_option("--batch", *batch);
    verb->add_flag("--unfinished", *unfinished);
    verb->callback([&program, page, meter, batch, unfinished] {
        v1::ListCommandsRequest request;
        request.set_property_id(program.client.property_id());
        if (!meter->empty()) {
            request.set_meter_id(find_meter(program, *meter));
        }
        request.set_batch_id(*batch);
        request.set_unfinished_only(*unfinished);
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::ControlService::Stub::ListCommands, request);
        program.show(list, [&] {
            print_commands(list.commands());
            page->hint(list.next_page_token());
        });
    });
}

}  // namespace

void add_control_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("command", "What meters are asked to do")->require_subcommand(1);
    add_send(*noun, program);
    add_command_list(*noun, program);
    auto id = std::make_shared<std::int64_t>(0);
    auto* show = noun->add_subcommand("show", "One command with its result");
    show->add_option("id", *id)->required();
    show->callback([&program, id] {
        v1::GetCommandRequest request;
        request.set_property_id(program.client.property_id());
        request.set_command_id(*id);
        const auto command = call(program.client, &v1::ControlService::Stub::GetCommand, request);
        program.show(command, [&] {
            print_commands(std::vector<v1::Command>{command});
            std::cout << command.result_json() << '\n';
        });
    });
    auto* cancel = noun->add_subcommand("cancel", "Only what has not been sent yet");
    cancel->add_option("id", *id)->required();
    cancel->callback([&program, id] {
        v1::CancelCommandRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_command_id(*id);
        show_command(program, call(program.client, &v1::ControlService::Stub::CancelCommand, request));
    });
    auto* watch = noun->add_subcommand("watch", "Follow one command until it is finished");
    auto seconds = std::make_shared<int>(600);
    watch->add_option("id", *id)->required();
    watch->add_option("--wait", *seconds)->check(CLI::Range(1, 86'400))->capture_default_str();
    watch->callback([&program, id, seconds] {
        v1::WatchCommandsRequest request;
        request.set_command_id(*id);
        follow(program, request, 1, *seconds);
    });
}

}  // namespace wutong::ctl
