#pragma once

#include <wutong/v1/search_service.grpc.pb.h>

namespace wutong::server {

class App;

/// One box for everything that has a name or a number.
class SearchService final : public v1::SearchService::Service {
public:
    explicit SearchService(App& app) : app_{app} {}

    grpc::Status Find(grpc::ServerContext* context, const v1::FindRequest* request,
                      v1::FindResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
