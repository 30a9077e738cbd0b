#pragma once

#include <wutong/v1/ledger_service.grpc.pb.h>

#include "server/services/ledger_verifier.hpp"

namespace wutong::server {

class App;

class LedgerService final : public v1::LedgerService::WithCallbackMethod_Verify<v1::LedgerService::Service> {
public:
    LedgerService(App& app, LedgerVerifier& verifier) : app_{app}, verifier_{verifier} {}

    grpc::Status GetTrialBalance(grpc::ServerContext* context, const v1::TrialBalanceRequest* request,
                                 v1::TrialBalance* response) override;
    grpc::ServerWriteReactor<v1::VerifyProgress>* Verify(grpc::CallbackServerContext* context,
                                                         const v1::VerifyRequest* request) override;

private:
    App& app_;
    LedgerVerifier& verifier_;
};

}  // namespace wutong::server
