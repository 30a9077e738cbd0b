#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ctl/exit_code.hpp"
#include "ctl/server_store.hpp"

namespace wutong::ctl {

/// What the command line says for all commands.
struct GlobalOptions {
    std::string server;       ///< "host:port"; empty: the one used last, else localhost:7443
    std::string fingerprint;  ///< pin this certificate; empty: the one that was pinned
    std::string property;     ///< code; empty: the only one that the operator may see
    std::string home;         ///< directory of servers.json
    std::string request_id;   ///< for changing calls; empty: a new one
    bool json = false;
    bool accept_new = false;  ///< pin an unknown server's certificate without asking
    int timeout_s = 10;       ///< limit of one call
};

/// One server, one session. Connects at first use.
class Client {
public:
    explicit Client(GlobalOptions& options);

    [[nodiscard]] std::shared_ptr<grpc::Channel> channel();
    [[nodiscard]] const std::string& address();
    void remember_session(const std::string& token, const std::string& operator_name);
    void forget_session();

    /// Deadline and token of one call. `deadline` false: a stream that may last.
    [[nodiscard]] std::unique_ptr<grpc::ClientContext> context(bool deadline = true);

    /// Made once per run and kept, so that every retry of a change is the same request.
    [[nodiscard]] const std::string& request_id();
    /// The one that was made, or empty when this run has changed nothing.
    [[nodiscard]] const std::string& used_request_id() const { return request_id_; }

    /// The property meant by --property, or the only one.
    [[nodiscard]] std::int64_t property_id();

private:
    ServerStore& store();

    GlobalOptions& options_;
    std::optional<ServerStore> store_;
    std::string address_;
    std::shared_ptr<grpc::Channel> channel_;
    std::string token_;
    std::string request_id_;
    std::int64_t property_id_ = 0;
};

/// The failure that a status stands for, with its field violations in the text.
/// @param request_id empty when nothing was to be changed
[[nodiscard]] Failure failure_of(const grpc::Status& status, const std::string& request_id);

/// A random (version 4) UUID.
[[nodiscard]] std::string new_request_id();

/// Should the same request be sent again? Only when nobody can have refused it.
[[nodiscard]] bool worth_retrying(const grpc::Status& status, int attempt);
void wait_before_retry(int attempt);

/// One unary call. Every change carries a request_id, so that sending it again is safe.
/// @throws Failure
template <class Service, class Request, class Response>
Response call(Client& client,
              grpc::Status (Service::*method)(grpc::ClientContext*, const Request&, Response*),
              const Request& request) {
    Service stub{client.channel()};
    for (int attempt = 1;; ++attempt) {
        Response response;
        const auto context = client.context();
        const grpc::Status status = (stub.*method)(context.get(), request, &response);
        if (status.ok()) {
            return response;
        }
        if (!worth_retrying(status, attempt)) {
            throw failure_of(status, client.used_request_id());
        }
        wait_before_retry(attempt);
    }
}

/// A server stream until its end, or until `on_message` returns false.
template <class Service, class Request, class Response>
void stream(Client& client,
            std::unique_ptr<grpc::ClientReader<Response>> (Service::*method)(grpc::ClientContext*,
                                                                             const Request&),
            const Request& request, const std::function<bool(const Response&)>& on_message,
            std::optional<std::chrono::seconds> limit = std::nullopt) {
    Service stub{client.channel()};
    const auto context = client.context(false);
    if (limit) {
        context->set_deadline(std::chrono::system_clock::now() + *limit);
    }
    const auto reader = (stub.*method)(context.get(), request);
    Response message;
    while (reader->Read(&message)) {
        if (!on_message(message)) {
            context->TryCancel();
            while (reader->Read(&message)) {
            }
            (void)reader->Finish();
            return;
        }
    }
    if (const grpc::Status status = reader->Finish(); !status.ok()) {
        throw failure_of(status, client.used_request_id());
    }
}

}  // namespace wutong::ctl
