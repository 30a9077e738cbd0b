// An account's statement.
#include <iostream>

#include "ctl/program.hpp"
#include "ctl/statement_file.hpp"
#include "wutong/v1/account_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

/// Opening a file of a million lines would help nobody.
constexpr int kLinesMax = 100'000;

/// All pages as one. Its hash is that of the first page, when all of it was there already.
v1::Statement whole_statement(Program& program, v1::StatementRequest request) {
    request.mutable_page()->set_size(1000);
    auto whole = call(program.client, &v1::AccountService::Stub::GetStatement, request);
    // Later pages must tell of the same time, or an entry that is booked meanwhile would be in some of it.
    *request.mutable_from() = whole.from();
    *request.mutable_to() = whole.to();
    while (!whole.next_page_token().empty()) {
        if (whole.lines_size() >= kLinesMax) {
            throw Failure(ExitCode::refused,
                          "the statement has more than " + std::to_string(kLinesMax) +
                              " entries; choose a shorter time with --from and --to",
                          "statement_too_long");
        }
        request.mutable_page()->set_token(whole.next_page_token());
        const auto page = call(program.client, &v1::AccountService::Stub::GetStatement, request);
        whole.mutable_lines()->MergeFrom(page.lines());
        whole.set_next_page_token(page.next_page_token());
    }
    return whole;
}

void print_statement(const v1::Statement& statement) {
    std::cout << statement.property_name() << "\naccount " << statement.number() << ", "
              << statement.customer() << ", " << statement.currency() << '\n'
              << time_text(true, statement.from()) << " to " << time_text(true, statement.to()) << '\n';
    Table lines;
    lines.column("entry", Table::Align::right);
    lines.column("booked");
    lines.column("why");
    lines.column("meter");
    lines.column("change", Table::Align::right);
    lines.column("balance", Table::Align::right);
    lines.row({"", "", "opening balance", "", "", money_text(statement.opening_balance_e4())});
    for (const auto& one : statement.lines()) {
        lines.row(
            {std::to_string(one.entry_id()), time_text(true, one.booked_at()), one.reason(), one.meter_code(),
             one.change_e4() == 0 ? "(" + money_text(one.moved_e4()) + ")" : money_text(one.change_e4()),
             money_text(one.balance_e4())});
    }
    lines.row({"", "", "closing balance", "", "", money_text(statement.closing_balance_e4())});
    lines.print(std::cout);
    std::cout << "paid in " << money_text(statement.paid_in_e4()) << ", used "
              << money_text(statement.used_e4()) << ", paid out " << money_text(statement.paid_out_e4());
    if (statement.other_e4() != 0) {
        std::cout << ", other " << money_text(statement.other_e4());
    }
    std::cout << '\n';
    for (const auto& one : statement.meters()) {
        std::cout << "meter " << one.meter_code() << "  ";
        if (one.has_energy_wh()) {
            std::cout << energy_text(one.energy_wh(), one.commodity()) << "  ("
                      << energy_text(one.first_wh(), one.commodity()) << " at "
                      << time_text(true, one.first_at()) << ", "
                      << energy_text(one.last_wh(), one.commodity()) << " at "
                      << time_text(true, one.last_at()) << ")\n";
        } else {
            std::cout << "no readings in this time\n";
        }
    }
    if (statement.sealed_position() > 0) {
        std::cout << "sealed up to entry " << statement.sealed_entry_id() << ": position "
                  << statement.sealed_position() << ", " << statement.sealed_hash() << '\n';
    } else {
        std::cout << "none of it is sealed yet\n";
    }
}

}  // namespace

void add_statement_commands(CLI::App& app, Program& program) {
    auto* verb = app.get_subcommand("account")->add_subcommand(
        "statement", "Every entry of a time with its reason, and the balance before and after");
    struct Arguments {
        std::string account, from, to, xlsx, pdf;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("account", a->account, "Number or #ID")->required();
    verb->add_option("--from", a->from, "else: from the opening of the account");
    verb->add_option("--to", a->to, "excluded; else: until now");
    verb->add_option("--xlsx", a->xlsx, "Into this file too");
    verb->add_option("--pdf", a->pdf, "Into this file too, on A4 pages");
    verb->callback([&program, a] {
        v1::StatementRequest request;
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, a->account));
        if (!a->from.empty()) {
            *request.mutable_from() = parse_time(a->from);
        }
        if (!a->to.empty()) {
            *request.mutable_to() = parse_time(a->to);
        }
        const auto statement = whole_statement(program, request);
        if (!a->xlsx.empty()) {
            write_statement_file(a->xlsx, statement);
        }
        if (!a->pdf.empty()) {
            write_statement_pdf(a->pdf, statement);
        }
        program.show(statement, [&] { print_statement(statement); });
    });
}

}  // namespace wutong::ctl
