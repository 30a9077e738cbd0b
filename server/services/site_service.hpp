#pragma once

#include <wutong/v1/site_service.grpc.pb.h>

namespace wutong::server {

class App;

/// property › building › floor › unit, and the parameters of a property.
class SiteService final : public v1::SiteService::Service {
public:
    explicit SiteService(App& app) : app_{app} {}

    grpc::Status ListProperties(grpc::ServerContext* context, const google::protobuf::Empty* request,
                                v1::ListPropertiesResponse* response) override;
    grpc::Status CreateProperty(grpc::ServerContext* context, const v1::CreatePropertyRequest* request,
                                v1::Property* response) override;
    grpc::Status GetSite(grpc::ServerContext* context, const v1::GetSiteRequest* request,
                         v1::GetSiteResponse* response) override;
    grpc::Status CreateBuilding(grpc::ServerContext* context, const v1::CreateBuildingRequest* request,
                                v1::Building* response) override;
    grpc::Status CreateFloor(grpc::ServerContext* context, const v1::CreateFloorRequest* request,
                             v1::Floor* response) override;
    grpc::Status CreateUnit(grpc::ServerContext* context, const v1::CreateUnitRequest* request,
                            v1::Unit* response) override;
    grpc::Status ListUnits(grpc::ServerContext* context, const v1::ListUnitsRequest* request,
                           v1::ListUnitsResponse* response) override;
    grpc::Status GetParameters(grpc::ServerContext* context, const v1::GetParametersRequest* request,
                               v1::Parameters* response) override;
    grpc::Status SetParameters(grpc::ServerContext* context, const v1::SetParametersRequest* request,
                               v1::Parameters* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
