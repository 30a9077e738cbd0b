#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "client-wx/api/grpc_wire.hpp"
#include "client-wx/api/server.hpp"

/// One call and one stream on the wire. Made, cancelled and told about on the UI thread; what gRPC calls back
/// keeps them alive until it is done.
namespace wutong::client {

class UnaryCall final : public Call::State,
                        public WireOperation,
                        public std::enable_shared_from_this<UnaryCall> {
public:
    using Message = google::protobuf::Message;
    struct What {
        const char* path;
        Repeat repeat;
        std::chrono::milliseconds deadline;
        /// Wait for a connection instead of failing at once.
        bool patient{false};
        std::string token{};  ///< empty: the one in use
    };
    UnaryCall(std::shared_ptr<Wire> wire, What what, const Message& request, std::shared_ptr<Message> answer,
              std::function<void(const Fault*)> done);

    void start();
    void cancel() override;
    void hang_up() override;

private:
    static constexpr int kAttemptsMax = 3;

    void begin();
    void drop_context();
    void finish(const grpc::Status& status);

    std::shared_ptr<Wire> wire_;
    const What what_;
    const std::chrono::system_clock::time_point until_;
    std::shared_ptr<Message> answer_;
    std::function<void(const Fault*)> done_;
    std::string token_;
    int attempts_{0};
    bool cancelled_{false};
    std::mutex mutex_;  // over context_, which hang_up() may want from another thread than begin()
    std::shared_ptr<WireContext> context_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer response_;
};

class StreamCall final : public Call::State,
                         public WireOperation,
                         public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                         public std::enable_shared_from_this<StreamCall> {
public:
    using Message = google::protobuf::Message;
    /// @param waiting_max messages that may wait for the UI thread
    StreamCall(std::shared_ptr<Wire> wire, const char* path, const Message& request,
               std::shared_ptr<Message> prototype, std::size_t waiting_max,
               std::function<void(const Message&)> update, std::function<void(const Fault*)> end);

    void start();
    void cancel() override;
    void hang_up() override;

    void OnReadDone(bool ok) override;
    void OnDone(const grpc::Status& status) override;

private:
    void drop_context();
    void deliver(const Message& message);
    void finish(const grpc::Status& status);
    void go_on_reading();

    std::shared_ptr<Wire> wire_;
    const char* path_;
    const std::shared_ptr<Message> prototype_;
    const std::size_t waiting_max_;
    std::function<void(const Message&)> update_;
    std::function<void(const Fault*)> end_;
    std::string token_;
    bool cancelled_{false};
    bool started_{false};
    bool damaged_{false};                   // a message that is none; written before OnDone, read after
    std::shared_ptr<WireContext> context_;  // until the end was told
    grpc::ByteBuffer request_;
    grpc::ByteBuffer incoming_;
    std::mutex mutex_;  // over context_, waiting_ and paused_
    std::size_t waiting_{0};
    bool paused_{false};
    std::shared_ptr<StreamCall> self_;
};

}  // namespace wutong::client
