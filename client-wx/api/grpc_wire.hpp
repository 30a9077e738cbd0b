#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
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

    // UI thread only.
    void hang_up_all();
    /// Nothing is posted any more; operations that still run are waited for, at most that long.
    void close(std::chrono::milliseconds patience);

    std::shared_ptr<grpc::GenericStub> stub;  ///< null while there is no link
    std::string token;
    std::string language{"en"};
    std::function<void(const Fault&)> broke;          ///< the link, as far as a call can tell
    std::function<void(const Fault&)> session_ended;  ///< said to a call with the token in use

private:
    [[nodiscard]] std::vector<std::shared_ptr<WireOperation>> operations();

    std::mutex mutex_;
    std::condition_variable quiet_;
    UiQueue* queue_;
    std::map<WireOperation*, std::weak_ptr<WireOperation>> operations_;
    std::atomic<std::chrono::steady_clock::time_point> heard_at_{std::chrono::steady_clock::now()};
};

[[nodiscard]] grpc::ByteBuffer to_bytes(const google::protobuf::Message& message);
[[nodiscard]] bool from_bytes(grpc::ByteBuffer& bytes, google::protobuf::Message& into);

}  // namespace wutong::client
