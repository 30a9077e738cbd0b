#pragma once

#include <wutong/v1/balance_service.grpc.pb.h>

namespace wutong::server {

class App;

/// The two balances of meters, and their proofs. See docs/money.md.
class BalanceService final : public v1::BalanceService::Service {
public:
    explicit BalanceService(App& app) : app_{app} {}

    grpc::Status ListBalances(grpc::ServerContext* context, const v1::ListBalancesRequest* request,
                              v1::ListBalancesResponse* response) override;
    grpc::Status GetBalance(grpc::ServerContext* context, const v1::GetBalanceRequest* request,
                            v1::BalancePage* response) override;
    grpc::Status ProveBalances(grpc::ServerContext* context, const v1::ProveBalancesRequest* request,
                               v1::BalanceProof* response) override;
    grpc::Status ListProofs(grpc::ServerContext* context, const v1::ListProofsRequest* request,
                            v1::ListProofsResponse* response) override;
    grpc::Status GetProof(grpc::ServerContext* context, const v1::GetProofRequest* request,
                          v1::BalanceProof* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
