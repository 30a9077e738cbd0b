// "balances": what ledger and meters say, why they differ, and the proofs of it.
#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/balance_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using Balances = v1::BalanceService::Stub;

std::string reading_age(const v1::MeterBalance& one) {
    if (!one.has_read_at()) {
        return "never";
    }
    const auto age = one.age_s();
    return age < 120       ? std::to_string(age) + " s"
           : age < 7'200   ? std::to_string(age / 60) + " min"
           : age < 172'800 ? std::to_string(age / 3'600) + " h"
                           : std::to_string(age / 86'400) + " d";
}

/// Nothing is shown for a cause that doesn't count.
std::string cause_text(bool known, std::int64_t e4) {
    return !known ? "—" : e4 == 0 ? "" : money_text(e4);
}

template <class Meters>
void print_balances(const Meters& meters) {
    Table table;
    for (const char* title : {"meter", "unit", "account"}) {
        table.column(title);
    }
    for (const char* title : {"ledger", "meter", "read", "difference", "in flight", "not booked", "price",
                              "rounding", "foreign", "unexplained"}) {
        table.column(title, Table::Align::right);
    }
    for (const auto& one : meters) {
        const auto& causes = one.causes();
        const bool known = one.has_causes();
        table.row({one.meter_code(), one.unit_code(), one.account_number(), money_text(one.ledger_e4()),
                   optional_money(one.has_meter_e4(), one.meter_e4()), reading_age(one),
                   optional_money(one.has_difference_e4(), one.difference_e4()),
                   cause_text(known, causes.in_flight_e4()), cause_text(known, causes.use_not_booked_e4()),
                   cause_text(known, causes.price_change_e4()), cause_text(known, causes.rounding_e4()),
                   cause_text(known, causes.foreign_write_e4()), cause_text(known, causes.unexplained_e4())});
    }
    table.print(std::cout);
}

void print_proof(const v1::BalanceProof& proof) {
    const auto& causes = proof.causes();
    std::cout << "proof " << proof.proof_id() << " of " << proof.day() << ", "
              << (proof.scheduled() ? "nightly" : "asked for by " + proof.operator_()) << ", "
              << time_text(proof.has_finished_at(), proof.finished_at()) << '\n'
              << proof.meters() << " meters, " << proof.not_read() << " never read, " << proof.stale()
              << " not read for a day\n"
              << "ledger " << money_text(proof.ledger_e4()) << ", meters " << money_text(proof.meter_e4())
              << ", difference " << money_text(proof.difference_e4()) << ": in flight "
              << money_text(causes.in_flight_e4()) << ", not booked "
              << money_text(causes.use_not_booked_e4()) << ", price " << money_text(causes.price_change_e4())
              << ", rounding " << money_text(causes.rounding_e4()) << ", foreign "
              << money_text(causes.foreign_write_e4()) << ", unexplained "
              << money_text(causes.unexplained_e4()) << '\n';
    if (proof.unexplained() == 0) {
        std::cout << "every difference is explained\n";
        return;
    }
    std::cout << proof.unexplained() << " meters with a difference that nothing explains\n";
    print_balances(proof.worst());
}

v1::BalanceOrder order_named(const std::string& name) {
    if (name == "meter") {
        return v1::BALANCE_ORDER_METER;
    }
    if (name == "difference") {
        return v1::BALANCE_ORDER_DIFFERENCE;
    }
    if (name == "oldest") {
        return v1::BALANCE_ORDER_OLDEST_READING;
    }
    throw Failure(ExitCode::usage, "--order is meter, difference or oldest, not \"" + name + "\"");
}

void add_balance_list(CLI::App& noun, Program& program) {
    struct Arguments {
        bool unexplained = false;
        std::string order = "meter";
        PageOptions page;
    };
    auto a = std::make_shared<Arguments>();
    auto* verb =
        noun.add_subcommand("list", "All meters with both balances and the causes of the difference");
    for (auto* one : {&noun, verb}) {
        one->add_flag("--unexplained", a->unexplained, "Only those with a part that nothing explains");
        one->add_option("--order", a->order, "meter, difference or oldest")->capture_default_str();
        a->page.add_to(*one);
    }
    const auto list = [&program, a] {
        v1::ListBalancesRequest request;
        request.set_property_id(program.client.property_id());
        request.set_unexplained_only(a->unexplained);
        request.set_order(order_named(a->order));
        a->page.fill(*request.mutable_page());
        const auto found = call(program.client, &Balances::ListBalances, request);
        program.show(found, [&] {
            print_balances(found.balances());
            a->page.hint(found.next_page_token());
            if (found.has_last_proof()) {
                const auto& proof = found.last_proof();
                std::cout << "last proof: " << proof.day() << ", " << proof.meters() << " meters, "
                          << proof.unexplained() << " unexplained\n";
            }
        });
    };
    verb->callback(list);
    // Plain `wutongctl balances` lists too.
    noun.callback([&noun, list] {
        if (noun.get_subcommands().empty()) {
            list();
        }
    });
}

void add_one_balance(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("show", "One meter, with what stands behind each cause");
    auto meter = std::make_shared<std::string>();
    verb->add_option("meter", *meter, "Code, serial number or #ID")->required();
    verb->callback([&program, meter] {
        v1::GetBalanceRequest request;
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, *meter));
        const auto page = call(program.client, &Balances::GetBalance, request);
        program.show(page, [&] {
            print_balances(std::vector<v1::MeterBalance>{page.balance()});
            Table table;
            for (const char* title : {"cause", "at", "kind", "state"}) {
                table.column(title);
            }
            for (const char* title : {"amount", "from Wh", "to Wh", "entry", "delivery", "command"}) {
                table.column(title, Table::Align::right);
            }
            table.column("what");
            const auto number = [](std::int64_t id) { return id == 0 ? "" : std::to_string(id); };
            for (const auto& one : page.evidence()) {
                table.row({one.cause(), time_text(one.has_at(), one.at()), one.kind(), one.state(),
                           money_text(one.amount_e4()),
                           one.has_energy_from_wh() ? std::to_string(one.energy_from_wh()) : "",
                           one.has_energy_to_wh() ? std::to_string(one.energy_to_wh()) : "",
                           number(one.entry_id()), number(one.delivery_id()), number(one.command_id()),
                           one.text()});
            }
            table.print(std::cout);
        });
    });
}

void add_proofs(CLI::App& noun, Program& program) {
    noun.add_subcommand("prove", "Go through all meters now; exit code 1 when something is unexplained")
        ->callback([&program] {
            v1::ProveBalancesRequest request;
            request.set_request_id(program.client.request_id());
            request.set_property_id(program.client.property_id());
            const auto proof = call(program.client, &Balances::ProveBalances, request);
            program.show(proof, [&] { print_proof(proof); });
            if (proof.unexplained() > 0) {
                throw Failure(
                    ExitCode::refused,
                    std::to_string(proof.unexplained()) + " meters show a balance that nothing explains",
                    "balance_unexplained");
            }
        });
    auto* verb = noun.add_subcommand("proofs", "Proofs that were taken, or one of them");
    auto page = std::make_shared<PageOptions>();
    auto id = std::make_shared<std::int64_t>(0);
    page->add_to(*verb);
    verb->add_option("proof", *id, "Its number; else the list");
    verb->callback([&program, page, id] {
        if (*id != 0) {
            v1::GetProofRequest request;
            request.set_property_id(program.client.property_id());
            request.set_proof_id(*id);
            const auto proof = call(program.client, &Balances::GetProof, request);
            program.show(proof, [&] { print_proof(proof); });
            return;
        }
        v1::ListProofsRequest request;
        request.set_property_id(program.client.property_id());
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &Balances::ListProofs, request);
        program.show(list, [&] {
            Table table;
            table.column("proof", Table::Align::right);
            for (const char* title : {"day", "taken", "by"}) {
                table.column(title);
            }
            for (const char* title : {"meters", "never read", "ledger", "meters hold", "difference",
                                      "unexplained", "meters unexplained"}) {
                table.column(title, Table::Align::right);
            }
            for (const auto& one : list.proofs()) {
                table.row({std::to_string(one.proof_id()), one.day(),
                           time_text(one.has_finished_at(), one.finished_at()),
                           one.scheduled() ? "night" : one.operator_(), std::to_string(one.meters()),
                           std::to_string(one.not_read()), money_text(one.ledger_e4()),
                           money_text(one.meter_e4()), money_text(one.difference_e4()),
                           money_text(one.causes().unexplained_e4()), std::to_string(one.unexplained())});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
}

}  // namespace

void add_balance_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("balances", "The two balances of each meter, and their proofs")
                     ->require_subcommand(0, 1);
    add_balance_list(*noun, program);
    add_one_balance(*noun, program);
    add_proofs(*noun, program);
}

}  // namespace wutong::ctl
