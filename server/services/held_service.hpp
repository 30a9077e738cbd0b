#pragma once

#include <wutong/v1/held_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Which meters the server holds the credit of, and which units are guarded.
class HeldService final : public v1::HeldService::Service {
public:
    explicit HeldService(App& app) : app_{app} {}

    grpc::Status ListHeldMeters(grpc::ServerContext* context, const v1::ListHeldMetersRequest* request,
                                v1::ListHeldMetersResponse* response) override;
    grpc::Status RunServerHeld(grpc::ServerContext* context, const v1::RunServerHeldRequest* request,
                               v1::HeldMeter* response) override;
    grpc::Status RunMeterHeld(grpc::ServerContext* context, const v1::RunMeterHeldRequest* request,
                              v1::RunMeterHeldResponse* response) override;
    grpc::Status GoOnCharging(grpc::ServerContext* context, const v1::GoOnChargingRequest* request,
                              v1::HeldMeter* response) override;
    grpc::Status ListGuardedUnits(grpc::ServerContext* context, const v1::ListGuardedUnitsRequest* request,
                                  v1::ListGuardedUnitsResponse* response) override;
    grpc::Status SetUnitGuard(grpc::ServerContext* context, const v1::SetUnitGuardRequest* request,
                              v1::GuardedUnit* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
