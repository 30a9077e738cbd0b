#pragma once

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <wutong/v1/account_service.grpc.pb.h>
#include <wutong/v1/cashier_service.grpc.pb.h>
#include <wutong/v1/control_service.grpc.pb.h>
#include <wutong/v1/device_service.grpc.pb.h>
#include <wutong/v1/ledger_service.grpc.pb.h>
#include <wutong/v1/reading_service.grpc.pb.h>
#include <wutong/v1/sale_service.grpc.pb.h>
#include <wutong/v1/search_service.grpc.pb.h>
#include <wutong/v1/session_service.grpc.pb.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeindex>
#include <vector>

#include "server/app.hpp"
#include "server/security/password_hash.hpp"
#include "server/server.hpp"
#include "tests/support/test_database.hpp"

/// The real server in this process, over TLS on a loopback port, and a client that is signed in to it.
namespace wutong::tests {

inline std::string new_request_id() {
    static std::mutex mutex;
    static std::mt19937_64 random{std::random_device{}()};
    const std::lock_guard lock{mutex};
    const char* digits = "0123456789abcdef";
    std::string id = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
    for (auto& character : id) {
        if (character == 'x') {
            character = digits[random() % 16];
        }
    }
    return id;
}

struct Answer {
    grpc::StatusCode code = grpc::StatusCode::OK;
    std::string reason;  ///< of the ErrorInfo
    std::string message;
    std::vector<std::string> fields;  ///< of the BadRequest

    [[nodiscard]] bool ok() const { return code == grpc::StatusCode::OK; }
};

inline Answer answer_of(const grpc::Status& status) {
    Answer answer{status.error_code(), {}, status.error_message(), {}};
    google::rpc::Status details;
    details.ParseFromString(status.error_details());
    for (const auto& any : details.details()) {
        if (google::rpc::ErrorInfo info; any.UnpackTo(&info)) {
            answer.reason = info.reason();
        }
        if (google::rpc::BadRequest bad; any.UnpackTo(&bad)) {
            for (const auto& violation : bad.field_violations()) {
                answer.fields.push_back(violation.field());
            }
        }
    }
    return answer;
}

class Client {
public:
    Client(int port, const std::string& certificate) {
        grpc::SslCredentialsOptions tls;
        tls.pem_root_certs = certificate;
        grpc::ChannelArguments arguments;
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        channel_ = grpc::CreateCustomChannel("localhost:" + std::to_string(port), grpc::SslCredentials(tls),
                                             arguments);
    }

    template <class Stub, class Request, class Response>
    Answer call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request, Response& response) {
        grpc::ClientContext context;
        prepare(context);
        return answer_of((stub<Stub>().*method)(&context, request, &response));
    }
    /// For calls that have to succeed.
    template <class Stub, class Request, class Response>
    Response must(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request) {
        Response response;
        if (const auto answer = call(method, request, response); !answer.ok()) {
            throw std::runtime_error("call failed: " + answer.reason + ": " + answer.message);
        }
        return response;
    }
    /// Of any service: made at first use, from whichever thread.
    template <class Stub>
    Stub& stub() {
        const std::lock_guard lock{mutex_};
        auto& slot = stubs_[std::type_index{typeid(Stub)}];
        if (!slot) {
            slot = std::make_shared<Stub>(channel_);
        }
        return *static_cast<Stub*>(slot.get());
    }
    void prepare(grpc::ClientContext& context) const {
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{30});
        if (!token_.empty()) {
            context.AddMetadata("authorization", "Bearer " + token_);
        }
    }
    void sign_in(const std::string& name, const std::string& password) {
        v1::SignInRequest request;
        request.set_operator_(name);
        request.set_password(password);
        token_ = must(&v1::SessionService::Stub::SignIn, request).token();
    }
    [[nodiscard]] const std::string& token() const { return token_; }
    void use_token(const std::string& token) { token_ = token; }

private:
    std::shared_ptr<grpc::Channel> channel_;
    std::mutex mutex_;
    std::map<std::type_index, std::shared_ptr<void>> stubs_;
    std::string token_;
};

/// May be stopped and started again: a restart of the server over the same database.
class ServerStack {
public:
    explicit ServerStack(TestDatabase& database) : database_{database} {
        char place[] = "/tmp/wutong-services-XXXXXX";
        if (::mkdtemp(place) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        folder_ = place;
        const auto hash = server::hash_password("correct horse", {10, 8, 1});
        database_.as_superuser(
            "INSERT INTO operator (name, password_hash, all_properties) VALUES ('cashier', '" + hash +
            "', true); INSERT INTO operator_role (operator_id, role_id) SELECT o.operator_id, r.role_id "
            "FROM operator o, role r WHERE o.name = 'cashier' AND r.code = 'administrator'");
        start();
    }
    ~ServerStack() {
        stop();
        std::filesystem::remove_all(folder_);
    }
    ServerStack(const ServerStack&) = delete;
    ServerStack& operator=(const ServerStack&) = delete;

    void start() {
        server::Configuration configuration;
        configuration.database.url = database_.url(Role::server);
        configuration.listen.address = "127.0.0.1:0";
        configuration.tls.certificate = folder_ / "server.crt";
        configuration.tls.key = folder_ / "server.key";
        configuration.metrics.listen = "";
        configuration.profiles.directory = WUTONG_SOURCE_DIR "/profiles";
        app_ = std::make_unique<server::App>(
            configuration, "",
            std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>()));
        server_ = std::make_unique<server::Server>(*app_, [](const std::string&) {});
        server_->start();
        for (int i = 0; i < 500 && !server_->serving(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        if (!server_->serving()) {
            throw std::runtime_error("the server does not serve");
        }
        client_ = std::make_unique<Client>(server_->port(), server_->tls().certificate_pem);
        client_->sign_in("cashier", "correct horse");
    }
    void stop() {
        client_.reset();
        if (server_) {
            server_->stop();
        }
        server_.reset();
        app_.reset();
    }

    [[nodiscard]] Client& client() { return *client_; }
    /// A connection of its own, signed in as the same operator.
    [[nodiscard]] std::unique_ptr<Client> another_client() {
        auto other = std::make_unique<Client>(server_->port(), server_->tls().certificate_pem);
        other->use_token(client_->token());
        return other;
    }
    /// Somebody else, made and signed in. @param role code of the role
    [[nodiscard]] std::unique_ptr<Client> colleague(const std::string& name, const std::string& role) {
        database_.as_superuser(
            "INSERT INTO operator (name, password_hash, all_properties) SELECT '" + name +
            "', password_hash, true FROM operator WHERE name = 'cashier'; INSERT INTO operator_role "
            "(operator_id, role_id) SELECT o.operator_id, r.role_id FROM operator o, role r WHERE o.name = "
            "'" +
            name + "' AND r.code = '" + role + "'");
        auto other = std::make_unique<Client>(server_->port(), server_->tls().certificate_pem);
        other->sign_in(name, "correct horse");
        return other;
    }
    [[nodiscard]] server::App& app() { return *app_; }

private:
    TestDatabase& database_;
    std::filesystem::path folder_;
    std::unique_ptr<server::App> app_;
    std::unique_ptr<server::Server> server_;
    std::unique_ptr<Client> client_;
};

}  // namespace wutong::tests
