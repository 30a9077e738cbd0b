#pragma once

#include <wutong/v1/operator_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Operators, roles and the operation log.
class OperatorService final : public v1::OperatorService::Service {
public:
    explicit OperatorService(App& app) : app_{app} {}

    grpc::Status ListOperators(grpc::ServerContext* context, const v1::ListOperatorsRequest* request,
                               v1::ListOperatorsResponse* response) override;
    grpc::Status CreateOperator(grpc::ServerContext* context, const v1::CreateOperatorRequest* request,
                                v1::Operator* response) override;
    grpc::Status UpdateOperator(grpc::ServerContext* context, const v1::UpdateOperatorRequest* request,
                                v1::Operator* response) override;
    grpc::Status ListRoles(grpc::ServerContext* context, const google::protobuf::Empty* request,
                           v1::ListRolesResponse* response) override;
    grpc::Status ListOperationLog(grpc::ServerContext* context, const v1::ListOperationLogRequest* request,
                                  v1::ListOperationLogResponse* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
