// "account exchange-meter", "account exchanges", "account transfer".
#include <iostream>

#include "ctl/commands/delivery_view.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/account_change_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using Changes = v1::AccountChangeService::Stub;

template <class Blockers>
void print_blockers(const Blockers& blockers) {
    for (const auto& one : blockers) {
        std::cout << "in the way: " << one.text() << " (" << one.reason() << ")\n";
    }
}

void print_quote(const v1::ExchangeQuote& quote) {
    std::cout << "account " << quote.account_number() << ", " << quote.customer() << ": meter "
              << quote.old_meter_code() << " for " << quote.new_meter_code() << '\n';
    if (quote.has_energy_wh()) {
        std::cout << "last reading " << quote.energy_wh() << " Wh, "
                  << optional_money(quote.has_meter_balance_e4(), quote.meter_balance_e4())
                  << (quote.typed() ? ", typed in" : ", read " + time_text(true, quote.read_at()))
                  << "; use of " << money_text(quote.use_to_book_e4()) << " is booked with it\n";
    }
    std::cout << "the books say " << money_text(quote.ledger_e4());
    if (quote.has_difference_e4()) {
        std::cout << ", the meter differs by " << money_text(quote.difference_e4()) << ", unexplained "
                  << money_text(quote.unexplained_e4());
    }
    std::cout << "\nwaiting payments " << money_text(quote.waiting_e4()) << ", on no meter "
              << money_text(quote.unallocated_e4()) << "\ncarried " << money_text(quote.carried_e4())
              << ", left on no meter " << money_text(quote.left_unallocated_e4()) << ", rounding "
              << money_text(quote.rounding_e4()) << ", owed " << money_text(quote.debt_e4()) << '\n';
    print_blockers(quote.blockers());
}

void add_exchange(CLI::App& noun, Program& program) {
    struct Arguments {
        std::string account, old_meter, new_meter, reason, balance, typed_reason, price, alarm_1, alarm_2,
            overdraft;
        std::int64_t energy = -1;
        std::int64_t overload_w = -1;
        bool preview = false, waiting = false, unallocated = false, accept = false, scrap = false;
        WaitOption wait;
    };
    auto a = std::make_shared<Arguments>();
    auto* verb = noun.add_subcommand(
        "exchange-meter", "Another meter for an account; the money goes with it, both readings are kept");
    verb->add_option("account", a->account, "Number or #ID")->required();
    verb->add_option("old", a->old_meter, "Code, serial number or #ID")->required();
    verb->add_option("new", a->new_meter, "Imported and on no account")->required();
    verb->add_option("--reason", a->reason, "Why; kept with the readings")->required();
    verb->add_option("--energy-wh", a->energy, "The old meter's last register, when nobody can read it");
    verb->add_option("--balance", a->balance, "The old meter's last balance, likewise");
    verb->add_option("--typed-reason", a->typed_reason, "Why it is typed in, and who read it");
    verb->add_flag("--carry-waiting", a->waiting, "Payments that wait for the old meter go to the new one");
    verb->add_flag("--carry-unallocated", a->unallocated, "The account's money that is on no meter too");
    verb->add_flag("--accept-difference", a->accept, "Carry what the books say, though the meter differs");
    verb->add_flag("--scrap", a->scrap, "Don't clear the old meter when it can be reached");
    verb->add_option("--price", a->price, "Per kWh; else the old meter's");
    verb->add_option("--alarm-1", a->alarm_1);
    verb->add_option("--alarm-2", a->alarm_2);
    verb->add_option("--overdraft", a->overdraft);
    verb->add_option("--overload-w", a->overload_w);
    verb->add_flag("--preview", a->preview, "Only say what it would come to");
    a->wait.add_to(*verb);
    verb->callback([&program, a] {
        v1::ExchangeMeterRequest request;
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, a->account));
        request.set_old_meter_id(find_meter(program, a->old_meter));
        request.set_new_meter_id(find_meter(program, a->new_meter));
        request.set_reason(a->reason);
        if (!a->typed_reason.empty() || a->energy >= 0 || !a->balance.empty()) {
            request.mutable_typed()->set_reason(a->typed_reason);
            if (a->energy >= 0) {
                request.mutable_typed()->set_energy_wh(a->energy);
            }
            if (!a->balance.empty()) {
                request.mutable_typed()->set_balance_e4(parse_amount(a->balance));
            }
        }
        request.set_carry_waiting(a->waiting);
        request.set_carry_unallocated(a->unallocated);
        request.set_accept_difference(a->accept);
        request.set_leave_old_meter(a->scrap);
        if (!a->price.empty()) {
            request.set_price_e4(parse_amount(a->price));
        }
        if (!a->alarm_1.empty()) {
            request.set_alarm_1_e4(parse_amount(a->alarm_1));
        }
        if (!a->alarm_2.empty()) {
            request.set_alarm_2_e4(parse_amount(a->alarm_2));
        }
        if (!a->overdraft.empty()) {
            request.set_overdraft_e4(parse_amount(a->overdraft));
        }
        if (a->overload_w >= 0) {
            request.set_overload_w(a->overload_w);
        }
        if (a->preview) {
            const auto quote = call(program.client, &Changes::QuoteExchange, request);
            program.show(quote, [&] { print_quote(quote); });
            return;
        }
        request.set_request_id(program.client.request_id());
        const auto done = call(program.client, &Changes::ExchangeMeter, request);
        program.show(done, [&] {
            const auto& one = done.exchange();
            std::cout << "exchange " << one.exchange_id() << ": " << one.old_meter_code() << " for "
                      << one.new_meter_code() << ", " << money_text(one.carried_e4()) << " carried\n";
        });
        a->wait.follow(program, done.delivery_id());
    });
}

void add_exchanges(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("exchanges", "Meters that were exchanged, with both readings");
    auto page = std::make_shared<PageOptions>();
    auto account = std::make_shared<std::string>();
    page->add_to(*verb);
    verb->add_option("account", *account, "Number or #ID; else all of the property");
    verb->callback([&program, page, account] {
        v1::ListExchangesRequest request;
        request.set_property_id(program.client.property_id());
        if (!account->empty()) {
            request.set_account_id(find_account(program, *account));
        }
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &Changes::ListExchanges, request);
        program.show(list, [&] {
            Table table;
            table.column("id", Table::Align::right);
            for (const char* title : {"at", "account", "old", "new"}) {
                table.column(title);
            }
            for (const char* title : {"last Wh", "last balance", "books", "carried", "first Wh"}) {
                table.column(title, Table::Align::right);
            }
            for (const char* title : {"opened", "by", "reason", "typed in"}) {
                table.column(title);
            }
            for (const auto& one : list.exchanges()) {
                table.row({std::to_string(one.exchange_id()), time_text(one.has_at(), one.at()),
                           one.account_number(), one.old_meter_code(), one.new_meter_code(),
                           one.has_energy_wh() ? std::to_string(one.energy_wh()) : "—",
                           optional_money(one.has_meter_balance_e4(), one.meter_balance_e4()),
                           money_text(one.ledger_e4()), money_text(one.carried_e4()),
                           one.has_new_energy_wh() ? std::to_string(one.new_energy_wh()) : "—",
                           one.delivery_state(), one.operator_(), one.reason(), one.typed_reason()});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
}

void print_settlement(const v1::TransferQuote& quote) {
    std::cout << "account " << quote.account_number() << ", " << quote.customer() << '\n';
    Table table;
    for (const char* title : {"meter", "unit"}) {
        table.column(title);
    }
    for (const char* title : {"last Wh", "balance", "use booked", "books", "to the new tenant",
                              "to the old one", "rounding", "unexplained"}) {
        table.column(title, Table::Align::right);
    }
    for (const auto& one : quote.meters()) {
        table.row({one.meter_code(), one.unit_code(), std::to_string(one.energy_wh()),
                   money_text(one.meter_balance_e4()), money_text(one.use_to_book_e4()),
                   money_text(one.ledger_e4()), money_text(one.carried_e4()), money_text(one.payable_e4()),
                   money_text(one.rounding_e4()), money_text(one.unexplained_e4())});
    }
    table.print(std::cout);
    std::cout << "carried " << money_text(quote.carried_e4()) << ", payable to the old tenant "
              << money_text(quote.payable_after_e4()) << '\n';
    print_blockers(quote.blockers());
}

void add_transfer(CLI::App& noun, Program& program) {
    struct Arguments {
        std::string account, customer, phone, note, number, money, reason, method = "cash";
        std::vector<std::string> first;
        std::int64_t customer_id = 0;
        bool preview = false, accept = false;
        WaitOption wait;
    };
    auto a = std::make_shared<Arguments>();
    auto* verb = noun.add_subcommand("transfer", "The account's meters go to another tenant, at once");
    verb->add_option("account", a->account, "Number or #ID")->required();
    verb->add_option("--money", a->money, "carry: it goes with the meters; refund: it stays the old tenant's")
        ->required();
    verb->add_option("--customer", a->customer, "Name of the new tenant");
    verb->add_option("--phone", a->phone);
    verb->add_option("--note", a->note);
    verb->add_option("--customer-id", a->customer_id, "A customer who is known already");
    verb->add_option("--number", a->number, "Number of the new account; else the server makes one");
    verb->add_option("--first-purchase", a->first, "With refund: METER=AMOUNT; may be given several times");
    verb->add_option("--method", a->method, "cash, card, transfer, cheque or online")->capture_default_str();
    verb->add_option("--reason", a->reason);
    verb->add_flag("--accept-difference", a->accept, "What the books say counts, though a meter differs");
    verb->add_flag("--preview", a->preview, "Only say what it would come to");
    a->wait.add_to(*verb);
    verb->callback([&program, a] {
        v1::TransferAccountRequest request;
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, a->account));
        request.mutable_customer()->set_customer_id(a->customer_id);
        request.mutable_customer()->set_name(a->customer);
        request.mutable_customer()->set_phone(a->phone);
        request.mutable_customer()->set_note(a->note);
        request.set_number(a->number);
        request.set_reason(a->reason);
        request.set_accept_difference(a->accept);
        request.set_method(parse_method(a->method));
        if (a->money != "carry" && a->money != "refund") {
            throw Failure(ExitCode::usage, "--money is carry or refund, not \"" + a->money + "\"");
        }
        request.set_money(a->money == "carry" ? v1::TRANSFER_MONEY_CARRY : v1::TRANSFER_MONEY_REFUND);
        for (const auto& one : a->first) {
            const auto equals = one.rfind('=');
            if (equals == std::string::npos) {
                throw Failure(ExitCode::usage, "--first-purchase is METER=AMOUNT, not \"" + one + "\"");
            }
            auto& meter = *request.add_meters();
            meter.set_meter_id(find_meter(program, one.substr(0, equals)));
            meter.set_first_purchase_e4(parse_amount(one.substr(equals + 1)));
        }
        if (a->preview) {
            const auto quote = call(program.client, &Changes::QuoteTransfer, request);
            program.show(quote, [&] { print_settlement(quote); });
            return;
        }
        request.set_request_id(program.client.request_id());
        const auto done = call(program.client, &Changes::TransferAccount, request);
        program.show(done, [&] {
            print_settlement(done.settlement());
            std::cout << "new account " << done.new_account().number() << ", "
                      << done.new_account().customer().name() << '\n';
        });
        for (const auto id : done.delivery_ids()) {
            a->wait.follow(program, id);
        }
    });
}

}  // namespace

void add_account_change_commands(CLI::App& app, Program& program) {
    auto* noun = app.get_subcommand("account");
    add_exchange(*noun, program);
    add_exchanges(*noun, program);
    add_transfer(*noun, program);
}

}  // namespace wutong::ctl
