#include "server/services/live_service.hpp"

#include "server/call.hpp"
#include "server/live/live_hub.hpp"
#include "server/live/live_stream.hpp"

namespace wutong::server {

grpc::ServerWriteReactor<v1::LiveUpdate>* LiveService::Watch(grpc::CallbackServerContext* context,
                                                             const v1::WatchRequest* request) {
    std::shared_ptr<LiveStream> stream;
    // The session was looked up by the gate a moment ago, so this finds it in the cache and does not block.
    const auto status = handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (!property) {
            throw invalid("property_id", "must name a property");
        }
        static_cast<void>(call.scope(property));
        stream = LiveStream::make(app_.live(), property, call.shared_caller());
    });
    if (!status.ok()) {
        return LiveStream::refused(app_.live(), status);
    }
    if (!app_.live().add(stream)) {
        stream->finish(Refused{grpc::StatusCode::RESOURCE_EXHAUSTED, "too_many_streams",
                               "too many walls are open on this server; try again later"}
                           .status());
    }
    return stream.get();
}

}  // namespace wutong::server
