#include <iostream>

#include "ctl/commands/delivery_view.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/account_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

void print_account(const v1::Account& account) {
    std::cout << "account " << account.number() << " (#" << account.account_id() << "), " << account.state()
              << ", " << account.customer().name()
              << (account.customer().phone().empty() ? "" : ", " + account.customer().phone()) << '\n';
    Table ledger;
    for (const char* title : {"prepaid", "in flight", "unallocated", "payable", "used", "deposit"}) {
        ledger.column(title, Table::Align::right);
    }
    ledger.row({money_text(account.prepaid_credit_e4()), money_text(account.in_flight_e4()),
                money_text(account.unallocated_e4()), money_text(account.refund_payable_e4()),
                money_text(account.consumed_e4()), money_text(account.deposit_e4())});
    ledger.print(std::cout);
    Table meters;
    for (const char* title : {"meter", "unit", "linked", "opened on meter", "ended"}) {
        meters.column(title);
    }
    meters.column("No.", Table::Align::right);
    meters.column("on meter", Table::Align::right);
    for (const auto& one : account.meters()) {
        meters.row({one.meter_code(), one.unit_code(), time_text(one.has_linked_at(), one.linked_at()),
                    time_text(one.has_opened_on_meter_at(), one.opened_on_meter_at()),
                    one.has_unlinked_at() ? time_text(true, one.unlinked_at()) : "",
                    std::to_string(one.purchase_number()),
                    optional_money(one.has_meter_balance_e4(), one.meter_balance_e4())});
    }
    meters.print(std::cout);
}

constexpr const char* kDepositHelp =
    "Handed over as well, as a security; a tariff plan may ask for one. 0: none is taken, although it asks";

struct MeterTerms {
    std::string reference;
    std::string first = "0";
    std::string price, alarm_1, alarm_2, overdraft;
    std::int64_t overload_w = -1;

    void add_to(CLI::App& verb) {
        verb.add_option("--first-purchase", first, "Amount sold with the opening")->capture_default_str();
        verb.add_option("--price", price, "Per kWh, of water per m³; else the meter's or the property's");
        verb.add_option("--alarm-1", alarm_1);
        verb.add_option("--alarm-2", alarm_2);
        verb.add_option("--overdraft", overdraft);
        verb.add_option("--overload-w", overload_w);
    }

    void fill(Program& program, v1::OpenMeter& meter) const {
        meter.set_meter_id(find_meter(program, reference));
        meter.set_first_purchase_e4(parse_amount(first));
        if (!price.empty()) {
            meter.set_price_e4(parse_amount(price));
        }
        if (!alarm_1.empty()) {
            meter.set_alarm_1_e4(parse_amount(alarm_1));
        }
        if (!alarm_2.empty()) {
            meter.set_alarm_2_e4(parse_amount(alarm_2));
        }
        if (!overdraft.empty()) {
            meter.set_overdraft_e4(parse_amount(overdraft));
        }
        if (overload_w >= 0) {
            meter.set_overload_w(overload_w);
        }
    }
};

// Every answer that queued deliveries ends the same way.
template <class Response>
void finish(Program& program, const Response& response, const WaitOption& wait) {
    program.show(response, [&] { print_account(response.account()); });
    for (const auto id : response.delivery_ids()) {
        wait.follow(program, id);
    }
}

void add_open(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("open", "A new account with one or more meters");
    struct Arguments {
        std::vector<std::string> meters;
        std::string customer, phone, note, number, method = "cash", deposit;
        std::int64_t customer_id = 0;
        MeterTerms terms;
        WaitOption wait;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("--meter", a->meters, "Code, serial number or #ID; may be given several times")
        ->required();
    verb->add_option("--customer", a->customer, "Name of a new customer");
    verb->add_option("--phone", a->phone);
    verb->add_option("--note", a->note);
    verb->add_option("--customer-id", a->customer_id, "A customer who is known already");
    verb->add_option("--number", a->number, "Account number; else the server makes one");
    verb->add_option("--deposit", a->deposit, kDepositHelp);
    verb->add_option("--method", a->method, "cash, card, transfer, cheque or online")->capture_default_str();
    a->terms.add_to(*verb);
    a->wait.add_to(*verb);
    verb->callback([&program, a] {
        v1::OpenAccountRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_number(a->number);
        request.mutable_customer()->set_customer_id(a->customer_id);
        request.mutable_customer()->set_name(a->customer);
        request.mutable_customer()->set_phone(a->phone);
        request.mutable_customer()->set_note(a->note);
        request.set_method(parse_method(a->method));
        if (!a->deposit.empty()) {
            request.set_deposit_e4(parse_amount(a->deposit));
        }
        for (const auto& meter : a->meters) {
            a->terms.reference = meter;
            a->terms.fill(program, *request.add_meters());
        }
        finish(program, call(program.client, &v1::AccountService::Stub::OpenAccount, request), a->wait);
    });
}

void add_add_meter(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("add-meter", "One more meter for an open account");
    struct Arguments {
        std::string account, method = "cash", deposit;
        MeterTerms terms;
        WaitOption wait;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("account", a->account, "Number or #ID")->required();
    verb->add_option("meter", a->terms.reference, "Code, serial number or #ID")->required();
    verb->add_option("--method", a->method)->capture_default_str();
    verb->add_option("--deposit", a->deposit, kDepositHelp);
    a->terms.add_to(*verb);
    a->wait.add_to(*verb);
    verb->callback([&program, a] {
        v1::AddMeterRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, a->account));
        request.set_method(parse_method(a->method));
        if (!a->deposit.empty()) {
            request.set_deposit_e4(parse_amount(a->deposit));
        }
        a->terms.fill(program, *request.mutable_meter());
        finish(program, call(program.client, &v1::AccountService::Stub::AddMeter, request), a->wait);
    });
}

void add_close(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand(
        "close", "Clear the account's meters and close it; what they hold becomes payable");
    struct Arguments {
        std::string account, reason;
        WaitOption wait;
    };
    auto a = std::make_shared<Arguments>();
    verb->add_option("account", a->account, "Number or #ID")->required();
    verb->add_option("--reason", a->reason);
    a->wait.add_to(*verb);
    verb->callback([&program, a] {
        v1::CloseAccountRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, a->account));
        request.set_reason(a->reason);
        finish(program, call(program.client, &v1::AccountService::Stub::CloseAccount, request), a->wait);
    });
}

void add_account_list(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("list", "Accounts by number");
    auto page = std::make_shared<PageOptions>();
    auto state = std::make_shared<std::string>();
    auto search = std::make_shared<std::string>();
    page->add_to(*verb);
    verb->add_option("--state", *state, "open, closing or closed");
    verb->add_option("--search", *search, "Part of number, customer or phone");
    verb->callback([&program, page, state, search] {
        v1::ListAccountsRequest request;
        request.set_property_id(program.client.property_id());
        request.set_state(*state);
        request.set_search(*search);
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::AccountService::Stub::ListAccounts, request);
        program.show(list, [&] {
            Table table;
            table.column("id", Table::Align::right);
            for (const char* title : {"number", "state", "customer", "phone", "opened"}) {
                table.column(title);
            }
            table.column("meters", Table::Align::right);
            for (const auto& one : list.accounts()) {
                table.row({std::to_string(one.account_id()), one.number(), one.state(), one.customer().name(),
                           one.customer().phone(), time_text(one.has_opened_at(), one.opened_at()),
                           std::to_string(one.meters_size())});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
}

void add_entries(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("entries", "Journal entries of an account");
    auto page = std::make_shared<PageOptions>();
    auto account = std::make_shared<std::string>();
    page->add_to(*verb);
    verb->add_option("account", *account, "Number or #ID")->required();
    verb->callback([&program, page, account] {
        v1::ListEntriesRequest request;
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, *account));
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::AccountService::Stub::ListEntries, request);
        program.show(list, [&] {
            Table table;
            table.column("entry", Table::Align::right);
            for (const char* title : {"booked", "kind", "ledger account"}) {
                table.column(title);
            }
            table.column("amount", Table::Align::right);
            table.column("memo");
            for (const auto& entry : list.entries()) {
                for (const auto& posting : entry.postings()) {
                    const bool first = &posting == &entry.postings(0);
                    table.row({first ? std::to_string(entry.entry_id()) : "",
                               first ? time_text(true, entry.booked_at()) : "", first ? entry.kind() : "",
                               posting.account(), money_text(posting.amount_e4()),
                               first ? entry.memo() : ""});
                }
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
}

}  // namespace

void add_account_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("account", "Accounts: a customer and the meters")->require_subcommand(1);
    add_open(*noun, program);
    add_add_meter(*noun, program);
    add_close(*noun, program);
    add_account_list(*noun, program);
    add_entries(*noun, program);
    auto* show = noun->add_subcommand("show", "One account with its balances");
    auto reference = std::make_shared<std::string>();
    show->add_option("account", *reference, "Number or #ID")->required();
    show->callback([&program, reference] {
        v1::GetAccountRequest request;
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, *reference));
        const auto account = call(program.client, &v1::AccountService::Stub::GetAccount, request);
        program.show(account, [&] { print_account(account); });
    });
}

}  // namespace wutong::ctl
