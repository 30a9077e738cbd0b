#include <google/protobuf/empty.pb.h>

#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/site_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

struct Names {
    std::string code, name, time_zone = "Asia/Shanghai", currency = "CNY";
    std::int64_t parent = 0;
    int number = 0;
};

void add_property(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("property", "Properties")->require_subcommand(1);
    noun->add_subcommand("list", "Those that you may see")->callback([&program] {
        const auto list =
            call(program.client, &v1::SiteService::Stub::ListProperties, google::protobuf::Empty{});
        program.show(list, [&] {
            Table table;
            table.column("id", Table::Align::right);
            for (const char* title : {"code", "name", "time zone", "currency"}) {
                table.column(title);
            }
            for (const auto& one : list.properties()) {
                table.row({std::to_string(one.property_id()), one.code(), one.name(), one.time_zone(),
                           one.currency()});
            }
            table.print(std::cout);
        });
    });
    auto* create = noun->add_subcommand("create", "A new property");
    auto names = std::make_shared<Names>();
    create->add_option("code", names->code)->required();
    create->add_option("name", names->name)->required();
    create->add_option("--time-zone", names->time_zone, "IANA name")->capture_default_str();
    create->add_option("--currency", names->currency, "ISO 4217")->capture_default_str();
    create->callback([&program, names] {
        v1::CreatePropertyRequest request;
        request.set_request_id(program.client.request_id());
        request.set_code(names->code);
        request.set_name(names->name);
        request.set_time_zone(names->time_zone);
        request.set_currency(names->currency);
        const auto made = call(program.client, &v1::SiteService::Stub::CreateProperty, request);
        program.show(
            made, [&] { std::cout << "property " << made.code() << " (#" << made.property_id() << ")\n"; });
    });
}

void add_building(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("building", "Buildings and floors")->require_subcommand(1);
    noun->add_subcommand("list", "Buildings with their floors")->callback([&program] {
        v1::GetSiteRequest request;
        request.set_property_id(program.client.property_id());
        const auto site = call(program.client, &v1::SiteService::Stub::GetSite, request);
        program.show(site, [&] {
            std::cout << site.property().code() << "  " << site.property().name() << '\n';
            for (const auto& building : site.buildings()) {
                std::cout << "  " << building.code() << "  " << building.name() << "  (#"
                          << building.building_id() << ", " << building.floors_size() << " floors)\n";
            }
        });
    });
    auto* create = noun->add_subcommand("create", "A new building");
    auto names = std::make_shared<Names>();
    create->add_option("code", names->code)->required();
    create->add_option("name", names->name)->required();
    create->add_option("--floors", names->number, "Make floors 1 to N")->check(CLI::Range(0, 300));
    create->callback([&program, names] {
        v1::CreateBuildingRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_code(names->code);
        request.set_name(names->name);
        request.set_floors(names->number);
        const auto made = call(program.client, &v1::SiteService::Stub::CreateBuilding, request);
        program.show(
            made, [&] { std::cout << "building " << made.code() << " (#" << made.building_id() << ")\n"; });
    });
    auto* floor = noun->add_subcommand("add-floor", "One more floor");
    auto f = std::make_shared<Names>();
    floor->add_option("building-id", f->parent)->required();
    floor->add_option("number", f->number)->required();
    floor->add_option("--name", f->name);
    floor->callback([&program, f] {
        v1::CreateFloorRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_building_id(f->parent);
        request.set_number(f->number);
        request.set_name(f->name);
        const auto made = call(program.client, &v1::SiteService::Stub::CreateFloor, request);
        program.show(made,
                     [&] { std::cout << "floor " << made.number() << " (#" << made.floor_id() << ")\n"; });
    });
}

void add_unit(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("unit", "Shops and rooms")->require_subcommand(1);
    auto* list_verb = noun->add_subcommand("list", "Units by code");
    auto page = std::make_shared<PageOptions>();
    auto floor = std::make_shared<std::int64_t>(0);
    page->add_to(*list_verb);
    list_verb->add_option("--floor-id", *floor);
    list_verb->callback([&program, page, floor] {
        v1::ListUnitsRequest request;
        request.set_property_id(program.client.property_id());
        request.set_floor_id(*floor);
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::SiteService::Stub::ListUnits, request);
        program.show(list, [&] {
            Table table;
            table.column("id", Table::Align::right);
            table.column("code");
            table.column("name");
            for (const auto& unit : list.units()) {
                table.row({std::to_string(unit.unit_id()), unit.code(), unit.name()});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
    auto* create = noun->add_subcommand("create", "A new unit");
    auto names = std::make_shared<Names>();
    create->add_option("floor-id", names->parent)->required();
    create->add_option("code", names->code)->required();
    create->add_option("--name", names->name);
    create->callback([&program, names] {
        v1::CreateUnitRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_floor_id(names->parent);
        request.set_code(names->code);
        request.set_name(names->name);
        const auto made = call(program.client, &v1::SiteService::Stub::CreateUnit, request);
        program.show(made, [&] { std::cout << "unit " << made.code() << " (#" << made.unit_id() << ")\n"; });
    });
}

void print_parameters(const v1::Parameters& parameters) {
    Table table;
    table.column("key");
    table.column("value", Table::Align::right);
    table.column("unit");
    table.column("meaning");
    for (const auto& one : parameters.parameters()) {
        table.row(
            {one.key(), one.value() + (one.is_default() ? " (default)" : ""), one.unit(), one.meaning()});
    }
    table.print(std::cout);
}

void add_parameter(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("parameter", "Defaults of a property")->require_subcommand(1);
    noun->add_subcommand("list", "All parameters with their meaning")->callback([&program] {
        v1::GetParametersRequest request;
        request.set_property_id(program.client.property_id());
        const auto parameters = call(program.client, &v1::SiteService::Stub::GetParameters, request);
        program.show(parameters, [&] { print_parameters(parameters); });
    });
    auto* set = noun->add_subcommand("set", "KEY=VALUE …");
    auto pairs = std::make_shared<std::vector<std::string>>();
    set->add_option("pairs", *pairs)->required();
    set->callback([&program, pairs] {
        v1::SetParametersRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        for (const auto& pair : *pairs) {
            const auto equals = pair.find('=');
            if (equals == std::string::npos || equals == 0) {
                throw Failure(ExitCode::usage, "'" + pair + "': KEY=VALUE expected");
            }
            (*request.mutable_values())[pair.substr(0, equals)] = pair.substr(equals + 1);
        }
        const auto parameters = call(program.client, &v1::SiteService::Stub::SetParameters, request);
        program.show(parameters, [&] { print_parameters(parameters); });
    });
}

}  // namespace

void add_site_commands(CLI::App& app, Program& program) {
    add_property(app, program);
    add_building(app, program);
    add_unit(app, program);
    add_parameter(app, program);
}

}  // namespace wutong::ctl
