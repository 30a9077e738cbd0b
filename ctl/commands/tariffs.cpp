// Tariff plans, their versions, and who is charged by them.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "ctl/commands/tariff_view.hpp"
#include "ctl/program.hpp"
#include "ctl/tariff_file.hpp"
#include "wutong/v1/site_service.grpc.pb.h"
#include "wutong/v1/tariff_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using Tariffs = v1::TariffService::Stub;

constexpr std::uintmax_t kFileBytesMax = 4'000'000;

v1::TariffVersion version_from(const std::string& path, const std::string& from) {
    if (std::filesystem::file_size(path) > kFileBytesMax) {
        throw Failure(ExitCode::usage, path + " is larger than 4 MB");
    }
    std::ifstream in{path, std::ios::binary};
    std::ostringstream content;
    content << in.rdbuf();
    return read_tariff_file(path, content.str(), from);
}

/// A plan by its name, or "#ID".
v1::TariffPlan find_plan(Program& program, const std::string& reference) {
    v1::GetTariffPlanRequest request;
    request.set_property_id(program.client.property_id());
    if (reference.size() > 1 && reference[0] == '#') {
        try {
            request.set_plan_id(std::stoll(reference.substr(1)));
        } catch (const std::exception&) {
            throw Failure(ExitCode::usage, "'" + reference + "' is not an id: '#' and a number expected");
        }
    } else {
        request.set_name(reference);
    }
    return call(program.client, &Tariffs::GetPlan, request);
}

std::int64_t find_building(Program& program, const std::string& code) {
    v1::GetSiteRequest request;
    request.set_property_id(program.client.property_id());
    const auto site = call(program.client, &v1::SiteService::Stub::GetSite, request);
    for (const auto& building : site.buildings()) {
        if (building.code() == code || "#" + std::to_string(building.building_id()) == code) {
            return building.building_id();
        }
    }
    throw Failure(ExitCode::refused, "there is no building " + code, "building_not_found");
}

/// A plan, one of its versions, or a file that is not kept.
struct Source {
    std::string plan, version, file;
    void add_to(CLI::App& verb) {
        auto* by_plan = verb.add_option("--plan", plan, "Name or #ID");
        verb.add_option("--version", version, "The version in force on this day, 2026-01-31")->needs(by_plan);
        verb.add_option("--file", file, "A version as TOML or JSON, not kept")
            ->check(CLI::ExistingFile)
            ->excludes(by_plan);
    }
    void fill(Program& program, v1::TariffSource& out) const {
        if (plan.empty() == file.empty()) {
            throw Failure(ExitCode::usage, "either --plan or --file");
        }
        if (!file.empty()) {
            *out.mutable_draft() = version_from(file, "").terms();
            return;
        }
        out.set_plan_id(find_plan(program, plan).plan_id());
        out.set_effective_from(version);
    }
};

/// Who: --meter, --group, --building or --everybody.
struct Target {
    std::string meter, building, group;
    bool everybody = false;
    void add_to(CLI::App& verb) {
        auto* one = verb.add_option("--meter", meter, "Code, serial number or #ID");
        auto* house = verb.add_option("--building", building, "Code or #ID")->excludes(one);
        auto* many = verb.add_option("--group", group, "Code or #ID")->excludes(one)->excludes(house);
        verb.add_flag("--everybody", everybody, "All")->excludes(one)->excludes(house)->excludes(many);
    }
    [[nodiscard]] bool given() const { return everybody || !(meter + building + group).empty(); }
    void fill(Program& program, v1::TariffTarget& out) const {
        if (!meter.empty()) {
            out.set_meter_id(find_meter(program, meter));
        }
        if (!building.empty()) {
            out.set_building_id(find_building(program, building));
        }
        out.set_group_id(group.empty() ? 0 : find_meter_group(program, group));
    }
};

void add_tariff_list(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("list", "All plans");
    auto page = std::make_shared<PageOptions>();
    page->add_to(*verb);
    verb->callback([&program, page] {
        v1::ListTariffPlansRequest request;
        request.set_property_id(program.client.property_id());
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &Tariffs::ListPlans, request);
        program.show(list, [&] {
            print_plans({list.plans().begin(), list.plans().end()}, std::cout);
            page->hint(list.next_page_token());
        });
    });
}

void add_show(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("show", "What a plan says");
    struct Arguments {
        std::string plan, version;
        bool file = false;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("plan", a->plan, "Name or #ID")->required();
    verb->add_option("--version", a->version, "Only the one in force on this day");
    verb->add_flag("--as-file", a->file, "As a file that create and add-version take (the newest version)");
    verb->callback([&program, a] {
        auto plan = find_plan(program, a->plan);
        if (!a->version.empty() || a->file) {
            v1::TariffVersion found;
            for (const auto& version : plan.versions()) {
                if (a->version.empty() || version.effective_from() <= a->version) {
                    found = version;
                }
            }
            if (found.effective_from().empty()) {
                throw Failure(ExitCode::refused, "no version has begun by then", "version_missing");
            }
            plan.clear_versions();
            *plan.add_versions() = found;
        }
        if (a->file) {
            std::cout << write_tariff_json(plan.versions(0)) << '\n';
            return;
        }
        program.show(plan, [&] { print_plan(plan, std::cout); });
    });
}

void add_tariff_create(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("create", "A new plan, from a file with its first version");
    struct Arguments {
        std::string name, file, from;
        bool water = false;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_flag("--water", a->water, "For water meters: per m³");
    verb->add_option("name", a->name)->required();
    verb->add_option("file", a->file, "TOML or JSON, see docs/tariffs.md")
        ->required()
        ->check(CLI::ExistingFile);
    verb->add_option("--from", a->from, "The day it begins; else the file says so");
    verb->callback([&program, a] {
        v1::CreateTariffPlanRequest request;
        *request.mutable_version() = version_from(a->file, a->from);
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_name(a->name);
        request.set_commodity(a->water ? "water" : "");
        const auto plan = call(program.client, &Tariffs::CreatePlan, request);
        program.show(plan, [&] { print_plan(plan, std::cout); });
    });
}

void add_add_version(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("add-version", "From a day on the plan says something else");
    struct Arguments {
        std::string plan, file, from;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("plan", a->plan, "Name or #ID")->required();
    verb->add_option("file", a->file, "TOML or JSON")->required()->check(CLI::ExistingFile);
    verb->add_option("--from", a->from, "The day it begins; else the file says so");
    verb->callback([&program, a] {
        v1::AddTariffVersionRequest request;
        *request.mutable_version() = version_from(a->file, a->from);
        request.set_property_id(program.client.property_id());
        request.set_plan_id(find_plan(program, a->plan).plan_id());
        request.set_request_id(program.client.request_id());
        const auto plan = call(program.client, &Tariffs::AddVersion, request);
        program.show(plan, [&] { print_plan(plan, std::cout); });
    });
}

void add_check(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("check", "Everything that is wrong with a file; nothing is kept");
    struct Arguments {
        std::string file, plan, from;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("file", a->file, "TOML or JSON")->required()->check(CLI::ExistingFile);
    verb->add_option("--plan", a->plan, "As a version of this plan");
    verb->add_option("--from", a->from, "The day it begins; else the file says so");
    verb->callback([&program, a] {
        v1::CheckTariffVersionRequest request;
        *request.mutable_version() = version_from(a->file, a->from);
        request.set_property_id(program.client.property_id());
        if (!a->plan.empty()) {
            request.set_plan_id(find_plan(program, a->plan).plan_id());
        }
        const auto answer = call(program.client, &Tariffs::CheckVersion, request);
        program.show(answer, [&] {
            for (const auto& fault : answer.faults()) {
                std::cout << fault.field() << ": " << fault.text() << '\n';
            }
            std::cout << (answer.faults_size() == 0
                              ? "no fault\n"
                              : std::to_string(answer.faults_size()) + " faults; it can't be used\n");
        });
        if (answer.faults_size() > 0) {
            throw Exit{ExitCode::refused};
        }
    });
}

void add_place(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("place", "Who would charge by it: the meter, the sale, the server");
    struct Arguments {
        Source source;
        std::vector<std::string> meters;
        std::string building;
        PageOptions page;
    };
    auto a = std::make_shared<Arguments>();
    a->source.add_to(*verb);
    verb->add_option("meter", a->meters, "Codes, serial numbers or #IDs; without: all of the property");
    verb->add_option("--building", a->building, "Code or #ID");
    a->page.add_to(*verb);
    verb->callback([&program, a] {
        v1::PlaceTariffVersionRequest request;
        request.set_property_id(program.client.property_id());
        a->source.fill(program, *request.mutable_source());
        for (const auto& meter : a->meters) {
            request.add_meter_ids(find_meter(program, meter));
        }
        if (!a->building.empty()) {
            request.set_building_id(find_building(program, a->building));
        }
        a->page.fill(*request.mutable_page());
        const auto answer = call(program.client, &Tariffs::PlaceVersion, request);
        program.show(answer, [&] {
            print_placement(answer, std::cout);
            a->page.hint(answer.next_page_token());
        });
    });
}

void add_preview(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("preview", "What a month of a meter would cost, from its readings");
    struct Arguments {
        Source source;
        std::string meter, month;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("meter", a->meter, "Code, serial number or #ID")->required();
    verb->add_option("month", a->month, "2026-10")->required();
    a->source.add_to(*verb);
    verb->callback([&program, a] {
        v1::PreviewTariffMonthRequest request;
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, a->meter));
        request.set_month(a->month);
        a->source.fill(program, *request.mutable_source());
        const auto bill = call(program.client, &Tariffs::PreviewMonth, request);
        program.show(bill, [&] { print_bill(bill, std::cout); });
    });
}

void add_assign(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("assign", "Charge a meter, a group, a building or everybody by a plan");
    struct Arguments {
        std::string plan, from;
        Target target;
        bool water = false;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("plan", a->plan, "Name or #ID; \"none\": no plan of its own any more")->required();
    a->target.add_to(*verb);
    verb->add_option("--from", a->from, "The first day; else today");
    verb->add_flag("--water", a->water, "With \"none\": the plan of the water meters ends");
    verb->callback([&program, a] {
        if (!a->target.given()) {
            throw Failure(ExitCode::usage, "say who: --meter, --group, --building or --everybody");
        }
        v1::AssignTariffRequest request;
        request.set_property_id(program.client.property_id());
        a->target.fill(program, *request.mutable_target());
        if (a->plan != "none") {
            request.set_plan_id(find_plan(program, a->plan).plan_id());
        } else if (a->water) {
            request.set_commodity("water");
        }
        request.set_effective_from(a->from);
        request.set_request_id(program.client.request_id());
        const auto assignment = call(program.client, &Tariffs::Assign, request);
        program.show(assignment, [&] { print_assignments({assignment}, std::cout); });
    });
}

void add_assignments(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("assignments", "Who is charged by which plan from which day on");
    struct Arguments {
        std::string plan;
        Target target;
        bool past = false;
        PageOptions page;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("--plan", a->plan, "Name or #ID");
    a->target.add_to(*verb);
    verb->add_flag("--past", a->past, "What is over, too");
    a->page.add_to(*verb);
    verb->callback([&program, a] {
        v1::ListTariffAssignmentsRequest request;
        request.set_property_id(program.client.property_id());
        if (a->target.given()) {
            a->target.fill(program, *request.mutable_target());
        }
        if (!a->plan.empty()) {
            request.set_plan_id(find_plan(program, a->plan).plan_id());
        }
        request.set_past_too(a->past);
        a->page.fill(*request.mutable_page());
        const auto list = call(program.client, &Tariffs::ListAssignments, request);
        program.show(list, [&] {
            print_assignments({list.assignments().begin(), list.assignments().end()}, std::cout);
            a->page.hint(list.next_page_token());
        });
    });
}

void add_of(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("of", "By what a meter is charged, and what comes next");
    auto meter = std::make_shared<std::string>();
    auto at = std::make_shared<std::string>();
    verb->add_option("--at", *at, "By what it was charged then");
    verb->add_option("meter", *meter, "Code, serial number or #ID")->required();
    verb->callback([&program, meter, at] {
        v1::GetMeterTariffRequest request;
        if (!at->empty()) {
            *request.mutable_at() = parse_time(*at);
        }
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, *meter));
        const auto answer = call(program.client, &Tariffs::GetMeterTariff, request);
        program.show(answer, [&] { print_meter_tariff(answer, std::cout); });
    });
}

void add_retire(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("retire", "Not to be assigned any more");
    auto plan = std::make_shared<std::string>();
    verb->add_option("plan", *plan, "Name or #ID")->required();
    verb->callback([&program, plan] {
        v1::RetireTariffPlanRequest request;
        request.set_property_id(program.client.property_id());
        request.set_plan_id(find_plan(program, *plan).plan_id());
        request.set_request_id(program.client.request_id());
        const auto answer = call(program.client, &Tariffs::RetirePlan, request);
        program.show(answer, [&] { print_plan(answer, std::cout); });
    });
}

}  // namespace

void add_tariff_commands(CLI::App& app, Program& program) {
    auto* noun =
        app.add_subcommand("tariff", "Tariff plans, what they would cost, and who is charged by them");
    noun->require_subcommand(1);
    add_tariff_list(*noun, program);
    add_show(*noun, program);
    add_tariff_create(*noun, program);
    add_add_version(*noun, program);
    add_check(*noun, program);
    add_place(*noun, program);
    add_preview(*noun, program);
    add_assign(*noun, program);
    add_assignments(*noun, program);
    add_of(*noun, program);
    add_retire(*noun, program);
}

}  // namespace wutong::ctl
