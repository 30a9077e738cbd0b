#pragma once

#include <wutong/v1/reading_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Readings, energy per day and alarms: what the collector wrote, as it wrote it. Absent values stay absent.
class ReadingService final : public v1::ReadingService::Service {
public:
    explicit ReadingService(App& app) : app_{app} {}

    grpc::Status ListReadings(grpc::ServerContext* context, const v1::ListReadingsRequest* request,
                              v1::ListReadingsResponse* response) override;
    grpc::Status ListDailyEnergy(grpc::ServerContext* context, const v1::ListDailyEnergyRequest* request,
                                 v1::ListDailyEnergyResponse* response) override;
    grpc::Status ListAlarms(grpc::ServerContext* context, const v1::ListAlarmsRequest* request,
                            v1::ListAlarmsResponse* response) override;
    grpc::Status GetReadingSeries(grpc::ServerContext* context, const v1::ReadingSeriesRequest* request,
                                  v1::ReadingSeries* response) override;
    grpc::Status ListMeterEvents(grpc::ServerContext* context, const v1::ListMeterEventsRequest* request,
                                 v1::ListMeterEventsResponse* response) override;
    grpc::Status AcknowledgeAlarm(grpc::ServerContext* context, const v1::AcknowledgeAlarmRequest* request,
                                  v1::Alarm* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
