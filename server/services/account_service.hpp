#pragma once

#include <wutong/v1/account_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Opening, closing and looking at accounts. See docs/money.md for what is booked when.
class AccountService final : public v1::AccountService::Service {
public:
    explicit AccountService(App& app) : app_{app} {}

    grpc::Status OpenAccount(grpc::ServerContext* context, const v1::OpenAccountRequest* request,
                             v1::OpenAccountResponse* response) override;
    grpc::Status AddMeter(grpc::ServerContext* context, const v1::AddMeterRequest* request,
                          v1::OpenAccountResponse* response) override;
    grpc::Status CloseAccount(grpc::ServerContext* context, const v1::CloseAccountRequest* request,
                              v1::CloseAccountResponse* response) override;
    grpc::Status QuoteClosing(grpc::ServerContext* context, const v1::QuoteClosingRequest* request,
                              v1::ClosingQuote* response) override;
    grpc::Status ListCustomers(grpc::ServerContext* context, const v1::ListCustomersRequest* request,
                               v1::ListCustomersResponse* response) override;
    grpc::Status UpdateCustomer(grpc::ServerContext* context, const v1::UpdateCustomerRequest* request,
                                v1::Customer* response) override;
    grpc::Status GetAccount(grpc::ServerContext* context, const v1::GetAccountRequest* request,
                            v1::Account* response) override;
    grpc::Status ListAccounts(grpc::ServerContext* context, const v1::ListAccountsRequest* request,
                              v1::ListAccountsResponse* response) override;
    grpc::Status ListEntries(grpc::ServerContext* context, const v1::ListEntriesRequest* request,
                             v1::ListEntriesResponse* response) override;
    grpc::Status GetStatement(grpc::ServerContext* context, const v1::StatementRequest* request,
                              v1::Statement* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
