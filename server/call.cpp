#include "server/call.hpp"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <atomic>
#include <string_view>
#include <utility>

#include "core/quantities.hpp"
#include "server/security/permission_table.hpp"
#include "storage/errors.hpp"
#include "storage/requests.hpp"

namespace wutong::server {

namespace {

std::string_view metadata_of(const grpc::ServerContextBase& context, const char* key) {
    const auto found = context.client_metadata().find(key);
    return found == context.client_metadata().end()
               ? std::string_view{}
               : std::string_view{found->second.data(), found->second.size()};
}

/// gRPC says "ipv4:203.0.113.9:53122" and "ipv6:%5B::1%5D:53122".
std::string readable_peer(std::string peer) {
    for (const auto* prefix : {"ipv4:", "ipv6:"}) {
        if (peer.starts_with(prefix)) {
            peer.erase(0, 5);
        }
    }
    for (const auto& [from, to] : {std::pair{"%5B", "["}, std::pair{"%5D", "]"}}) {
        if (const auto at = peer.find(from); at != std::string::npos) {
            peer.replace(at, 3, to);
        }
    }
    return peer.substr(0, 200);
}

grpc::Status refuse(grpc::StatusCode code, const char* reason, const std::string& message) {
    return Refused{code, reason, message}.status();
}

grpc::Status internal_error(App& app, const char* what) {
    static std::atomic<std::uint64_t> counter{0};
    const auto id = fmt::format("{:x}-{}", app.now().time_since_epoch().count() / 1'000'000, ++counter);
    app.log().error("internal error {}: {}", id, what);
    return Refused{grpc::StatusCode::INTERNAL,
                   "internal",
                   fmt::format("something went wrong in the server; its log says more under {}", id),
                   {},
                   {{"id", id}}}
        .status();
}

}  // namespace

std::string canonical(const google::protobuf::Message& message) {
    std::string bytes;
    google::protobuf::io::StringOutputStream stream{&bytes};
    google::protobuf::io::CodedOutputStream out{&stream};
    out.SetSerializationDeterministic(true);  // maps are written in the order of their keys
    message.SerializeToCodedStream(&out);
    out.Trim();
    return bytes;
}

CallContext::CallContext(App& app, const grpc::ServerContextBase& context)
    : app_{app}, peer_{readable_peer(context.peer())} {
    if (const auto token = bearer_token(metadata_of(context, "authorization")); !token.empty()) {
        caller_ = app.sessions().find(token);
    }
    if (metadata_of(context, "language").substr(0, 2) == "zh") {
        language_ = "zh";
    }
}

const Caller& CallContext::caller() const {
    if (!caller_) {
        throw Refused{grpc::StatusCode::UNAUTHENTICATED, "session_ended",
                      "this session has ended; sign in again"};
    }
    return *caller_;
}

bool CallContext::may_see(core::PropertyId property) const {
    const auto& all = caller().properties;
    return std::find(all.begin(), all.end(), property) != all.end();
}

bool CallContext::may(const std::string& permission) const {
    return grants(caller().permissions, permission);
}

storage::Scope CallContext::scope(core::PropertyId property) const {
    if (property.value < 0) {
        throw invalid("property_id", "is not a property");
    }
    if (!may_see(property)) {
        throw Refused{
            grpc::StatusCode::PERMISSION_DENIED, "property_not_allowed",
            property ? fmt::format("operator {} has no property {}", caller().name, property.value)
                     : fmt::format("no property is named, and operator {} has not the installation itself",
                                   caller().name)};
    }
    return storage::Scope::of({property});
}

storage::Scope CallContext::scope() const {
    return storage::Scope::of(caller().properties);
}

storage::Scope CallContext::installation_scope() const {
    auto properties = caller().properties;
    if (!may_see(core::PropertyId{0})) {
        properties.push_back(core::PropertyId{0});
    }
    return storage::Scope::of(properties);
}

void CallContext::once_erased(storage::Transaction& tx, core::PropertyId property, const char* method,
                              const std::string& request_id, const google::protobuf::Message& content,
                              google::protobuf::Message& response, const std::function<void()>& body) {
    if (!storage::is_uuid(request_id)) {
        throw invalid("request_id", "must be a UUID that the caller makes, and keeps for asking again");
    }
    request_id_ = request_id;
    response.Clear();
    // The body may run again when its transaction is retried.
    to_log_.emplace();
    try {
        if (const auto answer =
                storage::begin_request(tx, property, request_id, method, canonical(content))) {
            response.ParseFromString(*answer);
            to_log_.reset();
            return;
        }
    } catch (const storage::RequestReused&) {
        throw Refused{
            grpc::StatusCode::ALREADY_EXISTS, "request_id_reused",
            "this request_id was used before, for something else; make a new one for a new request"};
    }
    body();
    const auto entries = std::exchange(to_log_, std::nullopt).value();
    storage::finish_request(tx, property, request_id, response.SerializeAsString(),
                            entries.empty() ? nullptr : &entries.front());
    for (std::size_t i = 1; i < entries.size(); ++i) {
        storage::append_operation_log(tx, entries[i]);
    }
}

void CallContext::log(storage::Transaction& tx, core::PropertyId property, const std::string& action,
                      const std::string& target, const nlohmann::json& details) {
    storage::OperationLogEntry entry;
    entry.property = property;
    entry.operator_id = caller_ ? caller_->operator_id : core::OperatorId{};
    entry.action = action;
    entry.target = target;
    entry.details = details.dump();
    entry.request_id = request_id_;
    if (to_log_) {
        to_log_->push_back(std::move(entry));
    } else {
        storage::append_operation_log(tx, entry);
    }
}

grpc::Status handle(App& app, grpc::ServerContextBase* context,
                    const std::function<void(CallContext&)>& body) {
    if (context->IsCancelled()) {
        // It waited for a thread for so long that nobody waits for its answer any more.
        return {grpc::StatusCode::CANCELLED, "the caller has gone"};
    }
    return go_on(app, [&] {
        CallContext call{app, *context};
        body(call);
    });
}

grpc::Status go_on(App& app, const std::function<void()>& body) {
    try {
        body();
        return grpc::Status::OK;
    } catch (const Refused& refused) {
        return refused.status();
    } catch (const storage::CommitUnknown&) {
        return refuse(
            grpc::StatusCode::ABORTED, "outcome_unknown",
            "the database went away just now and it is not known whether this was done; ask again with "
            "the same request_id");
    } catch (const storage::DatabaseUnavailable& error) {
        app.log().warn("{}", error.what());
        return refuse(grpc::StatusCode::UNAVAILABLE, "database_unavailable",
                      "the database can't be reached; nothing was changed, try again in a moment");
    } catch (const storage::TransactionConflict& error) {
        app.log().warn("{}", error.what());
        return refuse(grpc::StatusCode::ABORTED, "busy",
                      "others changed the same data at the same time; nothing was changed, try again");
    } catch (const storage::StatementTimeout& error) {
        app.log().warn("{}", error.what());
        return refuse(grpc::StatusCode::UNAVAILABLE, "database_slow",
                      "the database took too long; nothing was changed, try again in a moment");
    } catch (const storage::NotFound& error) {
        return refuse(grpc::StatusCode::NOT_FOUND, "not_found", error.what());
    } catch (const core::QuantityOverflow& error) {
        return refuse(grpc::StatusCode::INVALID_ARGUMENT, "bad_value",
                      std::string{"a number is too large: "} + error.what());
    } catch (const std::invalid_argument& error) {
        return refuse(grpc::StatusCode::INVALID_ARGUMENT, "bad_value", error.what());
    } catch (const std::exception& error) {
        return internal_error(app, error.what());
    }
}

}  // namespace wutong::server
