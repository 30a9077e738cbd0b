// "meter-group": meters that are charged alike, wherever they hang.
#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/meter_group_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using Groups = v1::MeterGroupService::Stub;

void add_group_list(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("list", "All groups");
    verb->callback([&program] {
        v1::ListMeterGroupsRequest request;
        request.set_property_id(program.client.property_id());
        const auto list = call(program.client, &Groups::ListMeterGroups, request);
        program.show(list, [&] {
            Table table;
            table.column("id", Table::Align::right);
            table.column("code");
            table.column("name");
            table.column("meters", Table::Align::right);
            for (const auto& one : list.groups()) {
                table.row(
                    {std::to_string(one.group_id()), one.code(), one.name(), std::to_string(one.meters())});
            }
            table.print(std::cout);
        });
    });
}

void add_group_create(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("create", "A new group");
    auto code = std::make_shared<std::string>();
    auto name = std::make_shared<std::string>();
    verb->add_option("code", *code)->required();
    verb->add_option("--name", *name);
    verb->callback([&program, code, name] {
        v1::CreateMeterGroupRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_code(*code);
        request.set_name(*name);
        const auto group = call(program.client, &Groups::CreateMeterGroup, request);
        program.show(group,
                     [&] { std::cout << "group " << group.code() << " #" << group.group_id() << '\n'; });
    });
}

void add_group_meters(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("meters", "Who is in a group, and who will be");
    auto group = std::make_shared<std::string>();
    auto page = std::make_shared<PageOptions>();
    verb->add_option("group", *group, "Code or #ID")->required();
    page->add_to(*verb);
    verb->callback([&program, group, page] {
        v1::ListGroupMetersRequest request;
        request.set_property_id(program.client.property_id());
        request.set_group_id(find_meter_group(program, *group));
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &Groups::ListGroupMeters, request);
        program.show(list, [&] {
            Table table;
            for (const char* title : {"meter", "unit", "from", "state"}) {
                table.column(title);
            }
            for (const auto& one : list.meters()) {
                table.row({one.meter_code(), one.unit_code(), one.effective_from(), one.state()});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
}

void add_group_put(CLI::App& noun, Program& program, bool out) {
    auto* verb = out ? noun.add_subcommand("remove", "Meters into no group")
                     : noun.add_subcommand("add", "Meters into a group; each is in one alone");
    struct Arguments {
        std::string group, from;
        std::vector<std::string> meters;
    };
    auto a = std::make_shared<Arguments>();
    if (!out) {
        verb->add_option("group", a->group, "Code or #ID")->required();
    }
    verb->add_option("meters", a->meters, "Codes, serial numbers or #IDs")->required();
    verb->add_option("--from", a->from, "YYYY-MM-DD; else today");
    verb->callback([&program, a, out] {
        v1::PutMetersInGroupRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_group_id(out ? 0 : find_meter_group(program, a->group));
        for (const auto& meter : a->meters) {
            request.add_meter_ids(find_meter(program, meter));
        }
        request.set_effective_from(a->from);
        const auto done = call(program.client, &Groups::PutMetersInGroup, request);
        program.show(done, [&] {
            std::cout << done.meters() << " meters, from " << done.effective_from() << " on\n";
        });
    });
}

}  // namespace

std::int64_t find_meter_group(Program& program, const std::string& reference) {
    v1::ListMeterGroupsRequest request;
    request.set_property_id(program.client.property_id());
    const auto list = call(program.client, &Groups::ListMeterGroups, request);
    for (const auto& one : list.groups()) {
        if (one.code() == reference || "#" + std::to_string(one.group_id()) == reference) {
            return one.group_id();
        }
    }
    throw Failure(ExitCode::refused, "there is no group of meters " + reference, "meter_group_not_found");
}

void add_meter_group_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("meter-group", "Meters that are charged alike")->require_subcommand(1);
    add_group_list(*noun, program);
    add_group_create(*noun, program);
    add_group_meters(*noun, program);
    add_group_put(*noun, program, false);
    add_group_put(*noun, program, true);
}

}  // namespace wutong::ctl
