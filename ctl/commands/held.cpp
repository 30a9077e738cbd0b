// "held": meters whose credit the server keeps, and units that are never switched off without a person.
#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/held_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using Held = v1::HeldService::Stub;

template <class Meters>
void print_held_meters(const Meters& meters) {
    Table table;
    for (const char* title : {"meter", "unit", "account", "since", "by", "charged"}) {
        table.column(title);
    }
    table.column("register", Table::Align::right);
    table.column("state");
    for (const auto& one : meters) {
        table.row({one.meter_code(), one.unit_code(), one.account_number(),
                   time_text(one.has_since(), one.since()), one.decided_by(),
                   time_text(one.has_charged_at(), one.charged_at()),
                   one.has_energy_wh() ? energy_text(one.energy_wh(), one.commodity()) : "—",
                   !one.stopped().empty()  ? "STOPPED: " + one.stopped()
                   : one.account_id() == 0 ? "no account"
                                           : "charged"});
    }
    table.print(std::cout);
}

template <class Units>
void print_units(const Units& units) {
    Table table;
    for (const char* title : {"unit", "guard", "since", "by", "why"}) {
        table.column(title);
    }
    for (const auto& one : units) {
        table.row({one.unit_code(), one.kind(), time_text(one.has_since(), one.since()), one.decided_by(),
                   one.note()});
    }
    table.print(std::cout);
}

template <class Request>
Request request_of(Program& program) {
    Request request;
    request.set_request_id(program.client.request_id());
    request.set_property_id(program.client.property_id());
    return request;
}

void add_list(CLI::App& noun, Program& program) {
    auto* verb =
        noun.add_subcommand("list", "Meters whose credit the server keeps, and how far they are charged");
    auto page = std::make_shared<PageOptions>();
    page->add_to(*verb);
    verb->callback([&program, page] {
        v1::ListHeldMetersRequest request;
        request.set_property_id(program.client.property_id());
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &Held::ListHeldMeters, request);
        program.show(list, [&] {
            print_held_meters(list.meters());
            page->hint(list.next_page_token());
        });
    });
}

void add_run(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("run",
                                     "From the next account on the server keeps the meter's credit, charges "
                                     "its readings by the tariff and works its relay");
    auto meter = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    verb->add_option("meter", *meter, "Code, serial number or #ID")->required();
    verb->add_option("--reason", *reason, "Why; it is kept")->required();
    verb->callback([&program, meter, reason] {
        auto request = request_of<v1::RunServerHeldRequest>(program);
        request.set_meter_id(find_meter(program, *meter));
        request.set_reason(*reason);
        const auto held = call(program.client, &Held::RunServerHeld, request);
        program.show(held, [&] { print_held_meters(std::vector<v1::HeldMeter>{held}); });
    });
}

void add_back(CLI::App& noun, Program& program) {
    auto* verb =
        noun.add_subcommand("back", "From the next account on the meter keeps its credit itself again");
    auto meter = std::make_shared<std::string>();
    verb->add_option("meter", *meter, "Code, serial number or #ID")->required();
    verb->callback([&program, meter] {
        auto request = request_of<v1::RunMeterHeldRequest>(program);
        request.set_meter_id(find_meter(program, *meter));
        const auto answer = call(program.client, &Held::RunMeterHeld, request);
        program.show(answer, [&] { std::cout << "meter " << *meter << " keeps its credit itself\n"; });
    });
}

void add_go_on(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("go-on",
                                     "After the alarm not_charged: charge on from what the register shows "
                                     "now; what lies between costs nothing");
    auto meter = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    verb->add_option("meter", *meter, "Code, serial number or #ID")->required();
    verb->add_option("--reason", *reason, "What was found; it is kept")->required();
    verb->callback([&program, meter, reason] {
        auto request = request_of<v1::GoOnChargingRequest>(program);
        request.set_meter_id(find_meter(program, *meter));
        request.set_reason(*reason);
        const auto held = call(program.client, &Held::GoOnCharging, request);
        program.show(held, [&] { print_held_meters(std::vector<v1::HeldMeter>{held}); });
    });
}

void add_guard(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("guard", "A unit that is never switched off without a person");
    auto unit = std::make_shared<std::string>();
    auto kind = std::make_shared<std::string>("medical");
    auto note = std::make_shared<std::string>();
    verb->add_option("unit", *unit, "The unit's code")->required();
    verb->add_option("--kind", *kind, "medical, safety; none: guarded no more")
        ->check(CLI::IsMember({"medical", "safety", "none"}));
    verb->add_option("--note", *note, "Why, for whoever comes later");
    verb->callback([&program, unit, kind, note] {
        auto request = request_of<v1::SetUnitGuardRequest>(program);
        request.set_unit_code(*unit);
        request.set_kind(*kind);
        request.set_note(*note);
        const auto guarded = call(program.client, &Held::SetUnitGuard, request);
        program.show(guarded, [&] { print_units(std::vector<v1::GuardedUnit>{guarded}); });
    });
}

void add_guards(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("guards", "The units that are guarded");
    auto page = std::make_shared<PageOptions>();
    page->add_to(*verb);
    verb->callback([&program, page] {
        v1::ListGuardedUnitsRequest request;
        request.set_property_id(program.client.property_id());
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &Held::ListGuardedUnits, request);
        program.show(list, [&] {
            print_units(list.units());
            page->hint(list.next_page_token());
        });
    });
}

}  // namespace

void add_held_commands(CLI::App& app, Program& program) {
    auto* held = app.add_subcommand("held", "Meters whose credit the server keeps");
    held->require_subcommand(1);
    add_list(*held, program);
    add_run(*held, program);
    add_back(*held, program);
    add_go_on(*held, program);
    add_guard(*held, program);
    add_guards(*held, program);
}

}  // namespace wutong::ctl
