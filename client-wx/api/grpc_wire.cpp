#include "client-wx/api/grpc_wire.hpp"

#include <google/protobuf/message.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <utility>

namespace wutong::client {

bool Wire::post(std::function<void()> run) {
    const std::lock_guard lock{mutex_};
    if (queue_ == nullptr) {
        return false;
    }
    queue_->post(std::move(run));
    return true;
}

void Wire::began(const std::shared_ptr<WireOperation>& operation) {
    const std::lock_guard lock{mutex_};
    operations_.emplace(operation.get(), operation);
}

void Wire::ended(WireOperation* operation) {
    const std::lock_guard lock{mutex_};
    operations_.erase(operation);
    if (operations_.empty() && shares_ == 0) {
        quiet_.notify_all();
    }
}

void Wire::gave_share_back() {
    const std::lock_guard lock{mutex_};
    if (--shares_ == 0) {
        quiet_.notify_all();
    }
}

void Wire::give_up_link() {
    if (stub) {
        old_links_.push_back(std::exchange(stub, nullptr));
    }
    drop_old_links();
}

void Wire::drop_old_links() {
    if (shares_ == 0) {
        old_links_.clear();
    }
}

std::vector<std::shared_ptr<WireOperation>> Wire::operations() {
    std::vector<std::shared_ptr<WireOperation>> all;
    const std::lock_guard lock{mutex_};
    for (const auto& [raw, weak] : operations_) {
        if (auto operation = weak.lock()) {
            all.push_back(std::move(operation));
        }
    }
    return all;
}

void Wire::hang_up_all() {
    // Without the lock: gRPC may call back from inside, and that ends operations.
    for (const auto& operation : operations()) {
        operation->hang_up();
    }
}

void Wire::close(std::chrono::milliseconds patience) {
    give_up_link();
    broke = nullptr;
    session_ended = nullptr;
    {
        const std::lock_guard lock{mutex_};
        queue_ = nullptr;
    }
    hang_up_all();
    std::unique_lock lock{mutex_};
    if (quiet_.wait_for(lock, patience, [this] { return operations_.empty() && shares_ == 0; })) {
        lock.unlock();
        drop_old_links();
    } else {
        // Never to be freed, rather than by the thread of an operation that ends some time.
        static_cast<void>(new std::vector{std::move(old_links_)});
    }
}

WireContext::WireContext(std::shared_ptr<Wire> wire) : wire_{std::move(wire)} {
    wire_->took_share();
    context_.emplace();
}

WireContext::~WireContext() {
    context_.reset();
    wire_->gave_share_back();
}

grpc::ByteBuffer to_bytes(const google::protobuf::Message& message) {
    const grpc::Slice slice{message.SerializeAsString()};
    return grpc::ByteBuffer{&slice, 1};
}

bool from_bytes(grpc::ByteBuffer& bytes, google::protobuf::Message& into) {
    grpc::ProtoBufferReader reader{&bytes};
    return reader.status().ok() && into.ParseFromZeroCopyStream(&reader);
}

}  // namespace wutong::client
