#pragma once

#include <wutong/v1/meter_group_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Groups of meters that are charged alike.
class MeterGroupService final : public v1::MeterGroupService::Service {
public:
    explicit MeterGroupService(App& app) : app_{app} {}

    grpc::Status ListMeterGroups(grpc::ServerContext* context, const v1::ListMeterGroupsRequest* request,
                                 v1::ListMeterGroupsResponse* response) override;
    grpc::Status CreateMeterGroup(grpc::ServerContext* context, const v1::CreateMeterGroupRequest* request,
                                  v1::MeterGroup* response) override;
    grpc::Status PutMetersInGroup(grpc::ServerContext* context, const v1::PutMetersInGroupRequest* request,
                                  v1::PutMetersInGroupResponse* response) override;
    grpc::Status ListGroupMeters(grpc::ServerContext* context, const v1::ListGroupMetersRequest* request,
                                 v1::ListGroupMetersResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
