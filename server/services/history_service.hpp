#pragma once

#include <wutong/v1/history_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Energy over long times, losses behind feeders, the archive of readings.
class HistoryService final : public v1::HistoryService::Service {
public:
    explicit HistoryService(App& app) : app_{app} {}

    grpc::Status ListMeterEnergy(grpc::ServerContext* context, const v1::ListMeterEnergyRequest* request,
                                 v1::ListMeterEnergyResponse* response) override;
    grpc::Status ReportEnergy(grpc::ServerContext* context, const v1::ReportEnergyRequest* request,
                              v1::ReportEnergyResponse* response) override;
    grpc::Status ReportLosses(grpc::ServerContext* context, const v1::ReportLossesRequest* request,
                              v1::ReportLossesResponse* response) override;
    grpc::Status GetFeeds(grpc::ServerContext* context, const v1::GetFeedsRequest* request,
                          v1::Feeds* response) override;
    grpc::Status SetFeeds(grpc::ServerContext* context, const v1::SetFeedsRequest* request,
                          v1::SetFeedsResponse* response) override;
    grpc::Status GetArchive(grpc::ServerContext* context, const v1::GetArchiveRequest* request,
                            v1::Archive* response) override;
    grpc::Status RunArchive(grpc::ServerContext* context, const v1::RunArchiveRequest* request,
                            v1::Archive* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
