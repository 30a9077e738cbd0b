#pragma once

#include <wutong/v1/review_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Registers that could not be, and what people say of them.
class ReviewService final : public v1::ReviewService::Service {
public:
    explicit ReviewService(App& app) : app_{app} {}

    grpc::Status ListDoubtedReadings(grpc::ServerContext* context,
                                     const v1::ListDoubtedReadingsRequest* request,
                                     v1::ListDoubtedReadingsResponse* response) override;
    grpc::Status DecideDoubtedReading(grpc::ServerContext* context,
                                      const v1::DecideDoubtedReadingRequest* request,
                                      v1::DoubtedReading* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
