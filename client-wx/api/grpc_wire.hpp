#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/api/fault.hpp"
#include "client-wx/api/ui_queue.hpp"

namespace google::protobuf {
class Message;
}

namespace wutong::client {

/// Something under way on gRPC's threads.
class WireOperation {
public:
    virtual ~WireOperation() = default;
    /// The link was given up: end soon, as a broken one.
    virtual void hang_up() = 0;
};

/// What the operations of one GrpcServer share. Outlives GrpcServer until the last of them has ended.
class Wire {
public:
    explicit Wire(UiQueue& queue) : queue_{&queue} {}

    // From any thread.
    /// @return false: closed, it will not run
    bool post(std::function<void()> run);
    /// The server said something.
    void heard() { heard_at_ = std::chrono::steady_clock::now(); }
    [[nodiscard]] std::chrono::steady_clock::duration silence() const {
        return std::chrono::steady_clock::now() - heard_at_.load();
    }
    void began(const std::shared_ptr<WireOperation>& operation);
    void ended(WireOperation* operation);
    /// A share in the channel was taken, given back.
    void took_share() { ++shares_; }
    void gave_share_back();

    // UI thread only.
    void hang_up_all();
    /// No new operation begins on this link.
    void give_up_link();
    /// Lets go of the links that were given up, if nothing holds on to them any more.
    void drop_old_links();
    /// Nothing is posted any more; operations that still run are waited for, at most that long.
    void close(std::chrono::milliseconds patience);

    std::shared_ptr<grpc::GenericStub> stub;  ///< null while there is no link
    std::string token;
    std::string language{"en"};
    std::function<void(const Fault&)> broke;          ///< the link, as far as a call can tell
    std::function<void(const Fault&)> session_ended;  ///< said to a call with the token in use

private:
    [[nodiscard]] std::vector<std::shared_ptr<WireOperation>> operations();

    /// Links that operations still have a share in. gRPC (1.51) must not lose the last owner of a channel on
    /// a thread of its own: that thread would wait for itself to end, and then go on in freed memory.
    std::vector<std::shared_ptr<grpc::GenericStub>> old_links_;
    std::atomic<int> shares_{0};
    std::mutex mutex_;
    std::condition_variable quiet_;
    UiQueue* queue_;
    std::map<WireOperation*, std::weak_ptr<WireOperation>> operations_;
    std::atomic<std::chrono::steady_clock::time_point> heard_at_{std::chrono::steady_clock::now()};
};

/// What gRPC knows an operation by; it owns a share in the channel. To be destroyed once the operation has
/// ended.
class WireContext {
public:
    explicit WireContext(std::shared_ptr<Wire> wire);
    ~WireContext();
    WireContext(const WireContext&) = delete;
    WireContext& operator=(const WireContext&) = delete;
    [[nodiscard]] grpc::ClientContext& grpc() { return *context_; }

private:
    std::shared_ptr<Wire> wire_;
    std::optional<grpc::ClientContext> context_;
};

[[nodiscard]] grpc::ByteBuffer to_bytes(const google::protobuf::Message& message);
[[nodiscard]] bool from_bytes(grpc::ByteBuffer& bytes, google::protobuf::Message& into);

}  // namespace wutong::client
