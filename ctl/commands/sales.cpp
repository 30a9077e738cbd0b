#include <iostream>

#include "ctl/commands/delivery_view.hpp"
#include "ctl/program.hpp"
#include "wutong/v1/device_service.grpc.pb.h"
#include "wutong/v1/sale_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

bool finished(const v1::Delivery& delivery) {
    return delivery.state() == "delivered" || delivery.state() == "refused" ||
           delivery.state() == "quarantined";
}

std::string look_text(bool has, const v1::CreditLook& look) {
    return has ? "No. " + std::to_string(look.purchase_number()) + " " + money_text(look.balance_e4()) : "—";
}

void print_delivery_line(const v1::Delivery& d) {
    std::cout << "delivery #" << d.delivery_id() << " " << d.kind() << " " << money_text(d.amount_e4())
              << ": " << d.state();
    if (d.has_before() && d.has_after()) {
        std::cout << ", " << look_text(true, d.before()) << " → " << look_text(true, d.after());
    }
    if (!d.reason().empty()) {
        std::cout << " (" << d.reason() << ")";
    }
    std::cout << std::endl;
}

v1::Delivery watch_delivery(Program& program, std::int64_t delivery_id, int seconds) {
    v1::GetDeliveryRequest request;
    request.set_property_id(program.client.property_id());
    request.set_delivery_id(delivery_id);
    v1::Delivery last;
    stream<v1::SaleService::Stub, v1::GetDeliveryRequest, v1::Delivery>(
        program.client, &v1::SaleService::Stub::WatchDelivery, request,
        [&](const v1::Delivery& now) {
            last = now;
            program.show(now, [&] { print_delivery_line(now); });
            return !finished(now);
        },
        std::chrono::seconds{seconds});
    return last;
}

// The account that a meter belongs to now, so that a cashier names the meter only.
std::int64_t account_of(Program& program, std::int64_t meter_id, const std::string& account) {
    if (!account.empty()) {
        return find_account(program, account);
    }
    v1::GetMeterRequest request;
    request.set_property_id(program.client.property_id());
    request.set_meter_id(meter_id);
    const auto meter = call(program.client, &v1::DeviceService::Stub::GetMeter, request);
    if (meter.account_id() == 0) {
        throw Failure(ExitCode::refused, "meter " + meter.code() + " has no account; open one first",
                      "meter_not_linked");
    }
    return meter.account_id();
}

struct SaleArguments {
    std::string meter, amount, account, method = "cash", reason;
    WaitOption wait;
};

template <class Charges>
void print_charges(const Charges& charges) {
    for (const auto& one : charges) {
        std::cout << "  " << charge_text(one) << ": " << money_text(one.taken_e4()) << " of "
                  << money_text(one.due_e4()) << '\n';
    }
}

void print_receipt(const v1::SaleReceipt& receipt) {
    std::cout << receipt.kind() << " #" << receipt.sale_id() << ", receipt " << receipt.receipt_number()
              << ": " << money_text(receipt.amount_e4()) << " on meter " << receipt.meter_code()
              << ", account " << receipt.account_number() << " " << receipt.customer() << ", "
              << time_text(receipt.has_sold_at(), receipt.sold_at())
              << (receipt.delivery_id() == 0 && receipt.charged_e4() == receipt.amount_e4() &&
                          receipt.charged_e4() > 0
                      ? ", all of it for charges"
                  : receipt.delivery_id() == 0 && receipt.kind() != "reversal"
                      ? ", at once: the server keeps this meter's credit"
                  : receipt.delivery_id() == 0 ? ", withdrawn before it was sent"
                                               : ", delivery #" + std::to_string(receipt.delivery_id()) +
                                                     " " + receipt.delivery_state())
              << '\n';
    print_charges(receipt.charges());
    if (receipt.charged_e4() > 0) {
        std::cout << (receipt.kind() == "reversal" ? "  off the meter: " : "  to the meter: ")
                  << money_text(receipt.amount_e4() - receipt.charged_e4()) << '\n';
    }
}

std::shared_ptr<SaleArguments> add_sale_options(CLI::App& verb, bool method) {
    auto a = std::make_shared<SaleArguments>();
    verb.add_option("meter", a->meter, "Code, serial number or #ID")->required();
    verb.add_option("amount", a->amount, "e.g. 100.00")->required();
    verb.add_option("--account", a->account, "Number or #ID; else the account that the meter belongs to");
    if (method) {
        verb.add_option("--method", a->method, "cash, card, transfer, cheque or online")
            ->capture_default_str();
    } else {
        verb.add_option("--reason", a->reason);
    }
    a->wait.add_to(verb);
    return a;
}

void add_sell(CLI::App& app, Program& program) {
    auto* sell = app.add_subcommand("sell", "Sell electricity");
    const auto s = add_sale_options(*sell, true);
    sell->callback([&program, s] {
        v1::SellRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, s->meter));
        request.set_account_id(account_of(program, request.meter_id(), s->account));
        request.set_amount_e4(parse_amount(s->amount));
        request.set_method(parse_method(s->method));
        const auto receipt = call(program.client, &v1::SaleService::Stub::Sell, request);
        program.show(receipt, [&] { print_receipt(receipt); });
        s->wait.follow(program, receipt.delivery_id());
    });

    auto* refund = app.add_subcommand("refund", "Take money off a meter; pay it out with pay-refund");
    const auto r = add_sale_options(*refund, false);
    refund->callback([&program, r] {
        v1::RefundRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, r->meter));
        request.set_account_id(account_of(program, request.meter_id(), r->account));
        request.set_amount_e4(parse_amount(r->amount));
        request.set_reason(r->reason);
        const auto receipt = call(program.client, &v1::SaleService::Stub::Refund, request);
        program.show(receipt, [&] { print_receipt(receipt); });
        r->wait.follow(program, receipt.delivery_id());
    });

    auto* quote = app.add_subcommand("quote", "What a sale would do, without doing it");
    const auto q = add_sale_options(*quote, true);
    quote->callback([&program, q] {
        v1::QuoteRequest request;
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, q->meter));
        request.set_account_id(account_of(program, request.meter_id(), q->account));
        request.set_amount_e4(parse_amount(q->amount));
        const auto response = call(program.client, &v1::SaleService::Stub::Quote, request);
        program.show(response, [&] {
            std::cout << optional_money(response.has_balance_now_e4(), response.balance_now_e4()) << " → "
                      << money_text(response.balance_after_e4()) << ", "
                      << energy_text(response.energy_wh(), response.commodity()) << " at "
                      << money_text(response.price_e4()) << ", No. " << response.purchase_number_now()
                      << " → " << response.purchase_number_after() << '\n';
            print_charges(response.charges());
            if (response.charges_size() > 0) {
                std::cout << "  to the meter: " << money_text(response.credited_e4())
                          << ", still due afterwards: " << money_text(response.due_after_e4()) << '\n';
            }
            if (!response.charges_fault().empty()) {
                std::cout << "  not all charges could be found: " << response.charges_fault() << '\n';
            }
            if (!response.refusal().empty()) {
                std::cout << "can't be sold: " << response.refusal_text() << '\n';
            }
        });
    });
}

void add_pay_refund(CLI::App& app, Program& program) {
    auto* verb = app.add_subcommand("pay-refund", "Hand over what is payable to a tenant");
    auto a = std::make_shared<SaleArguments>();
    verb->add_option("account", a->account, "Number or #ID")->required();
    verb->add_option("amount", a->amount)->required();
    verb->add_option("--method", a->method)->capture_default_str();
    verb->callback([&program, a] {
        v1::PayRefundRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_account_id(find_account(program, a->account));
        request.set_amount_e4(parse_amount(a->amount));
        request.set_method(parse_method(a->method));
        const auto done = call(program.client, &v1::SaleService::Stub::PayRefund, request);
        program.show(done, [&] {
            std::cout << "paid (entry #" << done.entry_id() << "), still payable "
                      << money_text(done.still_payable_e4()) << '\n';
        });
    });
}

void add_sale_list(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("sale", "Sales and refunds")->require_subcommand(1);
    auto* verb = noun->add_subcommand("list", "Newest first");
    auto page = std::make_shared<PageOptions>();
    auto account = std::make_shared<std::string>();
    auto from = std::make_shared<std::string>();
    auto to = std::make_shared<std::string>();
    auto kind = std::make_shared<std::string>();
    auto shift = std::make_shared<std::int64_t>(0);
    page->add_to(*verb);
    verb->add_option("--account", *account);
    verb->add_option("--from", *from);
    verb->add_option("--to", *to);
    verb->add_option("--kind", *kind, "opening, sale, refund, reversal or closing");
    verb->add_option("--shift", *shift, "Number of a cashier's shift");
    verb->callback([&program, page, account, from, to, kind, shift] {
        v1::ListSalesRequest request;
        request.set_property_id(program.client.property_id());
        if (!account->empty()) {
            request.set_account_id(find_account(program, *account));
        }
        if (!from->empty()) {
            *request.mutable_from() = parse_time(*from);
        }
        if (!to->empty()) {
            *request.mutable_to() = parse_time(*to);
        }
        request.set_kind(*kind);
        request.set_shift_id(*shift);
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::SaleService::Stub::ListSales, request);
        program.show(list, [&] {
            Table table;
            table.column("id", Table::Align::right);
            for (const char* title : {"receipt", "at", "kind", "account", "customer", "meter"}) {
                table.column(title);
            }
            table.column("amount", Table::Align::right);
            table.column("delivery");
            for (const auto& one : list.sales()) {
                table.row({std::to_string(one.sale_id()), one.receipt_number(),
                           time_text(one.has_sold_at(), one.sold_at()), one.kind(), one.account_number(),
                           one.customer(), one.meter_code(), money_text(one.amount_e4()),
                           one.delivery_state()});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
}

void add_reverse(CLI::App& app, Program& program) {
    auto* verb = app.get_subcommand("sale")->add_subcommand(
        "reverse", "Take the last sale on a meter back, if the meter still holds it");
    auto a = std::make_shared<SaleArguments>();
    verb->add_option("receipt", a->account, "Receipt number, or #ID of the sale")->required();
    verb->add_option("--reason", a->reason)->required();
    a->wait.add_to(*verb);
    verb->callback([&program, a] {
        v1::ReverseRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_number(a->account.starts_with("#") ? a->account.substr(1) : a->account);
        request.set_reason(a->reason);
        const auto receipt = call(program.client, &v1::SaleService::Stub::Reverse, request);
        program.show(receipt, [&] { print_receipt(receipt); });
        if (receipt.delivery_id() != 0) {
            a->wait.follow(program, receipt.delivery_id());
        }
    });
}

void print_settlement(const v1::Delivery& d) {
    if (d.has_settlement()) {
        std::cout << "  " << d.settlement().operator_() << " says "
                  << (d.settlement().delivered() ? "delivered" : "refused") << " (" << d.settlement().reason()
                  << "); it is settled when another operator says the same\n";
    }
}

void add_delivery(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("delivery", "Credit on its way to meters")->require_subcommand(1);
    auto id = std::make_shared<std::int64_t>(0);

    auto* show = noun->add_subcommand("show", "One delivery with its evidence");
    show->add_option("id", *id)->required();
    show->callback([&program, id] {
        v1::GetDeliveryRequest request;
        request.set_property_id(program.client.property_id());
        request.set_delivery_id(*id);
        const auto delivery = call(program.client, &v1::SaleService::Stub::GetDelivery, request);
        program.show(delivery, [&] {
            print_delivery_line(delivery);
            print_settlement(delivery);
            std::cout << delivery.evidence_json() << '\n';
        });
    });

    auto* watch = noun->add_subcommand("watch", "Follow one delivery until it is finished");
    auto seconds = std::make_shared<int>(600);
    watch->add_option("id", *id)->required();
    watch->add_option("--wait", *seconds)->check(CLI::Range(1, 86'400))->capture_default_str();
    watch->callback([&program, id, seconds] {
        WaitOption wait;
        wait.seconds = *seconds;
        wait.follow(program, *id);
    });

    auto* settle =
        noun->add_subcommand("settle",
                             "Your word on a quarantined delivery, after looking at the meter; it takes two "
                             "operators (parameter settle_persons)");
    auto outcome = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    settle->add_option("id", *id)->required();
    settle->add_option("outcome", *outcome)->required()->check(CLI::IsMember({"delivered", "refused"}));
    settle->add_option("--reason", *reason)->required();
    settle->callback([&program, id, outcome, reason] {
        v1::SettleDeliveryRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_delivery_id(*id);
        request.set_delivered(*outcome == "delivered");
        request.set_reason(*reason);
        const auto delivery = call(program.client, &v1::SaleService::Stub::SettleDelivery, request);
        program.show(delivery, [&] {
            print_delivery_line(delivery);
            print_settlement(delivery);
        });
    });

    auto* list_verb = noun->add_subcommand("list", "Newest first");
    auto page = std::make_shared<PageOptions>();
    auto meter = std::make_shared<std::string>();
    auto account = std::make_shared<std::string>();
    auto unfinished = std::make_shared<bool>(false);
    page->add_to(*list_verb);
    list_verb->add_option("--meter", *meter);
    list_verb->add_option("--account", *account);
    list_verb->add_flag("--unfinished", *unfinished, "Only what is under way or waits for an operator");
    list_verb->callback([&program, page, meter, account, unfinished] {
        v1::ListDeliveriesRequest request;
        request.set_property_id(program.client.property_id());
        if (!meter->empty()) {
            request.set_meter_id(find_meter(program, *meter));
        }
        if (!account->empty()) {
            request.set_account_id(find_account(program, *account));
        }
        request.set_unfinished_only(*unfinished);
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::SaleService::Stub::ListDeliveries, request);
        program.show(list, [&] {
            for (const auto& one : list.deliveries()) {
                print_delivery_line(one);
            }
            page->hint(list.next_page_token());
        });
    });
}

}  // namespace

void WaitOption::add_to(CLI::App& verb) {
    verb.add_option("--wait", seconds, "Follow the delivery to the meter for at most this many seconds")
        ->check(CLI::Range(1, 86'400));
}

void WaitOption::follow(Program& program, std::int64_t delivery_id) const {
    if (seconds == 0 || delivery_id == 0) {
        return;  // 0: nothing goes to the meter
    }
    v1::Delivery last;
    try {
        last = watch_delivery(program, delivery_id, seconds);
    } catch (const Failure& failure) {
        if (failure.code() != ExitCode::outcome_unknown) {
            throw;
        }
    }
    if (!finished(last)) {
        throw Failure(ExitCode::outcome_unknown,
                      "delivery #" + std::to_string(delivery_id) +
                          " is booked and on its way; 'wutongctl delivery watch " +
                          std::to_string(delivery_id) + "' follows it",
                      "delivery_under_way");
    }
    if (last.state() != "delivered") {
        throw Failure(
            ExitCode::refused,
            "delivery #" + std::to_string(delivery_id) + " ended " + last.state() + ": " + last.reason(),
            "delivery_" + last.state());
    }
}

void add_sale_commands(CLI::App& app, Program& program) {
    add_sell(app, program);
    add_pay_refund(app, program);
    add_sale_list(app, program);
    add_reverse(app, program);
    add_delivery(app, program);
}

}  // namespace wutong::ctl
