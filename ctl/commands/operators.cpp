#include <google/protobuf/empty.pb.h>

#include <iostream>

#include "ctl/passwords.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/operator_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        text += (text.empty() ? "" : ",") + word;
    }
    return text;
}

template <class List>
void print_operators(const List& operators) {
    Table table;
    table.column("id", Table::Align::right);
    for (const char* title : {"name", "full name", "roles", "properties", "state"}) {
        table.column(title);
    }
    for (const v1::Operator& one : operators) {
        std::string properties = one.all_properties() ? "all" : "";
        for (const auto id : one.property_ids()) {
            properties += one.all_properties() ? "" : (properties.empty() ? "" : ",") + std::to_string(id);
        }
        table.row({std::to_string(one.operator_id()), one.name(), one.full_name(), joined(one.roles()),
                   properties,
                   !one.enabled()           ? "disabled"
                   : one.has_locked_until() ? "locked until " + time_text(true, one.locked_until())
                                            : "enabled"});
    }
    table.print(std::cout);
}

void show_operator(const Program& program, const v1::Operator& one) {
    program.show(one, [&] { print_operators(std::vector<v1::Operator>{one}); });
}

struct Changes {
    std::string name, full_name;
    std::vector<std::string> roles;
    std::vector<std::int64_t> properties;
    bool all_properties = false, enable = false, disable = false, unlock = false;
    std::int64_t id = 0;
    PasswordSource password;
};

void add_operator_create(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("create", "A new operator");
    auto c = std::make_shared<Changes>();
    verb->add_option("name", c->name)->required();
    verb->add_option("--full-name", c->full_name);
    verb->add_option("--role", c->roles, "May be given several times")->required();
    verb->add_option("--property-id", c->properties, "Properties that the operator may see");
    verb->add_flag("--all-properties", c->all_properties);
    verb->add_flag("--password-stdin", c->password.from_stdin);
    verb->add_option("--password-file", c->password.file);
    verb->callback([&program, c] {
        v1::CreateOperatorRequest request;
        request.set_request_id(program.client.request_id());
        request.set_name(c->name);
        request.set_full_name(c->full_name);
        request.set_password(read_password(c->password, "Password for " + c->name));
        request.mutable_roles()->Assign(c->roles.begin(), c->roles.end());
        request.set_all_properties(c->all_properties);
        request.mutable_property_ids()->Assign(c->properties.begin(), c->properties.end());
        show_operator(program, call(program.client, &v1::OperatorService::Stub::CreateOperator, request));
    });
}

void add_operator_update(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("update", "Change an operator; only what is given changes");
    auto c = std::make_shared<Changes>();
    verb->add_option("id", c->id)->required();
    auto* full_name = verb->add_option("--full-name", c->full_name);
    verb->add_option("--role", c->roles, "All roles that the operator shall have");
    verb->add_option("--property-id", c->properties, "All properties that the operator may see");
    verb->add_flag("--all-properties", c->all_properties);
    verb->add_flag("--enable", c->enable)
        ->excludes(verb->add_flag("--disable", c->disable, "Ends the sessions too"));
    verb->add_flag("--unlock", c->unlock, "After too many wrong passwords");
    verb->add_flag("--password-stdin", c->password.from_stdin, "Set a new password");
    verb->add_option("--password-file", c->password.file, "Set a new password");
    verb->callback([&program, c, full_name] {
        v1::UpdateOperatorRequest request;
        request.set_request_id(program.client.request_id());
        request.set_operator_id(c->id);
        if (full_name->count() > 0) {
            request.set_full_name(c->full_name);
        }
        if (c->enable || c->disable) {
            request.set_enabled(c->enable);
        }
        if (c->unlock) {
            request.set_unlock(true);
        }
        if (c->password.from_stdin || !c->password.file.empty()) {
            request.set_new_password(read_password(c->password, "New password"));
        }
        if (!c->roles.empty()) {
            request.mutable_roles()->mutable_roles()->Assign(c->roles.begin(), c->roles.end());
        }
        if (c->all_properties || !c->properties.empty()) {
            request.mutable_properties()->set_all(c->all_properties);
            request.mutable_properties()->mutable_property_ids()->Assign(c->properties.begin(),
                                                                         c->properties.end());
        }
        show_operator(program, call(program.client, &v1::OperatorService::Stub::UpdateOperator, request));
    });
}

void add_log(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("log", "Who did what")->require_subcommand(1);
    auto* verb = noun->add_subcommand("list", "Newest first");
    auto page = std::make_shared<PageOptions>();
    auto action = std::make_shared<std::string>();
    auto from = std::make_shared<std::string>();
    auto to = std::make_shared<std::string>();
    auto installation = std::make_shared<bool>(false);
    page->add_to(*verb);
    verb->add_option("--action", *action, "Only this action, e.g. sale.sell");
    verb->add_option("--from", *from);
    verb->add_option("--to", *to);
    verb->add_flag("--installation", *installation, "What belongs to no property: sign-ins, operators");
    verb->callback([&program, page, action, from, to, installation] {
        v1::ListOperationLogRequest request;
        request.set_property_id(*installation ? 0 : program.client.property_id());
        request.set_action(*action);
        if (!from->empty()) {
            *request.mutable_from() = parse_time(*from);
        }
        if (!to->empty()) {
            *request.mutable_to() = parse_time(*to);
        }
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::OperatorService::Stub::ListOperationLog, request);
        program.show(list, [&] {
            Table table;
            for (const char* title : {"at", "operator", "action", "target", "details"}) {
                table.column(title);
            }
            for (const auto& entry : list.entries()) {
                table.row({time_text(true, entry.at()), entry.operator_(), entry.action(), entry.target(),
                           entry.details_json()});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
}

}  // namespace

void add_operator_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("operator", "Who may work with the system")->require_subcommand(1);
    auto page = std::make_shared<PageOptions>();
    auto* list_verb = noun->add_subcommand("list", "All operators");
    page->add_to(*list_verb);
    list_verb->callback([&program, page] {
        v1::ListOperatorsRequest request;
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::OperatorService::Stub::ListOperators, request);
        program.show(list, [&] {
            print_operators(list.operators());
            page->hint(list.next_page_token());
        });
    });
    noun->add_subcommand("roles", "Roles and what they may do")->callback([&program] {
        const auto list =
            call(program.client, &v1::OperatorService::Stub::ListRoles, google::protobuf::Empty{});
        program.show(list, [&] {
            for (const auto& role : list.roles()) {
                std::cout << role.code() << ": " << joined(role.permissions()) << '\n';
            }
        });
    });
    add_operator_create(*noun, program);
    add_operator_update(*noun, program);
    add_log(app, program);
}

}  // namespace wutong::ctl
