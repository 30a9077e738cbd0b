#include <iostream>

#include "ctl/program.hpp"
#include "wutong/v1/ledger_service.grpc.pb.h"

namespace wutong::ctl {

void add_ledger_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("ledger", "The books")->require_subcommand(1);
    noun->add_subcommand("balance", "Trial balance of a property")->callback([&program] {
        v1::TrialBalanceRequest request;
        request.set_property_id(program.client.property_id());
        const auto balance = call(program.client, &v1::LedgerService::Stub::GetTrialBalance, request);
        program.show(balance, [&] {
            Table table;
            table.column("ledger account");
            for (const char* title : {"debit", "credit", "balance"}) {
                table.column(title, Table::Align::right);
            }
            for (const auto& line : balance.lines()) {
                table.row({line.account(), money_text(line.debit_e4()), money_text(line.credit_e4()),
                           money_text(line.balance_e4())});
            }
            table.print(std::cout);
            std::cout << balance.entries() << " entries, sum " << money_text(balance.sum_e4())
                      << ", not sealed yet " << balance.unsealed() << '\n';
        });
    });
    noun->add_subcommand("verify", "Walk the hash chain; names the first changed, missing or inserted entry")
        ->callback([&program] {
            v1::VerifyRequest request;
            request.set_property_id(program.client.property_id());
            v1::VerifyProgress last;
            stream<v1::LedgerService::Stub, v1::VerifyRequest, v1::VerifyProgress>(
                program.client, &v1::LedgerService::Stub::Verify, request,
                [&](const v1::VerifyProgress& now) {
                    last = now;
                    program.show(now, [&] {
                        std::cerr << "\rchecked " << now.checked() << " of " << now.total() << std::flush;
                    });
                    return true;
                });
            if (!program.options.json) {
                std::cerr << '\n';
            }
            if (!last.finished()) {
                throw Failure(ExitCode::outcome_unknown, "the check ended early");
            }
            if (!last.intact()) {
                throw Failure(ExitCode::refused, "the ledger was tampered with: " + last.fault(),
                              "ledger_not_intact");
            }
            if (!program.options.json) {
                std::cout << "intact: " << last.checked() << " entries, last hash " << last.last_hash()
                          << '\n';
            }
        });
}

}  // namespace wutong::ctl
