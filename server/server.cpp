#include "server/server.hpp"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <stdexcept>
#include <utility>

#include "server/jobs/job_set.hpp"
#include "server/kiosks/kiosks.hpp"
#include "server/live/live_hub.hpp"
#include "server/money_parts.hpp"
#include "server/security/authenticator.hpp"
#include "server/version.hpp"
#include "storage/migrations.hpp"

namespace wutong::server {

namespace {

constexpr std::chrono::seconds kLookAtDatabase{2};

/// Not ours, so without the option; and harmless: whether we serve, and the API that is public anyway.
constexpr const char* kOpenToEverybody[] = {"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
                                            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"};

}  // namespace

Server::Server(App& app, OnFatal on_fatal)
    : app_{app},
      on_fatal_{std::move(on_fatal)},
      services_{make_services(app)},
      permissions_{services_.descriptors()},
      jobs_{make_jobs(app)},
      database_watch_{"database", [this] { return watch_database(); },
                      [this](const std::string&, const std::string& what) { database_lost(what); },
                      std::chrono::seconds{5}} {
    for (const auto* path : kOpenToEverybody) {
        permissions_.allow_everybody(path);
    }
}

Server::~Server() {
    stop();
}

void Server::start() {
    const auto& configuration = app_.configuration();
    tls_ = load_or_make_certificate(configuration.tls.certificate, configuration.tls.key);
    app_.log().info("{} {}, SHA-256 fingerprint {}", tls_.made ? "made the certificate" : "certificate",
                    configuration.tls.certificate.string(), tls_.fingerprint);

    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({tls_.key_pem, tls_.certificate_pem});
    auto credentials = grpc::SslServerCredentials(tls);
    credentials->SetAuthMetadataProcessor(std::make_shared<Authenticator>(
        permissions_, app_.sessions(), app_.kiosks().devices(),
        [this](const std::string& reason) { app_.metrics().call_refused(reason); }));

    grpc::ServerBuilder builder;
    // On by default, and then a second server would silently share the port and take half of the calls.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    // Clients that keep an idle wall open ask every 20 s whether we are still there.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.SetMaxReceiveMessageSize(configuration.limits.message_mb * 1024 * 1024);
    grpc::ResourceQuota quota{"wutong-server"};
    quota.SetMaxThreads(configuration.limits.threads);
    builder.SetResourceQuota(quota);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 4);
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
    interceptors.push_back(app_.metrics().interceptors());
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    builder.AddListeningPort(configuration.listen.address, credentials, &port_);
    for (const auto& service : services_.services()) {
        builder.RegisterService(service.get());
    }
    grpc_ = builder.BuildAndStart();
    if (!grpc_ || port_ == 0) {
        grpc_.reset();
        throw std::runtime_error(
            fmt::format("{} can't be listened on: another program has the port (a second wutong-server?), or "
                        "the address is "
                        "not this machine's; see [listen] address",
                        configuration.listen.address));
    }
    grpc_->GetHealthCheckService()->SetServingStatus(false);
    if (!configuration.metrics.listen.empty()) {
        app_.metrics().listen(configuration.metrics.listen);
    }
    app_.log().info("wutong-server {} listens on {}", version(), configuration.listen.address);
    database_watch_.start();
}

std::chrono::milliseconds Server::watch_database() {
    try {
        app_.database().transact(storage::Scope::none(), "look at the schema", storage::check_schema);
    } catch (const storage::SchemaMismatch& mismatch) {
        serving_ = false;
        grpc_->GetHealthCheckService()->SetServingStatus(false);
        on_fatal_(mismatch.what());
        return std::chrono::hours{1};
    }
    if (!jobs_started_) {
        jobs_started_ = true;
        app_.notifier().start();
        app_.money().start();
        app_.live().start();
        for (const auto& job : jobs_) {
            job->start();
        }
    }
    if (!serving_.exchange(true)) {
        grpc_->GetHealthCheckService()->SetServingStatus(true);
        app_.log().info("the database is there; serving");
    }
    return kLookAtDatabase;
}

void Server::database_lost(const std::string& what) {
    if (serving_.exchange(false)) {
        grpc_->GetHealthCheckService()->SetServingStatus(false);
        app_.log().error("the database is lost: {}; calls are refused until it is back", what);
    } else {
        app_.log().warn("waiting for the database: {}", what);
    }
}

std::uint64_t Server::heartbeat() const {
    return database_watch_.steps() + database_watch_.errors();
}

void Server::stop() {
    if (stopped_.exchange(true)) {
        return;
    }
    database_watch_.stop();
    app_.money().stop();
    // Streams would keep the shutdown waiting for its whole grace.
    app_.live().stop();
    if (grpc_) {
        grpc_->GetHealthCheckService()->SetServingStatus(false);
        grpc_->Shutdown(std::chrono::system_clock::now() + kGrace);
        grpc_->Wait();
    }
    for (const auto& job : jobs_) {
        job->stop();
    }
    app_.notifier().stop();
    app_.metrics().stop_listening();
}

}  // namespace wutong::server
