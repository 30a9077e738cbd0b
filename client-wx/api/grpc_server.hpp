#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "client-wx/api/connection.hpp"
#include "client-wx/api/server.hpp"
#include "client-wx/api/ui_queue.hpp"

namespace wutong::client {

/// The real Server: one gRPC channel to one pinned certificate.
///
/// Public functions belong to the UI thread. Calls run on gRPC's threads and dialling on a thread of its own;
/// both hand over through UiQueue, so nothing here ever blocks the UI thread.
///
/// - A read (Repeat::freely) that the link broke is asked again within its deadline, at most twice.
/// - A change that may have reached the server ends as outcome_unknown: its presenter asks again with the
///   same request when the connection is back. One that was never sent ends as unreachable.
/// - Answers above the limit of proto/client/pinned_channel (16 MB) end as internal answer_too_large.
/// - While there is no link, calls end as unreachable at once.
class GrpcServer final : public Server, public Link {
public:
    struct Limits {
        /// Messages of one stream that wait for the UI thread; reading goes on when there is room again.
        std::size_t updates_waiting{32};
        std::chrono::milliseconds dial{5000};
        /// Nothing heard for so long: ask for a sign of life.
        std::chrono::milliseconds silence{8000};
        std::chrono::milliseconds sign_of_life{5000};
    };

    explicit GrpcServer(UiQueue& queue) : GrpcServer{queue, Limits{}} {}
    GrpcServer(UiQueue& queue, Limits limits);
    ~GrpcServer() override;

    void use_token(const std::string& token) override;
    void use_language(const std::string& language) override;

    Call fetch_certificate(const std::string& address,
                           std::function<void(Result<PresentedCertificate>)> done) override;
    Call dial(const ServerAddress& server, std::function<void(Result<Dialled>)> done) override;
    void hang_up() override;
    void on_lost(std::function<void(const Fault&)> lost) override;

private:
    Call start(const MethodInfo& method, const Message& request, std::shared_ptr<Message> answer,
               std::function<void(const Fault*)> done) override;
    Call start_stream(const char* path, const Message& request, std::shared_ptr<Message> prototype,
                      std::function<void(const Message&)> update,
                      std::function<void(const Fault*)> end) override;

    struct Core;
    std::shared_ptr<Core> core_;
};

}  // namespace wutong::client
