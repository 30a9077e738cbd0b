#pragma once

#include <functional>
#include <memory>

#include "server/call.hpp"
#include "server/services/stream_writer.hpp"

namespace wutong::server {

/// What every stream begins with: the caller and the request are checked as in handle(), and what is wrong
/// with them ends the stream. `body` hands the writer to whoever will push into it; it must not wait for the
/// database, because it runs on one of the few threads that serve all streams.
template <class Message>
[[nodiscard]] grpc::ServerWriteReactor<Message>* open_stream(
    App& app, grpc::CallbackServerContext* context,
    const std::function<void(CallContext&, std::shared_ptr<StreamWriter<Message>>)>& body) {
    auto writer = StreamWriter<Message>::make();
    if (const auto status = handle(app, context, [&](CallContext& call) { body(call, writer); });
        !status.ok()) {
        writer->finish(status);
    }
    return writer.get();
}

}  // namespace wutong::server
