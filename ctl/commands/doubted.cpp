// "doubted": registers that showed what can't be, and what people say of them.
#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/review_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using Review = v1::ReviewService::Stub;

template <class Readings>
void print_doubted(const Readings& readings) {
    Table table;
    table.column("id", Table::Align::right);
    for (const char* title : {"meter", "unit", "read", "verdict"}) {
        table.column(title);
    }
    table.column("shown", Table::Align::right);
    table.column("believed", Table::Align::right);
    table.column("decision");
    table.column("why");
    for (const auto& one : readings) {
        std::string possible;
        for (const auto& word : one.possible()) {
            possible += (possible.empty() ? "" : " or ") + word;
        }
        table.row({std::to_string(one.doubt_id()), one.meter_code(), one.unit_code(),
                   time_text(one.has_read_at(), one.read_at()), one.verdict(),
                   energy_text(one.shown_wh(), one.commodity()),
                   energy_text(one.before_wh(), one.commodity()),
                   one.decision().empty() ? "open: " + possible : one.decision(),
                   one.reason().empty() ? one.text() : one.reason()});
    }
    table.print(std::cout);
}

void add_doubted_list(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("list", "Newest first; open ones unless --all");
    auto meter = std::make_shared<std::string>();
    auto all = std::make_shared<bool>(false);
    auto page = std::make_shared<PageOptions>();
    verb->add_option("--meter", *meter, "Of this meter: code, serial number or #ID");
    verb->add_flag("--all", *all, "Decided ones too");
    page->add_to(*verb);
    verb->callback([&program, meter, all, page] {
        v1::ListDoubtedReadingsRequest request;
        request.set_property_id(program.client.property_id());
        request.set_decided_too(*all);
        if (!meter->empty()) {
            request.set_meter_id(find_meter(program, *meter));
        }
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &Review::ListDoubtedReadings, request);
        program.show(list, [&] {
            print_doubted(list.readings());
            page->hint(list.next_page_token());
        });
    });
}

void add_doubted_decide(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand(
        "decide",
        "Say what a doubted register is: used (what lies between is charged), anew (it counts from here, "
        "nothing between is charged) or ignored (it was wrong)");
    auto id = std::make_shared<std::int64_t>(0);
    auto decision = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    verb->add_option("id", *id, "As the list has it")->required();
    verb->add_option("decision", *decision, "used, anew or ignored")
        ->required()
        ->check(CLI::IsMember({"used", "anew", "ignored"}));
    verb->add_option("--reason", *reason, "What was found; it is kept")->required();
    verb->callback([&program, id, decision, reason] {
        v1::DecideDoubtedReadingRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_doubt_id(*id);
        request.set_decision(*decision);
        request.set_reason(*reason);
        const auto decided = call(program.client, &Review::DecideDoubtedReading, request);
        program.show(decided, [&] { print_doubted(std::vector<v1::DoubtedReading>{decided}); });
    });
}

}  // namespace

void add_doubted_commands(CLI::App& app, Program& program) {
    auto* doubted = app.add_subcommand("doubted", "Registers that showed what can't be");
    doubted->require_subcommand(1);
    add_doubted_list(*doubted, program);
    add_doubted_decide(*doubted, program);
}

}  // namespace wutong::ctl
