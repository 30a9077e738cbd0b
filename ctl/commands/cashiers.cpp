// Vending points, cashiers' limits and shifts.
#include <array>
#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/cashier_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using Cashier = v1::CashierService::Stub;

std::string method_word(v1::TenderMethod method) {
    auto name = v1::TenderMethod_Name(method);
    name = name.substr(name.rfind('_') + 1);
    for (char& c : name) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return name;
}

std::string limit_text(std::int64_t e4) {
    return e4 == 0 ? "—" : money_text(e4);
}

void print_points(const std::vector<v1::VendingPoint>& points) {
    Table table;
    for (const char* title : {"code", "name", "state"}) {
        table.column(title);
    }
    for (const char* title : {"per sale", "per day", "receipts"}) {
        table.column(title, Table::Align::right);
    }
    table.column("open shift");
    for (const auto& one : points) {
        table.row({one.code(), one.name(), one.enabled() ? "enabled" : "disabled",
                   limit_text(one.sale_max_e4()), limit_text(one.day_max_e4()),
                   std::to_string(one.last_receipt()),
                   one.open_shift_id() == 0
                       ? ""
                       : "#" + std::to_string(one.open_shift_id()) + " " + one.open_shift_operator()});
    }
    table.print(std::cout);
}

/// A vending point by its code, or "#ID".
std::int64_t find_point(Program& program, const std::string& reference) {
    v1::ListPointsRequest request;
    request.set_property_id(program.client.property_id());
    const auto list = call(program.client, &Cashier::ListPoints, request);
    for (const auto& one : list.points()) {
        if (one.code() == reference || "#" + std::to_string(one.point_id()) == reference) {
            return one.point_id();
        }
    }
    throw Failure(ExitCode::refused, "there is no vending point " + reference, "vending_point_not_found");
}

struct Limits {
    std::string sale, day;
    void add_to(CLI::App& verb) {
        verb.add_option("--sale-max", sale, "Most for one sale or payout; 0: no limit");
        verb.add_option("--day-max", day, "Most that may be sold in a day; 0: no limit");
    }
};

void add_point_add(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("add", "A new vending point; its code stands on the receipts");
    auto code = std::make_shared<std::string>();
    auto name = std::make_shared<std::string>();
    auto limits = std::make_shared<Limits>();
    verb->add_option("code", *code, "1 to 12 letters and digits")->required();
    verb->add_option("--name", *name);
    limits->add_to(*verb);
    verb->callback([&program, code, name, limits] {
        v1::CreatePointRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_code(*code);
        request.set_name(*name);
        request.set_sale_max_e4(limits->sale.empty() ? 0 : parse_amount(limits->sale));
        request.set_day_max_e4(limits->day.empty() ? 0 : parse_amount(limits->day));
        const auto point = call(program.client, &Cashier::CreatePoint, request);
        program.show(point, [&] { print_points({point}); });
    });
}

void add_point_set(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("set", "Change a vending point");
    struct Arguments {
        std::string point, name;
        Limits limits;
        bool enable = false, disable = false;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("point", a->point, "Code or #ID")->required();
    verb->add_option("--name", a->name);
    a->limits.add_to(*verb);
    auto* enable = verb->add_flag("--enable", a->enable);
    verb->add_flag("--disable", a->disable, "No shift can be opened there any more")->excludes(enable);
    verb->callback([&program, a] {
        v1::UpdatePointRequest request;
        request.set_property_id(program.client.property_id());
        request.set_point_id(find_point(program, a->point));
        request.set_request_id(program.client.request_id());
        if (!a->name.empty()) {
            request.set_name(a->name);
        }
        if (a->enable || a->disable) {
            request.set_enabled(a->enable);
        }
        if (!a->limits.sale.empty()) {
            request.set_sale_max_e4(parse_amount(a->limits.sale));
        }
        if (!a->limits.day.empty()) {
            request.set_day_max_e4(parse_amount(a->limits.day));
        }
        const auto point = call(program.client, &Cashier::UpdatePoint, request);
        program.show(point, [&] { print_points({point}); });
    });
}

void add_point_limit(CLI::App& noun, Program& program) {
    auto* verb =
        noun.add_subcommand("limit", "What one operator may take here; without a name: who has limits");
    auto who = std::make_shared<std::string>();
    auto limits = std::make_shared<Limits>();
    verb->add_option("operator", *who, "The name to sign in with");
    limits->add_to(*verb);
    verb->callback([&program, who, limits] {
        v1::ListCashierLimitsResponse shown;
        if (who->empty()) {
            v1::ListCashierLimitsRequest request;
            request.set_property_id(program.client.property_id());
            shown = call(program.client, &Cashier::ListCashierLimits, request);
        } else {
            v1::SetCashierLimitRequest request;
            request.set_request_id(program.client.request_id());
            request.set_property_id(program.client.property_id());
            request.set_operator_(*who);
            request.set_sale_max_e4(limits->sale.empty() ? 0 : parse_amount(limits->sale));
            request.set_day_max_e4(limits->day.empty() ? 0 : parse_amount(limits->day));
            *shown.add_limits() = call(program.client, &Cashier::SetCashierLimit, request);
        }
        program.show(shown, [&] {
            Table table;
            table.column("operator");
            table.column("per sale", Table::Align::right);
            table.column("per day", Table::Align::right);
            for (const auto& one : shown.limits()) {
                table.row({one.operator_(), limit_text(one.sale_max_e4()), limit_text(one.day_max_e4())});
            }
            table.print(std::cout);
        });
    });
}

void print_shift(const v1::Shift& shift) {
    std::cout << "shift #" << shift.shift_id() << " at " << shift.point_code() << ", " << shift.operator_()
              << ", " << shift.state() << ", " << time_text(true, shift.opened_at())
              << (shift.has_closed_at() ? " to " + time_text(true, shift.closed_at()) : "") << ", "
              << shift.receipt_count() << " receipts\n";
    Table drawers;
    drawers.column("paid by");
    for (const char* title : {"sold", "paid out", "float, in, out", "expected", "counted", "difference"}) {
        drawers.column(title, Table::Align::right);
    }
    for (const auto& one : shift.drawers()) {
        drawers.row({method_word(one.method()), money_text(one.sold_e4()), money_text(one.paid_out_e4()),
                     money_text(one.moved_e4()), money_text(one.expected_e4()),
                     optional_money(one.has_counted_e4(), one.counted_e4()),
                     optional_money(one.has_difference_e4(), one.difference_e4())});
    }
    drawers.print(std::cout);
    for (const auto& one : shift.moves()) {
        std::cout << time_text(true, one.at()) << "  " << one.kind() << " " << money_text(one.amount_e4())
                  << (one.reason().empty() ? "" : "  " + one.reason()) << '\n';
    }
    if (shift.state() == "closed") {
        std::cout << (shift.difference_e4() == 0  ? "it adds up"
                      : shift.difference_e4() < 0 ? "short by " + money_text(-shift.difference_e4())
                                                  : "over by " + money_text(shift.difference_e4()))
                  << (shift.note().empty() ? "" : " (" + shift.note() + ")") << '\n';
    }
}

void add_shift_open(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("open", "Begin to take money at a vending point");
    auto point = std::make_shared<std::string>();
    auto cash = std::make_shared<std::string>("0");
    verb->add_option("point", *point, "Code")->required();
    verb->add_option("--float", *cash, "Cash that is in the drawer already")->capture_default_str();
    verb->callback([&program, point, cash] {
        v1::OpenShiftRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_point_code(*point);
        request.set_float_e4(parse_amount(*cash));
        const auto shift = call(program.client, &Cashier::OpenShift, request);
        program.show(shift, [&] { print_shift(shift); });
    });
}

void add_shift_cash(CLI::App& noun, Program& program, bool out) {
    auto* verb = noun.add_subcommand(out ? "pay-out" : "pay-in",
                                     out ? "Cash taken out of the drawer" : "Cash put into the drawer");
    auto amount = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    verb->add_option("amount", *amount)->required();
    verb->add_option("--reason", *reason)->required();
    verb->callback([&program, amount, reason, out] {
        v1::MoveCashRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_out(out);
        request.set_amount_e4(parse_amount(*amount));
        request.set_reason(*reason);
        const auto shift = call(program.client, &Cashier::MoveCash, request);
        program.show(shift, [&] { print_shift(shift); });
    });
}

void add_shift_close(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("close", "Count the drawer, book the difference, end the shift");
    struct Arguments {
        std::array<std::string, 5> counted;
        std::string note;
        std::int64_t shift = 0;
    };
    static constexpr std::array<const char*, 5> kMethods{"cash", "card", "transfer", "cheque", "online"};
    auto a = std::make_shared<Arguments>();
    for (std::size_t i = 0; i < kMethods.size(); ++i) {
        verb->add_option(std::string("--") + kMethods[i], a->counted[i],
                         std::string("Counted: ") + kMethods[i]);
    }
    verb->add_option("--note", a->note);
    verb->add_option("--shift", a->shift, "Another operator's, by its number");
    verb->callback([&program, a] {
        v1::CloseShiftRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_shift_id(a->shift);
        request.set_note(a->note);
        for (std::size_t i = 0; i < kMethods.size(); ++i) {
            if (!a->counted[i].empty()) {
                auto& one = *request.add_counted();
                one.set_method(parse_method(kMethods[i]));
                one.set_amount_e4(parse_amount(a->counted[i]));
            }
        }
        const auto shift = call(program.client, &Cashier::CloseShift, request);
        program.show(shift, [&] { print_shift(shift); });
    });
}

void add_shift_show(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("show", "What is in the drawer; your open shift without a number");
    auto id = std::make_shared<std::int64_t>(0);
    verb->add_option("shift", *id);
    verb->callback([&program, id] {
        v1::GetShiftRequest request;
        request.set_property_id(program.client.property_id());
        request.set_shift_id(*id);
        const auto shift = call(program.client, &Cashier::GetShift, request);
        program.show(shift, [&] { print_shift(shift); });
    });
}

void add_shift_list(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("list", "Newest first");
    struct Arguments {
        PageOptions page;
        std::string from, to, point;
        bool open = false;
    };
    auto a = std::make_shared<Arguments>();
    a->page.add_to(*verb);
    verb->add_option("--from", a->from, "Opened then or later");
    verb->add_option("--to", a->to);
    verb->add_option("--point", a->point, "Code or #ID");
    verb->add_flag("--open", a->open, "Only those not counted yet");
    verb->callback([&program, a] {
        v1::ListShiftsRequest request;
        request.set_property_id(program.client.property_id());
        if (!a->point.empty()) {
            request.set_point_id(find_point(program, a->point));
        }
        if (!a->from.empty()) {
            *request.mutable_from() = parse_time(a->from);
        }
        if (!a->to.empty()) {
            *request.mutable_to() = parse_time(a->to);
        }
        request.set_open_only(a->open);
        a->page.fill(*request.mutable_page());
        const auto list = call(program.client, &Cashier::ListShifts, request);
        program.show(list, [&] {
            Table table;
            table.column("shift", Table::Align::right);
            for (const char* title : {"point", "operator", "state", "opened", "closed"}) {
                table.column(title);
            }
            table.column("receipts", Table::Align::right);
            table.column("difference", Table::Align::right);
            for (const auto& one : list.shifts()) {
                table.row({std::to_string(one.shift_id()), one.point_code(), one.operator_(), one.state(),
                           time_text(true, one.opened_at()), time_text(one.has_closed_at(), one.closed_at()),
                           std::to_string(one.receipt_count()),
                           one.state() == "closed" ? money_text(one.difference_e4()) : "—"});
            }
            table.print(std::cout);
            a->page.hint(list.next_page_token());
        });
    });
}

}  // namespace

void add_cashier_commands(CLI::App& app, Program& program) {
    auto* point = app.add_subcommand("point", "Vending points: where money is taken")->require_subcommand(1);
    add_point_add(*point, program);
    add_point_set(*point, program);
    add_point_limit(*point, program);
    point->add_subcommand("list", "By code")->callback([&program] {
        v1::ListPointsRequest request;
        request.set_property_id(program.client.property_id());
        const auto list = call(program.client, &Cashier::ListPoints, request);
        program.show(list, [&] { print_points({list.points().begin(), list.points().end()}); });
    });
    auto* shift = app.add_subcommand("shift", "Your drawer, from a float to a count")->require_subcommand(1);
    add_shift_open(*shift, program);
    add_shift_cash(*shift, program, false);
    add_shift_cash(*shift, program, true);
    add_shift_close(*shift, program);
    add_shift_show(*shift, program);
    add_shift_list(*shift, program);
}

}  // namespace wutong::ctl
