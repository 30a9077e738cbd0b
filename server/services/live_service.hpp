#pragma once

#include <wutong/v1/live_service.grpc.pb.h>

namespace wutong::server {

class App;

/// The wall of meters, as a stream that holds no thread.
class LiveService final : public v1::LiveService::CallbackService {
public:
    explicit LiveService(App& app) : app_{app} {}

    grpc::ServerWriteReactor<v1::LiveUpdate>* Watch(grpc::CallbackServerContext* context,
                                                    const v1::WatchRequest* request) override;

private:
    App& app_;
};

}  // namespace wutong::server
