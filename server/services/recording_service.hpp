#pragma once

#include <wutong/v1/recording_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Recordings of lines: ordered here, made by collectors, read here again.
class RecordingService final : public v1::RecordingService::Service {
public:
    explicit RecordingService(App& app) : app_{app} {}

    grpc::Status StartRecording(grpc::ServerContext* context, const v1::StartRecordingRequest* request,
                                v1::LineRecording* response) override;
    grpc::Status GetRecording(grpc::ServerContext* context, const v1::GetRecordingRequest* request,
                              v1::LineRecording* response) override;
    grpc::Status ListRecordings(grpc::ServerContext* context, const v1::ListRecordingsRequest* request,
                                v1::ListRecordingsResponse* response) override;
    grpc::Status ReadRecording(grpc::ServerContext* context, const v1::ReadRecordingRequest* request,
                               v1::ReadRecordingResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
