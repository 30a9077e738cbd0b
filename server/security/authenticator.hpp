#pragma once

#include <grpcpp/security/auth_metadata_processor.h>

#include <functional>
#include <string>

#include "server/kiosks/kiosk_devices.hpp"
#include "server/security/permission_table.hpp"
#include "server/sessions/sessions.hpp"

namespace wutong::server {

/// The one gate of the server. gRPC asks it about every call, before any handler runs (an interceptor of gRPC
/// 1.51 could not refuse). A refusal is a status code and a text "reason: sentence": this version of gRPC has
/// no way to send google.rpc.Status details from here.
class Authenticator final : public grpc::AuthMetadataProcessor {
public:
    /// Called with the reason of each refusal, for metrics.
    using OnRefused = std::function<void(const std::string& reason)>;

    Authenticator(const PermissionTable& permissions, Sessions& sessions, KioskDevices& kiosks,
                  OnRefused on_refused);

    /// A look-up may wait for the database: gRPC calls us on threads of its own for that.
    [[nodiscard]] bool IsBlocking() const override { return true; }
    grpc::Status Process(const InputMetadata& auth_metadata, grpc::AuthContext* context,
                         OutputMetadata* consumed_auth_metadata, OutputMetadata* response_metadata) override;

private:
    [[nodiscard]] grpc::Status refuse(grpc::StatusCode code, const std::string& reason,
                                      const std::string& sentence) const;

    const PermissionTable& permissions_;
    Sessions& sessions_;
    KioskDevices& kiosks_;
    const OnRefused on_refused_;
};

}  // namespace wutong::server
