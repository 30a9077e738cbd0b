#pragma once

#include <wutong/v1/cashier_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Vending points, limits and shifts. What may be done is decided by core/cashier_shift.hpp under the shift's
/// row lock; see docs/money.md.
class CashierService final : public v1::CashierService::Service {
public:
    explicit CashierService(App& app) : app_{app} {}

    grpc::Status ListPoints(grpc::ServerContext* context, const v1::ListPointsRequest* request,
                            v1::ListPointsResponse* response) override;
    grpc::Status CreatePoint(grpc::ServerContext* context, const v1::CreatePointRequest* request,
                             v1::VendingPoint* response) override;
    grpc::Status UpdatePoint(grpc::ServerContext* context, const v1::UpdatePointRequest* request,
                             v1::VendingPoint* response) override;
    grpc::Status ListCashierLimits(grpc::ServerContext* context, const v1::ListCashierLimitsRequest* request,
                                   v1::ListCashierLimitsResponse* response) override;
    grpc::Status SetCashierLimit(grpc::ServerContext* context, const v1::SetCashierLimitRequest* request,
                                 v1::CashierLimit* response) override;
    grpc::Status OpenShift(grpc::ServerContext* context, const v1::OpenShiftRequest* request,
                           v1::Shift* response) override;
    grpc::Status MoveCash(grpc::ServerContext* context, const v1::MoveCashRequest* request,
                          v1::Shift* response) override;
    grpc::Status CloseShift(grpc::ServerContext* context, const v1::CloseShiftRequest* request,
                            v1::Shift* response) override;
    grpc::Status GetShift(grpc::ServerContext* context, const v1::GetShiftRequest* request,
                          v1::Shift* response) override;
    grpc::Status ListShifts(grpc::ServerContext* context, const v1::ListShiftsRequest* request,
                            v1::ListShiftsResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
