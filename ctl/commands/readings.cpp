#include <iostream>

#include "ctl/commands/meter_view.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/live_service.grpc.pb.h"
#include "wutong/v1/reading_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

void add_reading(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("reading", "What meters said")->require_subcommand(1);
    struct Arguments {
        std::string meter, from, to;
        PageOptions page;
    };
    auto a = std::make_shared<Arguments>();
    auto* list_verb = noun->add_subcommand("list", "Readings of a meter, newest first");
    list_verb->add_option("meter", a->meter)->required();
    list_verb->add_option("--from", a->from);
    list_verb->add_option("--to", a->to);
    a->page.add_to(*list_verb);
    list_verb->callback([&program, a] {
        v1::ListReadingsRequest request;
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, a->meter));
        if (!a->from.empty()) {
            *request.mutable_from() = parse_time(a->from);
        }
        if (!a->to.empty()) {
            *request.mutable_to() = parse_time(a->to);
        }
        a->page.fill(*request.mutable_page());
        const auto list = call(program.client, &v1::ReadingService::Stub::ListReadings, request);
        program.show(list, [&] {
            const auto commodity = commodity_of(program, request.meter_id());
            const bool water = commodity == "water";
            Table table;
            table.column("at");
            for (const char* title :
                 {"register", "balance", "No.", "power W", water ? "valve" : "relay", "source"}) {
                table.column(title, Table::Align::right);
            }
            for (const auto& one : list.readings()) {
                table.row({time_text(true, one.read_at()),
                           one.has_energy_wh() ? energy_text(one.energy_wh(), commodity) : "—",
                           optional_money(one.has_balance_e4(), one.balance_e4()),
                           one.has_purchase_number() ? std::to_string(one.purchase_number()) : "—",
                           one.has_power_w() ? std::to_string(one.power_w()) : "—",
                           one.has_relay_closed() ? (one.relay_closed() != water ? "closed" : "open") : "—",
                           one.source()});
            }
            table.print(std::cout);
            a->page.hint(list.next_page_token());
        });
    });

    auto* daily = noun->add_subcommand("daily", "Energy, or water, per day of a meter");
    daily->add_option("meter", a->meter)->required();
    daily->add_option("--from", a->from, "YYYY-MM-DD")->required();
    daily->add_option("--to", a->to, "YYYY-MM-DD")->required();
    daily->callback([&program, a] {
        v1::ListDailyEnergyRequest request;
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, a->meter));
        request.set_from_day(a->from);
        request.set_to_day(a->to);
        const auto list = call(program.client, &v1::ReadingService::Stub::ListDailyEnergy, request);
        program.show(list, [&] {
            const auto commodity = commodity_of(program, request.meter_id());
            Table table;
            table.column("day");
            table.column("used", Table::Align::right);
            for (const auto& day : list.days()) {
                table.row({day.day(), energy_text(day.used_wh(), commodity)});
            }
            table.print(std::cout);
        });
    });
}

void add_alarm(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("alarm", "Alarms")->require_subcommand(1);
    auto* list_verb = noun->add_subcommand("list", "Newest first");
    auto page = std::make_shared<PageOptions>();
    auto live = std::make_shared<bool>(false);
    auto meter = std::make_shared<std::string>();
    page->add_to(*list_verb);
    list_verb->add_flag("--live", *live, "Only those that go on");
    list_verb->add_option("--meter", *meter);
    list_verb->callback([&program, page, live, meter] {
        v1::ListAlarmsRequest request;
        request.set_property_id(program.client.property_id());
        request.set_live_only(*live);
        if (!meter->empty()) {
            request.set_meter_id(find_meter(program, *meter));
        }
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::ReadingService::Stub::ListAlarms, request);
        program.show(list, [&] {
            Table table;
            table.column("id", Table::Align::right);
            for (const char* title : {"kind", "subject", "raised", "cleared", "acknowledged", "text"}) {
                table.column(title);
            }
            for (const auto& one : list.alarms()) {
                table.row({std::to_string(one.alarm_id()), one.kind(), one.subject(),
                           time_text(true, one.raised_at()),
                           one.has_cleared_at() ? time_text(true, one.cleared_at()) : "",
                           one.has_acknowledged_at() ? time_text(true, one.acknowledged_at()) : "",
                           one.text()});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
    auto* acknowledge = noun->add_subcommand("acknowledge", "Say that you know");
    auto id = std::make_shared<std::int64_t>(0);
    acknowledge->add_option("id", *id)->required();
    acknowledge->callback([&program, id] {
        v1::AcknowledgeAlarmRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_alarm_id(*id);
        const auto alarm = call(program.client, &v1::ReadingService::Stub::AcknowledgeAlarm, request);
        program.show(alarm, [&] { std::cout << "acknowledged #" << alarm.alarm_id() << '\n'; });
    });
}

void add_wall(CLI::App& app, Program& program) {
    auto* verb = app.add_subcommand("wall", "All meters, then every change as it happens");
    auto seconds = std::make_shared<int>(0);
    auto once = std::make_shared<bool>(false);
    verb->add_option("--for", *seconds, "Stop after this many seconds")->check(CLI::Range(1, 86'400));
    verb->add_flag("--once", *once, "Stop after the first picture");
    verb->callback([&program, seconds, once] {
        v1::WatchRequest request;
        request.set_property_id(program.client.property_id());
        std::map<std::int64_t, std::string> codes;
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{*seconds};
        const auto print = [&](const v1::LiveUpdate& update) {
            for (const auto& meter : update.meters()) {
                if (update.snapshot()) {
                    codes[meter.meter_id()] = meter.code();
                }
                const auto& state = meter.state();
                std::cout << codes[meter.meter_id()] << "  " << status_text(state.status()) << "  "
                          << optional_money(state.has_balance_e4(), state.balance_e4()) << "  "
                          << (state.has_power_w() ? std::to_string(state.power_w()) + " W" : "—") << "  "
                          << age_text(state.has_answered_at(), state.answered_at()) << '\n';
            }
            std::cout.flush();
        };
        try {
            stream<v1::LiveService::Stub, v1::WatchRequest, v1::LiveUpdate>(
                program.client, &v1::LiveService::Stub::Watch, request,
                [&](const v1::LiveUpdate& update) {
                    program.show(update, [&] { print(update); });
                    return !(*once && update.snapshot_complete()) &&
                           (*seconds == 0 || std::chrono::steady_clock::now() < until);
                },
                *seconds > 0 ? std::optional{std::chrono::seconds{*seconds}} : std::nullopt);
        } catch (const Failure& failure) {
            if (*seconds == 0 || failure.code() != ExitCode::outcome_unknown) {
                throw;
            }
        }
    });
}

}  // namespace

void add_reading_commands(CLI::App& app, Program& program) {
    add_reading(app, program);
    add_alarm(app, program);
    add_wall(app, program);
}

}  // namespace wutong::ctl
