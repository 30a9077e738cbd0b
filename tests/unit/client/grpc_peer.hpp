#pragma once

#include <google/protobuf/empty.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <wutong/v1/live_service.grpc.pb.h>
#include <wutong/v1/sale_service.grpc.pb.h>
#include <wutong/v1/session_service.grpc.pb.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

/// A real gRPC server on a real socket that answers slowly, hugely, under another certificate, or not any
/// more.
namespace wutong::client::test {

using namespace std::chrono_literals;

inline std::string content_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
}

/// A self-signed certificate, made once for each name.
struct Identity {
    explicit Identity(const std::string& name) {
        const auto base = std::filesystem::path{WUTONG_BINARY_DIR} / ("client-test-" + name);
        const auto key_file = base.string() + ".key";
        const auto certificate_file = base.string() + ".crt";
        const auto command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=" +
            name + " -addext subjectAltName=DNS:localhost -keyout " + key_file + " -out " + certificate_file +
            " 2>/dev/null";
        REQUIRE(std::system(command.c_str()) == 0);
        key = content_of(key_file);
        certificate = content_of(certificate_file);
    }
    std::string key;
    std::string certificate;
};

inline const Identity& right_one() {
    static const Identity identity{"right"};
    return identity;
}
inline const Identity& wrong_one() {
    static const Identity identity{"wrong"};
    return identity;
}

inline grpc::Status refusal(grpc::StatusCode code, const std::string& reason, const std::string& text) {
    google::rpc::Status details;
    google::rpc::ErrorInfo info;
    info.set_reason(reason);
    (*info.mutable_metadata())["tries_left"] = "3";
    details.add_details()->PackFrom(info);
    google::rpc::BadRequest bad;
    auto* violation = bad.add_field_violations();
    violation->set_field("amount_e4");
    violation->set_description("is too much");
    details.add_details()->PackFrom(bad);
    return {code, text, details.SerializeAsString()};
}

/// A Wutong server that does as the test says.
class Peer {
public:
    explicit Peer(const Identity& identity = right_one(), int port = 0) {
        grpc::SslServerCredentialsOptions options;
        options.pem_key_cert_pairs = {{identity.key, identity.certificate}};
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::SslServerCredentials(options),
                                 &port_);
        builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 1);
        builder.SetMaxSendMessageSize(-1);
        builder.RegisterService(&sessions_);
        builder.RegisterService(&sales_);
        builder.RegisterService(&live_);
        server_ = builder.BuildAndStart();
        REQUIRE(server_);
    }
    ~Peer() { die(); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// As kill -9 would: calls under way break.
    void die() {
        stopping_ = true;
        if (server_) {
            server_->Shutdown(std::chrono::system_clock::now());
            server_.reset();
        }
    }
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

    std::atomic<int> asked{0};
    std::atomic<bool> slow{false};
    std::atomic<bool> huge{false};
    std::atomic<bool> mute{false};
    std::atomic<int> updates{0};
    std::atomic<int> written{0};
    std::atomic<bool> session_ended{false};
    std::string authorization;
    std::string language;
    grpc::Status quote_status{grpc::Status::OK};

private:
    bool wait_while(const std::atomic<bool>& condition) const {
        while (condition && !stopping_) {
            std::this_thread::sleep_for(2ms);
        }
        return !stopping_;
    }

    struct Sessions final : v1::SessionService::Service {
        explicit Sessions(Peer& of) : peer{of} {}
        grpc::Status WhoAmI(grpc::ServerContext*, const google::protobuf::Empty*,
                            v1::WhoAmIResponse*) override {
            if (!peer.wait_while(peer.mute)) {
                return {grpc::StatusCode::UNAVAILABLE, ""};
            }
            return {grpc::StatusCode::UNAUTHENTICATED, "not_signed_in: sign in first"};
        }
        Peer& peer;
    };
    struct Sales final : v1::SaleService::Service {
        explicit Sales(Peer& of) : peer{of} {}
        grpc::Status Quote(grpc::ServerContext* context, const v1::QuoteRequest* request,
                           v1::QuoteResponse* response) override {
            const auto value = [&](const char* key) {
                const auto found = context->client_metadata().find(key);
                return found == context->client_metadata().end()
                           ? std::string{}
                           : std::string{found->second.data(), found->second.size()};
            };
            peer.authorization = value("authorization");
            peer.language = value("language");
            ++peer.asked;
            if (!peer.wait_while(peer.slow)) {
                return {grpc::StatusCode::UNAVAILABLE, ""};
            }
            if (peer.session_ended) {
                return {grpc::StatusCode::UNAUTHENTICATED,
                        "session_ended: this session has ended; sign in again"};
            }
            response->set_energy_wh(request->amount_e4() * 2);
            if (peer.huge) {
                response->set_refusal_text(std::string(20'000'000, 'x'));
            }
            return peer.quote_status;
        }
        grpc::Status Sell(grpc::ServerContext*, const v1::SellRequest* request,
                          v1::SaleReceipt* receipt) override {
            ++peer.asked;
            if (!peer.wait_while(peer.slow)) {
                return {grpc::StatusCode::UNAVAILABLE, ""};
            }
            receipt->set_amount_e4(request->amount_e4());
            return grpc::Status::OK;
        }
        Peer& peer;
    };
    struct Live final : v1::LiveService::Service {
        explicit Live(Peer& of) : peer{of} {}
        grpc::Status Watch(grpc::ServerContext* context, const v1::WatchRequest*,
                           grpc::ServerWriter<v1::LiveUpdate>* writer) override {
            ++peer.asked;
            v1::LiveUpdate update;
            for (int i = 0; i < peer.updates; ++i) {
                update.clear_meters();
                auto* meter = update.add_meters();
                meter->set_meter_id(i);
                meter->set_customer(std::string(100'000, 'n'));
                if (!writer->Write(update)) {
                    return grpc::Status::CANCELLED;
                }
                ++peer.written;
            }
            while (peer.mute && !peer.stopping_ && !context->IsCancelled()) {
                std::this_thread::sleep_for(2ms);
            }
            return peer.stopping_ ? grpc::Status{grpc::StatusCode::UNAVAILABLE, ""} : grpc::Status::OK;
        }
        Peer& peer;
    };

    Sessions sessions_{*this};
    Sales sales_{*this};
    Live live_{*this};
    std::atomic<bool> stopping_{false};
    int port_{0};
    std::unique_ptr<grpc::Server> server_;
};

}  // namespace wutong::client::test
