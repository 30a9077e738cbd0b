#pragma once

#include <grpcpp/server.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/app.hpp"
#include "server/jobs/worker.hpp"
#include "server/security/certificate.hpp"
#include "server/security/permission_table.hpp"
#include "server/service_set.hpp"

namespace wutong::server {

/// The running server: gRPC, metrics, and the jobs once the database is there.
class Server {
public:
    /// Called, from a thread of the server, when it can't go on: the message is for people.
    using OnFatal = std::function<void(const std::string& message)>;

    /// @throws PermissionMissing when a method does not say who may call it
    Server(App& app, OnFatal on_fatal);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Listens at once, also while the database is away: health then says NOT_SERVING and calls are answered
    /// UNAVAILABLE, which is better news than a closed port.
    /// @throws CertificateError, std::runtime_error naming the address that can't be listened on
    void start();
    /// Lets running calls end, for kGrace at most, then cancels them. May be called twice.
    void stop();
    static constexpr std::chrono::milliseconds kGrace{3'000};

    /// The port, when the address asked for any (0). @pre started
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] const TlsMaterial& tls() const { return tls_; }
    /// The database is there and has the schema of this build.
    [[nodiscard]] bool serving() const { return serving_.load(); }
    /// For the watchdog: grows as long as the server's own loop moves.
    [[nodiscard]] std::uint64_t heartbeat() const;

private:
    std::chrono::milliseconds watch_database();
    void database_lost(const std::string& what);

    App& app_;
    const OnFatal on_fatal_;
    TlsMaterial tls_;
    ServiceSet services_;
    PermissionTable permissions_;
    std::vector<std::unique_ptr<Worker>> jobs_;
    bool jobs_started_ = false;
    std::unique_ptr<grpc::Server> grpc_;
    int port_ = 0;
    std::atomic<bool> serving_{false};
    std::atomic<bool> stopped_{false};
    Worker database_watch_;
};

}  // namespace wutong::server
