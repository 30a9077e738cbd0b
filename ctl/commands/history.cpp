// "history", "energy" and "feeder": the archive of readings, energy over long times, what is lost on the way.
#include <fmt/format.h>

#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/device_service.grpc.pb.h"
#include "wutong/v1/history_service.grpc.pb.h"
#include "wutong/v1/site_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using HistoryStub = v1::HistoryService::Stub;

std::string megabytes(std::int64_t bytes) {
    return fmt::format("{:.1f}", static_cast<double>(bytes) / 1e6);
}

std::string history_energy(bool there, std::int64_t wh) {
    if (!there) {
        return "—";
    }
    const char* sign = wh < 0 ? "-" : "";
    const auto size = wh < 0 ? -wh : wh;
    return fmt::format("{}{}.{:03}", sign, size / 1'000, size % 1'000);
}

std::vector<std::string> rate_cells(const v1::RateEnergy& rates) {
    return {history_energy(rates.has_sharp_wh(), rates.sharp_wh()),
            history_energy(rates.has_peak_wh(), rates.peak_wh()),
            history_energy(rates.has_flat_wh(), rates.flat_wh()),
            history_energy(rates.has_valley_wh(), rates.valley_wh()),
            history_energy(rates.has_reverse_wh(), rates.reverse_wh())};
}

void rate_columns(Table& table) {
    for (const char* title : {"sharp", "peak", "flat", "valley", "reverse"}) {
        table.column(title, Table::Align::right);
    }
}

const char* coverage_text(const std::string& coverage) {
    if (coverage == "whole") {
        return "";
    }
    if (coverage == "nothing") {
        return "no reading";
    }
    if (coverage == "begins_late") {
        return "not read at the beginning";
    }
    return coverage == "ends_early" ? "not read at the end" : "not read at both ends";
}

void print_archive(const v1::Archive& archive) {
    Table table;
    table.column("month");
    table.column("where");
    for (const char* title : {"hot MB", "hot readings", "moved meters", "moved readings", "MB before"}) {
        table.column(title, Table::Align::right);
    }
    table.column("begun");
    table.column("finished");
    for (const auto& month : archive.months()) {
        const bool moved = month.moved_readings() > 0;
        table.row({month.month(),
                   !month.hot() ? "archive"
                   : moved      ? "both"
                                : "hot",
                   month.hot() ? megabytes(month.hot_bytes()) : "",
                   month.hot() ? fmt::format("~{}", month.hot_readings()) : "",
                   moved ? std::to_string(month.moved_meters()) : "",
                   moved ? std::to_string(month.moved_readings()) : "",
                   moved ? megabytes(month.bytes_before()) : "",
                   time_text(month.has_begun_at(), month.begun_at()),
                   time_text(month.has_finished_at(), month.finished_at())});
    }
    table.print(std::cout);
    std::cout << fmt::format("\nThe archive takes {} MB. Readings stay {} months in the hot table.\n",
                             megabytes(archive.archive_bytes()), archive.hot_months());
    if (archive.held()) {
        std::cout
            << "It is held for this property: nothing is moved or forgotten (wutongctl history release).\n";
    }
    if (!archive.has_begun_at()) {
        std::cout << "No round was made yet.\n";
    } else if (!archive.has_finished_at()) {
        std::cout << fmt::format("A round goes on since {}: {} readings moved.\n",
                                 time_text(true, archive.begun_at()), archive.moved_readings());
    } else {
        std::cout << fmt::format("Last round {} to {}: {} readings moved, {} rows forgotten.\n",
                                 time_text(true, archive.begun_at()), time_text(true, archive.finished_at()),
                                 archive.moved_readings(), archive.forgotten());
    }
    if (!archive.error().empty()) {
        std::cout << "It met an error: " << archive.error() << '\n';
    }
}

void show_archive(Program& program) {
    v1::GetArchiveRequest request;
    request.set_property_id(program.client.property_id());
    const auto archive = call(program.client, &HistoryStub::GetArchive, request);
    program.show(archive, [&] { print_archive(archive); });
}

void hold_archive(Program& program, bool held) {
    v1::SetParametersRequest request;
    request.set_request_id(program.client.request_id());
    request.set_property_id(program.client.property_id());
    (*request.mutable_values())["history_hold"] = held ? "1" : "0";
    call(program.client, &v1::SiteService::Stub::SetParameters, request);
    show_archive(program);
}

void add_archive(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("history", "The archive of readings: how far it is, start it, hold it")
                     ->require_subcommand(1);
    noun->add_subcommand("show", "Months, sizes, progress, the last round")->callback([&program] {
        show_archive(program);
    });
    noun->add_subcommand("start", "Begin a round now, instead of within ten minutes")->callback([&program] {
        v1::RunArchiveRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        const auto archive = call(program.client, &HistoryStub::RunArchive, request);
        program.show(archive, [&] { print_archive(archive); });
    });
    noun->add_subcommand("hold", "Move and forget nothing of the property until it is released")
        ->callback([&program] { hold_archive(program, true); });
    noun->add_subcommand("release", "Go on")->callback([&program] { hold_archive(program, false); });
}

struct PeriodOptions {
    std::string from, to;
    void add_to(CLI::App& verb) {
        verb.add_option("--from", from, "YYYY-MM-DD")->required();
        verb.add_option("--to", to, "YYYY-MM-DD; as --from if left out");
    }
    template <class Request>
    void fill(Request& request) const {
        request.set_from_day(from);
        request.set_to_day(to.empty() ? from : to);
    }
};

void add_energy(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("energy", "Energy by day, month and rate, in kWh; of water m³")
                     ->require_subcommand(1);
    auto* list = noun->add_subcommand("list", "Of one meter");
    struct Arguments {
        std::string meter, role, commodity;
        bool months = false;
        PeriodOptions period;
        PageOptions page;
    };
    auto a = std::make_shared<Arguments>();
    list->add_option("meter", a->meter, "Code, serial number or #ID")->required();
    list->add_flag("--months", a->months, "By month");
    a->period.add_to(*list);
    list->callback([&program, a] {
        v1::ListMeterEnergyRequest request;
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, a->meter));
        request.set_by_month(a->months);
        a->period.fill(request);
        const auto energy = call(program.client, &HistoryStub::ListMeterEnergy, request);
        program.show(energy, [&] {
            Table table;
            table.column(a->months ? "month" : "day");
            table.column("used", Table::Align::right);
            rate_columns(table);
            table.column("days", Table::Align::right);
            table.column("last reading");
            for (const auto& step : energy.steps()) {
                std::vector<std::string> row{step.day(), history_energy(true, step.used_wh())};
                for (auto& cell : rate_cells(step.rates())) {
                    row.push_back(std::move(cell));
                }
                row.push_back(std::to_string(step.days()));
                row.push_back(time_text(true, step.last_at()));
                table.row(row);
            }
            table.print(std::cout);
        });
    });
    auto* report = noun->add_subcommand("report", "Of all meters over a period");
    auto r = std::make_shared<Arguments>();
    r->period.add_to(*report);
    report->add_option("--role", r->role, "prepaid, monitor or feeder; all if left out");
    report->add_option("--commodity", r->commodity, "electricity (the default) or water");
    r->page.add_to(*report);
    report->callback([&program, r] {
        v1::ReportEnergyRequest request;
        request.set_property_id(program.client.property_id());
        request.set_role(r->role);
        request.set_commodity(r->commodity);
        r->period.fill(request);
        r->page.fill(*request.mutable_page());
        const auto energy = call(program.client, &HistoryStub::ReportEnergy, request);
        program.show(energy, [&] {
            Table table;
            table.column("meter");
            table.column("unit");
            table.column("used", Table::Align::right);
            rate_columns(table);
            table.column("counted from");
            table.column("to");
            table.column("");
            for (const auto& meter : energy.meters()) {
                std::vector<std::string> row{meter.meter_code(), meter.unit_code(),
                                             history_energy(meter.has_used_wh(), meter.used_wh())};
                for (auto& cell : rate_cells(meter.rates())) {
                    row.push_back(std::move(cell));
                }
                row.push_back(time_text(meter.has_known_from(), meter.known_from()));
                row.push_back(time_text(meter.has_known_to(), meter.known_to()));
                row.emplace_back(coverage_text(meter.coverage()));
                table.row(row);
            }
            table.print(std::cout);
            r->page.hint(energy.next_page_token());
        });
    });
}

void print_losses(const v1::ReportLossesResponse& report) {
    Table table;
    for (const char* title : {"feeder", "unit"}) {
        table.column(title);
    }
    for (const char* title : {"meters", "in kWh", "out kWh", "lost kWh", "lost %"}) {
        table.column(title, Table::Align::right);
    }
    table.column("");
    for (const auto& one : report.feeders()) {
        std::string remark;
        if (one.meters() == 0) {
            remark = "no meter is known behind it";
        } else if (one.feeder().coverage() != "whole") {
            remark = std::string{"the feeder: "} + coverage_text(one.feeder().coverage());
        } else if (one.incomplete() > 0) {
            remark = fmt::format("{} meters are not whole", one.incomplete());
        }
        const auto share = one.lost_share_e4();
        table.row({one.feeder().meter_code(), one.feeder().unit_code(), std::to_string(one.meters()),
                   history_energy(true, one.in_wh()), history_energy(true, one.out_wh()),
                   history_energy(true, one.lost_wh()),
                   one.has_lost_share_e4() ? fmt::format("{}{}.{:02}", share < 0 ? "-" : "",
                                                         std::abs(share) / 100, std::abs(share) % 100)
                                           : "—",
                   remark});
    }
    table.print(std::cout);
    for (const auto& one : report.feeders()) {
        for (const auto& meter : one.named()) {
            std::cout << fmt::format("{}: meter {} {}, counted from {} to {}\n", one.feeder().meter_code(),
                                     meter.meter_code(), coverage_text(meter.coverage()),
                                     time_text(meter.has_known_from(), meter.known_from()),
                                     time_text(meter.has_known_to(), meter.known_to()));
        }
        if (one.incomplete() > one.named_size()) {
            std::cout << fmt::format("{}: and {} more\n", one.feeder().meter_code(),
                                     one.incomplete() - one.named_size());
        }
    }
}

void add_feeders(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("feeder", "Feeder and transformer meters, and what is lost behind them")
                     ->require_subcommand(1);
    struct Arguments {
        std::string feeder;
        std::vector<std::string> meters;
        PeriodOptions period;
        PageOptions page;
    };
    auto a = std::make_shared<Arguments>();
    auto* losses = noun->add_subcommand("losses", "What came in, what its meters counted, what is lost");
    a->period.add_to(*losses);
    losses->add_option("--feeder", a->feeder, "Of this one: code, serial number or #ID");
    a->page.add_to(*losses);
    losses->callback([&program, a] {
        v1::ReportLossesRequest request;
        request.set_property_id(program.client.property_id());
        if (!a->feeder.empty()) {
            request.set_feeder_id(find_meter(program, a->feeder));
        }
        a->period.fill(request);
        a->page.fill(*request.mutable_page());
        const auto report = call(program.client, &HistoryStub::ReportLosses, request);
        program.show(report, [&] {
            print_losses(report);
            a->page.hint(report.next_page_token());
        });
    });
    auto w = std::make_shared<Arguments>();
    auto* show = noun->add_subcommand("show", "Which meters it feeds");
    show->add_option("feeder", w->feeder, "Code, serial number or #ID")->required();
    show->callback([&program, w] {
        v1::GetFeedsRequest request;
        request.set_property_id(program.client.property_id());
        request.set_feeder_id(find_meter(program, w->feeder));
        const auto feeds = call(program.client, &HistoryStub::GetFeeds, request);
        program.show(feeds, [&] {
            Table table;
            table.column("meter");
            table.column("unit");
            for (const auto& meter : feeds.meters()) {
                table.row({meter.meter_code(), meter.unit_code()});
            }
            table.print(std::cout);
        });
    });
    auto s = std::make_shared<Arguments>();
    auto* set = noun->add_subcommand("set", "Say which meters it feeds, all of them");
    set->add_option("feeder", s->feeder, "Code, serial number or #ID")->required();
    set->add_option("meters", s->meters, "Code, serial number or #ID each; none: it feeds nobody");
    set->callback([&program, s] {
        v1::SetFeedsRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_feeder_id(find_meter(program, s->feeder));
        for (const auto& meter : s->meters) {
            request.add_meter_ids(find_meter(program, meter));
        }
        const auto done = call(program.client, &HistoryStub::SetFeeds, request);
        program.show(done, [&] { std::cout << fmt::format("It feeds {} meters.\n", done.meters()); });
    });
}

}  // namespace

void add_history_commands(CLI::App& app, Program& program) {
    add_archive(app, program);
    add_energy(app, program);
    add_feeders(app, program);
}

}  // namespace wutong::ctl
