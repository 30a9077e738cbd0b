// "event", "clock", "collection" and "bus": what collectors do for meters besides polling, and how buses keep
// up.
#include <fmt/format.h>

#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/upkeep_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using UpkeepStub = v1::UpkeepService::Stub;

void add_events(CLI::App& app, Program& program) {
    auto* noun =
        app.add_subcommand("event", "What happened to meters: covers, phases, relays")->require_subcommand(1);
    auto* verb = noun->add_subcommand("list", "Last stored first");
    struct Arguments {
        std::string meter, kind;
        bool standing = false;
        PageOptions page;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("--meter", a->meter, "Of this meter: code, serial number or #ID");
    verb->add_option("--kind", a->kind, "cover_open, voltage_loss, overload, …");
    verb->add_flag("--standing", a->standing, "Only those that go on");
    a->page.add_to(*verb);
    verb->callback([&program, a] {
        v1::ListMeterRecordsRequest request;
        request.set_property_id(program.client.property_id());
        request.set_kind(a->kind);
        request.set_standing_only(a->standing);
        if (!a->meter.empty()) {
            request.set_meter_id(find_meter(program, a->meter));
        }
        a->page.fill(*request.mutable_page());
        const auto list = call(program.client, &UpkeepStub::ListMeterRecords, request);
        program.show(list, [&] {
            Table table;
            table.column("id", Table::Align::right);
            for (const char* title : {"meter", "unit", "what", "began", "ended", "known from"}) {
                table.column(title);
            }
            for (const auto& one : list.records()) {
                table.row({std::to_string(one.record_id()), one.meter_code(), one.unit_code(), one.kind(),
                           time_text(true, one.began_at()), time_text(one.has_ended_at(), one.ended_at()),
                           one.recorded() ? "the meter's record" : "what it shows"});
            }
            table.print(std::cout);
            a->page.hint(list.next_page_token());
        });
    });
}

void add_clocks(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("clock", "How meters' clocks go")->require_subcommand(1);
    auto* verb = noun->add_subcommand("list", "By meter");
    struct Arguments {
        std::string meter;
        std::int64_t off = 0;
        PageOptions page;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("--meter", a->meter, "Of this meter: code, serial number or #ID");
    verb->add_option("--off", a->off, "Only clocks that are off by so many seconds, either way")
        ->check(CLI::Range(0, 1'000'000'000));
    a->page.add_to(*verb);
    verb->callback([&program, a] {
        v1::ListMeterClocksRequest request;
        request.set_property_id(program.client.property_id());
        request.set_drift_min_s(a->off);
        if (!a->meter.empty()) {
            request.set_meter_id(find_meter(program, a->meter));
        }
        a->page.fill(*request.mutable_page());
        const auto list = call(program.client, &UpkeepStub::ListMeterClocks, request);
        program.show(list, [&] {
            Table table;
            table.column("meter");
            table.column("measured");
            table.column("off s", Table::Align::right);
            table.column("moved s", Table::Align::right);
            table.column("steps", Table::Align::right);
            table.column("last step");
            table.column("note");
            for (const auto& one : list.clocks()) {
                table.row({one.meter_code(), time_text(true, one.measured_at()),
                           fmt::format("{:+}", one.drift_s()), std::to_string(one.moved_s()),
                           std::to_string(one.steps()), time_text(one.has_stepped_at(), one.stepped_at()),
                           one.note()});
            }
            table.print(std::cout);
            a->page.hint(list.next_page_token());
        });
    });
}

/// "98.54 %", rounded down: 100 % is said of nothing less.
std::string share(std::int64_t part, std::int64_t whole) {
    if (whole == 0) {
        return "—";
    }
    const auto hundredths = part * 10'000 / whole;
    return fmt::format("{}.{:02} %", hundredths / 100, hundredths % 100);
}

void add_collection(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("collection", "How many of the readings that were due there are")
                     ->require_subcommand(1);
    auto* verb = noun->add_subcommand("report", "By day, and the meters with the most missing");
    struct Arguments {
        std::string from, to;
        int worst = 10;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("--from", a->from, "YYYY-MM-DD")->required();
    verb->add_option("--to", a->to, "YYYY-MM-DD; as --from if left out");
    verb->add_option("--worst", a->worst, "So many meters")->check(CLI::Range(0, 500));
    verb->callback([&program, a] {
        v1::ReportCollectionRequest request;
        request.set_property_id(program.client.property_id());
        request.set_from_day(a->from);
        request.set_to_day(a->to.empty() ? a->from : a->to);
        request.set_worst(a->worst);
        const auto report = call(program.client, &UpkeepStub::ReportCollection, request);
        program.show(report, [&] {
            Table days;
            days.column("day");
            for (const char* title :
                 {"due", "on time", "fetched later", "missing", "on time %", "complete %"}) {
                days.column(title, Table::Align::right);
            }
            for (const auto& day : report.days()) {
                const auto there = day.on_time() + day.fetched();
                days.row({day.day(), std::to_string(day.expected()), std::to_string(day.on_time()),
                          std::to_string(day.fetched()), std::to_string(day.expected() - there),
                          share(day.on_time(), day.expected()), share(there, day.expected())});
            }
            days.print(std::cout);
            if (report.worst().empty()) {
                return;
            }
            std::cout << '\n';
            Table meters;
            meters.column("meter");
            meters.column("unit");
            for (const char* title : {"due", "on time", "fetched later", "missing"}) {
                meters.column(title, Table::Align::right);
            }
            for (const auto& one : report.worst()) {
                meters.row({one.meter_code(), one.unit_code(), std::to_string(one.expected()),
                            std::to_string(one.on_time()), std::to_string(one.fetched()),
                            std::to_string(one.expected() - one.on_time() - one.fetched())});
            }
            meters.print(std::cout);
        });
    });
}

}  // namespace

void add_upkeep_commands(CLI::App& app, Program& program) {
    add_events(app, program);
    add_clocks(app, program);
    add_collection(app, program);
}

}  // namespace wutong::ctl
