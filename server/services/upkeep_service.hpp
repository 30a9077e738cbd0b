#pragma once

#include <wutong/v1/upkeep_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Events and clocks of meters, how many readings came, how the buses keep up.
class UpkeepService final : public v1::UpkeepService::Service {
public:
    explicit UpkeepService(App& app) : app_{app} {}

    grpc::Status ListMeterRecords(grpc::ServerContext* context, const v1::ListMeterRecordsRequest* request,
                                  v1::ListMeterRecordsResponse* response) override;
    grpc::Status ListMeterClocks(grpc::ServerContext* context, const v1::ListMeterClocksRequest* request,
                                 v1::ListMeterClocksResponse* response) override;
    grpc::Status ReportCollection(grpc::ServerContext* context, const v1::ReportCollectionRequest* request,
                                  v1::ReportCollectionResponse* response) override;
    grpc::Status ListChannelLoads(grpc::ServerContext* context, const v1::ListChannelLoadsRequest* request,
                                  v1::ListChannelLoadsResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
