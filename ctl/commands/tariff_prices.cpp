// Prices of plans on their way to the meters: verbs of `tariff`, which has to be there.
#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/tariff_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using Tariffs = v1::TariffService::Stub;

void add_downloads(CLI::App& noun, Program& program) {
    auto* verb =
        noun.add_subcommand("downloads", "Meters that do not charge their plan's price yet, and why");
    auto page = std::make_shared<PageOptions>();
    page->add_to(*verb);
    verb->callback([&program, page] {
        v1::ListTariffDownloadsRequest request;
        request.set_property_id(program.client.property_id());
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &Tariffs::ListDownloads, request);
        program.show(list, [&] {
            Table table;
            for (const char* title : {"meter", "unit", "plan"}) {
                table.column(title);
            }
            table.column("wanted", Table::Align::right);
            table.column("held", Table::Align::right);
            for (const char* title : {"since", "state", "tries", "why"}) {
                table.column(title);
            }
            for (const auto& one : list.downloads()) {
                table.row({one.meter_code(), one.unit_code(), one.plan_name(),
                           money_text(one.wanted_price_e4()),
                           optional_money(one.has_held_price_e4(), one.held_price_e4()),
                           time_text(one.has_since(), one.since()), one.state(),
                           std::to_string(one.attempts()), one.why()});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
}

void add_price_changes(CLI::App& noun, Program& program) {
    auto* verb =
        noun.add_subcommand("price-changes", "Prices that meters have confirmed, and what came late costs");
    struct Arguments {
        std::string meter, from, to;
        bool late = false;
        PageOptions page;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("--meter", a->meter, "Code, serial number or #ID");
    verb->add_option("--from", a->from, "Confirmed then or later");
    verb->add_option("--to", a->to, "Confirmed before");
    verb->add_flag("--late", a->late, "Only those that came late");
    a->page.add_to(*verb);
    verb->callback([&program, a] {
        v1::ListPriceChangesRequest request;
        request.set_property_id(program.client.property_id());
        if (!a->meter.empty()) {
            request.set_meter_id(find_meter(program, a->meter));
        }
        if (!a->from.empty()) {
            *request.mutable_from() = parse_time(a->from);
        }
        if (!a->to.empty()) {
            *request.mutable_to() = parse_time(a->to);
        }
        request.set_late_only(a->late);
        a->page.fill(*request.mutable_page());
        const auto list = call(program.client, &Tariffs::ListPriceChanges, request);
        program.show(list, [&] {
            Table table;
            for (const char* title : {"confirmed", "meter", "account", "plan"}) {
                table.column(title);
            }
            for (const char* title : {"from", "to", "due", "used late", "difference"}) {
                table.column(title, Table::Align::right);
            }
            for (const auto& one : list.changes()) {
                table.row({one.has_confirmed_at() ? time_text(true, one.confirmed_at()) : "never",
                           one.meter_code(), one.account_number(),
                           one.plan_id() == 0 ? "by hand" : one.plan_name(),
                           optional_money(one.has_from_price_e4(), one.from_price_e4()),
                           money_text(one.to_price_e4()),
                           one.has_effective_at() ? time_text(true, one.effective_at()) : "",
                           one.has_late_wh() ? energy_text(one.late_wh()) : "",
                           one.has_difference_e4() ? money_text(one.difference_e4()) : ""});
            }
            table.print(std::cout);
            a->page.hint(list.next_page_token());
        });
    });
}

}  // namespace

void add_tariff_price_commands(CLI::App& app, Program& program) {
    auto& noun = *app.get_subcommand("tariff");
    add_downloads(noun, program);
    add_price_changes(noun, program);
}

}  // namespace wutong::ctl
