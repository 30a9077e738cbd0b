#pragma once

#include <wutong/v1/account_change_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Exchange of a meter, and meters that go to another tenant. See docs/money.md.
class AccountChangeService final : public v1::AccountChangeService::Service {
public:
    explicit AccountChangeService(App& app) : app_{app} {}

    grpc::Status QuoteExchange(grpc::ServerContext* context, const v1::ExchangeMeterRequest* request,
                               v1::ExchangeQuote* response) override;
    grpc::Status ExchangeMeter(grpc::ServerContext* context, const v1::ExchangeMeterRequest* request,
                               v1::ExchangeMeterResponse* response) override;
    grpc::Status ListExchanges(grpc::ServerContext* context, const v1::ListExchangesRequest* request,
                               v1::ListExchangesResponse* response) override;
    grpc::Status QuoteTransfer(grpc::ServerContext* context, const v1::TransferAccountRequest* request,
                               v1::TransferQuote* response) override;
    grpc::Status TransferAccount(grpc::ServerContext* context, const v1::TransferAccountRequest* request,
                                 v1::TransferAccountResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
