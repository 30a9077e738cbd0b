#pragma once

#include <wutong/v1/device_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Gateways, channels, meters and their import.
class DeviceService final : public v1::DeviceService::Service {
public:
    explicit DeviceService(App& app) : app_{app} {}

    grpc::Status ListGateways(grpc::ServerContext* context, const v1::ListGatewaysRequest* request,
                              v1::ListGatewaysResponse* response) override;
    grpc::Status CreateGateway(grpc::ServerContext* context, const v1::CreateGatewayRequest* request,
                               v1::Gateway* response) override;
    grpc::Status ListChannels(grpc::ServerContext* context, const v1::ListChannelsRequest* request,
                              v1::ListChannelsResponse* response) override;
    grpc::Status CreateChannel(grpc::ServerContext* context, const v1::CreateChannelRequest* request,
                               v1::Channel* response) override;
    grpc::Status UpdateChannel(grpc::ServerContext* context, const v1::UpdateChannelRequest* request,
                               v1::Channel* response) override;
    grpc::Status ListMeters(grpc::ServerContext* context, const v1::ListMetersRequest* request,
                            v1::ListMetersResponse* response) override;
    grpc::Status GetMeter(grpc::ServerContext* context, const v1::GetMeterRequest* request,
                          v1::Meter* response) override;
    grpc::Status CreateMeter(grpc::ServerContext* context, const v1::CreateMeterRequest* request,
                             v1::Meter* response) override;
    grpc::Status UpdateMeter(grpc::ServerContext* context, const v1::UpdateMeterRequest* request,
                             v1::Meter* response) override;
    grpc::Status SearchMeters(grpc::ServerContext* context, const v1::SearchMetersRequest* request,
                              v1::ListMetersResponse* response) override;
    grpc::Status ListProfiles(grpc::ServerContext* context, const v1::ListProfilesRequest* request,
                              v1::ListProfilesResponse* response) override;
    grpc::Status Import(grpc::ServerContext* context, const v1::ImportRequest* request,
                        v1::ImportResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
