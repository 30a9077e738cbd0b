#include "server/security/authenticator.hpp"

#include <string_view>
#include <utility>

#include "storage/errors.hpp"

namespace wutong::server {

namespace {

std::string_view value_of(const grpc::AuthMetadataProcessor::InputMetadata& metadata, const char* key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string_view{}
                                   : std::string_view{found->second.data(), found->second.size()};
}

}  // namespace

Authenticator::Authenticator(const PermissionTable& permissions, Sessions& sessions, KioskDevices& kiosks,
                             OnRefused on_refused)
    : permissions_{permissions}, sessions_{sessions}, kiosks_{kiosks}, on_refused_{std::move(on_refused)} {}

grpc::Status Authenticator::refuse(grpc::StatusCode code, const std::string& reason,
                                   const std::string& sentence) const {
    on_refused_(reason);
    return {code, reason + ": " + sentence};
}

grpc::Status Authenticator::Process(const InputMetadata& auth_metadata, grpc::AuthContext* /*context*/,
                                    OutputMetadata* /*consumed*/, OutputMetadata* /*response*/) {
    // Nothing is marked as consumed: handlers find their caller by the same token, in the cache. The
    // AuthContext would not do for that, because all calls of a connection share it.
    try {
        const auto permission = permissions_.permission_of(std::string{value_of(auth_metadata, ":path")});
        if (!permission) {
            return refuse(grpc::StatusCode::UNIMPLEMENTED, "no_such_method",
                          "this server has no such method");
        }
        if (*permission == PermissionTable::kPublic) {
            return grpc::Status::OK;
        }
        const auto token = bearer_token(value_of(auth_metadata, "authorization"));
        if (token.empty()) {
            return refuse(grpc::StatusCode::UNAUTHENTICATED, "not_signed_in", "sign in first");
        }
        if (*permission == PermissionTable::kKiosk) {
            return kiosks_.find(token) ? grpc::Status::OK
                                       : refuse(grpc::StatusCode::UNAUTHENTICATED, "kiosk_revoked",
                                                "no kiosk is registered with this key");
        }
        if (KioskDevices::is_key(token)) {
            return refuse(grpc::StatusCode::PERMISSION_DENIED, "permission_denied",
                          "a kiosk may call the kiosk's methods only");
        }
        const auto caller = sessions_.find(token);
        if (!caller) {
            return refuse(grpc::StatusCode::UNAUTHENTICATED, "session_ended",
                          "this session has ended; sign in again");
        }
        if (*permission != PermissionTable::kSession && !grants(caller->permissions, *permission)) {
            return refuse(grpc::StatusCode::PERMISSION_DENIED, "permission_denied",
                          "operator " + caller->name + " does not have the permission " + *permission);
        }
        return grpc::Status::OK;
    } catch (const storage::DatabaseError&) {
        return refuse(grpc::StatusCode::UNAVAILABLE, "database_unavailable",
                      "the database can't be reached; try again in a moment");
    } catch (const std::exception&) {
        return refuse(grpc::StatusCode::INTERNAL, "internal", "the session could not be checked");
    }
}

}  // namespace wutong::server
