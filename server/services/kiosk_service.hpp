#pragma once

#include <wutong/v1/kiosk_service.grpc.pb.h>

#include <functional>
#include <memory>

#include "server/app.hpp"
#include "server/call.hpp"
#include "storage/kiosks.hpp"

namespace wutong::server {

/// The tenant's kiosk: registered by operators, asked by kiosks, used by tenants.
class KioskService final : public v1::KioskService::Service {
public:
    explicit KioskService(App& app) : app_{app} {}

    grpc::Status RegisterDevice(grpc::ServerContext*, const v1::RegisterDeviceRequest*,
                                v1::RegisterDeviceResponse*) override;
    grpc::Status ListDevices(grpc::ServerContext*, const v1::ListDevicesRequest*,
                             v1::ListDevicesResponse*) override;
    grpc::Status RevokeDevice(grpc::ServerContext*, const v1::RevokeDeviceRequest*,
                              v1::KioskDevice*) override;
    grpc::Status SetTenantPin(grpc::ServerContext*, const v1::SetTenantPinRequest*,
                              v1::SetTenantPinResponse*) override;

    grpc::Status ActivateDevice(grpc::ServerContext*, const v1::ActivateDeviceRequest*,
                                v1::KioskHome*) override;
    grpc::Status GetKioskHome(grpc::ServerContext*, const google::protobuf::Empty*, v1::KioskHome*) override;
    grpc::Status StartVisit(grpc::ServerContext*, const v1::StartVisitRequest*,
                            v1::StartVisitResponse*) override;
    grpc::Status GetVisitAccount(grpc::ServerContext*, const v1::VisitRequest*, v1::VisitAccount*) override;
    grpc::Status EndVisit(grpc::ServerContext*, const v1::VisitRequest*, google::protobuf::Empty*) override;

private:
    using ForKiosk = std::function<void(CallContext&, const storage::KioskRow&)>;
    /// The kiosk that calls, its calls counted.
    grpc::Status handle_kiosk(grpc::ServerContext* context, const ForKiosk& body);

    App& app_;
};

}  // namespace wutong::server
