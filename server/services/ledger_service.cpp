#include "server/services/ledger_service.hpp"

#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/watch_call.hpp"
#include "storage/ledger.hpp"
#include "storage/seal.hpp"

namespace wutong::server {

grpc::Status LedgerService::GetTrialBalance(grpc::ServerContext* context,
                                            const v1::TrialBalanceRequest* request,
                                            v1::TrialBalance* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        storage::TrialBalance balance;
        storage::SealState seal;
        app_.database().transact(call.scope(property), "trial_balance", [&](storage::Transaction& tx) {
            balance = storage::trial_balance(tx, property);
            seal = storage::seal_state(tx, property);
        });
        for (const auto& line : balance.lines) {
            auto& out = *response->add_lines();
            out.set_account(core::to_string(line.account));
            out.set_debit_e4(line.debit.ten_thousandths());
            out.set_credit_e4(line.credit.ten_thousandths());
            out.set_balance_e4(line.balance.ten_thousandths());
        }
        response->set_sum_e4(balance.sum.ten_thousandths());
        response->set_entries(balance.entries);
        response->set_unsealed(seal.unsealed);
        if (seal.oldest_unsealed_at) {
            *response->mutable_oldest_unsealed_at() = to_timestamp(*seal.oldest_unsealed_at);
        }
        response->set_sold_e4(balance.sold.ten_thousandths());
        response->set_refunded_e4(balance.refunded.ten_thousandths());
        response->set_consumed_e4(balance.consumed.ten_thousandths());
        response->set_in_flight_e4(balance.in_flight.ten_thousandths());
        response->set_prepaid_e4(balance.prepaid.ten_thousandths());
    });
}

grpc::ServerWriteReactor<v1::VerifyProgress>* LedgerService::Verify(grpc::CallbackServerContext* context,
                                                                    const v1::VerifyRequest* request) {
    return open_stream<v1::VerifyProgress>(
        app_, context, [&](CallContext& call, std::shared_ptr<StreamWriter<v1::VerifyProgress>> writer) {
            const core::PropertyId property{request->property_id()};
            static_cast<void>(call.scope(property));  // refuses a property that isn't the caller's
            verifier_.verify(property, std::move(writer));
        });
}

}  // namespace wutong::server
