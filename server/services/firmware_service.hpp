#pragma once

#include <wutong/v1/firmware_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Which firmware meters run.
class FirmwareService final : public v1::FirmwareService::Service {
public:
    explicit FirmwareService(App& app) : app_{app} {}

    grpc::Status ListMeterFirmware(grpc::ServerContext* context, const v1::ListMeterFirmwareRequest* request,
                                   v1::ListMeterFirmwareResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
