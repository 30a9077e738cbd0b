#include "server/services/session_service.hpp"

#include <google/protobuf/util/time_util.h>

#include "server/call.hpp"
#include "server/version.hpp"
#include "storage/operator_sessions.hpp"

namespace wutong::server {

namespace {

void fill(const Caller& caller, v1::WhoAmIResponse& who) {
    who.set_operator_id(caller.operator_id.value);
    who.set_operator_(caller.name);
    who.set_full_name(caller.full_name);
    who.mutable_roles()->Add(caller.roles.begin(), caller.roles.end());
    who.mutable_permissions()->Add(caller.permissions.begin(), caller.permissions.end());
    for (const auto property : caller.properties) {
        if (property) {
            who.add_property_ids(property.value);
        }
    }
    who.set_server_version(version());
}

}  // namespace

grpc::Status SessionService::SignIn(grpc::ServerContext* context, const v1::SignInRequest* request,
                                    v1::SignInResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const auto result = app_.sign_in().sign_in(request->operator_(), request->password(), call.peer());
        const auto caller = app_.sessions().find(result.session.token);
        if (!caller) {
            throw Refused{grpc::StatusCode::UNAUTHENTICATED, "session_ended",
                          "the operator was disabled just now"};
        }
        app_.log().info("operator {} signed in from {}", caller->name, call.peer());
        response->set_token(result.session.token);
        *response->mutable_expires_at() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
            result.session.expires_at.time_since_epoch().count());
        fill(*caller, *response->mutable_who());
    });
}

grpc::Status SessionService::SignOut(grpc::ServerContext* context, const google::protobuf::Empty*,
                                     google::protobuf::Empty*) {
    return handle(app_, context, [&](CallContext& call) {
        app_.database().transact(storage::Scope::all(), "sign_out", [&](storage::Transaction& tx) {
            if (storage::end_operator_session(tx, call.caller().token_hash) > 0) {
                call.log(tx, core::PropertyId{0}, "session.sign_out", "operator " + call.caller().name,
                         {{"peer", call.peer()}});
            }
        });
        app_.sessions().forget_all();
    });
}

grpc::Status SessionService::WhoAmI(grpc::ServerContext* context, const google::protobuf::Empty*,
                                    v1::WhoAmIResponse* response) {
    return handle(app_, context, [&](CallContext& call) { fill(call.caller(), *response); });
}

grpc::Status SessionService::ChangePassword(grpc::ServerContext* context,
                                            const v1::ChangePasswordRequest* request,
                                            google::protobuf::Empty*) {
    return handle(app_, context, [&](CallContext& call) {
        app_.sign_in().change_password(call.caller(), request->old_password(), request->new_password());
    });
}

}  // namespace wutong::server
