#pragma once

#include <wutong/v1/message_service.grpc.pb.h>

namespace wutong::server {

class App;

/// Where tenants want to be told, and what became of the messages.
class MessageService final : public v1::MessageService::Service {
public:
    explicit MessageService(App& app) : app_{app} {}

    grpc::Status GetMessageContact(grpc::ServerContext* context, const v1::GetMessageContactRequest* request,
                                   v1::MessageContact* response) override;
    grpc::Status SetMessageContact(grpc::ServerContext* context, const v1::SetMessageContactRequest* request,
                                   v1::MessageContact* response) override;
    grpc::Status ListMessages(grpc::ServerContext* context, const v1::ListMessagesRequest* request,
                              v1::ListMessagesResponse* response) override;
    grpc::Status GetMessageStatus(grpc::ServerContext* context, const v1::GetMessageStatusRequest* request,
                                  v1::MessageStatus* response) override;
    grpc::Status SendTestMessage(grpc::ServerContext* context, const v1::SendTestMessageRequest* request,
                                 v1::Message* response) override;
    grpc::Status RetryMessage(grpc::ServerContext* context, const v1::RetryMessageRequest* request,
                              v1::Message* response) override;

private:
    App& app_;
};

}  // namespace wutong::server
