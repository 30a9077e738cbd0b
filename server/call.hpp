#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/identity.hpp"
#include "server/app.hpp"
#include "server/refused.hpp"
#include "server/sessions/sessions.hpp"
#include "storage/database.hpp"
#include "storage/operation_log.hpp"

/// What every handler begins with:
///
///     return handle(app_, context, [&](CallContext& call) {
///         const core::PropertyId property{request->property_id()};
///         app_.database().transact(call.scope(property), "rename_unit", [&](storage::Transaction& tx) {
///             call.once(tx, property, "RenameUnit", *request, *response, [&] {
///                 … change something, fill *response …
///                 call.log(tx, property, "unit.rename", "unit 1201", {{"name", request->name()}});
///             });
///         });
///     });
namespace wutong::server {

/// One call and who makes it. Lives as long as the handler.
class CallContext {
public:
    CallContext(App& app, const grpc::ServerContextBase& context);

    /// False only in methods whose permission is "public".
    [[nodiscard]] bool signed_in() const { return caller_ != nullptr; }
    /// @throws Refused UNAUTHENTICATED session_ended when the session ended after the gate
    [[nodiscard]] const Caller& caller() const;
    [[nodiscard]] std::shared_ptr<const Caller> shared_caller() const { return caller_; }
    [[nodiscard]] core::OperatorId operator_id() const { return caller().operator_id; }
    /// For people: full name, else the name to sign in with.
    [[nodiscard]] const std::string& operator_name() const {
        return caller().full_name.empty() ? caller().name : caller().full_name;
    }

    /// For one property of the caller's, or 0 for the installation itself.
    /// @throws Refused INVALID_ARGUMENT when no property is named, PERMISSION_DENIED property_not_allowed
    [[nodiscard]] storage::Scope scope(core::PropertyId property) const;
    /// All properties of the caller.
    [[nodiscard]] storage::Scope scope() const;
    /// The caller's properties and the installation: for operators and new properties, whose permission
    /// stands for itself.
    [[nodiscard]] storage::Scope installation_scope() const;
    [[nodiscard]] bool may_see(core::PropertyId property) const;
    /// For answers whose parts need rights of their own. @param permission "area.verb"
    [[nodiscard]] bool may(const std::string& permission) const;

    /// "203.0.113.9:53122"
    [[nodiscard]] const std::string& peer() const { return peer_; }
    /// "zh" or "en", as the client asks for by metadata `language`; "en" without.
    [[nodiscard]] const std::string& language() const { return language_; }

    /// Of the request that once() is working on; "" outside.
    [[nodiscard]] const std::string& request_id() const { return request_id_; }

    /// Runs `body` when request.request_id() is new, and otherwise fills `response` with the first answer.
    /// First thing in its transaction; the body may run again when the transaction is retried.
    /// @param property 0 for requests about the installation itself
    /// @param secretless what is compared with later requests of the same id when the request holds a
    ///        password, whose hash has no place in that table
    /// @throws Refused ALREADY_EXISTS request_id_reused, INVALID_ARGUMENT for an id that is no UUID
    template <class Request, class Response, class Body>
    void once(storage::Transaction& tx, core::PropertyId property, const char* method, const Request& request,
              Response& response, Body&& body, const google::protobuf::Message* secretless = nullptr) {
        once_erased(tx, property, method, request.request_id(), secretless != nullptr ? *secretless : request,
                    response, std::forward<Body>(body));
    }

    /// Who did what, in the transaction that does it. @param property 0: the installation
    /// @param action "area.verb" @param target what it was done to, for people
    void log(storage::Transaction& tx, core::PropertyId property, const std::string& action,
             const std::string& target, const nlohmann::json& details = nlohmann::json::object());

private:
    void once_erased(storage::Transaction& tx, core::PropertyId property, const char* method,
                     const std::string& request_id, const google::protobuf::Message& content,
                     google::protobuf::Message& response, const std::function<void()>& body);

    App& app_;
    std::shared_ptr<const Caller> caller_;
    std::string peer_;
    std::string language_ = "en";
    std::string request_id_;
    /// What the body of once() logs: written with the request's answer, in one statement.
    std::optional<std::vector<storage::OperationLogEntry>> to_log_;
};

/// What once() compares requests of the same id by: the same bytes for the same content.
[[nodiscard]] std::string canonical(const google::protobuf::Message& message);

/// Runs `body` and turns whatever it throws into a status, in this one place:
/// Refused → its status · QuantityOverflow, invalid_argument → INVALID_ARGUMENT bad_value · NotFound →
/// NOT_FOUND · the database away or its pool empty → UNAVAILABLE database_unavailable · CommitUnknown →
/// ABORTED outcome_unknown · conflicts in every attempt → ABORTED busy · a statement that took too long →
/// UNAVAILABLE database_slow · anything else → INTERNAL with a number that is in the log.
[[nodiscard]] grpc::Status handle(App& app, grpc::ServerContextBase* context,
                                  const std::function<void(CallContext&)>& body);

/// The same for what is done later in a call that handle() has begun, on another thread.
[[nodiscard]] grpc::Status go_on(App& app, const std::function<void()>& body);

}  // namespace wutong::server
