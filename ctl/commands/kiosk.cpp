#include <iostream>

#include "ctl/passwords.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/kiosk_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

/// "1234 5678 9012": how people read twelve digits to each other.
std::string grouped(const std::string& digits) {
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        text += (i > 0 && i % 4 == 0 ? " " : "") + digits.substr(i, 1);
    }
    return text;
}

template <class List>
void print_kiosks(const List& kiosks) {
    Table table;
    table.column("id", Table::Align::right);
    for (const char* title : {"name", "state", "registered", "seen", "revoked"}) {
        table.column(title);
    }
    for (const v1::KioskDevice& one : kiosks) {
        table.row({std::to_string(one.device_id()), one.name(), one.state(),
                   time_text(one.has_registered_at(), one.registered_at()),
                   time_text(one.has_seen_at(), one.seen_at()),
                   time_text(one.has_revoked_at(), one.revoked_at())});
    }
    table.print(std::cout);
}

void add_register(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("register", "A code for a new kiosk; it is shown once");
    auto name = std::make_shared<std::string>();
    verb->add_option("name", *name, "What the kiosk is called, e.g. \"Lobby east\"")->required();
    verb->callback([&program, name] {
        v1::RegisterDeviceRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_name(*name);
        const auto made = call(program.client, &v1::KioskService::Stub::RegisterDevice, request);
        program.show(made, [&] {
            if (made.registration_code().empty()) {
                std::cout << "kiosk " << made.device().name() << " is registered already\n";
                return;
            }
            std::cout << "registration code of " << made.device().name() << ": "
                      << grouped(made.registration_code()) << "\nGood once, until "
                      << time_text(true, made.device().code_expires_at())
                      << ". Start wutong-client --kiosk there and type it in.\n";
        });
    });
}

void add_revoke(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("revoke", "A kiosk is out of use from now on");
    auto reference = std::make_shared<std::string>();
    verb->add_option("kiosk", *reference, "Name or #ID")->required();
    verb->callback([&program, reference] {
        v1::ListDevicesRequest list;
        list.set_property_id(program.client.property_id());
        const auto kiosks = call(program.client, &v1::KioskService::Stub::ListDevices, list);
        v1::RevokeDeviceRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        for (const auto& one : kiosks.devices()) {
            const bool named = one.name() == *reference && one.state() != "revoked";
            if (named || "#" + std::to_string(one.device_id()) == *reference) {
                request.set_device_id(one.device_id());
            }
        }
        if (request.device_id() == 0) {
            throw Failure(ExitCode::refused, "there is no kiosk " + *reference + " in use",
                          "kiosk_not_found");
        }
        const auto revoked = call(program.client, &v1::KioskService::Stub::RevokeDevice, request);
        program.show(revoked, [&] { print_kiosks(std::vector<v1::KioskDevice>{revoked}); });
    });
}

void add_set_pin(CLI::App& account, Program& program) {
    auto* verb = account.add_subcommand("set-pin", "A tenant's PIN for the kiosk: six digits");
    struct Arguments {
        std::string account;
        PasswordSource source;
        bool remove = false;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("account", a->account, "Number or #ID")->required();
    verb->add_flag("--pin-stdin", a->source.from_stdin, "Read it from standard input");
    verb->add_option("--pin-file", a->source.file, "Read it from a file");
    verb->add_flag("--remove", a->remove, "No PIN any more: nobody can look at the account at a kiosk");
    verb->callback([&program, a] {
        v1::SetTenantPinRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, a->account));
        request.set_remove(a->remove);
        if (!a->remove) {
            // Never on the command line, where other users could read it.
            request.set_pin(read_password(a->source, "PIN for account " + a->account));
        }
        const auto answer = call(program.client, &v1::KioskService::Stub::SetTenantPin, request);
        program.show(answer, [&] {
            std::cout << "account " << a->account
                      << (answer.has_pin() ? " has a new PIN\n" : " has no PIN any more\n");
        });
    });
}

}  // namespace

void add_kiosk_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("kiosk", "Kiosks where tenants look at their account");
    noun->require_subcommand(1);
    add_register(*noun, program);
    noun->add_subcommand("list", "All kiosks of the property")->callback([&program] {
        v1::ListDevicesRequest request;
        request.set_property_id(program.client.property_id());
        const auto list = call(program.client, &v1::KioskService::Stub::ListDevices, request);
        program.show(list, [&] { print_kiosks(list.devices()); });
    });
    add_revoke(*noun, program);
    add_set_pin(*app.get_subcommand("account"), program);
}

}  // namespace wutong::ctl
