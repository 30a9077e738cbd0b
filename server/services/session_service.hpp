#pragma once

#include <wutong/v1/session_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Signing in and out.
class SessionService final : public v1::SessionService::Service {
public:
    explicit SessionService(App& app) : app_{app} {}

    grpc::Status SignIn(grpc::ServerContext* context, const v1::SignInRequest* request,
                        v1::SignInResponse* response) override;
    grpc::Status SignOut(grpc::ServerContext* context, const google::protobuf::Empty* request,
                         google::protobuf::Empty* response) override;
    grpc::Status WhoAmI(grpc::ServerContext* context, const google::protobuf::Empty* request,
                        v1::WhoAmIResponse* response) override;
    grpc::Status ChangePassword(grpc::ServerContext* context, const v1::ChangePasswordRequest* request,
                                google::protobuf::Empty* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
