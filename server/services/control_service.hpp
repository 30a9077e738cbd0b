#pragma once

#include <wutong/v1/control_service.grpc.pb.h>

#include "server/services/watches.hpp"

namespace wutong::server {

class App;

/// Commands to meters. A call writes rows; the collector that holds the meter's channel carries them out
/// before they expire.
class ControlService final
    : public v1::ControlService::WithCallbackMethod_WatchCommands<v1::ControlService::Service> {
public:
    ControlService(App& app, Watches<v1::Command>& watches) : app_{app}, watches_{watches} {}

    grpc::Status SendCommand(grpc::ServerContext* context, const v1::SendCommandRequest* request,
                             v1::SendCommandResponse* response) override;
    grpc::Status GetCommand(grpc::ServerContext* context, const v1::GetCommandRequest* request,
                            v1::Command* response) override;
    grpc::Status ListCommands(grpc::ServerContext* context, const v1::ListCommandsRequest* request,
                              v1::ListCommandsResponse* response) override;
    grpc::Status CancelCommand(grpc::ServerContext* context, const v1::CancelCommandRequest* request,
                               v1::Command* response) override;
    grpc::Status PauseBatch(grpc::ServerContext* context, const v1::BatchRequest* request,
                            v1::CommandBatch* response) override;
    grpc::Status ResumeBatch(grpc::ServerContext* context, const v1::BatchRequest* request,
                             v1::CommandBatch* response) override;
    grpc::Status CancelBatch(grpc::ServerContext* context, const v1::BatchRequest* request,
                             v1::CommandBatch* response) override;
    grpc::Status RetryBatch(grpc::ServerContext* context, const v1::RetryBatchRequest* request,
                            v1::SendCommandResponse* response) override;
    grpc::Status GetBatch(grpc::ServerContext* context, const v1::GetBatchRequest* request,
                          v1::CommandBatch* response) override;
    grpc::Status ListBatches(grpc::ServerContext* context, const v1::ListBatchesRequest* request,
                             v1::ListBatchesResponse* response) override;
    grpc::ServerWriteReactor<v1::Command>* WatchCommands(grpc::CallbackServerContext* context,
                                                         const v1::WatchCommandsRequest* request) override;

private:
    App& app_;
    Watches<v1::Command>& watches_;
};

}  // namespace wutong::server
