#include <google/protobuf/empty.pb.h>

#include <iostream>

#include "ctl/passwords.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/session_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

void print_who(const v1::WhoAmIResponse& who) {
    std::cout << who.operator_() << (who.full_name().empty() ? "" : " (" + who.full_name() + ")")
              << ", roles:";
    for (const auto& role : who.roles()) {
        std::cout << ' ' << role;
    }
    std::cout << ", properties: " << who.property_ids_size() << ", server " << who.server_version() << '\n';
}

void add_password_options(CLI::App& verb, PasswordSource& source) {
    verb.add_flag("--password-stdin", source.from_stdin,
                  "Read the password from the first line of standard input");
    verb.add_option("--password-file", source.file, "Read the password from the first line of a file");
}

}  // namespace

void add_session_commands(CLI::App& app, Program& program) {
    {
        auto* verb = app.add_subcommand("sign-in", "Start a session; later commands use it");
        auto name = std::make_shared<std::string>();
        auto source = std::make_shared<PasswordSource>();
        verb->add_option("operator", *name)->required();
        add_password_options(*verb, *source);
        verb->callback([&program, name, source] {
            (void)program.client.channel();  // an unknown server is a question that comes before the password
            v1::SignInRequest request;
            request.set_operator_(*name);
            request.set_password(read_password(*source, "Password of " + *name));
            const auto response = call(program.client, &v1::SessionService::Stub::SignIn, request);
            program.client.remember_session(response.token(), *name);
            program.show(response.who(), [&] { print_who(response.who()); });
        });
    }
    app.add_subcommand("sign-out", "End the session")->callback([&program] {
        const auto done = call(program.client, &v1::SessionService::Stub::SignOut, google::protobuf::Empty{});
        program.client.forget_session();
        program.show(done, [] { std::cout << "signed out\n"; });
    });
    app.add_subcommand("whoami", "The operator, the roles and the permissions of this session")
        ->callback([&program] {
            const auto who =
                call(program.client, &v1::SessionService::Stub::WhoAmI, google::protobuf::Empty{});
            program.show(who, [&] { print_who(who); });
        });
    {
        auto* verb = app.add_subcommand(
            "password", "Change your own password (first line: the old one, second: the new one)");
        auto source = std::make_shared<PasswordSource>();
        verb->add_flag("--password-stdin", source->from_stdin, "Read both from standard input, one per line");
        verb->callback([&program, source] {
            v1::ChangePasswordRequest request;
            request.set_old_password(read_password(*source, "Old password"));
            request.set_new_password(read_password(*source, "New password"));
            const auto done = call(program.client, &v1::SessionService::Stub::ChangePassword, request);
            program.show(done, [] { std::cout << "changed; every other session of yours is ended\n"; });
        });
    }
}

}  // namespace wutong::ctl
