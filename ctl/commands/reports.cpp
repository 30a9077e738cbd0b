// What the counter prints and adds up.
#include <iostream>

#include "ctl/commands/delivery_view.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/account_service.grpc.pb.h"
#include "wutong/v1/sale_service.grpc.pb.h"
#include "wutong/v1/search_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

void print_receipt(const v1::Receipt& receipt) {
    const auto line = [](const char* title, const std::string& text) {
        if (!text.empty()) {
            std::cout << title << text << '\n';
        }
    };
    std::cout << receipt.property_name() << '\n';
    line("receipt     ", receipt.number() + "  " + receipt.kind());
    line("copy        ", receipt.reprints() > 0 ? std::to_string(receipt.reprints()) : "");
    line("takes back  ", receipt.reverses_number());
    line("taken back  ", receipt.reversed_by_number().empty() ? "" : "by " + receipt.reversed_by_number());
    line("at          ",
         receipt.point_code().empty() ? "" : receipt.point_code() + "  " + receipt.point_name());
    line("sold        ", time_text(receipt.has_sold_at(), receipt.sold_at()) + "  " + receipt.operator_());
    line("unit        ",
         receipt.unit_code() + (receipt.unit_name().empty() ? "" : "  " + receipt.unit_name()));
    line("customer    ", receipt.customer());
    line("account     ", receipt.account_number());
    line("meter       ", receipt.meter_code() + "  " + receipt.meter_serial_number());
    line("amount      ", money_text(receipt.amount_e4()));
    for (const auto& charge : receipt.charges()) {
        line("charge      ", charge_text(charge) + "  " + money_text(charge.taken_e4()) +
                                 (charge.tax_e4() == 0 ? "" : ", tax in it " + money_text(charge.tax_e4())) +
                                 "  (" + charge.plan() + ", version of " + charge.version() + ")");
    }
    line(receipt.kind() == "reversal" ? "off meter   " : "to meter    ",
         receipt.charged_e4() > 0 ? money_text(receipt.credited_e4()) : "");
    line("price       ", receipt.has_price_e4()
                             ? money_text(receipt.price_e4()) + " per " + unit_text(receipt.commodity())
                             : "");
    line("energy      ",
         receipt.has_energy_wh() ? energy_text(receipt.energy_wh(), receipt.commodity()) : "");
    line("balance     ", receipt.has_balance_after_e4()
                             ? money_text(receipt.balance_before_e4()) + " -> " +
                                   money_text(receipt.balance_after_e4()) +
                                   (receipt.balances_confirmed() ? "" : " expected")
                             : "");
    line("purchase    ",
         receipt.purchase_number() > 0 ? "No. " + std::to_string(receipt.purchase_number()) : "");
    line("delivery    ",
         receipt.delivery_state() + "  " + time_text(receipt.has_confirmed_at(), receipt.confirmed_at()));
    line("tariff      ",
         receipt.plan_name().empty() ? "" : receipt.plan_name() + ", version of " + receipt.plan_version());
}

void add_receipt(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("receipt", "All that is printed of one sale");
    auto reference = std::make_shared<std::string>();
    auto reprint = std::make_shared<bool>(false);
    verb->add_option("receipt", *reference, "Receipt number, or #ID of the sale")->required();
    verb->add_flag("--reprint", *reprint, "Another paper of it: marked as a copy, counted and logged");
    verb->callback([&program, reference, reprint] {
        // The number of a receipt is that of its sale, where no vending point gave one.
        const auto number = reference->starts_with("#") ? reference->substr(1) : *reference;
        v1::Receipt receipt;
        if (*reprint) {
            v1::ReprintReceiptRequest request;
            request.set_request_id(program.client.request_id());
            request.set_property_id(program.client.property_id());
            request.set_number(number);
            receipt = call(program.client, &v1::SaleService::Stub::ReprintReceipt, request);
        } else {
            v1::GetReceiptRequest request;
            request.set_property_id(program.client.property_id());
            request.set_number(number);
            receipt = call(program.client, &v1::SaleService::Stub::GetReceipt, request);
        }
        program.show(receipt, [&] { print_receipt(receipt); });
    });
}

void add_summary(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("summary", "Counts and sums, of today when no time is given");
    auto from = std::make_shared<std::string>();
    auto to = std::make_shared<std::string>();
    auto mine = std::make_shared<bool>(false);
    verb->add_option("--from", *from);
    verb->add_option("--to", *to);
    verb->add_flag("--mine", *mine, "Only what I sold");
    verb->callback([&program, from, to, mine] {
        v1::SalesSummaryRequest request;
        request.set_property_id(program.client.property_id());
        request.set_mine(*mine);
        if (!from->empty()) {
            *request.mutable_from() = parse_time(*from);
        }
        if (!to->empty()) {
            *request.mutable_to() = parse_time(*to);
        }
        const auto sums = call(program.client, &v1::SaleService::Stub::SalesSummary, request);
        program.show(sums, [&] {
            Table table;
            table.column("paid by");
            for (const char* title : {"sales", "sum", "payouts", "paid out"}) {
                table.column(title, Table::Align::right);
            }
            for (const auto& one : sums.tenders()) {
                const auto name = v1::TenderMethod_Name(one.method());
                table.row({name.substr(name.rfind('_') + 1), std::to_string(one.sale_count()),
                           money_text(one.sale_sum_e4()), std::to_string(one.payout_count()),
                           money_text(one.payout_sum_e4())});
            }
            table.row({"all", std::to_string(sums.sale_count()), money_text(sums.sale_sum_e4()),
                       std::to_string(sums.payout_count()), money_text(sums.payout_sum_e4())});
            table.print(std::cout);
            std::cout << sums.opening_count() << " meters opened, " << sums.refund_count() << " refunds of "
                      << money_text(sums.refund_sum_e4()) << ", " << sums.reversal_count()
                      << " sales taken back of " << money_text(sums.reversal_sum_e4()) << ", "
                      << sums.unfinished_count() << " on their way, " << sums.quarantined_count()
                      << " waiting for an operator\n";
        });
    });
}

void print_quote(const v1::ClosingQuote& quote) {
    std::cout << "account " << quote.number() << ", " << quote.state() << ", " << quote.customer() << '\n';
    Table meters;
    for (const char* title : {"meter", "unit", "read"}) {
        meters.column(title);
    }
    for (const char* title : {"on meter", "ledger", "in flight"}) {
        meters.column(title, Table::Align::right);
    }
    meters.column("answers");
    for (const auto& one : quote.meters()) {
        meters.row({one.meter_code(), one.unit_code(), time_text(one.has_read_at(), one.read_at()),
                    optional_money(one.has_meter_balance_e4(), one.meter_balance_e4()),
                    money_text(one.ledger_e4()), money_text(one.in_flight_e4()),
                    one.answers() ? "yes" : "no"});
    }
    meters.print(std::cout);
    std::cout << "payable afterwards "
              << optional_money(quote.has_payable_after_e4(), quote.payable_after_e4())
              << (quote.switches_off() ? ", meters are switched off" : "") << '\n';
    if (quote.deposit_e4() != 0 || quote.charges_due_e4() != 0) {
        std::cout << "in it: deposit " << money_text(quote.deposit_e4()) << ", less charges due "
                  << money_text(quote.charges_due_e4()) << '\n';
    }
    for (const auto& blocker : quote.blockers()) {
        std::cout << "can't be closed: " << blocker.text() << '\n';
    }
}

void add_find(CLI::App& app, Program& program) {
    auto* verb =
        app.add_subcommand("find", "Meters, units, accounts, customers and receipts by what they are called");
    auto text = std::make_shared<std::string>();
    auto limit = std::make_shared<int>(0);
    verb->add_option("text", *text)->required();
    verb->add_option("--limit", *limit, "Of each kind")->check(CLI::Range(1, 50));
    verb->callback([&program, text, limit] {
        v1::FindRequest request;
        request.set_property_id(program.client.property_id());
        request.set_text(*text);
        request.set_limit(*limit);
        const auto found = call(program.client, &v1::SearchService::Stub::Find, request);
        program.show(found, [&] {
            Table table;
            for (const char* title : {"kind", "", "detail", "meter", "account"}) {
                table.column(title);
            }
            for (const auto& hit : found.hits()) {
                table.row({hit.kind(), hit.title(), hit.detail(), hit.meter_code(), hit.account_number()});
            }
            table.print(std::cout);
        });
    });
}

}  // namespace

std::string charge_text(const v1::SaleCharge& charge) {
    return (charge.kind() == "minimum" ? "missing to the minimum" : charge.name()) + " " + charge.month() +
           (charge.days() == 0 ? "" : ", " + std::to_string(charge.days()) + " days");
}

void add_report_commands(CLI::App& app, Program& program) {
    auto* sale = app.get_subcommand("sale");
    add_receipt(*sale, program);
    add_summary(*sale, program);
    auto* closing =
        app.get_subcommand("account")->add_subcommand("quote-closing", "What closing now would come to");
    auto account = std::make_shared<std::string>();
    closing->add_option("account", *account, "Number or #ID")->required();
    closing->callback([&program, account] {
        v1::QuoteClosingRequest request;
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, *account));
        const auto quote = call(program.client, &v1::AccountService::Stub::QuoteClosing, request);
        program.show(quote, [&] { print_quote(quote); });
    });
    add_find(app, program);
}

}  // namespace wutong::ctl
