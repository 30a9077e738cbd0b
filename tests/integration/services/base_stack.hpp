#pragma once

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <wutong/v1/device_service.grpc.pb.h>
#include <wutong/v1/live_service.grpc.pb.h>
#include <wutong/v1/operator_service.grpc.pb.h>
#include <wutong/v1/session_service.grpc.pb.h>
#include <wutong/v1/site_service.grpc.pb.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/time.hpp"
#include "server/app.hpp"
#include "server/security/password_hash.hpp"
#include "server/server.hpp"
#include "tests/support/test_database.hpp"

/// The real server in this process, over TLS on a loopback port. Its clock can be moved.
namespace wutong::tests::base {

/// What a call was answered, details unpacked.
struct Reply {
    grpc::StatusCode code = grpc::StatusCode::OK;
    std::string reason;  ///< of the ErrorInfo, or what stands before ": " in the gate's text
    std::string message;
    std::map<std::string, std::string> metadata;
    std::vector<std::string> fields;

    explicit Reply(const grpc::Status& status) : code{status.error_code()}, message{status.error_message()} {
        google::rpc::Status details;
        details.ParseFromString(status.error_details());
        for (const auto& any : details.details()) {
            if (google::rpc::ErrorInfo info; any.UnpackTo(&info)) {
                reason = info.reason();
                metadata.insert(info.metadata().begin(), info.metadata().end());
            }
            if (google::rpc::BadRequest bad; any.UnpackTo(&bad)) {
                for (const auto& violation : bad.field_violations()) {
                    fields.push_back(violation.field());
                }
            }
        }
        if (reason.empty()) {
            reason = message.substr(0, message.find(": "));
        }
    }
    [[nodiscard]] bool ok() const { return code == grpc::StatusCode::OK; }
};

inline std::string request_id() {
    static std::atomic<int> counter{0};
    const auto digits = std::to_string(++counter);
    return "11111111-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

inline bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return true;
}

/// A connection, signed in or not.
class Wire {
public:
    Wire(int port, const std::string& certificate) {
        grpc::SslCredentialsOptions tls;
        tls.pem_root_certs = certificate;
        grpc::ChannelArguments arguments;
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        channel = grpc::CreateCustomChannel("localhost:" + std::to_string(port), grpc::SslCredentials(tls),
                                            arguments);
    }
    template <class Service, class Request, class Response>
    Reply call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               const Request& request, Response& response) {
        grpc::ClientContext context;
        prepare(context);
        const auto stub = Service::NewStub(channel);
        return Reply{((*stub).*method)(&context, request, &response)};
    }
    void prepare(grpc::ClientContext& context) const {
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{40});
        if (!token.empty()) {
            context.AddMetadata("authorization", "Bearer " + token);
        }
    }
    Reply sign_in(const std::string& name, const std::string& password) {
        v1::SignInRequest request;
        request.set_operator_(name);
        request.set_password(password);
        v1::SignInResponse response;
        const auto reply = call<v1::SessionService>(&v1::SessionService::Stub::SignIn, request, response);
        token = reply.ok() ? response.token() : token;
        return reply;
    }
    Reply who_am_i() {
        v1::WhoAmIResponse who;
        return call<v1::SessionService>(&v1::SessionService::Stub::WhoAmI, google::protobuf::Empty{}, who);
    }

    std::shared_ptr<grpc::Channel> channel;
    std::string token;
};

inline constexpr const char* kPassword = "correct horse";

class Stack {
public:
    explicit Stack(const std::function<void(server::Configuration&)>& adjust = {}, bool must_serve = true) {
        char place[] = "/tmp/wutong-base-XXXXXX";
        if (::mkdtemp(place) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        folder = place;
        configuration.database.url = database.url(Role::server);
        configuration.listen.address = "127.0.0.1:0";
        configuration.tls.certificate = folder / "server.crt";
        configuration.tls.key = folder / "server.key";
        configuration.metrics.listen = "";
        configuration.profiles.directory = WUTONG_SOURCE_DIR "/profiles";
        if (adjust) {
            adjust(configuration);
        }
        make_operator("admin", "administrator", true);
        app = std::make_unique<server::App>(
            configuration, "",
            std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>()),
            [this] { return server::App::system_clock()() + std::chrono::seconds{moved_s.load()}; });
        server =
            std::make_unique<server::Server>(*app, [this](const std::string& message) { fatal = message; });
        server->start();
        if (must_serve && !eventually([&] { return server->serving(); }, std::chrono::seconds{20})) {
            throw std::runtime_error("the server does not serve");
        }
    }
    ~Stack() {
        server.reset();
        app.reset();
        std::filesystem::remove_all(folder);
    }
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;

    void make_operator(const std::string& name, const std::string& role, bool all_properties) const {
        const auto hash = server::hash_password(kPassword, {10, 8, 1});
        database.as_superuser(
            "INSERT INTO operator (name, password_hash, all_properties) VALUES ('" + name + "', '" + hash +
            "', " + (all_properties ? "true" : "false") +
            "); INSERT INTO operator_role SELECT o.operator_id, r.role_id FROM operator o, role r "
            "WHERE o.name = '" +
            name + "' AND r.code = '" + role + "'");
    }
    [[nodiscard]] Wire wire() const { return {server->port(), server->tls().certificate_pem}; }
    [[nodiscard]] Wire signed_in(const std::string& name = "admin") const {
        auto one = wire();
        if (const auto reply = one.sign_in(name, kPassword); !reply.ok()) {
            throw std::runtime_error("sign-in failed: " + reply.message);
        }
        return one;
    }
    [[nodiscard]] std::int64_t count(const std::string& from_where) const {
        return database.as_superuser("SELECT count(*) FROM " + from_where)[0][0].as<std::int64_t>();
    }

    TestDatabase database;
    std::filesystem::path folder;
    server::Configuration configuration;
    std::atomic<std::int64_t> moved_s{0};
    std::string fatal;
    std::unique_ptr<server::App> app;
    std::unique_ptr<server::Server> server;
};

}  // namespace wutong::tests::base
